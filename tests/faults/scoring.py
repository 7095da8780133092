"""The nightly run as real processes that a test may kill, and what it must have left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.support.bulk import text_of
from tests.support.databases import ROOT, environment
from tests.support.tiny_model import ANGRY, make_tiny_model

STUB_RUN = """
from feedback_app import create_app
from feedback_app.nightly.run import Options, score_supervised
from tests.support.models import StubModel
with create_app().app_context():
    done = score_supervised(Options(), StubModel(rate=3000))
raise SystemExit(done.state != "succeeded")
"""


@dataclass
class Processes:
    """Starts `flask ARGUMENTS` on a database, each in a process group of its own."""

    database_url: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the model that they use."""
        self.model = make_tiny_model(self.folder / "tiny")
        self.log = self.folder / "processes.log"

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `flask ARGUMENTS`; what it says goes to the log."""
        return self._start("-m", "flask", "--app", "wsgi", *arguments)

    def start_stub_run(self) -> subprocess.Popen[bytes]:
        """Start a supervised run with a model that needs no loading and reads 3,000 texts a second."""
        return self._start("-c", STUB_RUN)

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        settings = {"SENTIMENT_MODEL": str(self.model), "OMP_NUM_THREADS": "1"} | self.settings
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=environment(self.database_url, self.folder / "instance", **settings),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a process and its children with SIGKILL, as a crash of its machine would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        """End what still runs."""
        for process in self.started:
            if process.poll() is None:
                self.kill(process)


def count(engine: Engine, statement: str) -> int:
    """Return the number that a query gives."""
    with engine.connect() as connection:
        return int(connection.scalar(sa.text(statement)) or 0)


def wait_for(condition: Callable[[], bool], seconds: float = 60, what: str = "it") -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.02)


def scored(engine: Engine) -> int:
    """Return how many rows the ledger has."""
    return count(engine, "SELECT count(*) FROM sentiment_score")


def reached(engine: Engine, texts: float) -> bool:
    """Whether as many texts are scored."""
    return scored(engine) >= texts


def expected_flags(texts: int) -> int:
    """Return how many of the bulk's first `texts` are unhappy."""
    return sum(any(word in text_of(number) for word in ANGRY) for number in range(texts))


def assert_everything_once(engine: Engine, texts: int) -> None:
    """Every text has one row, every unhappy one a flag, nothing is taken any more."""
    assert scored(engine) == texts
    assert count(engine, "SELECT count(DISTINCT answer_id) FROM sentiment_score") == texts
    assert count(engine, "SELECT count(*) FROM sentiment_score WHERE reason IS NOT NULL") == 0
    assert count(engine, "SELECT count(*) FROM flag WHERE kind = 'unhappy_text'") == expected_flags(texts)
    assert count(engine, "SELECT count(DISTINCT response_id) FROM flag") == expected_flags(texts)
    assert count(engine, "SELECT count(*) FROM case_") == expected_flags(texts)
    assert count(engine, "SELECT count(*) FROM scoring_attempt") == 0
