"""Days whose answers changed after they were counted: whoever changes one notes it here, in the same transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import DayChange
from feedback_app.clock import utc_now

NOTED = timedelta(days=35)  # no figure by day looks back further
KEPT = timedelta(days=40)


def forget_days(session: Session, moments: Iterable[datetime]) -> None:
    """Make the kept figures void of the days on which the answers of `moments` were given.

    Every change of a stored response or of its scores that may change a figure calls this; a new answer of today does
    not. The days are those of UTC, so that it holds for the local days of every time zone.
    """
    oldest = utc_now() - NOTED
    days = sorted({moment.astimezone(UTC).date() for moment in moments if moment >= oldest})
    if days:
        session.execute(sa.insert(DayChange), [{"day": day} for day in days])


def count_changes(session: Session, first: date) -> dict[date, int]:
    """Return how often the answers of each UTC day from `first` on changed; a day without changes is left out."""
    query = sa.select(DayChange.day, sa.func.sum(DayChange.changes)).where(DayChange.day >= first)
    return {day: int(changes) for day, changes in session.execute(query.group_by(DayChange.day))}


def sum_up_changes(session: Session, now: datetime) -> None:
    """Make one row of the rows of each day, with the same sum, and drop the days that no figure looks back on."""
    sums: Counter[date] = Counter()
    for day, changes in session.execute(sa.delete(DayChange).returning(DayChange.day, DayChange.changes)):
        sums[day] += changes
    oldest = (now - KEPT).date()
    kept = [{"day": day, "changes": changes} for day, changes in sorted(sums.items()) if day >= oldest]
    if kept:
        session.execute(sa.insert(DayChange), kept)
