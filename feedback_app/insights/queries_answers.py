"""The list of answers behind a figure: the same filters, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.customers.models import Customer
from feedback_app.followup.models import Case
from feedback_app.i18n import LANGUAGES
from feedback_app.scoring.models import SentimentScore
from feedback_app.surveys.models import QuestionKind, Survey
from feedback_app.surveys.rules import BANDS, band_range

PAGE = 50
READINGS = ("unhappy", "not_unhappy", "not_scored")
REASONS = ("empty", "language", "objection", "error")


@dataclass(frozen=True)
class AnswerFilter:
    """What the list shows; None and "" leave a filter out."""

    survey: str = ""
    language: str = ""
    kind: str = ""  # nps, csat, ces
    band: str = ""  # low, middle, high
    reading: str = ""  # what the machine made of the text
    reason: str = ""  # why it was not scored
    first: date | None = None  # local days, both within
    last: date | None = None
    # The cursor: moment, response and answer (0 for none) of the last row of the page before.
    before: tuple[datetime, int, int] | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> AnswerFilter:
        """Return the filter that an address asks for; what it cannot mean is left out."""
        return cls(
            survey=query.get("survey", ""),
            language=_known(query.get("language"), LANGUAGES),
            kind=_known(query.get("kind"), ("nps", "csat", "ces")),
            band=_known(query.get("band"), BANDS),
            reading=_known(query.get("reading"), READINGS),
            reason=_known(query.get("reason"), REASONS),
            first=_date(query.get("from")),
            last=_date(query.get("to")),
            before=_cursor(query.get("before")),
        )


@dataclass(frozen=True)
class AnswerRow:
    """One response in the list."""

    id: int
    submitted_at: datetime
    survey: str
    score_kind: str | None
    score: int | None
    text: str | None
    customer: str | None
    case_id: int | None
    answer_id: int | None
    label: str | None
    negative: float | None
    unhappy: bool | None
    reason: str | None

    @property
    def cursor(self) -> str:
        """What the address of the next page says after this row."""
        return f"{self.submitted_at.isoformat()}_{self.id}_{self.answer_id or 0}"


def list_answers(session: Session, wanted: AnswerFilter, model_version: str | None, zone: ZoneInfo) -> list[AnswerRow]:
    """Return up to 51 rows, one a text, or one a response where nothing was written; 51 mean there is a next page."""
    score = sa.and_(SentimentScore.answer_id == Answer.id, SentimentScore.model_version == model_version)
    text = sa.and_(Answer.response_id == Response.id, Answer.text.is_not(None))
    query = (
        sa.select(
            Response.id, Response.submitted_at, Survey.slug, Response.score_kind, Response.score, Answer.text,
            Customer.name, Case.id, Answer.id, SentimentScore.label, SentimentScore.negative, SentimentScore.unhappy,
            SentimentScore.reason,
        )
        .select_from(Response)
        .join(Survey, Survey.id == Response.survey_id)
        .outerjoin(Answer, text)
        .outerjoin(SentimentScore, score)
        .outerjoin(Customer, Customer.id == Response.customer_id)
        .outerjoin(Case, Case.response_id == Response.id)
        .where(Response.withdrawn_at.is_(None), *_conditions(wanted, zone))
        .order_by(Response.submitted_at.desc(), Response.id.desc(), Answer.id)
        .limit(PAGE + 1)
    )  # fmt: skip
    return [AnswerRow(*tuple(row)) for row in session.execute(query)]


def _conditions(wanted: AnswerFilter, zone: ZoneInfo) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.survey:
        found.append(Survey.slug == wanted.survey)
    if wanted.language:
        found.append(Response.language == wanted.language)
    if wanted.kind:
        found.append(Response.score_kind == wanted.kind)
    if wanted.band:
        kinds = [wanted.kind] if wanted.kind else [kind.value for kind in QuestionKind if kind.is_score]
        found.append(sa.or_(*(_in_band(kind, wanted.band) for kind in kinds)))
    if wanted.reading == "not_scored":
        found += [
            Answer.text.is_not(None),
            sa.or_(SentimentScore.answer_id.is_(None), SentimentScore.reason.is_not(None)),
        ]
    elif wanted.reading:
        found += [SentimentScore.reason.is_(None), SentimentScore.unhappy.is_(wanted.reading == "unhappy")]
    if wanted.reason:
        found.append(SentimentScore.reason == wanted.reason)
    if wanted.first:
        found.append(Response.submitted_at >= _midnight(wanted.first, zone))
    if wanted.last:
        found.append(Response.submitted_at < _midnight(wanted.last + timedelta(days=1), zone))
    if wanted.before:
        found += _beyond(*wanted.before)
    return found


def _beyond(moment: datetime, response_id: int, answer_id: int) -> list[sa.ColumnElement[bool]]:
    """Return what the rows after the cursor fulfil; the plain bound comes first, as an index can serve it."""
    same = sa.and_(Response.id == response_id, Answer.id > answer_id)
    earlier = sa.or_(Response.submitted_at < moment, Response.id < response_id, same)
    return [Response.submitted_at <= moment, earlier]


def _in_band(kind: str, name: str) -> sa.ColumnElement[bool]:
    low, high = band_range(kind, name)
    return sa.and_(Response.score_kind == kind, Response.score.between(low, high))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, datetime.min.time(), zone)


def _known(value: str | None, known: tuple[str, ...]) -> str:
    return value if value in known else ""


def _date(value: str | None) -> date | None:
    try:
        day = date.fromisoformat(value or "")
    except ValueError:
        return None
    return day if 1970 <= day.year <= 2999 else None


def _cursor(value: str | None) -> tuple[datetime, int, int] | None:
    moment, _, ids = (value or "").partition("_")
    response_id, _, answer_id = ids.partition("_")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (at, int(response_id), int(answer_id)) if at.tzinfo and _is_id(response_id) and _is_id(answer_id) else None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
