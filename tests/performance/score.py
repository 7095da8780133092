"""What the nightly run costs: around a model that costs nothing, and on top of the shipped model."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from feedback_app import create_app
from feedback_app.config import PROJECT_FOLDER, Config
from feedback_app.database import db, engine_for
from feedback_app.nightly.model import Model, load
from feedback_app.nightly.run import Summary, score_new_answers
from ml.bench import sample_texts
from tests.performance.web import database
from tests.support.bulk import store_answers, text_of
from tests.support.databases import ROOT, environment, migrate
from tests.support.models import StubModel

KINDS = ("sqlite", "postgresql")
MOST_OVERHEAD = 0.10
FLAT = 1.05  # peak memory over many answers, as a multiple of that over few
RUN_AND_SAY_PEAK = """
from feedback_app import create_app
from feedback_app.nightly.run import score_new_answers
from tests.support.models import StubModel
model = StubModel(keep=False)
with create_app().app_context():
    score_new_answers(model=model)
with open("/proc/self/status") as status:  # what getrusage says begins with the peak of the process that started this
    print(next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM")))
"""


class Timed:
    """A model, and how many seconds were spent in it."""

    def __init__(self, model: Model) -> None:
        self.model, self.version, self.seconds = model, model.version, 0.0
        self.threshold_of = model.threshold_of

    def predict(self, texts: list[str]) -> Any:
        """As the model's."""
        return self._timed(self.model.predict, texts)

    def explain_many(self, texts: list[str], wholes: list[Any]) -> Any:
        """As the model's."""
        return self._timed(self.model.explain_many, texts, wholes)

    def _timed(self, work: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return work(*arguments)
        finally:
            self.seconds += time.perf_counter() - began


@contextmanager
def new_database(kind: str, texts: list[str]) -> Iterator[tuple[str, Path]]:
    """Yield the address of a database that holds `texts`, and a folder beside it."""
    with tempfile.TemporaryDirectory() as name, database(kind, Path(name)) as url:
        address = url("scores")
        migrate(address, Path(name))
        engine = engine_for(address)
        with Session(engine) as session:
            store_answers(session, len(texts), texts)
        engine.dispose()
        yield address, Path(name)


def score(kind: str, texts: list[str], model: Model) -> Summary:
    """Store `texts` in a new database, score them there with `model`, and return what the run did."""
    with new_database(kind, texts) as (address, folder):
        app = create_app(dataclasses.replace(Config.from_environ(environment(address, folder)), testing=True))
        with app.app_context():
            summary = score_new_answers(model=model)
            db.session.remove()
            db.engine.dispose()
    return summary


def measure_run(kind: str, count: int) -> None:
    """Time the run itself: reading, writing scores and flags, everything but the model."""
    done = score(kind, [text_of(number) for number in range(count)], StubModel())
    rate = done.scored / done.seconds
    print(f"  the run without a model, {kind}: {done.scored} texts, {done.flagged} flags, {rate:.0f} texts/s")


def measure_memory(kind: str) -> bool:
    """Compare the run's peak memory over few answers and over many, with a model that keeps nothing."""
    peaks = [_peak_megabytes(kind, count) for count in (10_000, 200_000)]
    met = peaks[1] <= peaks[0] * FLAT
    print(
        f"  peak memory of the run, {kind}: {peaks[0]} MB over 10,000 answers, {peaks[1]} MB over 200,000: {_met(met)}"
    )
    return met


def _peak_megabytes(kind: str, count: int) -> int:
    with new_database(kind, [text_of(number) for number in range(count)]) as (address, folder):
        command = [sys.executable, "-c", RUN_AND_SAY_PEAK]
        done = subprocess.run(
            command, cwd=ROOT, env=environment(address, folder), check=True, capture_output=True, text=True
        )
    return int(done.stdout)


def _met(met: bool) -> str:
    return "met" if met else "MISSED"


def measure_overhead(kind: str, texts: list[str], model: Model) -> bool:
    """Time the run with `model`, against the model's own part in it, and against the model alone, in memory."""
    began = time.perf_counter()
    readings = model.predict(texts)
    unhappy = [number for number, one in enumerate(readings) if (one.negative or 0) >= model.threshold_of(one.language)]
    model.explain_many([texts[number] for number in unhappy], [readings[number] for number in unhappy])
    alone = time.perf_counter() - began
    timed = Timed(model)
    done = score(kind, texts, timed)
    overhead = done.seconds / timed.seconds - 1
    verdict = _met(overhead <= MOST_OVERHEAD)
    print(
        f"  the run with {model.version}, {kind}: {len(texts)} texts of 5 to 60 words in {done.seconds:.1f} s,"
        f" {timed.seconds:.1f} s of them in the model: {overhead:.1%} on top (at most {MOST_OVERHEAD:.0%}) {verdict};"
        f" the model alone, in memory: {alone:.1f} s"
    )
    return overhead <= MOST_OVERHEAD


def main(full: bool) -> bool:
    """Measure the scoring."""
    print("\nscoring")
    for kind in KINDS:
        measure_run(kind, 20_000 if full else 2_000)
    model = load(str(PROJECT_FOLDER / "models" / "stemme-v1"))
    texts = [f"{text} {number}" for number, text in enumerate(sample_texts(10_000 if full else 500))]
    good = [measure_overhead(kind, texts, model) for kind in KINDS]  # both, also where the first is missed
    good += [measure_memory(kind) for kind in KINDS if full]
    return all(good)
