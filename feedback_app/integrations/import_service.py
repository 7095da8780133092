"""Storing imported rows: set-based, a batch at a time, and twice the same file adds nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.days import forget_days
from feedback_app.answering.models import Answer, AnswerChoice, Response
from feedback_app.customers.service import remember_customers
from feedback_app.followup.service import flag_scored
from feedback_app.integrations.import_rows import ImportedAnswer, ImportedResponse
from feedback_app.upserts import insert_for

NO_MODEL = ""  # no score is of this version: only the rules that need no model raise flags at the import


class Places:
    """Tells equal rows of one file apart by their place among their equals, the same way at every import."""

    def __init__(self) -> None:
        """Start at the top of a file."""
        self._seen: Counter[str] = Counter()

    def submission_id(self, row: ImportedResponse) -> str:
        """Return the id under which the row is stored: by its external id, else by what it says and its place."""
        if row.external_id:
            key = f"id:{row.external_id}"
        else:
            self._seen[row.digest] += 1
            key = f"row:{row.digest}:{self._seen[row.digest]}"
        return hashlib.sha256(f"import:{key}".encode()).hexdigest()


def import_responses(session: Session, rows: Sequence[tuple[str, ImportedResponse]], now: datetime) -> int:
    """Store `rows` (submission id, row) that are not there yet, with their flags; return how many were new."""
    customers = remember_customers(session, (row.customer for _id, row in rows), now)
    values = [_response_values(key, row, customers) for key, row in rows]
    statement = (
        insert_for(session, Response)
        .on_conflict_do_nothing()
        .returning(Response.id, Response.submission_id, Response.survey_id)
    )
    stored = {(survey_id, key): id_ for id_, key, survey_id in session.execute(statement, values)}
    new = {(row.survey.id, key): row for key, row in rows if (row.survey.id, key) in stored}
    _store_answers(session, [(stored[key], answer) for key, row in new.items() for answer in row.answers])
    flag_scored(session, list(stored.values()), NO_MODEL, now)
    forget_days(session, (row.submitted_at for row in new.values()))
    return len(stored)


def _response_values(key: str, row: ImportedResponse, customers: dict[str, Any]) -> dict[str, Any]:
    customer = customers.get(row.customer.key)
    return {
        "survey_id": row.survey.id,
        "survey_version": row.survey.version,
        "submission_id": key,
        "payload_hash": row.digest,
        "customer_id": customer.id if customer else None,
        "language": row.language,
        "submitted_at": row.submitted_at,
        "source": "import",
        "score_kind": row.score_kind,
        "score": row.score,
        **row.context,
    }


def _store_answers(session: Session, answers: Sequence[tuple[int, ImportedAnswer]]) -> None:
    values = [
        {
            "response_id": response_id,
            "question_id": answer.question_id,
            "number": answer.number,
            "text": answer.text,
            "contact_wanted": answer.contact_wanted,
        }
        for response_id, answer in answers
    ]
    if not values:
        return
    session.connection().execute(insert_for(session, Answer), values)
    chosen = {(response_id, a.question_id): a.choice_ids for response_id, a in answers if a.choice_ids}
    if not chosen:
        return
    responses = {response_id for response_id, _question in chosen}
    rows = session.execute(
        sa.select(Answer.id, Answer.response_id, Answer.question_id).where(Answer.response_id.in_(responses))
    )
    links = [{"answer_id": id_, "choice_id": choice} for id_, r, q in rows for choice in chosen.get((r, q), ())]
    session.connection().execute(insert_for(session, AnswerChoice), links)
