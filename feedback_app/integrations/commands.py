"""Commands that bring answers in from elsewhere, and take them out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session, selectinload

from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import db, transaction
from feedback_app.errors import DomainError
from feedback_app.surveys.models import Question, Survey

if TYPE_CHECKING:
    from feedback_app.integrations.import_rows import ImportedResponse, RowReader
    from feedback_app.integrations.import_service import Places
    from feedback_app.tabular import TableFile

IMPORT_BATCH = 1000  # rows a transaction; a statement takes at most 32,766 values on SQLite
MOST_PROBLEMS_SHOWN = 100


@click.command("import-answers")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--survey", "slug", help="The survey of rows that name none.")
@click.option("--dry-run", is_flag=True, help="Check the rows and store nothing.")
@with_appcontext
def import_answers(file: Path, slug: str | None, dry_run: bool) -> None:
    """Import feedback from elsewhere: FILE is a CSV with a header, as docs/import.md says.

    Bad rows are reported with their line and reason and left out; the same file again adds nothing.
    Exit code 1 where a row was left out.
    """
    from feedback_app.integrations import import_rows
    from feedback_app.integrations.import_service import Places, import_responses
    from feedback_app.tabular import TableFile

    config: Config = current_app.extensions["stemme"]
    try:
        table = TableFile(file)
        table.require(set(import_rows.COLUMNS), import_rows.NEEDED, (import_rows.ANSWER_PREFIX,))
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    now, places, problems = utc_now(), Places(), Problems()
    read = stored = 0
    reader = import_rows.RowReader(_surveys(db.session()), slug, config.timezone)
    for batch in _batches(table, reader, places, problems, now):
        read += len(batch)
        if dry_run:
            continue
        with transaction() as session:
            stored += import_responses(session, batch, now)
    outcome = "checked, nothing stored" if dry_run else f"{stored} new, {read - stored} there already"
    click.echo(f"{read + problems.count} rows: {outcome}, {problems.count} left out")
    if problems.count:
        raise SystemExit(1)


class Problems:
    """Rows that cannot be imported: each is told on standard error, up to a limit, and all are counted."""

    def __init__(self) -> None:
        """Start with none."""
        self.count = 0

    def tell(self, line: int, reason: str) -> None:
        """Report one row."""
        self.count += 1
        if self.count <= MOST_PROBLEMS_SHOWN:
            click.echo(f"line {line}: {reason}", err=True)
        elif self.count == MOST_PROBLEMS_SHOWN + 1:
            click.echo("further rows are left out without a line of their own here", err=True)


def _batches(
    table: TableFile, reader: RowReader, places: Places, problems: Problems, now: datetime
) -> Iterator[list[tuple[str, ImportedResponse]]]:
    from feedback_app.integrations.import_rows import RowProblem

    batch: list[tuple[str, ImportedResponse]] = []
    for row in table.rows():
        if isinstance(row, tuple):
            problems.tell(*row)
            continue
        try:
            response = reader.read(row, now)
        except RowProblem as problem:
            problems.tell(row.line, str(problem))
            continue
        batch.append((places.submission_id(response), response))
        if len(batch) == IMPORT_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _surveys(session: Session) -> dict[str, Survey]:
    """Return every survey with its questions and choices, detached, by slug."""
    query = sa.select(Survey).options(selectinload(Survey.questions).selectinload(Question.choices))
    surveys = {survey.slug: survey for survey in session.scalars(query)}
    session.expunge_all()
    session.rollback()
    return surveys


@click.command("export-answers")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--survey", "slugs", multiple=True, help="Only this survey; may be given more than once.")
@with_appcontext
def export_answers(file: Path, slugs: tuple[str, ...]) -> None:
    """Export every response, one row each with all that is known about it, to FILE (.csv or .xlsx)."""
    from feedback_app.integrations.export_files import write_export
    from feedback_app.integrations.export_rows import export_columns, export_rows
    from feedback_app.scoring.queries_version import current_model_version

    session = db.session()
    surveys = _chosen(session, slugs)
    columns = export_columns(session, surveys)
    version = current_model_version(session) or ""
    try:
        count = write_export(file, columns.header, export_rows(session, surveys, columns, version))
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{count} responses in {file}")


def _chosen(session: Session, slugs: tuple[str, ...]) -> list[Survey]:
    surveys = list(session.scalars(sa.select(Survey).order_by(Survey.id)))
    if missing := sorted(set(slugs) - {survey.slug for survey in surveys}):
        raise click.ClickException(f"survey {', '.join(missing)} does not exist")
    return [survey for survey in surveys if not slugs or survey.slug in slugs]


commands: list[click.Command] = [import_answers, export_answers]
