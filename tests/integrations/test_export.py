"""Exports: one row a response with everything that is known about it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from tests.support.clients import CliRunner
from tests.support.factories import (
    MODEL_VERSION,
    make_case,
    make_customer,
    make_response,
    make_run,
    make_score,
    make_survey,
    text_of,
)


@pytest.fixture
def response(session: Session):
    """A response of a customer, scored, with a case, in the survey `new`; and one in another survey."""
    make_response(session, make_survey(session, slug="other"), {"score": 10})
    survey = make_survey(session, slug="new")
    customer = make_customer(session, name="=Kari", reference="K-9")
    answers = {"score": 2, "why": "@Ingen svarte", "contact": True}
    response = make_response(session, survey, answers, customer=customer, agent="Ola")
    make_run(session)
    make_score(session, text_of(response))
    make_case(session, response)
    return response


def test_a_row_tells_all_that_is_known(cli: CliRunner, response, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    assert "1 responses" in cli.run("export-answers", str(file), "--survey", "new").output
    with file.open(encoding="utf-8-sig", newline="") as stream:
        row = next(csv.DictReader(stream))
    assert (row["survey"], row["score_kind"], row["score"], row["agent"]) == ("new", "nps", "2", "Ola")
    assert (row["customer_reference"], row["customer_name"]) == ("K-9", "'=Kari")
    assert (row["answer:why"], row["answer:contact"], row["case_status"]) == ("'@Ingen svarte", "yes", "open")
    assert row["model:why"] == MODEL_VERSION
    assert 0 <= float(row["negative:why"]) <= 1


def test_numbers_are_numbers_in_xlsx(cli: CliRunner, response, tmp_path: Path) -> None:
    file = tmp_path / "out.xlsx"
    assert "2 responses" in cli.run("export-answers", str(file)).output
    sheet: Any = load_workbook(file).active
    header, *rows = sheet.iter_rows(values_only=True)
    assert {row[header.index("score")] for row in rows} == {2, 10}


def test_a_survey_that_does_not_exist_is_named(cli: CliRunner, app, tmp_path: Path) -> None:
    output = cli.run("export-answers", str(tmp_path / "out.csv"), "--survey", "gone", code=1).output
    assert "gone does not exist" in output
