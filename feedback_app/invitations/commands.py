"""The command that makes personal links from a list of whom to ask."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.customers.rules import problem_with
from feedback_app.customers.service import CustomerDetails, remember_customers
from feedback_app.database import transaction
from feedback_app.errors import DomainError
from feedback_app.invitations.rules import CONTEXT_COLUMNS, problem_with_context
from feedback_app.surveys.models import Survey
from feedback_app.tabular import Row, TableFile

CUSTOMER_COLUMNS = (
    "reference", "email", "name", "kind", "audience", "phone", "language", "company", "company_role", "segment", "city",
    "age_group",
)  # fmt: skip

Invitee = tuple[CustomerDetails, dict[str, str]]  # who, and what it is about


@click.command("invite")
@click.argument("survey")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True, help="How long a link is good for.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the links to this CSV file.")
@with_appcontext
def invite(survey: str, file: Path, days: int, output: Path | None) -> None:
    """Make a personal link for each row of FILE and print them as CSV: reference,email,name,language,link.

    The links are shown this once; the database keeps a hash of each. Nothing is made where a row is wrong.
    """
    try:
        people = _people(file)
        with transaction() as session:
            rows = _invite(session, survey, people, days)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    text = _as_csv(rows)
    if output:
        output.write_text(text, encoding="utf-8-sig", newline="")
        output.chmod(0o600)
        click.echo(f"{len(rows)} links in {output}")
    else:
        sys.stdout.write(text)


def _people(file: Path) -> list[Invitee]:
    table = TableFile(file)
    table.require({*CUSTOMER_COLUMNS, *CONTEXT_COLUMNS}, set())
    people, problems = [], []
    for row in table.rows():
        if isinstance(row, tuple):
            problems.append(f"line {row[0]}: {row[1]}")
        elif wrong := list(_problems(row)):
            problems += [f"line {row.line}: {reason}" for reason in wrong]
        else:
            details = CustomerDetails(**{name: row.get(name) for name in CUSTOMER_COLUMNS})
            people.append((details, {field: row.get(column) for column, field in CONTEXT_COLUMNS.items()}))
    if problems:
        raise DomainError("no link was made\n" + "\n".join(problems))
    return people


def _problems(row: Row) -> Iterator[str]:
    for name in CUSTOMER_COLUMNS:
        if row.get(name) and (problem := problem_with(name, row.get(name))):
            yield problem
    for column in CONTEXT_COLUMNS:
        if problem := problem_with_context(column, row.get(column)):
            yield problem
    if not row.get("reference") and not row.get("email"):
        yield "names nobody: reference or email is needed"


def _invite(
    session: Session, slug: str, people: list[tuple[CustomerDetails, dict[str, str]]], days: int
) -> list[list[str]]:
    from feedback_app.invitations.queries import suppressed_addresses
    from feedback_app.invitations.service import create_invitation

    config: Config = current_app.extensions["stemme"]
    survey = session.scalar(sa.select(Survey).where(Survey.slug == slug))
    if survey is None:
        raise DomainError(f"survey {slug!r} does not exist")
    now = utc_now()
    customers = remember_customers(session, (details for details, _context in people), now)
    silent = suppressed_addresses(session, [details.email for details, _context in people if details.email])
    rows = []
    for details, context in people:
        if details.email.lower() in silent:
            click.echo(f"{details.reference or details.email}: left out, wants no more invitations", err=True)
            continue
        customer = customers[details.key]
        _invitation, token = create_invitation(
            session,
            survey,
            customer,
            expires_at=now + timedelta(days=days),
            language=details.language or customer.language,
            **context,
        )
        link = f"{config.public_url}/i/{token}"
        rows.append([details.reference, details.email, details.name, details.language, link])
    return rows


def _as_csv(rows: list[list[str]]) -> str:
    from feedback_app.cells import safe_cell

    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(["reference", "email", "name", "language", "link"])
    writer.writerows([[safe_cell(cell) for cell in row] for row in rows])
    return stream.getvalue()


commands: list[click.Command] = [invite]
