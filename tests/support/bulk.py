"""Many stored answers in little time, for tests of the nightly run at its real size."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.clock import utc_now
from tests.support.factories import make_survey

CHUNK = 5_000
WORDS = ("the delivery came on time", "nobody answered the phone", "det gikk bra", "eg ventar framleis", "thank you")


def text_of(number: int) -> str:
    """Return the text of the `number`-th answer; every tenth is angry."""
    words = f"{WORDS[number % len(WORDS)]} and that was order {number}."
    return f"I am angry: {words}" if number % 10 == 0 else words


def store_answers(session: Session, count: int, texts: list[str] | None = None, score: int = 8) -> list[int]:
    """Store `count` responses, each with a score of NPS and a text; return the ids of the texts' answers, in order."""
    survey = make_survey(session)
    asked = {question.key: question.id for question in survey.questions}
    now, ids = utc_now(), []
    for first in range(0, count, CHUNK):
        numbers = range(first, min(first + CHUNK, count))
        responses = [_response(survey.id, number, score, now - timedelta(seconds=count - number)) for number in numbers]
        made = _insert(session, Response, responses)
        rows: list[dict[str, Any]] = []
        for number, response_id in zip(numbers, made, strict=True):
            text = texts[number] if texts else text_of(number)
            rows.append({"response_id": response_id, "question_id": asked["score"], "number": score, "text": None})
            rows.append({"response_id": response_id, "question_id": asked["why"], "number": None, "text": text})
        ids += _insert(session, Answer, rows)[1::2]
        session.commit()
    return ids


def _response(survey_id: int, number: int, score: int, submitted_at: Any) -> dict[str, Any]:
    return {
        "survey_id": survey_id,
        "survey_version": 1,
        "submission_id": f"{survey_id}-{number}",
        "payload_hash": f"{number:064d}",
        "language": "en",
        "submitted_at": submitted_at,
        "source": "import",
        "score_kind": "nps",
        "score": score,
    }


def _insert(session: Session, table: Any, rows: list[dict[str, Any]]) -> list[int]:
    statement = sa.insert(table).returning(table.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows, execution_options={"render_nulls": True}))
