"""The factories fill every column and relation, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, AnswerChoice
from feedback_app.followup.models import Case, Flag
from feedback_app.surveys.models import QuestionKind
from tests.support import factories


def test_noise_makes_a_whole_story(session: Session) -> None:
    case = factories.make_noise(session)
    session.expire_all()
    assert [flag.kind for flag in case.flags] == ["low_score", "unhappy_text"]
    assert case.response.invitation is not None
    assert case.response.score == 3
    assert session.scalar(sa.select(sa.func.count(Case.id))) == 1
    assert session.scalars(sa.select(Flag.answer_id).where(Flag.kind == "unhappy_text")).one() is not None


@pytest.mark.parametrize(("kind", "value"), [("csat", 1), ("ces", 7), ("short_text", "x"), ("contact", True)])
def test_a_response_answers_every_kind(session: Session, kind: str, value: object) -> None:
    survey = factories.make_survey(session, [factories.question("q", QuestionKind(kind))])
    factories.make_response(session, survey, {"q": value})
    answer = session.scalars(sa.select(Answer)).one()
    assert value in (answer.number, answer.text, answer.contact_wanted)


def test_a_response_picks_choices(session: Session) -> None:
    asked = factories.question("q", QuestionKind.MULTIPLE, choices=["a", "b", "c"])
    factories.make_response(session, factories.make_survey(session, [asked]), {"q": ["a", "c"]})
    assert len(session.scalars(sa.select(AnswerChoice)).all()) == 2
