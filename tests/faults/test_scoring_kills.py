"""The plain run killed with SIGKILL at random, and one poison text: every other text is scored once (check 11)."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from feedback_app.nightly.run import Options, score_supervised
from feedback_app.scoring.models import SentimentScore
from tests.faults.scoring import Processes, assert_everything_once, count, reached, scored, wait_for
from tests.support.bulk import store_answers, text_of
from tests.support.models import StubModel


def test_a_run_that_is_killed_again_and_again_scores_every_text_once(
    processes: Processes, session: Session, engine: Engine, size: Callable[[int, int], int]
) -> None:
    texts, kills = size(3_000, 10_000), size(2, 5)
    store_answers(session, texts)
    chance, began = random.Random(), time.monotonic()
    killed_at = []
    for kill in range(kills):
        enough = texts * (kill + chance.random()) / (kills + 1)
        run = processes.start_stub_run()
        wait_for(partial(reached, engine, enough), 60, "the moment of the kill")
        time.sleep(chance.random() / 4)
        processes.kill(run)
        killed_at.append(scored(engine))
    assert processes.start_stub_run().wait(120) == 0, processes.log.read_text()[-3000:]
    print(
        f"\n{texts} texts, killed at {killed_at}: {scored(engine)} scored, "
        f"{count(engine, 'SELECT sum(scored) FROM scoring_run') - texts} twice, {time.monotonic() - began:.0f} s"
    )
    assert_everything_once(engine, texts)
    assert count(engine, "SELECT sum(scored) FROM scoring_run") == texts
    assert count(engine, "SELECT count(*) FROM scoring_run WHERE state = 'running'") == 0


def test_three_runs_at_once_share_the_work(processes: Processes, session: Session, engine: Engine) -> None:
    store_answers(session, 3_000)
    runs = [processes.start_stub_run() for _ in range(3)]
    assert [run.wait(120) for run in runs] == [0, 0, 0]
    assert_everything_once(engine, 3_000)
    assert count(engine, "SELECT sum(scored) FROM scoring_run") == 3_000


def raises(_text: str) -> None:
    """Fail as a model does."""
    raise RuntimeError


def hangs(_text: str) -> None:
    """Hang in native code, holding the interpreter's lock."""
    re.match(r"(a+)+$", "a" * 64 + "b")


@pytest.mark.parametrize("harm", [raises, hangs])
def test_one_poison_text_costs_one_text(
    app: Flask, session: Session, size: Callable[[int, int], int], harm: Callable[[str], None]
) -> None:
    texts = size(1_000, 10_000)
    bad = texts * 2 // 3
    ids = store_answers(session, texts)

    def poison(text: str) -> None:
        if text == text_of(bad):
            harm(text)

    began = time.monotonic()
    with app.app_context():
        done = score_supervised(Options(patience=2.0), StubModel(poison=poison))
    print(
        f"\ncheck 11: one of {texts} texts {harm.__name__}: {done.scored} scored, {done.failed} error,"
        f" {time.monotonic() - began:.1f} s"
    )
    assert (done.state, done.scored, done.failed) == ("succeeded", texts - 1, 1)
    assert session.scalars(sa.select(SentimentScore.answer_id).where(SentimentScore.reason == "error")).all() == [
        ids[bad]
    ]
