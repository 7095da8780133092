"""How many texts a second the nightly run scores: the model alone, and the run around a model that costs nothing."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from pathlib import Path

from sqlalchemy.orm import Session

from feedback_app import create_app
from feedback_app.config import Config
from feedback_app.database import engine_for
from tests.performance.web import database
from tests.support.bulk import store_answers, text_of
from tests.support.databases import environment, migrate
from tests.support.models import StubModel


def measure_run(kind: str, count: int) -> None:
    """Time the run itself: reading, writing scores and flags, everything but the model."""
    from feedback_app.nightly.run import score_new_answers

    with tempfile.TemporaryDirectory() as name, database(kind, Path(name)) as url:
        address = url("scores")
        migrate(address, Path(name))
        engine = engine_for(address)
        with Session(engine) as session:
            store_answers(session, count)
        engine.dispose()
        app = create_app(dataclasses.replace(Config.from_environ(environment(address, Path(name))), testing=True))
        with app.app_context():
            summary = score_new_answers(model=StubModel())
            from feedback_app.database import db

            db.session.remove()
            db.engine.dispose()
    rate = summary.scored / summary.seconds
    print(f"  the run without a model, {kind}: {summary.scored} texts, {summary.flagged} flags, {rate:.0f} texts/s")


def measure_model(count: int) -> bool:
    """Time the shipped model; say so where it is not there."""
    from feedback_app.config import PROJECT_FOLDER
    from ml import SentimentModel
    from ml.errors import ModelError

    began = time.perf_counter()
    try:
        model = SentimentModel.load(PROJECT_FOLDER / "models" / "stemme-v1")
    except (ModelError, OSError) as error:
        print(f"  the model cannot be loaded: {error}")
        return False
    loaded = time.perf_counter() - began
    texts = [text_of(number) for number in range(count)]
    model.predict(texts[:64])  # warms it up
    began = time.perf_counter()
    model.predict(texts)
    rate = count / (time.perf_counter() - began)
    print(f"  the model {model.version}: loaded in {loaded:.1f} s, {rate:.0f} short texts/s")
    return True


def main(full: bool) -> bool:
    """Measure the scoring."""
    print("\nscoring")
    for kind in ("sqlite", "postgresql"):
        measure_run(kind, 20_000 if full else 2_000)
    return measure_model(5_000 if full else 500)
