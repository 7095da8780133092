"""Pure decisions about surveys: score bands, scales, and whether a survey takes answers now."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from feedback_app.surveys.models import QuestionKind, SurveyStatus

BANDS = ("low", "middle", "high")
SCALES = {QuestionKind.NPS: (0, 10), QuestionKind.CSAT: (1, 5), QuestionKind.CES: (1, 7)}
# The highest value of the bands "low" and "middle". NPS: detractors 0-6, passives 7-8, promoters 9-10 (Reichheld 2003);
# CSAT: 4-5 is the top-2-box; CES 2.0: 5-7 agree (CEB 2013).
_BAND_ENDS = {QuestionKind.NPS: (6, 8), QuestionKind.CSAT: (2, 3), QuestionKind.CES: (3, 4)}

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_SLUG = 60


class Availability(StrEnum):
    """Whether a survey takes answers, and if not, why not."""

    OPEN = "open"
    DRAFT = "draft"
    NOT_YET = "not_yet"
    CLOSED = "closed"


class HasHours(Protocol):
    """What `availability` looks at."""

    @property
    def status(self) -> str: ...
    @property
    def opens_at(self) -> datetime | None: ...
    @property
    def closes_at(self) -> datetime | None: ...


def is_slug(text: str) -> bool:
    """Whether `text` can be the part of an address that names a survey."""
    return len(text) <= _LONGEST_SLUG and _SLUG.fullmatch(text) is not None


def band(kind: str, value: int) -> str:
    """Return "low", "middle" or "high" for the score `value` of a question of `kind`."""
    low, middle = _BAND_ENDS[QuestionKind(kind)]
    return "low" if value <= low else "middle" if value <= middle else "high"


def band_range(kind: str, name: str) -> tuple[int, int]:
    """Return the lowest and the highest value of the band `name`."""
    first, last = SCALES[QuestionKind(kind)]
    low, middle = _BAND_ENDS[QuestionKind(kind)]
    return {"low": (first, low), "middle": (low + 1, middle), "high": (middle + 1, last)}[name]


def availability(survey: HasHours, now: datetime) -> Availability:
    """Return whether `survey` takes answers at `now`; it opens at `opens_at` and closes at `closes_at`."""
    if survey.status == SurveyStatus.DRAFT:
        return Availability.DRAFT
    if survey.status == SurveyStatus.CLOSED or (survey.closes_at is not None and now >= survey.closes_at):
        return Availability.CLOSED
    if survey.opens_at is not None and now < survey.opens_at:
        return Availability.NOT_YET
    return Availability.OPEN


def is_open(survey: HasHours, now: datetime) -> bool:
    """Whether `survey` takes answers at `now`."""
    return availability(survey, now) is Availability.OPEN
