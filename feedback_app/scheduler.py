"""The scheduler: a process of its own that starts each job at its hour, once a day, whatever happened in between."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from feedback_app import jobs
from feedback_app.children import Children
from feedback_app.clock import utc_now
from feedback_app.database import db, transaction
from feedback_app.jobs import DailyHour
from feedback_app.lease import HEARTBEAT, SchedulerLease
from feedback_app.liveness import Liveness

logger = logging.getLogger(__name__)

STAND_BY = 2.0  # seconds between two attempts to become the one that works
GRACE = 3600  # seconds that a due job may be late
NOT_YET = timedelta(minutes=5)
ENOUGH = 8.0  # seconds that jobs get to end when the process is to stop


class JobFailed(Exception):
    """A job did not do what it should; the log says why."""


class NotYet(Exception):
    """A job waits for another one; it is asked again soon."""


@dataclass(frozen=True)
class DailyJob:
    """A job with its hour on the local clock. `run` gets the local date that it runs for."""

    name: str
    hour: DailyHour
    run: Callable[[str], object]


@dataclass(frozen=True)
class FrequentJob:
    """A job that runs every so often, and may run again at any time."""

    name: str
    every: timedelta
    run: Callable[[], object]


class Scheduler:
    """Runs `daily` and `frequent` jobs while it holds the lease, until `stop`."""

    def __init__(self, app: Flask, daily: Sequence[DailyJob], frequent: Sequence[FrequentJob]) -> None:
        self.app, self.daily, self.frequent = app, daily, frequent
        self.children: Children = app.extensions["stemme_children"]
        self._stopping = threading.Event()
        self._engine: Any = None
        self.process: Liveness | None = None
        self._idle = threading.Condition()
        self._running = 0

    def run(self) -> None:
        """Stand by until the lease is ours, work until it is lost or we are stopped, and so on."""
        with self.app.app_context(), Liveness(db.engine) as self.process:
            lease = SchedulerLease(self.process)
            while not self._stopping.is_set():
                if self._holds(lease):
                    logger.info("this process schedules the jobs")
                    self._work(lease)
                else:
                    self._stopping.wait(STAND_BY)
            self._wait_for_jobs()
            _quietly(lease.drop)

    def stop(self) -> None:
        """End the jobs' child processes, start no more jobs, and let `run` return. For any thread."""
        self._stopping.set()
        self._end_engine()
        self.children.stop()

    def _end_engine(self) -> None:
        """End APScheduler where it runs; it may have been ended in the meantime."""
        from apscheduler.schedulers import SchedulerNotRunningError

        if self._engine is not None:
            with suppress(SchedulerNotRunningError):
                self._engine.shutdown(wait=False)

    def run_daily(self, job: DailyJob) -> bool:
        """Run `job` for its latest due date if nobody has; return whether it ran here. A failure is tried again."""
        with self._busy(), self.app.app_context():
            try:
                return not self._stopping.is_set() and self._run_once(job)
            except NotYet:
                self._again(job, NOT_YET)
                return False
            except Exception:
                self._again(job, jobs.RETRY_AFTER + timedelta(seconds=1))
                raise

    def _run_once(self, job: DailyJob) -> bool:
        day = job.hour.latest(utc_now()).isoformat()
        if not self._claim(job, day):
            return False
        state = "failed"
        try:
            job.run(day)
            state = "succeeded"
        except NotYet:
            state = "interrupted"
            raise
        finally:
            if self._stopping.is_set() and state == "failed":
                state = "interrupted"
            self._finish(job, day, state)
        return True

    def _claim(self, job: DailyJob, day: str) -> bool:
        assert self.process is not None  # noqa: S101
        with transaction() as session:
            dead = self.process.dead_among(jobs.running_holders(session))
            return jobs.claim_job(session, job.name, day, holder=self.process.number, dead=dead, now=utc_now())

    def _finish(self, job: DailyJob, day: str, state: str) -> None:
        assert self.process is not None  # noqa: S101
        with transaction() as session:
            jobs.finish_job(session, job.name, day, holder=self.process.number, state=state, now=utc_now())

    def _again(self, job: DailyJob, wait: timedelta) -> None:
        if self._engine is not None and not self._stopping.is_set():
            self._engine.add_job(self.run_daily, "date", [job], run_date=utc_now() + wait, name=job.name)

    @contextmanager
    def _busy(self) -> Iterator[None]:
        with self._idle:
            self._running += 1
        try:
            yield
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def _wait_for_jobs(self) -> None:
        with self._idle:
            if not self._idle.wait_for(lambda: self._running == 0, ENOUGH):
                logger.warning("%d job(s) did not end in time", self._running)

    def _holds(self, lease: SchedulerLease) -> bool:
        try:
            return lease.take()
        except SQLAlchemyError as error:
            logger.error("the lease could not be taken: %s", type(error).__name__)
            return False
        finally:
            db.session.remove()

    def _work(self, lease: SchedulerLease) -> None:
        """Run APScheduler in this thread until `stop`, or until the lease is somebody else's."""
        engine = self.new_engine()
        self.add_jobs(engine)
        engine.add_job(self._beat, "interval", [lease], seconds=HEARTBEAT.total_seconds(), name="heartbeat")
        self.children.open()
        engine.start()

    def new_engine(self) -> Any:
        """Return APScheduler, set so that no due job is skipped in silence."""
        from apscheduler import events
        from apscheduler.schedulers.blocking import BlockingScheduler

        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE}
        self._engine = BlockingScheduler(timezone="UTC", job_defaults=defaults)
        self._engine.add_listener(self._complain, events.EVENT_JOB_ERROR | events.EVENT_JOB_MISSED)
        self._engine.add_listener(self._end_if_stopping, events.EVENT_SCHEDULER_STARTED)
        return self._engine

    def add_jobs(self, engine: Any) -> None:
        """Add every job; each is tried at once, which catches up on what was missed while nobody scheduled."""
        trigger = local_trigger()
        for job in self.daily:
            engine.add_job(
                self.run_daily, trigger(job.hour), [job], id=job.name, name=job.name, next_run_time=utc_now()
            )
        for often in self.frequent:
            engine.add_job(
                self._run_frequent, "interval", [often], seconds=often.every.total_seconds(), name=often.name,
                next_run_time=utc_now(),
            )  # fmt: skip

    def _run_frequent(self, job: FrequentJob) -> None:
        if not self._stopping.is_set():
            with self._busy(), self.app.app_context():
                job.run()

    def _beat(self, lease: SchedulerLease) -> None:
        with self.app.app_context():
            if self._holds(lease) or self._stopping.is_set():
                return
            logger.error("the lease is lost; another process may schedule the jobs now")
            self._end_engine()
            self.children.stop()

    def _end_if_stopping(self, _event: Any) -> None:
        """End what began after `stop` had looked for it."""
        if self._stopping.is_set():
            self._end_engine()

    def _complain(self, event: Any) -> None:
        """Log what was missed or failed; run what was missed now."""
        job = self._engine.get_job(event.job_id)
        name = job.name if job is not None else event.job_id
        if event.exception is None:
            logger.error("job %s was missed at %s", name, event.scheduled_run_time)
            if job is not None and job.id in {one.name for one in self.daily}:
                job.modify(next_run_time=utc_now())
        else:
            logger.error("job %s failed: %s\n%s", name, type(event.exception).__name__, event.traceback)


def local_trigger() -> Callable[[DailyHour], Any]:
    """Return APScheduler's trigger for a `DailyHour`; APScheduler is imported only in the scheduler's process."""
    from apscheduler.triggers.base import BaseTrigger

    class LocalTrigger(BaseTrigger):
        """Fires when the hour comes on the local clock."""

        def __init__(self, hour: DailyHour) -> None:
            self.hour = hour

        def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
            return self.hour.after(previous or now)

    return LocalTrigger


def _quietly(action: Callable[[], None]) -> None:
    try:
        action()
    except SQLAlchemyError as error:
        logger.warning("on the way out: %s", type(error).__name__)
