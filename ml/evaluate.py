"""Measures a model on labelled texts, as a whole and by language and source: `python -m ml evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ml.corpus import Example
from ml.errors import ModelError
from ml.labels import LABELS
from ml.metrics import Judged, report
from ml.sentiment import Sentiment, SentimentModel

_SHOWN = ("nb", "en", "de")  # a language of each group that has a threshold


def judge(model: SentimentModel, examples: Sequence[Example]) -> Judged:
    """Ask the model about every text; ModelError where there is none, or a label is none of the three."""
    if not examples:
        raise ModelError("There is no text to evaluate.")
    if strange := {example.label for example in examples} - set(LABELS):
        raise ModelError(f"Labels are negative, neutral and positive, not {', '.join(sorted(strange))}.")
    said = model.predict([example.text for example in examples])
    return Judged(
        truth=np.array([LABELS.index(example.label) for example in examples]),
        shares=np.array([_shares(one) for one in said]),
        unhappy=np.array([one.unhappy for one in said]),
        scored=np.array([one.reason is None for one in said]),
    )


def _shares(one: Sentiment) -> tuple[float, float, float]:
    if one.negative is None or one.neutral is None or one.positive is None:
        return 0.0, 1.0, 0.0
    return one.negative, one.neutral, one.positive


def evaluate(model: SentimentModel, examples: Sequence[Example]) -> dict[str, Any]:
    """Figures of all texts together, by language and by source, ready for JSON."""
    judged = judge(model, examples)
    figures: dict[str, Any] = {
        "model": model.version,
        "thresholds": {language: model.threshold_of(language) for language in _SHOWN},
        "all": report(judged),
    }
    for key, names in (
        ("by_lang", [example.lang for example in examples]),
        ("by_source", [example.source for example in examples]),
    ):
        column = np.array(names)
        figures[key] = {name: report(judged.of(column == name), bounds=False) for name in sorted(set(names))}
    return figures


def as_text(figures: dict[str, Any]) -> str:
    """The figures as a table for a terminal, the reliability table and the confusion below it."""
    thresholds = ", ".join(f"{share:.3f} ({language})" for language, share in figures["thresholds"].items())
    lines = [f"{figures['model']}, unhappy from {thresholds}", "", _HEAD]
    lines += [_row("all", figures["all"])]
    lines += [_row(name, part) for key in ("by_lang", "by_source") for name, part in figures[key].items()]
    whole = figures["all"]
    if "intervals" in whole:
        lines += ["", "95 % intervals"]
        lines += [f"  {name:20} {low:.3f} to {high:.3f}" for name, (low, high) in whole["intervals"].items()]
    lines += ["", f"{'class':10} precision  recall      F1"]
    lines += [
        f"{name:10} {one['precision']:9.3f} {one['recall']:7.3f} {one['f1']:7.3f}"
        for name, one in whole["classes"].items()
    ]
    lines += ["", "share of the likeliest class: texts, mean share, right"]
    lines += [
        f"  from {row['from']:.1f} {row['texts']:6} {row['share']:.3f} {row['right']:.3f}"
        for row in whole["reliability"]
    ]
    lines += ["", "said by people (rows) and by the model (columns): negative, neutral, positive"]
    lines += [
        f"  {label:10}" + "".join(f"{count:7}" for count in row)
        for label, row in zip(LABELS, whole["confusion"], strict=True)
    ]
    return "\n".join(lines)


_HEAD = (
    f"{'':18} {'texts':>6} {'left out':>8} {'macro-F1':>9} {'accuracy':>9} {'recall':>7} {'precision':>10} {'ECE':>6}"
)


def _row(name: str, part: dict[str, Any]) -> str:
    """Recall and precision here are those of `unhappy`."""
    unhappy = part["unhappy"]
    return (
        f"{name:18} {part['texts']:6} {part['not_scored']:8} {part['macro_f1']:9.3f} {part['accuracy']:9.3f} "
        f"{unhappy['recall']:7.3f} {unhappy['precision']:10.3f} {part['ece']:6.3f}"
    )
