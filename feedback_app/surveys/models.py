"""Surveys, their questions and choices, the wording of each per language, and frozen versions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_app.database import Base, Id, text_enum


class SurveyStatus(StrEnum):
    """Whether a survey takes answers."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class QuestionKind(StrEnum):
    """What a question asks for. The kinds of score are declared, never guessed from a scale."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"
    SINGLE = "single_choice"
    MULTIPLE = "multiple_choice"
    SHORT = "short_text"
    LONG = "long_text"
    CONTACT = "contact"

    @property
    def is_score(self) -> bool:
        """Whether the answer is a score."""
        return self in (QuestionKind.NPS, QuestionKind.CSAT, QuestionKind.CES)

    @property
    def is_text(self) -> bool:
        """Whether the answer is free text that the nightly run reads."""
        return self in (QuestionKind.SHORT, QuestionKind.LONG)


class Polarity(StrEnum):
    """What the wording of a text question asks for; it shifts the threshold of "unhappy" (scoring/rules.py)."""

    OPEN = "open"  # "Why did you give this score?"
    SUGGESTION = "suggestion"  # "What should we improve?": a suggestion is not yet a complaint
    PRAISE = "praise"  # "What did we do well?"


class Survey(Base):
    """A survey: its address, when it is open, whom it flags, and how long its answers are kept."""

    __tablename__ = "survey"
    __table_args__ = (
        sa.UniqueConstraint("slug"),
        sa.CheckConstraint("followup_hours > 0", name="followup_hours"),
        sa.CheckConstraint("retention_days > 0", name="retention_days"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(60))
    status: Mapped[SurveyStatus] = mapped_column(text_enum(SurveyStatus), default=SurveyStatus.DRAFT)
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    default_language: Mapped[str] = mapped_column(sa.String(5), default="en")
    anonymous: Mapped[bool] = mapped_column(default=True)  # of the open link; a personal link is never anonymous
    minutes: Mapped[int] = mapped_column(default=1)  # how long it takes
    nps_flag_at: Mapped[int] = mapped_column(default=6)  # a score at or below raises a flag
    csat_flag_at: Mapped[int] = mapped_column(default=2)
    ces_flag_at: Mapped[int] = mapped_column(default=3)
    followup_hours: Mapped[int] = mapped_column(default=48)
    retention_days: Mapped[int] = mapped_column(default=730)
    created_at: Mapped[datetime]
    texts: Mapped[list[SurveyText]] = relationship(cascade="all, delete-orphan", order_by="SurveyText.language")
    questions: Mapped[list[Question]] = relationship(
        back_populates="survey", cascade="all, delete-orphan", order_by="Question.position"
    )


class SurveyText(Base):
    """The wording of a survey in one language. Its languages are the survey's languages."""

    __tablename__ = "survey_text"

    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(sa.String(5), primary_key=True)
    title: Mapped[str]
    intro: Mapped[str] = mapped_column(default="")
    thanks: Mapped[str] = mapped_column(default="")
    links: Mapped[list[dict[str, str]]] = mapped_column(
        sa.JSON, default=list
    )  # [{"label", "url"}], the same for everybody


class Question(Base):
    """A question. `retired` ones are no longer asked, but their answers stay."""

    __tablename__ = "question"
    __table_args__ = (sa.UniqueConstraint("survey_id", "key"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("survey.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(40))
    position: Mapped[int]
    kind: Mapped[QuestionKind] = mapped_column(text_enum(QuestionKind))
    required: Mapped[bool] = mapped_column(default=False)
    retired: Mapped[bool] = mapped_column(default=False)
    polarity: Mapped[Polarity] = mapped_column(text_enum(Polarity), default=Polarity.OPEN)
    show_if_key: Mapped[str | None] = mapped_column(sa.String(40))  # the key of an earlier question
    show_if_values: Mapped[list[str]] = mapped_column(sa.JSON, default=list)  # its score bands or choice keys
    survey: Mapped[Survey] = relationship(back_populates="questions")
    texts: Mapped[list[QuestionText]] = relationship(cascade="all, delete-orphan")
    choices: Mapped[list[Choice]] = relationship(cascade="all, delete-orphan", order_by="Choice.position")


class QuestionText(Base):
    """The wording of a question in one language; `band` is "" or the score band that gets a wording of its own."""

    __tablename__ = "question_text"

    question_id: Mapped[int] = mapped_column(sa.ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(sa.String(5), primary_key=True)
    band: Mapped[str] = mapped_column(sa.String(10), primary_key=True, default="")  # "", "low", "middle", "high"
    text: Mapped[str]
    help: Mapped[str] = mapped_column(default="")
    low_label: Mapped[str] = mapped_column(default="")
    high_label: Mapped[str] = mapped_column(default="")


class Choice(Base):
    """One choice of a single or multiple choice question."""

    __tablename__ = "choice"
    __table_args__ = (sa.UniqueConstraint("question_id", "key"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("question.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(40))
    position: Mapped[int]
    retired: Mapped[bool] = mapped_column(default=False)
    texts: Mapped[list[ChoiceText]] = relationship(cascade="all, delete-orphan")


class ChoiceText(Base):
    """The wording of a choice in one language."""

    __tablename__ = "choice_text"

    choice_id: Mapped[int] = mapped_column(sa.ForeignKey("choice.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(sa.String(5), primary_key=True)
    text: Mapped[str]


class SurveyVersion(Base):
    """A survey's whole content as it stood under one version number; written once, for people to read."""

    __tablename__ = "survey_version"

    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
