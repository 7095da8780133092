"""What each command of `python -m ml` does, one function a command."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ml.errors import ModelError

if TYPE_CHECKING:
    from ml.sentiment import SentimentModel

_SHOWN = ("label", "unhappy", "negative", "neutral", "positive", "language", "reason")


def predict(chosen: Namespace) -> None:
    """JSON Lines to JSON Lines; a line without a text ends it, after the lines before it were answered."""
    with _opened(chosen.file) as lines:
        model = _model(chosen)
        for one in model.predict_stream(_texts(lines)):
            print(json.dumps({name: getattr(one, name) for name in _SHOWN}, ensure_ascii=False))


def _opened(file: Path | None) -> TextIO:
    if file is None:
        return sys.stdin
    try:
        return file.open(encoding="utf-8")
    except OSError as problem:
        raise ModelError(f"{file} cannot be read ({problem.strerror}).") from problem


def _texts(lines: TextIO) -> Iterator[str]:
    """The text of each line; blank lines are passed over."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            text = json.loads(line)["text"]
        except (ValueError, KeyError, TypeError) as problem:
            raise ModelError(f"line {number} is not a JSON object with a text.") from problem
        if not isinstance(text, str):
            raise ModelError(f"line {number}: text is not a string.")
        yield text


def explain(chosen: Namespace) -> None:
    """One JSON object a sentence."""
    text = sys.stdin.read() if chosen.text == "-" else chosen.text
    for sentence in _model(chosen).explain(text):
        print(json.dumps(asdict(sentence), ensure_ascii=False))


def evaluate(chosen: Namespace) -> None:
    """Tables, or JSON."""
    from ml import corpus
    from ml.evaluate import as_text, evaluate

    examples = [example for path in chosen.files for example in corpus.read_examples(path, path.stem)]
    examples += corpus.own_examples(chosen.own) if chosen.own else []
    examples += corpus.public_examples(chosen.data, chosen.public) if chosen.public else []
    if not examples:
        raise ModelError("nothing to evaluate: name files, or say --own dev, or --public dev.")
    figures = evaluate(_model(chosen), examples)
    print(json.dumps(figures, indent=2) if chosen.json else as_text(figures))


def bench(chosen: Namespace) -> None:
    """JSON."""
    from ml.bench import bench

    print(_json(bench(Path(chosen.model), texts=chosen.texts, stream=chosen.stream, threads=chosen.threads)))


def convert(chosen: Namespace) -> None:
    """Say where the encoder was written."""
    from ml.convert import convert

    convert(chosen.out)
    print(f"Wrote {chosen.out}; next: python -m ml train")


def split(_: Namespace) -> None:
    """Say how many voices each part has."""
    from collections import Counter

    from ml.corpus import draw_split

    counts = Counter(draw_split().values())
    print(", ".join(f"{part}: {count} voices" for part, count in sorted(counts.items())))


def train(chosen: Namespace) -> None:
    """Progress goes to stderr; a second start with the same arguments goes on from the last checkpoint."""
    from ml.recipe import FINISH, Recipe
    from ml.train import train

    recipe = FINISH if chosen.finish else Recipe()
    recipe = replace(recipe, passes={name: chosen.share * passes for name, passes in recipe.passes.items()})
    recipe = recipe if chosen.seed is None else replace(recipe, seed=chosen.seed)
    train(chosen.start, chosen.out, chosen.data, recipe, stop=chosen.stop, threads=chosen.threads)
    print(f"Wrote {chosen.out}; next: python -m ml average or calibrate, with {chosen.out / 'mean'}")


def average(chosen: Namespace) -> None:
    """Say where the mean was written."""
    from ml.average import average

    average(chosen.runs, chosen.out)
    print(f"Wrote {chosen.out}; next: python -m ml calibrate --start {chosen.out}")


def calibrate(chosen: Namespace) -> None:
    """Show what was stored."""
    from ml.calibrate import calibrate

    print(_json(calibrate(chosen.start, chosen.out, chosen.data)))


def card(chosen: Namespace) -> None:
    """Say what was written."""
    from ml.card import write_card

    write_card(chosen.model, chosen.data)
    print(f"Wrote metrics.json, MODEL_CARD.md and manifest.json in {chosen.model}")


def _model(chosen: Namespace) -> SentimentModel:
    """The model that the arguments name."""
    from ml.sentiment import SentimentModel

    pairs = [pair.partition("=") for pair in (getattr(chosen, "labels", None) or "").split(",") if pair]
    labels = {name.strip(): value.strip() for name, _, value in pairs}
    return SentimentModel.load(chosen.model, labels=labels or None, threads=chosen.threads)


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
