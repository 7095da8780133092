"""Corrections: a person's verdict on what the model said of a text."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer
from feedback_app.errors import InvalidError
from feedback_app.scoring.models import Correction, SentimentScore
from feedback_app.scoring.queries_version import current_model_version


def record_correction(
    session: Session,
    answer_id: int,
    user_id: int | None,
    unhappy: bool,
    source: Literal["flag", "sample"],
    now: datetime,
) -> Correction:
    """Keep a person's verdict on a text beside what the model had said; the earlier verdict is no longer current.

    Raises `InvalidError` where no model has scored the text.
    """
    session.execute(sa.select(Answer.id).where(Answer.id == answer_id).with_for_update())  # one verdict at a time
    score = find_score(session, answer_id)
    if score is None or score.negative is None or score.threshold is None:
        raise InvalidError("no machine has judged this text")
    former = sa.update(Correction).where(Correction.answer_id == answer_id, Correction.current)
    session.execute(former.values(current=False))
    correction = Correction(
        answer_id=answer_id,
        user_id=user_id,
        at=now,
        unhappy=unhappy,
        machine_unhappy=score.unhappy,
        source=source,
        model_version=score.model_version,
        threshold=score.threshold,
        negative=score.negative,
    )
    session.add(correction)
    session.flush()
    return correction


def find_score(session: Session, answer_id: int) -> SentimentScore | None:
    """Return what the current model version, else the last one, said of a text."""
    current = sa.case((SentimentScore.model_version == current_model_version(session), 0), else_=1)
    statement = sa.select(SentimentScore).where(SentimentScore.answer_id == answer_id, SentimentScore.reason.is_(None))
    return session.scalar(statement.order_by(current, SentimentScore.scored_at.desc()).limit(1))
