"""Rows that refer to each other are written whole or not at all, on both databases, whatever is in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, AnswerChoice, Response
from feedback_app.bundles import Part, write, write_alone
from feedback_app.clock import utc_now
from feedback_app.database import db, direct_transaction
from feedback_app.followup.models import Case, CaseEvent, Flag
from feedback_app.surveys.models import Question, QuestionKind, Survey
from tests.support.factories import make_survey, question

STRANGE = '100 % av ?, :name og %s\n\'; DROP TABLE answer; -- "æøå" \\ \N{PILE OF POO} {}'


def response_row(survey: Survey, at: datetime, submission_id: str = "a") -> dict[str, Any]:
    return {
        "survey_id": survey.id, "survey_version": 1, "submission_id": submission_id, "payload_hash": "b",
        "receipt_hash": None, "language": "nb", "submitted_at": at, "source": "link", "channel": "", "agent": STRANGE,
        "team": "", "product": "", "order_reference": "",
    }  # fmt: skip


def answer_rows(questions: list[Question]) -> list[dict[str, Any]]:
    return [{"question_id": one.id, "number": None, "text": f"{one.id} {STRANGE}"} for one in questions]


def count(session: Session, table: type[Any]) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_children_take_the_ids_of_their_parents(app: Flask, session: Session) -> None:
    chosen = question("solved", QuestionKind.SINGLE, ["yes", "no"])
    survey, now = make_survey(session, [question("why", QuestionKind.LONG), chosen]), utc_now()
    with app.app_context():
        response_id = write_alone(
            [
                Part(Response, [response_row(survey, now)]),
                Part(Answer, answer_rows(survey.questions), {"response_id": Response}),
                Part(
                    AnswerChoice,
                    [{"question_id": chosen.id, "choice_id": chosen.choices[0].id}],
                    {"answer_id": Answer},
                    key="question_id",
                ),
            ]
        )
    session.rollback()
    response = session.scalars(sa.select(Response)).one()
    assert (response.id, response.submitted_at, response.agent) == (response_id, now, STRANGE)
    assert {(one.question_id, one.text) for one in response.answers} == {
        (one.id, f"{one.id} {STRANGE}") for one in survey.questions
    }
    assert {one.question_id: [pick.choice_id for pick in one.choices] for one in response.answers} == {
        one.id: [chosen.choices[0].id] if one is chosen else [] for one in survey.questions
    }


def test_a_grandchild_may_name_both_and_hold_numbers_and_json(app: Flask, session: Session) -> None:
    survey, now = make_survey(session), utc_now()
    case = {
        "survey_id": survey.id, "customer_id": None, "language": "nb", "status": "open", "urgency_rank": 3,
        "opened_at": now, "answered_at": now, "due_at": now, "lock_version": 1,
    }  # fmt: skip
    flags = [{"kind": kind, "raised_at": now, "negative": share} for kind, share in (("a", 0.1 + 0.2), ("b", None))]
    with app.app_context():
        write_alone(
            [
                Part(Response, [response_row(survey, now)]),
                Part(Case, [case], {"response_id": Response}),
                Part(Flag, flags, {"case_id": Case, "response_id": Response}),
                Part(CaseEvent, [{"at": now, "kind": "x", "detail": {"reasons": [STRANGE]}}], {"case_id": Case}),
            ]
        )
    session.rollback()
    stored = session.scalars(sa.select(Case)).one()
    assert [(flag.kind, flag.negative, flag.response_id) for flag in stored.flags] == [
        ("a", 0.1 + 0.2, stored.response_id),
        ("b", None, stored.response_id),
    ]
    assert session.scalars(sa.select(CaseEvent)).one().detail == {"reasons": [STRANGE]}


def test_what_a_unique_key_refuses_takes_its_children_with_it(app: Flask, session: Session) -> None:
    survey, now = make_survey(session), utc_now()
    parts = [
        Part(Response, [response_row(survey, now)]),
        Part(Answer, answer_rows(survey.questions), {"response_id": Response}),
    ]
    with app.app_context():
        assert write_alone(parts) is not None
        assert write_alone(parts) is None
    assert (count(session, Response), count(session, Answer)) == (1, len(survey.questions))


def test_a_row_that_cannot_be_stored_takes_all_others_with_it(app: Flask, session: Session) -> None:
    survey, now = make_survey(session), utc_now()
    twice = answer_rows([survey.questions[0], survey.questions[0]])
    parts = [Part(Response, [response_row(survey, now)]), Part(Answer, twice, {"response_id": Response})]
    with app.app_context(), pytest.raises(IntegrityError):
        write_alone(parts)
    assert count(session, Response) == 0
    with app.app_context():
        assert write_alone(parts[:1]) is not None, "the next one finds a connection in good order"


def test_within_a_transaction_all_goes_when_it_fails(app: Flask, session: Session) -> None:
    survey, now = make_survey(session), utc_now()

    def interrupted() -> None:
        with direct_transaction() as connection:
            assert write(connection, [Part(Response, [response_row(survey, now)])]) is not None
            raise ZeroDivisionError

    with app.app_context(), pytest.raises(ZeroDivisionError):
        interrupted()
    assert count(session, Response) == 0


def write_in_transaction(parts: list[Part]) -> int | None:
    with direct_transaction() as connection:
        return write(connection, parts)


@pytest.mark.database("postgresql")
@pytest.mark.parametrize("store", [write_alone, write_in_transaction])
def test_a_server_that_has_gone_away_is_an_error_once(
    app: Flask, session: Session, store: Callable[[list[Part]], int | None]
) -> None:
    survey, now = make_survey(session), utc_now()
    ask = sa.text("SELECT pg_backend_pid()")
    with app.app_context():
        with db.engine.connect() as one, db.engine.connect() as other:
            kept = [one.scalar(ask), other.scalar(ask)]
        for process in kept:
            assert session.scalar(sa.text("SELECT pg_terminate_backend(:id, 5000)"), {"id": process})
        with pytest.raises(OperationalError):
            store([Part(Response, [response_row(survey, now, "a")])])
        assert store([Part(Response, [response_row(survey, now, "b")])]) is not None
        assert db.engine.pool.checkedout() == 0, "each gave its connection back"  # type: ignore[attr-defined]
    assert count(session, Response) == 1
