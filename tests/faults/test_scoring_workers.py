"""Checks 9 and 10: workers and coordinator of the distributed run killed with SIGKILL; every text is scored once."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from tests.faults.scoring import Processes, assert_everything_once, count, reached, scored, wait_for
from tests.support.bulk import store_answers

pytestmark = pytest.mark.slow
SCORE = ("score", "--engine", "procrastinate", "--json")


@pytest.mark.database("postgresql")
def test_workers_and_coordinator_are_killed_and_every_text_is_scored_once(
    processes: Processes, session: Session, engine: Engine, size: Callable[[int, int], int]
) -> None:
    texts, workers, kills = size(1_000, 10_000), size(2, 4), size(1, 5)
    store_answers(session, texts)
    began = time.monotonic()
    running = [processes.start("worker") for _ in range(workers)]
    coordinator = processes.start(*SCORE)
    chance = random.Random(9)
    for kill in range(kills):
        enough = texts * (kill + chance.random()) / (2 * kills)
        wait_for(partial(reached, engine, enough), 120, "the share before the next kill")
        processes.kill(running.pop(chance.randrange(len(running))))
        if kill + 1 < kills:
            running.append(processes.start("worker"))
    wait_for(partial(reached, engine, texts / 2), 120, "half of the texts")
    processes.kill(coordinator)
    at_kill = scored(engine)
    assert processes.start(*SCORE).wait(180) == 0, processes.log.read_text()[-3000:]
    redone = count(engine, "SELECT sum(scored) FROM scoring_run") - texts
    print(
        f"\nchecks 9 and 10: {texts} texts, {workers} workers, {kills} x kill -9, coordinator killed at {at_kill}:"
        f" {scored(engine)} scored, {redone} counted twice, {time.monotonic() - began:.0f} s"
    )
    assert_everything_once(engine, texts)
    assert redone == 0
    states = "SELECT count(*) FROM scoring_run WHERE state = "
    assert count(engine, states + "'interrupted'") == count(engine, states + "'succeeded'") == 1


@pytest.mark.database("sqlite")
def test_workers_refuse_sqlite_with_a_sentence(processes: Processes) -> None:
    for command in (SCORE, ("worker",)):
        assert processes.start(*command).wait(30) == 1
    assert processes.log.read_text().count("workers need PostgreSQL") == 2
