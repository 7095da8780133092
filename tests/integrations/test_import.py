"""Importing feedback from elsewhere: good rows are stored once, bad rows are told with line and reason."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.customers.models import Customer
from feedback_app.followup.models import Flag
from feedback_app.surveys.models import QuestionKind
from tests.support.clients import CliRunner
from tests.support.factories import make_survey, question, usual_questions

HEADER = "survey;submitted_at;language;score;text;contact_wanted;customer_reference;customer_name;company;agent\n"


@pytest.fixture
def survey(session: Session):
    """The survey that the files of this module speak of."""
    topics = question("topics", QuestionKind.MULTIPLE, choices=["price", "people"])
    return make_survey(session, slug="old", questions=[*usual_questions(), topics])


def write(folder: Path, content: str, encoding: str = "utf-8") -> str:
    """Write a file and return its path."""
    file = folder / "in.csv"
    file.write_bytes(content.encode(encoding))
    return str(file)


def test_a_row_is_stored_with_customer_company_context_and_flags(
    cli: CliRunner, session: Session, survey, tmp_path: Path
) -> None:
    line = "old;31.01.2026 14:05;nb;3;Ingen ringte tilbake – øv;ja;K-7;Kari Nordmann;Fisk AS;Ola\n"
    result = cli.run("import-answers", write(tmp_path, HEADER + line, "cp1252"))
    assert "1 rows: 1 new, 0 there already, 0 left out" in result.output
    response = session.scalars(sa.select(Response)).one()
    assert response.submitted_at == datetime(2026, 1, 31, 13, 5, tzinfo=UTC)
    assert (response.score_kind, response.score, response.agent, response.source) == ("nps", 3, "Ola", "import")
    customer = response.customer
    assert customer is not None
    assert customer.company is not None
    assert (customer.name, customer.company.name) == ("Kari Nordmann", "Fisk AS")
    assert "Ingen ringte tilbake – øv" in session.scalars(sa.select(Answer.text)).all()
    assert set(session.scalars(sa.select(Flag.kind))) == {"low_score", "contact_wanted"}


def test_the_same_file_twice_adds_nothing_and_equal_rows_are_two_answers(
    cli: CliRunner, session: Session, survey, tmp_path: Path
) -> None:
    file = write(tmp_path, HEADER + "old;2026-01-31;nb;9;;;;;;\n" * 2 + "old;2026-02-01;nb;9;;;;;;\n")
    assert "3 new" in cli.run("import-answers", file).output
    assert "0 new, 3 there already" in cli.run("import-answers", file).output
    assert session.scalar(sa.select(sa.func.count(Response.id))) == 3


def test_an_external_id_tells_rows_apart_even_if_their_text_changed(
    cli: CliRunner, session: Session, survey, tmp_path: Path
) -> None:
    header = "survey,submitted_at,score,text,external_id\n"
    cli.run("import-answers", write(tmp_path, header + "old,2026-01-31,9,first,A1\n"))
    assert "0 new" in cli.run("import-answers", write(tmp_path, header + "old,2026-01-31,9,second,A1\n")).output
    assert session.scalars(sa.select(Answer.text).where(Answer.text.is_not(None))).all() == ["first"]


BAD = {
    "nowhere;2026-01-31;nb;9;;;;;;": "survey 'nowhere' does not exist",
    ";2026-01-31;nb;9;;;;;;": "names no survey",
    "old;31/01/2026;nb;9;;;;;;": "is not a time",
    "old;2999-01-31;nb;9;;;;;;": "lies in the future",
    "old;2026-01-31;nb;11;;;;;;": "not a whole number from 0 to 10",
    "old;2026-01-31;nb;-1;;;;;;": "not a whole number from 0 to 10",
    "old;2026-01-31;nb;7,5;;;;;;": "not a whole number from 0 to 10",
    "old;2026-01-31;klingon;9;;;;;;": "language 'klingon'",
    "old;2026-01-31;nb;;;;;;;": "holds no answer",
    "old;2026-01-31;nb;9;;perhaps;;;;": "neither yes nor no",
    "old;2026-01-31;nb;9;;;;Kari;;": "without customer_reference or customer_email",
    f"old;2026-01-31;nb;9;{'x' * 5001};;;;;": "at most 5000 fit",
    "old;2026-01-31;nb;9;a;b;c;d;e;f;g": "has 11 cells",
}


def test_bad_rows_are_told_by_line_and_reason_and_the_rest_is_kept(
    cli: CliRunner, session: Session, survey, tmp_path: Path
) -> None:
    good = "old;2026-01-31;nb;0;;;;;;\n"
    result = cli.run("import-answers", write(tmp_path, HEADER + good + "\n".join(BAD) + "\n" + good), code=1)
    for line, reason in enumerate(BAD.values(), start=3):
        assert any(text.startswith(f"line {line}:") and reason in text for text in result.output.splitlines()), reason
    assert f"2 new, 0 there already, {len(BAD)} left out" in result.output
    assert session.scalars(sa.select(Response.score)).all() == [0, 0]


def test_other_questions_are_answered_by_their_key(cli: CliRunner, session: Session, survey, tmp_path: Path) -> None:
    file = write(tmp_path, "submitted_at,score,answer:topics\n2026-01-31,9,price|people\n2026-01-31,9,weather\n")
    result = cli.run("import-answers", file, "--survey", "old", code=1)
    assert "topics: 'weather' is not one of price, people" in result.output
    answers = session.scalars(sa.select(Answer).where(Answer.number.is_(None))).one()
    assert len(answers.choices) == 2


def test_a_dry_run_stores_nothing(cli: CliRunner, session: Session, survey, tmp_path: Path) -> None:
    result = cli.run("import-answers", write(tmp_path, HEADER + "old;2026-01-31;nb;9;;;K-1;;;\n"), "--dry-run")
    assert "nothing stored" in result.output
    assert session.scalar(sa.select(sa.func.count(Response.id))) == 0
    assert session.scalar(sa.select(sa.func.count(Customer.id))) == 0


def test_an_unknown_column_stops_the_import_by_name(cli: CliRunner, survey, tmp_path: Path) -> None:
    assert "'scoer' is not known" in cli.run("import-answers", write(tmp_path, "submitted_at,scoer\n"), code=1).output


def test_a_customer_met_again_is_brought_up_to_date(cli: CliRunner, session: Session, survey, tmp_path: Path) -> None:
    rows = "old;2026-01-30;nb;9;;;K-1;Kari;Fisk AS;\nold;2026-01-31;nb;9;;;K-1;Kari Hansen;Fisk AS;\n"
    cli.run("import-answers", write(tmp_path, HEADER + rows))
    people = session.scalars(sa.select(Customer).where(Customer.kind == "person")).all()
    assert [person.name for person in people] == ["Kari Hansen"]
    assert session.scalar(sa.select(sa.func.count(Customer.id)).where(Customer.kind == "company")) == 1
