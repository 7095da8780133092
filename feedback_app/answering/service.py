"""Storing a submission: one transaction, in which unique keys decide what is a repetition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.content import SurveyContent
from feedback_app.answering.forms import Sent
from feedback_app.answering.models import AnswerChoice, Response
from feedback_app.answering.queries import Link, find_stored
from feedback_app.answering.rules import (
    NO_ANSWER,
    columns_of,
    hidden,
    payload_hash,
    picks,
    receipt_token,
    scores_of,
)
from feedback_app.invitations.models import Invitation
from feedback_app.upserts import insert_one

_PAST_THE_SESSION = {"synchronize_session": False}


class Outcome(StrEnum):
    """What became of a submission."""

    NEW = "new"
    REPEATED = "repeated"  # stored before, word for word
    OTHER_WORDS = "other_words"  # its id is taken by another payload
    LINK_USED = "link_used"  # the personal link was answered before, by another submission


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a submission; `receipt` is the token of its receipt link."""

    outcome: Outcome
    response_id: int | None = None
    receipt: str | None = None


def submit_response(
    session: Session,
    survey: SurveyContent,
    sent: Sent,
    *,
    language: str,
    keys: tuple[str, ...],
    now: datetime,
    link: Link | None = None,
) -> Submitted:
    """Store what was sent, once. `keys` are the service's secrets, today's first.

    Insert-or-ignore, then read back: whatever a double click, a reload or a retry does, there is one row.
    """
    token = receipt_token(keys[0], sent.submission_id)
    row = _response_row(survey, sent, language, now, link) | {"receipt_hash": hidden(token)}
    response_id = insert_one(session, Response, row)
    if response_id is None:
        return find_submitted(session, survey, sent, keys=keys, link=link) or Submitted(Outcome.LINK_USED)
    if link is not None and not _take(session, link, now):  # its answer was stored and deleted again just now
        session.execute(sa.delete(Response).where(Response.id == response_id), execution_options=_PAST_THE_SESSION)
        return Submitted(Outcome.LINK_USED)
    _store_answers(session, response_id, survey, sent)
    return Submitted(Outcome.NEW, response_id, token)


def find_submitted(
    session: Session, survey: SurveyContent, sent: Sent, *, keys: tuple[str, ...], link: Link | None = None
) -> Submitted | None:
    """Return what became of this submission when it came before, or None if it did not."""
    stored = find_stored(session, survey.id, hidden(sent.submission_id))
    if stored is None:
        return None
    tokens = [receipt_token(key, sent.submission_id) for key in keys]
    token = next((token for token in tokens if hidden(token) == stored.receipt_hash), None)
    same = stored.payload_hash == payload_hash(sent.values) and stored.invitation_id == (link.id if link else None)
    return Submitted(Outcome.REPEATED if same and token else Outcome.OTHER_WORDS, stored.id, token)


def _take(session: Session, link: Link, now: datetime) -> bool:
    """Mark a personal link as answered; return whether nobody had before."""
    change = sa.update(Invitation).where(Invitation.id == link.id, Invitation.finished_at.is_(None))
    result = session.execute(change.values(finished_at=now), execution_options=_PAST_THE_SESSION)
    return cast("sa.CursorResult[Any]", result).rowcount == 1


def _response_row(survey: SurveyContent, sent: Sent, language: str, now: datetime, link: Link | None) -> dict[str, Any]:
    kind, score = next(iter(scores_of(sent.values, survey)), (None, None))
    return {
        "survey_id": survey.id,
        "survey_version": survey.version,
        "submission_id": hidden(sent.submission_id),
        "payload_hash": payload_hash(sent.values),
        "invitation_id": link.id if link else None,
        "customer_id": link.customer_id if link else None,
        "language": language,
        "submitted_at": now,
        "source": "invitation" if link else "link",
        "score_kind": kind,
        "score": score,
        "channel": link.channel if link else "",
        "agent": link.agent if link else "",
        "team": link.team if link else "",
        "product": link.product if link else "",
        "order_reference": link.order_reference if link else "",
    }


def _store_answers(session: Session, response_id: int, survey: SurveyContent, sent: Sent) -> None:
    given = [(question, sent.values[question.key]) for question in survey.questions if question.key in sent.values]
    rows = [{"response_id": response_id, "question_id": asked.id, **columns_of(value)} for asked, value in given]
    values = {f"{name}_{place}": value for place, row in enumerate(rows) for name, value in row.items()}
    ids = {row.question_id: row.id for row in session.connection().execute(_insert_answers(len(rows)), values)}
    picked = [
        {"answer_id": ids[asked.id], "choice_id": choice} for asked, value in given for choice in picks(asked, value)
    ]
    if picked:
        session.connection().execute(sa.insert(AnswerChoice.__table__), picked)  # type: ignore[arg-type]  # a Table


@cache
def _insert_answers(count: int) -> sa.TextClause:
    """Return an INSERT of `count` answers: in words, as of one with many rows SQLAlchemy keeps no compiled form."""
    names = ("response_id", "question_id", *NO_ANSWER)
    rows = (", ".join(f":{name}_{place}" for name in names) for place in range(count))
    listed = ", ".join(f"({row})" for row in rows)
    return sa.text(f"INSERT INTO answer ({', '.join(names)}) VALUES {listed} RETURNING question_id, id")  # noqa: S608 (names of our own)
