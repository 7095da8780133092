"""The scheduler within one process: one run a day, also over clock changes, downtime and failures (check 13)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from feedback_app import scheduler as scheduling
from feedback_app.children import Children
from feedback_app.database import db
from feedback_app.jobs import DailyHour
from feedback_app.liveness import Liveness
from feedback_app.scheduler import DailyJob, NotYet, Scheduler, local_trigger

OSLO = ZoneInfo("Europe/Oslo")
STEP = timedelta(minutes=5)


class Day:
    """A scheduler with one job at 02:00 in Oslo, at a time that the test sets; `runs` are the dates it ran for."""

    def __init__(self, app: Flask, process: Liveness, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.runs: list[str] = []
        self.fails: Exception | None = None
        self.hour = DailyHour(OSLO, 2)
        self.job = DailyJob("nightly", self.hour, self._run)
        app.extensions["stemme_children"] = Children()
        self.scheduler = Scheduler(app, [self.job], [])
        self.scheduler.process = process
        monkeypatch.setattr(scheduling, "utc_now", lambda: self.now)

    def _run(self, date: str) -> None:
        if self.fails:
            raise self.fails
        self.runs.append(date)

    def at(self, moment: str) -> None:
        """Try the job at a moment, given in UTC."""
        self.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        self.scheduler.run_daily(self.job)

    def again_and_again(self, first: str, last: str) -> None:
        """Try the job every five minutes of a time."""
        self.now, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, last))
        while self.now <= end:
            self.scheduler.run_daily(self.job)
            self.now += STEP


@pytest.fixture
def day(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    """A scheduler whose clock the test holds."""
    with app.app_context(), Liveness(db.engine) as process:
        yield Day(app, process, monkeypatch)


@pytest.mark.parametrize(
    ("first", "last", "dates"),
    [
        ("2026-03-28T22:00", "2026-03-29T04:00", ["2026-03-28", "2026-03-29"]),  # 02:00 does not come
        ("2026-10-24T22:00", "2026-10-25T04:00", ["2026-10-24", "2026-10-25"]),  # 02:00 comes twice
    ],
)
def test_the_nights_of_the_clock_change_have_one_run_each(day: Day, first: str, last: str, dates: list[str]) -> None:
    day.again_and_again(first, last)
    print(f"\ncheck 13: tried every five minutes from {first} to {last}: runs {day.runs}")
    assert day.runs == dates, "the first is the catch-up on the night before"


def test_the_trigger_fires_once_a_local_day_over_the_clock_change(day: Day) -> None:
    trigger = local_trigger()(day.hour)
    fired = [datetime(2026, 10, 23, 12, tzinfo=UTC)]
    for _ in range(4):
        fired.append(trigger.get_next_fire_time(fired[-1], fired[-1]))
    assert [f"{moment:%d %H:%M}" for moment in fired[1:]] == ["24 00:00", "25 00:00", "26 01:00", "27 01:00"]


def test_after_three_days_down_one_run_catches_up(day: Day) -> None:
    day.at("2026-11-02T01:00")
    day.again_and_again("2026-11-05T09:00", "2026-11-05T09:30")
    print(f"\ncheck 13: three days down: runs {day.runs}")
    assert day.runs == ["2026-11-02", "2026-11-05"]


def test_a_job_that_fails_is_tried_three_times_and_no_more(day: Day) -> None:
    day.fails = RuntimeError("no model")
    failures = 0
    for minutes in range(0, 120, 5):
        day.now = datetime(2026, 11, 2, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        try:
            day.scheduler.run_daily(day.job)
        except RuntimeError:
            failures += 1
    assert failures == 3
    day.fails = None
    day.at("2026-11-03T01:00")
    assert day.runs == ["2026-11-03"]


def test_a_job_that_waits_for_another_is_asked_again(day: Day) -> None:
    day.fails = NotYet()
    day.again_and_again("2026-11-02T01:00", "2026-11-02T01:10")
    assert day.runs == []
    day.fails = None
    day.at("2026-11-02T01:11")
    assert day.runs == ["2026-11-02"]


def test_a_stopping_scheduler_starts_nothing(day: Day) -> None:
    day.scheduler.stop()
    day.at("2026-11-02T01:00")
    assert day.runs == []


def test_the_jobs_have_the_settings_that_were_measured_and_their_failures_are_logged(
    day: Day, caplog: pytest.LogCaptureFixture
) -> None:
    engine = day.scheduler.new_engine()
    day.scheduler.add_jobs(engine)
    (job,) = engine.get_jobs()
    assert (engine._job_defaults["coalesce"], engine._job_defaults["max_instances"]) == (True, 1)
    assert engine._job_defaults["misfire_grace_time"] == 3600
    assert str(engine.timezone) == "UTC"
    from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent

    due = datetime(2026, 11, 2, 1, tzinfo=UTC)
    with caplog.at_level(logging.ERROR):
        engine._dispatch_event(JobExecutionEvent(EVENT_JOB_MISSED, job.id, "default", due))
        engine._dispatch_event(JobExecutionEvent(EVENT_JOB_ERROR, job.id, "default", due, exception=ValueError("x")))
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert "nightly was missed" in caplog.text
    assert "nightly failed: ValueError" in caplog.text
