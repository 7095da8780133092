"""Checks 5 and 7: many writers on SQLite wait for their turn, and a lock that stays costs time but no answer."""

from __future__ import annotations

import dataclasses
import multiprocessing
import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from feedback_app import create_app
from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import BUSY_TIMEOUT_MS, WRITE, db, engine_for, transaction
from feedback_app.jobs import Lease
from tests.faults.traffic import Traffic
from tests.support.factories import save
from tests.support.servers import Gunicorn

pytestmark = pytest.mark.database("sqlite")

PROCESSES = 8


def count_up(config: Config, times: int, deferred: bool, results: Any) -> None:
    """Read a number and write the next one, `times` times; report how often the database was locked."""
    app, locked = create_app(config), 0
    with app.app_context():
        for _ in range(times):
            try:
                if deferred:
                    _step(db.session())
                    db.session.commit()
                else:
                    with transaction() as session:
                        _step(session)
            except OperationalError:
                db.session.rollback()
                locked += 1
            db.session.remove()
    results.put(locked)


def _step(session: Session) -> None:
    before = int(session.scalars(sa.select(Lease.holder)).one())
    session.execute(sa.update(Lease).values(holder=str(before + 1)))


def _run(config: Config, session: Session, times: int, deferred: bool) -> tuple[int, int]:
    """Return how often the number went up, and how often the database was locked."""
    save(session, Lease(name="counter", holder="0", expires_at=utc_now()))
    fork = multiprocessing.get_context("fork")
    results = fork.SimpleQueue()
    arguments = (dataclasses.replace(config, testing=False), times, deferred, results)
    processes = [fork.Process(target=count_up, args=arguments) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    locked = sum(results.get() for _ in processes)
    for process in processes:
        process.join(30)
    return int(session.scalars(sa.select(Lease.holder)).one()), locked


def test_writers_that_read_first_all_get_their_turn(
    config: Config, session: Session, size: Callable[[int, int], int]
) -> None:
    times = size(25, 100)
    began = time.monotonic()
    total, locked = _run(config, session, times, deferred=False)
    seconds = time.monotonic() - began
    print(f"{PROCESSES} processes x {times}: {total} committed, {locked} locked, {seconds:.1f} s")
    assert (total, locked) == (PROCESSES * times, 0)


def test_the_same_writers_fail_where_a_transaction_begins_as_a_read(config: Config, session: Session) -> None:
    total, locked = _run(config, session, 25, deferred=True)
    print(f"deferred BEGIN: {total} committed, {locked} locked")
    assert locked > 0


def test_a_lock_that_stays_loses_no_answer_and_keeps_nobody_waiting_for_ever(
    gunicorn: Callable[..., Gunicorn],
    database_url: str,
    session: Session,
    survey_path: str,
    size: Callable[[int, int], int],
) -> None:
    timeout, held, count = size(3000, BUSY_TIMEOUT_MS), size(4, 20), size(60, 200)
    grace = size(2, 1)  # seconds; the short form runs beside other tests, and waiting twice would still show
    server = gunicorn(workers=2, app="tests.faults.altered:app", ALTERED_BUSY_TIMEOUT=str(timeout))
    server.start(survey_path)
    engine = engine_for(database_url)
    traffic = Traffic(server.url, survey_path)
    traffic.start(count)
    traffic.wait_for(count // 4)
    with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        locked_at = len(traffic.account.accepted)
        time.sleep(held)
        went_on = len(traffic.account.accepted) - locked_at
    engine.dispose()
    account = traffic.finish()
    balance = account.balance(session)
    print(f"locked {held} s, timeout {timeout / 1000} s: {balance}, slowest {account.slowest:.2f} s")
    print(dict(account.statuses))
    assert went_on <= PROCESSES, "answers were stored in spite of the lock: the test does not bite"
    assert balance == {"accepted": count, "lost": 0, "duplicates": 0, "partial": 0, "stored": count}
    assert account.slowest < timeout / 1000 + grace
    assert set(account.statuses) <= {"200", "303", "503"}
