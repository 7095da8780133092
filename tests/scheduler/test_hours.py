"""When a daily job is due: once a local day, also in the nights in which the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback_app.jobs import DailyHour

OSLO = ZoneInfo("Europe/Oslo")


@pytest.mark.parametrize(
    ("day", "hour", "utc"),
    [
        (date(2026, 3, 28), 2, "2026-03-28T01:00"),
        (date(2026, 3, 29), 2, "2026-03-29T01:00"),  # 02:00 does not exist: 03:00 summer time
        (date(2026, 3, 30), 2, "2026-03-30T00:00"),
        (date(2026, 10, 25), 2, "2026-10-25T00:00"),  # 02:00 comes twice: the first one
        (date(2026, 10, 26), 2, "2026-10-26T01:00"),
    ],
)
def test_the_hour_comes_once_on_every_date(day: date, hour: int, utc: str) -> None:
    assert DailyHour(OSLO, hour).due_on(day) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 23])
def test_a_year_of_minutes_has_one_due_moment_a_day(zone: str, hour: int) -> None:
    at = DailyHour(ZoneInfo(zone), hour)
    moment, days = datetime(2026, 1, 1, tzinfo=UTC), []
    while moment < datetime(2027, 1, 1, tzinfo=UTC):
        moment = at.after(moment)
        days.append(at.latest(moment))
        assert at.latest(moment - timedelta(seconds=1)) < at.latest(moment)
    assert len(days) == len(set(days))
    assert len(days) in {365, 366}
