"""Responses and their answers: what customers said, with the history of their corrections."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_app.customers.models import Customer
from feedback_app.database import Base, Id
from feedback_app.invitations.models import Invitation
from feedback_app.surveys.models import Question, Survey


class Response(Base):
    """One customer's answers to one survey, with the context copied from the invitation or the import."""

    __tablename__ = "response"
    __table_args__ = (
        sa.UniqueConstraint("survey_id", "submission_id"),
        sa.UniqueConstraint("invitation_id"),
        sa.UniqueConstraint("receipt_hash"),
        sa.Index("ix_response_survey_id_submitted_at", "survey_id", "submitted_at"),
        sa.Index("ix_response_submitted_at", "submitted_at"),
        sa.Index("ix_response_customer_id_submitted_at", "customer_id", "submitted_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("survey.id", ondelete="RESTRICT"))
    survey_version: Mapped[int]
    submission_id: Mapped[str] = mapped_column(sa.String(64))  # from the form, or the hash of an imported row
    payload_hash: Mapped[str] = mapped_column(sa.String(64))  # sha256 of what was sent: same again, or other?
    receipt_hash: Mapped[str | None] = mapped_column(sa.String(64))  # sha256 of the token of the receipt link
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invitation.id", ondelete="SET NULL"))
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer.id", ondelete="SET NULL"))
    language: Mapped[str] = mapped_column(sa.String(5))
    submitted_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(sa.String(10))  # "link", "invitation" or "import"
    score_kind: Mapped[str | None] = mapped_column(sa.String(10))  # kind and value of the first score answered,
    score: Mapped[int | None]  # copied from its answer for lists and figures
    channel: Mapped[str] = mapped_column(sa.String(40), default="")
    agent: Mapped[str] = mapped_column(default="")
    team: Mapped[str] = mapped_column(default="")
    product: Mapped[str] = mapped_column(default="")
    order_reference: Mapped[str] = mapped_column(default="")
    corrected_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]  # kept, but out of every figure and list
    objected_at: Mapped[datetime | None]  # must not be read by a machine
    survey: Mapped[Survey] = relationship()
    customer: Mapped[Customer | None] = relationship()
    invitation: Mapped[Invitation | None] = relationship()
    answers: Mapped[list[Answer]] = relationship(
        back_populates="response", cascade="all, delete-orphan", passive_deletes=True, order_by="Answer.id"
    )


class Answer(Base):
    """The answer to one question: typed columns, of which the question's kind uses some."""

    __tablename__ = "answer"
    __table_args__ = (
        sa.UniqueConstraint("response_id", "question_id"),
        sa.Index("ix_answer_question_id", "question_id"),
        sa.Index(
            "ix_answer_with_text",
            "id",
            sqlite_where=sa.text("text IS NOT NULL"),
            postgresql_where=sa.text("text IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id", ondelete="CASCADE"))
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("question.id", ondelete="RESTRICT"))
    number: Mapped[int | None]  # NPS 0-10, CSAT 1-5, CES 1-7
    text: Mapped[str | None]  # short and long text; never ""
    contact_wanted: Mapped[bool | None]
    contact_how: Mapped[str | None]
    contact_when: Mapped[str | None]
    response: Mapped[Response] = relationship(back_populates="answers")
    question: Mapped[Question] = relationship()
    choices: Mapped[list[AnswerChoice]] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class AnswerChoice(Base):
    """A choice that was picked."""

    __tablename__ = "answer_choice"

    answer_id: Mapped[int] = mapped_column(sa.ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True)
    choice_id: Mapped[int] = mapped_column(sa.ForeignKey("choice.id", ondelete="RESTRICT"), primary_key=True)


class ResponseRevision(Base):
    """What a response said before a correction; written once."""

    __tablename__ = "response_revision"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id", ondelete="CASCADE"), index=True)
    replaced_at: Mapped[datetime]
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # question key -> what was answered


class DayChange(Base):
    """That what customers answered on a UTC day counts otherwise than before: kept figures of the day are void.

    A row is one or more changes. Rows are added, and none is ever changed, so that no writer waits for another.
    """

    __tablename__ = "day_change"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    changes: Mapped[int] = mapped_column(default=1)
