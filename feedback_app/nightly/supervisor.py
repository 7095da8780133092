"""A run in a child process: where the child is killed or hangs, another goes on with the same run.

The child is forked before torch is loaded, so the parent stays small and the model's memory goes back to the system
with the child. A text that hangs its reader is ended by the timer of `reading.deadline`.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from feedback_app.database import db
from feedback_app.nightly.errors import ChildDiedError, Stopped
from feedback_app.nightly.stopping import STOP

logger = logging.getLogger(__name__)

MOST_DEATHS = 30  # ten texts that each end three readers
STOPPING = (signal.SIGTERM, signal.SIGINT)
Send = Callable[[Any], None]
Work = Callable[[Send, list[Any]], None]


def supervise(work: Work, most_deaths: int = MOST_DEATHS) -> list[Any]:
    """Run `work(send, sent)` in a child, and again in another where it dies; return everything that was sent.

    `sent` is what earlier children had sent. SIGTERM and SIGINT are passed on, ask the child to `STOP`, and then no
    other child begins; the parent's death stops the child too. Raises `ChildDiedError`.
    """
    sent: list[Any] = []
    with _passing_signals_on() as watched:
        for _ in range(most_deaths + 1):
            code = _one_child(work, sent, watched)
            if code == 0 or watched.stopping:
                return sent
            if code > 0:
                raise ChildDiedError(f"the process ended with code {code}", sent)
            logger.error("the process was ended by %s; another goes on", signal.Signals(-code).name)
    raise ChildDiedError(f"the process died {most_deaths + 1} times", sent)


@dataclass
class _Watched:
    """The child at work, and whether somebody asked us to stop."""

    pid: int | None = None
    stopping: bool = False

    def pass_on(self, number: int, _frame: object) -> None:
        """Pass a signal on to the child."""
        self.stopping = True
        if self.pid is not None:
            os.kill(self.pid, number)


@contextmanager
def _passing_signals_on() -> Iterator[_Watched]:
    watched = _Watched()
    before = {number: signal.signal(number, watched.pass_on) for number in STOPPING}
    try:
        yield watched
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _one_child(work: Work, sent: list[Any], watched: _Watched) -> int:
    """Run one child to its end; return its exit code, negative for a signal."""
    context = multiprocessing.get_context("fork")
    results, child_results = context.Pipe(duplex=False)
    child_lifeline, lifeline = context.Pipe(duplex=False)

    def body() -> None:
        results.close()
        lifeline.close()
        _become_child(child_lifeline)
        try:
            STOP.check()
            work(child_results.send, sent)
        except Stopped:
            logger.info("stopped")

    process = context.Process(target=body)
    process.start()
    watched.pid = process.pid
    if watched.stopping:  # the signal came before there was anybody to pass it on to
        process.terminate()
    child_results.close()
    child_lifeline.close()
    with lifeline:
        _receive(results, sent)
        process.join()
    watched.pid = None
    return int(process.exitcode or 0)


def _become_child(lifeline: Connection) -> None:
    """Set this new process up: connections of its own, and `STOP` on a signal or the parent's death."""
    for number in STOPPING:
        signal.signal(number, STOP.ask)
    db.engine.dispose(close=False)  # the parent's connections stay the parent's
    threading.Thread(target=_stop_without_parent, args=(lifeline,), daemon=True).start()


def _stop_without_parent(lifeline: Connection) -> None:
    try:
        lifeline.recv()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGTERM)


def _receive(pipe: Connection, sent: list[Any]) -> None:
    """Collect what the child sends until it ends."""
    with pipe:
        while True:
            try:
                sent.append(pipe.recv())
            except (EOFError, OSError):
                return
