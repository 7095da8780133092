"""Check 15: the longest texts that the form takes cost hardly more than long ones; with the real model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.config import PROJECT_FOLDER
from feedback_app.nightly.model import Model, load
from feedback_app.nightly.run import Options, score_new_answers
from tests.support.bulk import store_answers

FOLDER = PROJECT_FOLDER / "models" / "stemme-v1"
PHRASE = "Vi ventet lenge på svar, og da det endelig kom, var det ikke det vi hadde spurt om. "


@pytest.fixture
def model() -> Iterator[Model]:
    """The model that the project ships, on one thread: one that waits for a busy processor counts as work, too."""
    import torch

    if not (FOLDER / "model.safetensors").exists():
        pytest.fail(f"{FOLDER} is missing; `python -m ml --help` says how it is made")
    threads = torch.get_num_threads()
    loaded = load(str(FOLDER))
    torch.set_num_threads(1)
    yield loaded
    torch.set_num_threads(threads)


def text(number: int, length: int) -> str:
    """Return a text of its own of a length."""
    return f"{number} {PHRASE * (length // len(PHRASE) + 1)}"[:length]


@pytest.mark.slow
@pytest.mark.database("sqlite")
def test_the_longest_texts_take_less_than_twice_the_time_of_long_ones(
    app: Flask, session: Session, model: Model, size: Callable[[int, int], int]
) -> None:
    texts = size(8, 200)
    seconds = {}
    for length in (200, 2_000, 5_000):  # the first one warms up
        store_answers(session, texts, [text(number, length) for number in range(texts)])
        began = time.process_time()
        with app.app_context():
            done = score_new_answers(Options(), model)
        seconds[length] = time.process_time() - began
        assert (done.state, done.scored) == ("succeeded", texts), done.message
    print(f"\ncheck 15: {texts} texts; seconds of processor time by their length: {seconds}")
    assert seconds[5_000] < 2 * seconds[2_000]
