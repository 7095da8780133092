"""Who runs a job: the unique key decides; what failed, was interrupted or orphaned is taken again."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app import jobs
from feedback_app.clock import utc_now
from feedback_app.jobs import JobRun, claim_job, finish_job, take_lease

DAY = "2026-11-26"
NOW = utc_now()


def claim(session: Session, holder: int = 1, dead: tuple[int, ...] = (), minutes: int = 0) -> bool:
    """Claim the job "nightly" of one day."""
    return claim_job(session, "nightly", DAY, holder=holder, dead=dead, now=NOW + timedelta(minutes=minutes))


def finish(session: Session, state: str, holder: int = 1, minutes: int = 0) -> bool:
    """End the job "nightly" of one day."""
    now = NOW + timedelta(minutes=minutes)
    return finish_job(session, "nightly", DAY, holder=holder, state=state, now=now)


def test_of_many_who_ask_one_runs_it(session: Session) -> None:
    assert [claim(session, holder) for holder in range(1, 9)] == [True] + [False] * 7
    finish(session, "succeeded")
    assert not claim(session, 2, minutes=600)
    assert claim_job(session, "nightly", "2026-11-27", holder=2, dead=(), now=NOW)
    assert claim_job(session, "retention", DAY, holder=2, dead=(), now=NOW)


def test_a_failed_job_is_tried_three_times_with_a_pause(session: Session) -> None:
    assert claim(session)
    finish(session, "failed")
    assert not claim(session, minutes=9)
    assert claim(session, minutes=10)
    finish(session, "failed", minutes=10)
    assert claim(session, minutes=20)
    finish(session, "failed", minutes=20)
    assert not claim(session, minutes=600)
    assert session.scalar(sa.select(JobRun.attempts)) == jobs.MOST_ATTEMPTS


def test_an_interrupted_job_goes_on_at_once_and_does_not_count_as_failed(session: Session) -> None:
    for _ in range(5):
        assert claim(session)
        finish(session, "interrupted")
    assert claim(session)
    assert session.scalar(sa.select(JobRun.attempts)) == 1


def test_a_job_whose_process_died_is_taken_over_and_its_late_end_ignored(session: Session) -> None:
    assert claim(session, 1)
    assert not claim(session, 2)
    assert claim(session, 2, dead=(1,))
    assert not finish(session, "failed", holder=1)
    assert finish(session, "succeeded", holder=2)


def lease(session: Session, holder: int, seconds: int = 0, dead: tuple[int, ...] = ()) -> bool:
    """Ask for the lease, for a minute."""
    now = NOW + timedelta(seconds=seconds)
    return take_lease(session, "scheduler", holder=holder, dead=dead, until=now + timedelta(minutes=1), now=now)


def test_the_lease_is_one_holders_until_it_runs_out_or_the_holder_dies(session: Session) -> None:
    assert lease(session, 1)
    assert not lease(session, 2, seconds=59)
    assert lease(session, 1, seconds=59), "the heartbeat"
    assert not lease(session, 2, seconds=118)
    assert lease(session, 2, seconds=120)
    assert lease(session, 3, seconds=121, dead=(2,))
