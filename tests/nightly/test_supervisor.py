"""The supervised run: a text that hangs its reader or kills it costs one text, not the night."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.database import db
from feedback_app.nightly.errors import ChildDiedError
from feedback_app.nightly.run import Options, Summary, score_supervised
from feedback_app.nightly.supervisor import supervise
from feedback_app.scoring.models import ScoringAttempt, ScoringRun, SentimentScore
from tests.nightly.test_run import write
from tests.support.models import StubModel


def hang() -> None:
    """Hold the interpreter's lock for ever, in native code."""
    re.match(r"(a+)+$", "a" * 64 + "b")


def die() -> None:
    """End the process, as a crash in native code or the system's want of memory would."""
    os.kill(os.getpid(), signal.SIGKILL)


def score(app: Flask, session: Session, poison: Callable[[str], None], **options: object) -> Summary:
    """Run the supervised run."""
    session.commit()
    with app.app_context():
        return score_supervised(Options(**options), StubModel(poison=poison))  # type: ignore[arg-type]


@pytest.mark.parametrize("harm", [hang, die])
def test_a_text_that_hangs_or_kills_its_reader_is_given_up(
    app: Flask, session: Session, harm: Callable[[], None]
) -> None:
    answers = write(session, *[f"text {number}" for number in range(40)])

    def poison(text: str) -> None:
        if text == "text 17":
            harm()

    done = score(app, session, poison, patience=1.0)
    assert (done.state, done.scored, done.failed) == ("succeeded", 39, 1)
    bad = session.scalars(sa.select(SentimentScore.answer_id).where(SentimentScore.reason == "error")).all()
    assert bad == [answers[17].id]
    assert session.scalar(sa.select(sa.func.count()).select_from(ScoringRun)) == 1, "one night, one row"
    assert session.scalar(sa.select(sa.func.count()).select_from(ScoringAttempt)) == 0


def test_sigterm_stops_the_run_at_once_and_the_next_one_goes_on(app: Flask, session: Session) -> None:
    write(session, *["text"] * 30)
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGTERM)).start()
    began = time.monotonic()
    done = score(app, session, lambda _text: time.sleep(1))
    assert time.monotonic() - began < 15  # all of it would take thirty
    assert (done.state, done.scored) == ("interrupted", 0)
    assert session.scalar(sa.select(sa.func.count()).select_from(ScoringAttempt)) == 0, "nothing stays taken"
    assert score(app, session, lambda _text: None).scored == 30


@pytest.mark.parametrize("moment", range(1, 9))
def test_sigterm_in_the_middle_of_a_transaction_leaves_nothing_half_done(
    app: Flask, session: Session, moment: int
) -> None:
    """The child asks itself to stop at its first, second... COMMIT: of the run's row, of taking, of recording."""
    write(session, *["text"] * 4)
    parent, commits = os.getpid(), iter(range(1, 1_000))

    def interrupt(_connection: object) -> None:
        if os.getpid() != parent and next(commits) == moment:
            os.kill(os.getpid(), signal.SIGTERM)

    with app.app_context():
        sa.event.listen(db.engine, "commit", interrupt)
    stopped = score(app, session, lambda _text: None)
    with app.app_context():
        sa.event.remove(db.engine, "commit", interrupt)
    assert stopped.state in {"interrupted", "succeeded"}
    assert session.scalar(sa.select(sa.func.count()).where(ScoringRun.state == "running")) == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(ScoringAttempt)) == 0
    assert score(app, session, lambda _text: None).scored == 4 - stopped.scored


def test_children_that_die_and_die_end_the_supervision(app: Flask) -> None:
    with app.app_context(), pytest.raises(ChildDiedError, match="3 times"):
        supervise(lambda _send, _sent: die(), most_deaths=2)


def test_what_children_sent_reaches_the_next_one(app: Flask) -> None:
    def work(send: Callable[[object], None], sent: list[object]) -> None:
        send(len(sent))
        if len(sent) < 2:
            die()

    with app.app_context():
        assert supervise(work) == [0, 1, 2]
