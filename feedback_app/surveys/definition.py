"""What a survey file says, as values: the input of `create_survey`, and the content of a survey's version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from feedback_app.surveys.models import Polarity, QuestionKind, SurveyStatus

Wording = Mapping[str, str]  # language -> text


@dataclass(frozen=True, slots=True)
class ChoiceDefinition:
    """One choice."""

    key: str
    text: Wording


@dataclass(frozen=True, slots=True)
class QuestionDefinition:
    """One question; `text_by_band` words it anew by the band of the first score."""

    key: str
    kind: QuestionKind
    text: Wording
    required: bool = False
    polarity: Polarity = Polarity.OPEN
    text_by_band: Mapping[str, Wording] = field(default_factory=dict)
    help: Wording = field(default_factory=dict)
    low_label: Wording = field(default_factory=dict)
    high_label: Wording = field(default_factory=dict)
    show_if_key: str | None = None
    show_if_values: tuple[str, ...] = ()
    choices: tuple[ChoiceDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class SurveyDefinition:
    """A whole survey. Its languages are those of `title`."""

    slug: str
    title: Wording
    questions: tuple[QuestionDefinition, ...]
    status: SurveyStatus = SurveyStatus.DRAFT
    default_language: str = "en"
    anonymous: bool = True
    minutes: int = 1
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    nps_flag_at: int = 6
    csat_flag_at: int = 2
    ces_flag_at: int = 3
    followup_hours: int = 48
    retention_days: int = 730
    intro: Wording = field(default_factory=dict)
    thanks: Wording = field(default_factory=dict)
    links: tuple[Mapping[str, Any], ...] = ()  # {"label": Wording, "url": str}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the survey is worded in."""
        return tuple(self.title)

    def content(self) -> dict[str, Any]:
        """Return what customers read and answer, as JSON values: a change of it makes a new version."""
        return {
            "title": dict(self.title),
            "intro": dict(self.intro),
            "thanks": dict(self.thanks),
            "links": [{"label": dict(link["label"]), "url": link["url"]} for link in self.links],
            "questions": [_plain(question) for question in self.questions],
        }


def _plain(question: QuestionDefinition) -> dict[str, Any]:
    values = asdict(question)
    values["kind"], values["polarity"] = question.kind.value, question.polarity.value
    values["show_if_values"] = list(question.show_if_values)
    values["choices"] = [dict(choice) for choice in values["choices"]]
    return values
