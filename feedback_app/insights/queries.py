"""What the overview shows: cases, scores of the last 28 days, and the unhappy share by day.

Days of which figures are kept (`days.py`) are taken from these; only the others are counted in the answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.followup.models import Case, CaseStatus
from feedback_app.insights.models import DayFigure
from feedback_app.insights.rules import DAYS, Stretch, left_over, midnight, past_days
from feedback_app.scoring.models import SentimentScore
from feedback_app.statistics import Figure, median, nps, share
from feedback_app.surveys.models import QuestionKind
from feedback_app.surveys.rules import BANDS, band

PERIOD = timedelta(days=DAYS)
WEEK = timedelta(days=7)
QUARTER = 15 * 60  # seconds
COUNT_TO = 1000  # beyond, the page says "1,000+", as the inbox does
LATEST = 500  # handled cases that the medians look back on


@dataclass(frozen=True)
class CaseFigures:
    """Where the desk stands. The counts end at a thousand and one."""

    open: int
    overdue: int
    resolved: int  # in the last seven days
    hours_to_touch: float | None  # medians, from answer to ...
    hours_to_resolution: float | None


@dataclass(frozen=True)
class ScoreFigure:
    """One kind of score over the period, with the counts of its bands."""

    kind: QuestionKind
    figure: Figure | None
    low: int
    middle: int
    high: int

    @property
    def n(self) -> int:
        """How many answered."""
        return self.low + self.middle + self.high


@dataclass(frozen=True)
class Day:
    """The texts that were read of one local day's answers."""

    day: date
    scored: int
    unhappy: int


def case_figures(session: Session, now: datetime) -> CaseFigures:
    """Return where the desk stands at `now`."""
    is_open = Case.status == CaseStatus.OPEN
    return CaseFigures(
        open=_count(session, is_open),
        overdue=_count(session, is_open, Case.due_at < now),
        resolved=_count(session, Case.status == CaseStatus.RESOLVED, Case.resolved_at >= now - WEEK),
        hours_to_touch=_median_hours(session, Case.first_touch_at, now),
        hours_to_resolution=_median_hours(session, Case.resolved_at, now),
    )


def score_figures(session: Session, now: datetime, zone: ZoneInfo, kept: Mapping[date, DayFigure]) -> list[ScoreFigure]:
    """Return NPS, CSAT and CES of the 28 days before `now`; a kind that nobody answered is left out."""
    since = (now - PERIOD).astimezone(UTC)
    whole = {day: figure for day, figure in kept.items() if midnight(day, zone) >= since}
    counts = count_scores(session, left_over(since, whole, zone))
    for figure in whole.values():
        counts += _kept_scores(figure)
    kinds = [kind for kind in QuestionKind if kind.is_score and any(counts[kind.value, name] for name in BANDS)]
    return [_score_figure(kind, *(counts[kind.value, name] for name in BANDS)) for kind in kinds]


def unhappy_by_day(
    session: Session, model_version: str | None, now: datetime, zone: ZoneInfo, kept: Mapping[date, DayFigure]
) -> list[Day]:
    """Return the 28 local days up to `now`, oldest first, with what `model_version` read in their answers."""
    days = [*past_days(now, zone)[1:], now.astimezone(zone).date()]
    others = left_over(midnight(days[0], zone), kept.keys() & days, zone)
    counted = count_texts(session, others, model_version, zone)
    return [
        Day(day, kept[day].scored, kept[day].unhappy) if day in kept else counted.get(day, Day(day, 0, 0))
        for day in days
    ]


def count_scores(session: Session, stretches: Sequence[Stretch]) -> Counter[tuple[str, str]]:
    """Return how many responses of `stretches` have a score of each kind and band."""
    query = (
        sa.select(Response.score_kind, Response.score, sa.func.count())
        .where(_within(stretches), Response.score.is_not(None), Response.withdrawn_at.is_(None))
        .group_by(Response.score_kind, Response.score)
    )
    counts: Counter[tuple[str, str]] = Counter()
    for kind, score, count in session.execute(query):
        counts[str(kind), band(str(kind), int(score or 0))] += count
    return counts


def count_texts(
    session: Session, stretches: Sequence[Stretch], model_version: str | None, zone: ZoneInfo
) -> dict[date, Day]:
    """Return what `model_version` read in the answers of `stretches`, by local day; a day without is left out."""
    quarter = _quarter_of_an_hour(session)
    query = (
        sa.select(quarter, SentimentScore.unhappy, sa.func.count())
        .join(Answer, Answer.response_id == Response.id)
        .join(SentimentScore, SentimentScore.answer_id == Answer.id)
        .where(_within(stretches), Response.withdrawn_at.is_(None), SentimentScore.reason.is_(None))
        .where(SentimentScore.model_version == model_version)
        .group_by(quarter, SentimentScore.unhappy)
    )
    scored: Counter[date] = Counter()
    bad: Counter[date] = Counter()
    for number, unhappy, texts in session.execute(query):
        day = datetime.fromtimestamp(int(number) * QUARTER, zone).date()
        scored[day] += texts
        bad[day] += texts if unhappy else 0
    return {day: Day(day, count, bad[day]) for day, count in scored.items()}


def _kept_scores(figure: DayFigure) -> Counter[tuple[str, str]]:
    """Return the same counts of a day whose figures are kept."""
    kinds = [kind.value for kind in QuestionKind if kind.is_score]
    return Counter({(kind, name): getattr(figure, f"{kind}_{name}") for kind in kinds for name in BANDS})


def _within(stretches: Sequence[Stretch]) -> sa.ColumnElement[bool]:
    """Return the condition that a response was submitted in one of `stretches`."""
    at = Response.submitted_at
    return sa.or_(*(at >= begin if end is None else sa.and_(at >= begin, at < end) for begin, end in stretches))


def _quarter_of_an_hour(session: Session) -> sa.ColumnElement[int]:
    """Return the number of the quarter of an hour since 1970 in which a response came: no zone cuts one in two."""
    if session.get_bind().dialect.name == "postgresql":
        epoch = sa.extract("epoch", Response.submitted_at)
        return sa.cast(sa.func.floor(epoch / sa.literal_column(str(QUARTER))), sa.BigInteger)
    seconds = sa.cast(sa.func.strftime("%s", Response.submitted_at), sa.BigInteger)
    return seconds.op("/")(sa.literal_column(str(QUARTER)))


def _score_figure(kind: QuestionKind, low: int, middle: int, high: int) -> ScoreFigure:
    figure = nps(high, middle, low) if kind is QuestionKind.NPS else share(high, low + middle + high)
    return ScoreFigure(kind, figure, low, middle, high)


def _count(session: Session, *conditions: sa.ColumnElement[bool]) -> int:
    some = sa.select(Case.id).where(*conditions).limit(COUNT_TO + 1).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def _median_hours(
    session: Session, moment: sa.orm.InstrumentedAttribute[datetime | None], now: datetime
) -> float | None:
    query = (
        sa.select(Case.answered_at, moment)
        .where(moment >= now - PERIOD, Case.status != CaseStatus.MERGED)
        .order_by(moment.desc())
        .limit(LATEST)
    )
    return median([(done - answered).total_seconds() / 3600 for answered, done in session.execute(query) if done])
