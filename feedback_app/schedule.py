"""The list of jobs with their hours, and the process that runs them."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from feedback_app import delivery, figures, morning_mail, retention
from feedback_app.children import Children
from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import db
from feedback_app.jobs import DailyHour, JobRun
from feedback_app.scheduler import DailyJob, FrequentJob, JobFailed, NotYet, Scheduler

logger = logging.getLogger(__name__)

NIGHTLY = "nightly"
LONGEST_WAIT = timedelta(hours=2)  # that the morning mail waits for the nightly run


def daily_jobs(app: Flask, config: Config) -> list[DailyJob]:
    """Return the jobs of a day."""
    zone = config.timezone
    children: Children = app.extensions["stemme_children"]
    return [
        DailyJob(NIGHTLY, DailyHour(zone, config.nightly_hour), _scoring(children)),
        DailyJob("retention", DailyHour(zone, 5, 15), lambda _day: retention.delete_expired()),
        DailyJob("morning-mail", DailyHour(zone, 6, 30), _morning_mail),
    ]


def frequent_jobs(config: Config) -> list[FrequentJob]:
    """Return the jobs of some minutes."""
    return [
        FrequentJob("mail", timedelta(minutes=1), lambda: delivery.deliver_due(config)),
        FrequentJob("figures", timedelta(minutes=10), figures.refresh_days),
    ]


def _scoring(children: Children) -> Callable[[str], None]:
    """Return the nightly job: `flask score` as a child, so that the model's memory goes back to the system."""

    def run(day: str) -> None:
        code, last_line = children.run("score", "--json", "--trigger", "scheduler")
        if code:
            raise JobFailed(f"`flask score` of {day} ended with code {code}")
        logger.info("nightly run of %s: %s", day, json.loads(last_line))

    return run


def _morning_mail(day: str) -> None:
    """Write the mails of `day`, once the night's run is over (or has taken too long to wait for)."""
    night = db.session.execute(
        sa.select(JobRun.state, JobRun.started_at).where(JobRun.job == NIGHTLY, JobRun.run_date == day)
    ).one_or_none()
    db.session.rollback()
    if night is not None and night.state == "running" and utc_now() - night.started_at < LONGEST_WAIT:
        raise NotYet
    morning_mail.write_mails(day)


def main(app: Flask) -> None:
    """Run the scheduler with the service's jobs until SIGTERM or SIGINT."""
    config: Config = app.extensions["stemme"]
    app.extensions["stemme_children"] = Children()
    scheduler = Scheduler(app, daily_jobs(app, config), frequent_jobs(config))
    _on_signal(scheduler.stop)
    scheduler.run()
    logging.shutdown()
    os._exit(0)  # a thread that waits for a slow mail server must not keep the process


def _on_signal(stop: Callable[[], None]) -> None:
    """Call `stop` in a thread on SIGTERM or SIGINT: a handler could wait for a lock that the code below it holds."""
    reader, writer = os.pipe()

    def wait() -> None:
        os.read(reader, 1)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os.write(writer, b"."))
    threading.Thread(target=wait, name="signals", daemon=True).start()
