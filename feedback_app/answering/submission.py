"""Storing a submission: rows that are written together, and unique keys that decide what is a repetition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from feedback_app.answering.content import SurveyContent
from feedback_app.answering.forms import Sent
from feedback_app.answering.models import Answer, AnswerChoice, Response
from feedback_app.answering.queries import Link, find_stored
from feedback_app.answering.rules import (
    columns_of,
    hidden,
    payload_hash,
    picks,
    receipt_token,
    scores_of,
)
from feedback_app.bundles import Part, write
from feedback_app.invitations.models import Invitation


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
    receipt: str | None = None


def response_parts(
    survey: SurveyContent, sent: Sent, *, language: str, receipt: str, now: datetime, link: Link | None = None
) -> list[Part]:
    """Return the rows of a response and its answers; `receipt` is the token of its receipt link."""
    row = _response_row(survey, sent, language, now, link) | {"receipt_hash": hidden(receipt)}
    given = [(question, sent.values[question.key]) for question in survey.questions if question.key in sent.values]
    answers = [{"question_id": asked.id, **columns_of(value)} for asked, value in given]
    picked = [
        {"question_id": asked.id, "choice_id": choice} for asked, value in given for choice in picks(asked, value)
    ]
    return [
        Part(Response, [row]),
        Part(Answer, answers, {"response_id": Response}),
        Part(AnswerChoice, picked, {"answer_id": Answer}, key="question_id"),
    ]


def store_by_link(connection: Connection, parts: Sequence[Part], link: Link, now: datetime) -> bool:
    """Write what was answered by a personal link, and mark the link as answered; return whether nobody had before."""
    response_id = write(connection, parts)
    if response_id is None:
        return False
    change = sa.update(Invitation).where(Invitation.id == link.id, Invitation.finished_at.is_(None))
    if connection.execute(change.values(finished_at=now)).rowcount == 1:
        return True
    # Its answer was stored and deleted again just now.
    connection.execute(sa.delete(Response).where(Response.id == response_id))
    return False


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
    return Submitted(Outcome.REPEATED if same and token else Outcome.OTHER_WORDS, token)


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
