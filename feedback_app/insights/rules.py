"""Local days as stretches of time: where they begin and end, and what is left between those that are known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = 28  # that the overview looks back on
SETTLED = timedelta(hours=1)  # after its end an answer of a day may still be on its way into the database

Stretch = tuple[datetime, datetime | None]  # from, and up to but without; None: without end


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which a local day begins, also where the clock leaves midnight out."""
    return datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)


def stretch_of(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a local day begins and ends; it has 23 to 25 hours."""
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)


def past_days(now: datetime, zone: ZoneInfo) -> list[date]:
    """Return the 28 local days before today, oldest first."""
    today = now.astimezone(zone).date()
    return [today - timedelta(days=back) for back in range(DAYS, 0, -1)]


def is_settled(day: date, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a local day is over, and no new answer of it can appear."""
    return midnight(day + timedelta(days=1), zone) + SETTLED <= now


def utc_days(day: date, zone: ZoneInfo) -> list[date]:
    """Return the UTC days that a local day has a part of."""
    begin, end = stretch_of(day, zone)
    first, last = begin.date(), (end - timedelta(microseconds=1)).date()
    return [first + timedelta(days=after) for after in range((last - first).days + 1)]


def left_over(since: datetime, days: Iterable[date], zone: ZoneInfo) -> list[Stretch]:
    """Return the stretches from `since` on that are in none of `days`, which all begin at `since` or later."""
    found: list[Stretch] = []
    for day in sorted(days):
        begin, end = stretch_of(day, zone)
        if since < begin:
            found.append((since, begin))
        since = end
    return [*found, (since, None)]
