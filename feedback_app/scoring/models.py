"""The scoring ledger, runs of the nightly job, corrections by leads, and the nightly sample for recall."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_app.accounts.models import User
from feedback_app.answering.models import Answer
from feedback_app.database import Base, Id


class ScoringRun(Base):
    """One run of `flask score`. The counts grow batch by batch, in the batch's own transaction."""

    __tablename__ = "scoring_run"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(sa.String(12), default="running")  # running, succeeded, failed, interrupted
    trigger: Mapped[str] = mapped_column(sa.String(12), default="command")  # command, scheduler, workers
    model_version: Mapped[str] = mapped_column(sa.String(100))
    scored: Mapped[int] = mapped_column(default=0)
    unhappy: Mapped[int] = mapped_column(default=0)
    skipped_empty: Mapped[int] = mapped_column(default=0)
    skipped_language: Mapped[int] = mapped_column(default=0)
    skipped_objection: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    flagged: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(default="")
    holder: Mapped[int] = mapped_column(sa.BigInteger, default=0)  # the process at work, see liveness.py


class SentimentScore(Base):
    """What one model version made of one text: the ledger that makes scoring happen once. Old versions' rows stay."""

    __tablename__ = "sentiment_score"
    __table_args__ = (sa.Index("ix_sentiment_score_model_version_scored_at", "model_version", "scored_at"),)

    answer_id: Mapped[int] = mapped_column(sa.ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True)
    model_version: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("scoring_run.id", ondelete="SET NULL"), index=True)
    scored_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(
        sa.String(12)
    )  # why it was not scored: empty, language, objection, error
    label: Mapped[str | None] = mapped_column(sa.String(10))
    negative: Mapped[float | None]
    neutral: Mapped[float | None]
    positive: Mapped[float | None]
    threshold: Mapped[float | None]  # the one in force for this question's polarity
    unhappy: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None] = mapped_column(sa.String(12))
    language_sure: Mapped[bool] = mapped_column(default=False)
    truncated: Mapped[bool] = mapped_column(default=False)
    telling_start: Mapped[int | None]  # character positions of the telling sentence; only for flagged texts
    telling_end: Mapped[int | None]
    # Of flagged texts: [[start, end, negative, neutral, positive], ...]
    sentences: Mapped[list[list[float]] | None] = mapped_column(sa.JSON(none_as_null=True))
    answer: Mapped[Answer] = relationship()


class ScoringAttempt(Base):
    """That a process is at a text just now, or was when it died; a text that three died of is given up."""

    __tablename__ = "scoring_attempt"

    answer_id: Mapped[int] = mapped_column(sa.ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True)
    model_version: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    attempts: Mapped[int] = mapped_column(default=0)
    holder: Mapped[int] = mapped_column(sa.BigInteger, default=0)  # the process that took it, see liveness.py


class Correction(Base):
    """A lead's verdict on a text: unhappy or not. The latest one of an answer is `current`."""

    __tablename__ = "correction"
    __table_args__ = (
        sa.Index(
            "uq_correction_current",
            "answer_id",
            unique=True,
            sqlite_where=sa.text("current"),
            postgresql_where=sa.text("current"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    answer_id: Mapped[int] = mapped_column(sa.ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(index=True)
    unhappy: Mapped[bool]  # what the person says
    machine_unhappy: Mapped[bool]  # what the model had said
    source: Mapped[str] = mapped_column(sa.String(10))  # "flag": right/wrong on a flag; "sample": tonight's five
    model_version: Mapped[str] = mapped_column(sa.String(100))
    threshold: Mapped[float]
    negative: Mapped[float]
    current: Mapped[bool] = mapped_column(default=True)
    user: Mapped[User | None] = relationship()


class QualitySample(Base):
    """An unflagged text that was drawn at random for a person to judge: recall is estimated from these."""

    __tablename__ = "quality_sample"
    __table_args__ = (sa.UniqueConstraint("answer_id", "model_version"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    night: Mapped[str] = mapped_column(sa.String(10), index=True)  # the local date, YYYY-MM-DD
    answer_id: Mapped[int] = mapped_column(sa.ForeignKey("answer.id", ondelete="CASCADE"))
    model_version: Mapped[str] = mapped_column(sa.String(100))
    population: Mapped[int]  # how many unflagged texts it was drawn from
    drawn_at: Mapped[datetime]
    answer: Mapped[Answer] = relationship()
