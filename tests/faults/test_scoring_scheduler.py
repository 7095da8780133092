"""Real scheduler processes: two of them beside four web workers, killed, stopped; one run a day (check 12)."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from tests.faults.scoring import Processes, assert_everything_once, count, wait_for
from tests.support.bulk import store_answers
from tests.support.servers import Gunicorn

SUCCEEDED = "SELECT count(*) FROM job_run WHERE job = 'nightly' AND state = 'succeeded'"
RUNNING = "SELECT count(*) FROM scoring_run WHERE state = 'running'"
AT_WORK = "this process schedules the jobs"


@pytest.fixture
def process_settings() -> dict[str, str]:
    """The nightly run is due at any time of day."""
    return {"NIGHTLY_HOUR": "0", "TIMEZONE": "UTC"}


def has(engine: Engine, statement: str, wanted: int = 1) -> bool:
    """Whether a count is as wanted."""
    return count(engine, statement) >= wanted


def test_two_schedulers_and_four_web_workers_make_one_run(
    processes: Processes, engine: Engine, gunicorn: Callable[..., Gunicorn]
) -> None:
    gunicorn(workers=4).start("/healthz")
    schedulers = [processes.start("scheduler") for _ in range(2)]
    wait_for(partial(has, engine, SUCCEEDED), 60, "the run")
    for scheduler in schedulers:
        scheduler.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert [scheduler.wait(20) for scheduler in schedulers] == [0, 0]
    runs, jobs = (count(engine, f"SELECT count(*) FROM {table}") for table in ("scoring_run", "job_run"))
    print(f"\ncheck 12: {runs} scoring run, {jobs} jobs of the day, stopped in {time.monotonic() - began:.1f} s")
    assert runs == 1
    assert count(engine, "SELECT count(DISTINCT job) FROM job_run") == jobs
    assert count(engine, "SELECT max(attempts) FROM job_run") == 1
    assert processes.log.read_text().count(AT_WORK) == 1


@pytest.mark.slow
@pytest.mark.database("sqlite")
def test_a_stopped_run_is_finished_by_the_next_scheduler_and_a_killed_one_by_the_one_that_stands_by(
    processes: Processes, session: Session, engine: Engine
) -> None:
    store_answers(session, 300)
    first = processes.start("scheduler")
    wait_for(partial(has, engine, RUNNING), 60, "the run to begin")
    began = time.monotonic()
    first.send_signal(signal.SIGTERM)
    assert first.wait(20) == 0
    stopped = time.monotonic() - began
    assert count(engine, "SELECT count(*) FROM job_run WHERE job = 'nightly' AND state = 'interrupted'") == 1
    second = processes.start("scheduler")
    wait_for(partial(has, engine, RUNNING), 60, "the run to go on")
    processes.start("scheduler")
    processes.kill(second)
    wait_for(partial(has, engine, SUCCEEDED), 90, "the one that stands by")
    print(f"\nscheduler with a run at work: stopped in {stopped:.1f} s; killed: taken over")
    assert_everything_once(engine, 300)
    assert processes.log.read_text().count(AT_WORK) == 3
