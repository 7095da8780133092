"""A survey as a customer meets it: one immutable value that requests share, read once and kept (see `kept.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from feedback_app.surveys.models import QuestionKind, SurveyStatus
from feedback_app.surveys.rules import SCALES


@dataclass(frozen=True, slots=True)
class ChoiceContent:
    """One choice, worded in each language."""

    id: int
    key: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class QuestionWording:
    """How a question is put in one language; `by_band` holds other wordings by the band of the first score."""

    text: str
    help: str
    low_label: str
    high_label: str
    by_band: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class QuestionContent:
    """One question that is asked."""

    id: int
    key: str
    kind: QuestionKind
    required: bool
    show_if_key: str | None
    show_if_values: frozenset[str]
    wordings: Mapping[str, QuestionWording]
    choices: tuple[ChoiceContent, ...]

    @property
    def field(self) -> str:
        """The name of its form field; a contact question has three: this, and with `.how` and `.when`."""
        return f"q.{self.key}"

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all of its form fields."""
        name = self.field
        return (name, f"{name}.how", f"{name}.when") if self.kind is QuestionKind.CONTACT else (name,)

    @property
    def scale(self) -> range:
        """The numbers that may be chosen; empty where the question asks for no score."""
        first, last = SCALES.get(self.kind, (0, -1))
        return range(first, last + 1)


@dataclass(frozen=True, slots=True)
class SurveyWording:
    """What a survey says in one language."""

    title: str
    intro: str
    thanks: str
    links: tuple[tuple[str, str], ...]  # label, address


@dataclass(frozen=True, slots=True)
class SurveyContent:
    """A survey with all that is asked, in every language."""

    id: int
    slug: str
    status: SurveyStatus
    opens_at: datetime | None
    closes_at: datetime | None
    version: int
    default_language: str
    anonymous: bool
    minutes: int
    nps_flag_at: int
    csat_flag_at: int
    ces_flag_at: int
    followup_hours: int
    retention_days: int
    wordings: Mapping[str, SurveyWording]
    questions: tuple[QuestionContent, ...]

    @property
    def first_score(self) -> QuestionContent | None:
        """The question whose band words the others and whose number `?score=` preselects."""
        return next((question for question in self.questions if question.kind.is_score), None)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which it can be answered."""
        return tuple(self.wordings)
