"""Making personal links from a list of whom to ask."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.clock import utc_now
from feedback_app.customers.models import Customer
from feedback_app.invitations.models import Invitation
from feedback_app.invitations.service import stop_invitations
from tests.support.clients import CliRunner
from tests.support.factories import make_customer, make_noise, make_survey

HEADER = "reference;email;name;language;company;company_role;agent;team;product;order;channel\n"
ROW = "K-1;Kari@Example.com;Kari;nn;Fisk AS;buyer;Ola;Support;Fiber;O-77;mail\n"


def write(folder: Path, content: str) -> Path:
    """Write the list and return its path."""
    file = folder / "people.csv"
    file.write_text(content, encoding="utf-8")
    return file


def test_a_link_is_made_with_all_that_it_is_about(cli: CliRunner, session: Session, tmp_path: Path) -> None:
    make_noise(session)
    survey = make_survey(session, slug="mine")
    result = cli.run("invite", "mine", write(tmp_path, HEADER + ROW), "--days", 7)
    row = next(csv.DictReader(io.StringIO(result.stdout)))
    assert (row["reference"], row["email"], row["language"]) == ("K-1", "Kari@Example.com", "nn")
    token = row["link"].removeprefix("http://ask.example/i/")
    assert re.fullmatch(r"[\w-]{22}", token)
    invitation = session.scalars(sa.select(Invitation).where(Invitation.survey_id == survey.id)).one()
    assert invitation.token_hash == hashlib.sha256(token.encode()).hexdigest()
    context = (invitation.agent, invitation.team, invitation.product, invitation.order_reference, invitation.channel)
    assert context == ("Ola", "Support", "Fiber", "O-77", "mail")
    assert timedelta(days=6, hours=23) < invitation.expires_at - utc_now() <= timedelta(days=7)
    customer = invitation.customer
    assert customer is not None
    assert customer.company is not None
    assert (customer.email, customer.company.name, customer.company_role) == ("kari@example.com", "Fisk AS", "buyer")


def test_a_dump_of_the_database_holds_no_token(cli: CliRunner, session: Session, tmp_path: Path) -> None:
    make_survey(session, slug="mine")
    output = cli.run("invite", "mine", write(tmp_path, HEADER + ROW)).stdout
    token = re.search(r"/i/([\w-]+)", output)
    assert token is not None
    rows = [str(list(row)) for row in session.execute(sa.select(Invitation.__table__))]
    assert rows
    assert not any(token[1] in row for row in rows)


def test_one_wrong_row_and_no_link_is_made(cli: CliRunner, session: Session, tmp_path: Path) -> None:
    make_survey(session, slug="mine")
    bad = ";not an address;;;;;;;;;\n;;Nobody;;;;;;;;\nK-2;;;;;boss;;;;;\n"
    output = cli.run("invite", "mine", write(tmp_path, HEADER + ROW + bad), code=1).output
    for told in ("line 3: email", "line 4: names nobody", "line 5: company_role 'boss'"):
        assert told in output
    assert session.scalar(sa.select(sa.func.count(Invitation.id))) == 0
    assert session.scalar(sa.select(sa.func.count(Customer.id))) == 0


def test_who_asked_for_no_more_invitations_is_left_out_and_told_so(
    cli: CliRunner, session: Session, tmp_path: Path
) -> None:
    make_survey(session, slug="mine")
    stop_invitations(session, "KARI@example.com", utc_now())
    result = cli.run("invite", "mine", write(tmp_path, HEADER + ROW + "K-2;per@example.com;;;;;;;;;\n"))
    assert "K-1: left out" in result.stderr
    assert [row["reference"] for row in csv.DictReader(io.StringIO(result.stdout))] == ["K-2"]


def test_a_known_customer_gets_the_link_in_her_own_language(cli: CliRunner, session: Session, tmp_path: Path) -> None:
    make_survey(session, slug="mine")
    customer = make_customer(session, reference="K-9", language="nn")
    cli.run("invite", "mine", write(tmp_path, "reference\nK-9\n"))
    invitation = session.scalars(sa.select(Invitation)).one()
    assert (invitation.customer_id, invitation.language) == (customer.id, "nn")


def test_links_go_to_a_file_that_only_its_owner_reads(cli: CliRunner, session: Session, tmp_path: Path) -> None:
    make_survey(session, slug="mine")
    output = tmp_path / "links.csv"
    assert "1 links in" in cli.run("invite", "mine", write(tmp_path, HEADER + ROW), "--output", output).output
    assert output.stat().st_mode & 0o777 == 0o600


def test_a_survey_that_does_not_exist_is_named(cli: CliRunner, session: Session, tmp_path: Path) -> None:
    assert "'gone' does not exist" in cli.run("invite", "gone", write(tmp_path, HEADER + ROW), code=1).output
