"""Figures of past days: counted once, when a day is over, and kept until something of the day changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.days import count_changes
from feedback_app.insights.models import DayFigure
from feedback_app.insights.queries import Day, count_scores, count_texts
from feedback_app.insights.rules import is_settled, past_days, stretch_of, utc_days
from feedback_app.surveys.models import QuestionKind
from feedback_app.surveys.rules import BANDS
from feedback_app.upserts import insert_for


def fresh_days(session: Session, model_version: str | None, now: datetime, zone: ZoneInfo) -> dict[date, DayFigure]:
    """Return the figures of past days that are kept and still hold, by day."""
    days = past_days(now, zone)
    query = sa.select(DayFigure).where(DayFigure.zone == zone.key, DayFigure.day.between(days[0], days[-1]))
    kept = session.scalars(query.where(DayFigure.model_version == model_version)).all()
    changes = count_changes(session, utc_days(days[0], zone)[0])
    return {figure.day: figure for figure in kept if figure.changes == _changes_of(figure.day, zone, changes)}


def stale_days(session: Session, model_version: str | None, now: datetime, zone: ZoneInfo) -> list[date]:
    """Return the past days that are to be counted anew, oldest first."""
    fresh = fresh_days(session, model_version, now, zone)
    return [day for day in past_days(now, zone) if day not in fresh and is_settled(day, now, zone)]


def count_day(session: Session, day: date, model_version: str | None, zone: ZoneInfo) -> DayFigure:
    """Return the figures of a local day, not stored yet.

    The changes noted so far are counted first: where the day changes while it is counted, the figures are void.
    """
    changes = _changes_of(day, zone, count_changes(session, utc_days(day, zone)[0]))
    stretch = stretch_of(day, zone)
    scores = count_scores(session, [stretch])
    texts = count_texts(session, [stretch], model_version, zone).get(day, Day(day, 0, 0))
    kinds = [kind.value for kind in QuestionKind if kind.is_score]
    return DayFigure(
        zone=zone.key,
        day=day,
        changes=changes,
        model_version=model_version,
        scored=texts.scored,
        unhappy=texts.unhappy,
        **{f"{kind}_{name}": scores[kind, name] for kind in kinds for name in BANDS},
    )


def keep_day(session: Session, figure: DayFigure) -> None:
    """Keep the figures of a day in the place of those that were kept before."""
    values = {column.key: getattr(figure, column.key) for column in sa.inspect(DayFigure).columns}
    insert = insert_for(session, DayFigure).values(values)
    session.execute(insert.on_conflict_do_update(index_elements=["zone", "day"], set_=values))


def drop_old_days(session: Session, now: datetime, zone: ZoneInfo) -> None:
    """Delete the figures of days that nobody looks back on any more."""
    session.execute(sa.delete(DayFigure).where(DayFigure.day < past_days(now, zone)[0]))


def _changes_of(day: date, zone: ZoneInfo, changes: Mapping[date, int]) -> int:
    return sum(changes.get(one, 0) for one in utc_days(day, zone))
