"""Cases of unhappy customers, the flags that opened them, and what leads did about them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_app.accounts.models import User
from feedback_app.answering.models import Answer, Response
from feedback_app.customers.models import Customer
from feedback_app.database import Base, Id
from feedback_app.surveys.models import Survey


class FlagKind(StrEnum):
    """Why a response needs a person."""

    LOW_SCORE = "low_score"
    CONTACT_WANTED = "contact_wanted"
    UNHAPPY_TEXT = "unhappy_text"
    CONTRADICTION = "contradiction"  # score and text say opposite things


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    RESOLVED = "resolved"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"  # the customer took the answer back: in no list


class Case(Base):
    """One response that needs a person: at most one case a response. Lists read this row and little else."""

    __tablename__ = "case_"
    __table_args__ = (
        sa.UniqueConstraint("response_id"),
        # One for each list and filter of the inbox, in the order in which it is shown and paged.
        sa.Index("ix_case_status_urgency_rank", "status", "urgency_rank", "due_at", "id"),
        sa.Index("ix_case_status_due_at", "status", "due_at", "id"),
        sa.Index("ix_case_status_opened_at", "status", "opened_at"),
        sa.Index("ix_case_status_resolved_at", "status", "resolved_at", "id"),
        sa.Index("ix_case_owner_id_status", "owner_id", "status", "urgency_rank", "due_at", "id"),
        sa.Index("ix_case_survey_id_status", "survey_id", "status", "urgency_rank", "due_at", "id"),
        sa.Index("ix_case_language_status", "language", "status", "urgency_rank", "due_at", "id"),
        sa.Index("ix_case_customer_id", "customer_id"),
        sa.Index("ix_case_opened_at", "opened_at"),
        sa.Index("ix_case_resolved_at", "resolved_at"),
        sa.Index("ix_case_first_touch_at", "first_touch_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id", ondelete="CASCADE"))
    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("survey.id", ondelete="CASCADE"))
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer.id", ondelete="SET NULL"))
    language: Mapped[str] = mapped_column(sa.String(5))
    status: Mapped[str] = mapped_column(sa.String(10), default=CaseStatus.OPEN)
    urgency_rank: Mapped[int] = mapped_column(default=0)  # followup/rules.py:urgency_rank; 0 is the most urgent
    opened_at: Mapped[datetime]
    answered_at: Mapped[datetime]  # the response's submitted_at
    due_at: Mapped[datetime]
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id", ondelete="SET NULL"))
    first_touch_at: Mapped[datetime | None]  # the first time that a person did something about it
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id", ondelete="SET NULL"))
    outcome_id: Mapped[int | None] = mapped_column(sa.ForeignKey("outcome.id", ondelete="RESTRICT"))
    root_cause_id: Mapped[int | None] = mapped_column(sa.ForeignKey("root_cause.id", ondelete="RESTRICT"))
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case_.id", ondelete="SET NULL"), index=True)
    lock_version: Mapped[int] = mapped_column(nullable=False)
    response: Mapped[Response] = relationship()
    survey: Mapped[Survey] = relationship()
    customer: Mapped[Customer | None] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    resolved_by: Mapped[User | None] = relationship(foreign_keys=[resolved_by_id])
    outcome: Mapped[Outcome | None] = relationship()
    root_cause: Mapped[RootCause | None] = relationship()
    flags: Mapped[list[Flag]] = relationship(cascade="all, delete-orphan", passive_deletes=True, order_by="Flag.id")

    __mapper_args__ = {"version_id_col": lock_version}  # noqa: RUF012


class Flag(Base):
    """One reason why a response needs a person; each reason at most once a response."""

    __tablename__ = "flag"
    __table_args__ = (
        sa.UniqueConstraint("response_id", "kind"),
        sa.Index("ix_flag_case_id", "case_id"),
        sa.Index("ix_flag_kind", "kind", "case_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case_.id", ondelete="CASCADE"))
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id", ondelete="CASCADE"))
    answer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("answer.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    raised_at: Mapped[datetime]
    negative: Mapped[float | None]  # the probability, where the model was a reason
    model_version: Mapped[str | None] = mapped_column(sa.String(100))
    threshold: Mapped[float | None]
    answer: Mapped[Answer | None] = relationship()


class CaseText(Base):
    """What the search of the inbox looks through: the response's texts and the customer's name."""

    __tablename__ = "case_text"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case_.id", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str]


class CaseNote(Base):
    """A note that a lead wrote on a case."""

    __tablename__ = "case_note"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case_.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    text: Mapped[str]
    user: Mapped[User | None] = relationship()


class CaseEvent(Base):
    """The history of a case: opened, flagged, assigned, noted, replied, judged, resolved, reopened, merged."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case_.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(20))
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    user: Mapped[User | None] = relationship()


class Listed(Base):
    """An entry of a list that the owner keeps."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str]  # as the owner wrote it; the built-in ones are translated by their key
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class Outcome(Listed):
    """How a case ended."""

    __tablename__ = "outcome"


class RootCause(Listed):
    """What the unhappiness came from."""

    __tablename__ = "root_cause"
