"""Measures a finished model and writes what a reader must know of it into its folder: `python -m ml card`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ml.card_text import FAILURES_HEAD, as_markdown
from ml.corpus import (
    CUSTOMER_SOURCES,
    OWN_TEXTS,
    Example,
    count_own_texts,
    own_examples,
    public_examples,
    read_examples,
)
from ml.evaluate import judge
from ml.labels import LABELS
from ml.manifest import MANIFEST, read_json, write_manifest
from ml.metrics import Judged, report
from ml.sentiment import SentimentModel

METRICS, CARD = "metrics.json", "MODEL_CARD.md"
_FAILURES_SHOWN = 6


def write_card(folder: Path, data: Path) -> None:
    """Write metrics.json, MODEL_CARD.md and manifest.json; some five minutes on two cores."""
    (folder / MANIFEST).unlink(missing_ok=True)
    model = SentimentModel.load(folder)
    public, own_dev, own_test = public_examples(data, "dev"), own_examples("dev"), own_examples("test")
    metrics = {
        "calibration": read_json(folder / "calibration.json"),
        "dev": _by_source(model, [*public, *own_dev]),
        "test": _by_source(model, own_test),
        "checks": _by_source(model, _checks()),
        "own_texts": count_own_texts(),
    }
    metrics["dev"]["umsab_mean_macro_f1"] = _mean_of_tweets(metrics["dev"])
    (folder / METRICS).write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    text = as_markdown(metrics) + FAILURES_HEAD + _failures(model, own_dev)
    (folder / CARD).write_text(text, encoding="utf-8")
    write_manifest(folder)


def _checks() -> list[Example]:
    """Small sets of our own in languages that have no other: they only say whether a language may be scored."""
    files = sorted((OWN_TEXTS / "checks").glob("*.jsonl"))
    return [example for path in files for example in read_examples(path, f"checks_{path.stem}")]


def _by_source(model: SentimentModel, examples: Sequence[Example]) -> dict[str, Any]:
    """A report for each source, our own voices by language, and one for each group of languages."""
    judged = judge(model, examples)
    sets: dict[str, list[int]] = {}
    for number, example in enumerate(examples):
        names = [example.source, f"group_{_group(example.lang)}"]
        names += [f"{example.source}_{example.lang}"] if example.source in CUSTOMER_SOURCES else []
        for name in names:
            sets.setdefault(name, []).append(number)
    return {name: report(_part(judged, numbers)) for name, numbers in sorted(sets.items())}


def _group(lang: str) -> str:
    from ml.calibration import group_of

    return group_of(lang)


def _part(judged: Judged, numbers: list[int]) -> Judged:
    import numpy as np

    return judged.of(np.array(numbers))


def _mean_of_tweets(reports: dict[str, Any]) -> float:
    """Mean macro-F1 of the six languages of tweets."""
    found: list[float] = [one["macro_f1"] for name, one in reports.items() if name.startswith("umsab_")]
    return sum(found) / max(1, len(found))


def _failures(model: SentimentModel, examples: Sequence[Example]) -> str:
    """Dev texts of our own that the model is surest about and wrong."""
    said = model.predict([example.text for example in examples])
    wrong = [(e, s) for e, s in zip(examples, said, strict=True) if s.label is not None and s.label != e.label]
    wrong.sort(key=lambda pair: -max(pair[1].negative or 0, pair[1].neutral or 0, pair[1].positive or 0))
    rows = []
    for label in LABELS:
        for example, one in [pair for pair in wrong if pair[0].label == label][:_FAILURES_SHOWN]:
            share = max(one.negative or 0, one.neutral or 0, one.positive or 0)
            quoted = example.text.replace("|", "/").replace("\n", " ")
            rows.append(f"| {quoted} | {label} | {one.label} ({share:.2f}) |\n")
    return "".join(rows)
