"""Local days: where they begin, and that kept figures cut them as the clock on the wall does."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from feedback_app.insights.days import count_day, fresh_days, keep_day, stale_days
from feedback_app.insights.queries import score_figures, unhappy_by_day
from feedback_app.insights.rules import left_over, midnight, stretch_of, utc_days
from tests.support.factories import MODEL_VERSION, make_response, make_score, make_survey

OSLO = ZoneInfo("Europe/Oslo")
# A zone, and a day on which its clocks change: at night, at midnight itself, or never.
ZONES = [
    ("Europe/Oslo", date(2026, 3, 29)),
    ("Europe/Oslo", date(2026, 10, 25)),
    ("Africa/Cairo", date(2026, 4, 24)),  # the day begins at one o'clock
    ("America/Havana", date(2026, 11, 1)),  # the hour after midnight comes twice
    ("Asia/Kathmandu", date(2026, 5, 1)),  # 5 hours and 45 minutes ahead
]


@pytest.mark.parametrize(("name", "changing"), ZONES)
def test_figures_of_days_around_a_change_of_the_clock_are_exact(session: Session, name: str, changing: date) -> None:
    zone, survey = ZoneInfo(name), make_survey(session)
    moments = []
    for day in (changing, changing + timedelta(days=1)):
        for minutes in (-61, -60, -1, 0, 1, 59, 60, 61, 120, 180):
            moments.append(midnight(day, zone) + timedelta(minutes=minutes))
    for number, moment in enumerate(moments):
        response = make_response(session, survey, {"score": number % 11, "why": "Text"}, submitted_at=moment)
        make_score(session, response.answers[1], 0.9 if number % 3 == 0 else 0.1)
    now = midnight(changing + timedelta(days=9), zone) + timedelta(hours=10)
    for day in stale_days(session, MODEL_VERSION, now, zone):
        keep_day(session, count_day(session, day, MODEL_VERSION, zone))
    kept = fresh_days(session, MODEL_VERSION, now, zone)
    assert len(kept) == 28
    assert score_figures(session, now, zone, kept) == score_figures(session, now, zone, {})
    shown = unhappy_by_day(session, MODEL_VERSION, now, zone, kept)
    assert shown == unhappy_by_day(session, MODEL_VERSION, now, zone, {})
    expected = Counter(moment.astimezone(zone).date() for moment in moments)
    assert {one.day: one.scored for one in shown if one.scored} == expected


def test_the_last_moment_of_a_day_is_its_own_and_the_next_one_is_not(session: Session) -> None:
    survey, midnight_ = make_survey(session), midnight(date(2026, 11, 20), OSLO)
    for moment in (midnight_ - timedelta(microseconds=1), midnight_):
        make_response(session, survey, {"score": 9}, submitted_at=moment)
    counts = [count_day(session, date(2026, 11, day), None, OSLO).nps_high for day in (18, 19, 20, 21)]
    assert counts == [0, 1, 1, 0]


def test_a_day_has_23_to_25_hours() -> None:
    lengths = []
    for day in (date(2026, 3, 29), date(2026, 5, 1), date(2026, 10, 25)):
        begin, end = stretch_of(day, OSLO)
        lengths.append((end - begin) / timedelta(hours=1))
    assert lengths == [23, 24, 25]


def test_a_local_day_has_parts_of_two_days_of_utc() -> None:
    assert utc_days(date(2026, 11, 20), OSLO) == [date(2026, 11, 19), date(2026, 11, 20)]
    assert utc_days(date(2026, 11, 20), ZoneInfo("UTC")) == [date(2026, 11, 20)]


def test_what_is_left_over_are_the_stretches_between_the_days() -> None:
    since = datetime(2026, 11, 10, 12, tzinfo=UTC)
    eleventh, twelfth, fourteenth = (date(2026, 11, day) for day in (11, 12, 14))
    zone = ZoneInfo("UTC")
    assert left_over(since, [], zone) == [(since, None)]
    assert left_over(since, [fourteenth, eleventh, twelfth], zone) == [
        (since, midnight(eleventh, zone)),
        (midnight(date(2026, 11, 13), zone), midnight(fourteenth, zone)),
        (midnight(date(2026, 11, 15), zone), None),
    ]
    assert left_over(midnight(eleventh, zone), [eleventh], zone) == [(midnight(twelfth, zone), None)]
