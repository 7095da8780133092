"""Making surveys, and bringing them up to date without losing the meaning of answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.clock import utc_now
from feedback_app.surveys.definition import SurveyDefinition
from feedback_app.surveys.models import Question, QuestionKind, Survey, SurveyVersion
from feedback_app.surveys.reader import load_definition
from feedback_app.surveys.service import create_survey
from tests.support.clients import CliRunner
from tests.support.factories import make_noise, make_response

TEMPLATE = Path("feedback_app/surveys/templates/csat-support.yaml")


@pytest.fixture
def definition() -> SurveyDefinition:
    """The CSAT template."""
    return load_definition(TEMPLATE, ZoneInfo("Europe/Oslo"))


def make(session: Session, definition: SurveyDefinition) -> Survey:
    """Create or update, commit, and read again."""
    survey = create_survey(session, definition, utc_now())
    session.commit()
    return survey


def test_the_same_content_is_the_same_version(session: Session, definition: SurveyDefinition) -> None:
    make_noise(session)
    first = make(session, definition)
    again = make(session, replace(definition, followup_hours=12))
    assert (again.id, again.version, again.followup_hours) == (first.id, 1, 12)


def test_another_wording_is_a_new_version_of_the_same_question(session: Session, definition: SurveyDefinition) -> None:
    survey = make(session, definition)
    ids = {question.key: question.id for question in survey.questions}
    first, *others = definition.questions
    survey = make(
        session, replace(definition, questions=(replace(first, text=dict.fromkeys(first.text, "New")), *others))
    )
    assert survey.version == 2
    assert {question.key: question.id for question in survey.questions} == ids
    assert {text.text for text in survey.questions[0].texts} == {"New"}
    assert session.scalars(sa.select(SurveyVersion.number).where(SurveyVersion.survey_id == survey.id)).all() == [1, 2]


def test_a_question_that_is_left_out_is_retired_and_its_answers_stay(
    session: Session, definition: SurveyDefinition
) -> None:
    survey = make(session, definition)
    make_response(session, survey, {"csat": 2, "why": "Slow"})
    kept = tuple(question for question in definition.questions if question.key != "why")
    survey = make(session, replace(definition, questions=kept))
    assert {question.key for question in survey.questions if question.retired} == {"why"}
    survey = make(session, definition)
    assert not any(question.retired for question in survey.questions)


def test_a_key_that_asks_for_something_else_is_another_question(session: Session, definition: SurveyDefinition) -> None:
    survey = make(session, definition)
    make_response(session, survey, {"csat": 2, "why": "Slow"})
    changed = tuple(replace(q, kind=QuestionKind.SHORT) if q.key == "why" else q for q in definition.questions)
    survey = make(session, replace(definition, questions=changed))
    both = session.scalars(sa.select(Question).where(Question.key.startswith("why")).order_by(Question.id)).all()
    assert [(question.kind, question.retired) for question in both] == [
        (QuestionKind.LONG, True),
        (QuestionKind.SHORT, False),
    ]


def test_the_command_prints_id_slug_and_link(cli: CliRunner, session: Session) -> None:
    output = cli.run("create-survey", TEMPLATE).output
    survey = session.scalars(sa.select(Survey)).one()
    assert output.split()[:3] == [str(survey.id), "csat-support", "http://ask.example/s/csat-support"]
    make_response(session, survey, {"csat": 2})
    listed = cli.run("list-surveys").output
    assert "csat-support" in listed
    assert "1 responses" in listed
    assert "http://ask.example/s/csat-support" in listed


def test_a_bad_file_changes_nothing_and_tells_every_mistake(cli: CliRunner, session: Session, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("slug: x\ntitle: {en: T}\nstatus: ajar\nquestions:\n  - {key: a, kind: stars, text: {en: A}}\n")
    output = cli.run("create-survey", file, code=1).output
    assert "bad.yaml:3: status" in output
    assert "bad.yaml:5: kind" in output
    assert session.scalar(sa.select(sa.func.count(Survey.id))) == 0
