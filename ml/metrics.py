"""Figures of how good a model is: F1, precision and recall with intervals, and how far to trust its shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.calibration import Floats
from ml.labels import LABELS, NEGATIVE

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_BINS = 10
_RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Judged:
    """What people and model said of the same texts: `shares` is (texts, 3), all else (texts,).

    A text that was not scored stands as neutral and not unhappy, so that leaving texts out improves no figure
    but those of calibration, which only look at scored ones.
    """

    truth: Ints
    shares: Floats
    unhappy: Bools
    scored: Bools

    def of(self, chosen: NDArray[Any]) -> Judged:
        """The same for some of the texts, given as positions or as a mask."""
        return Judged(self.truth[chosen], self.shares[chosen], self.unhappy[chosen], self.scored[chosen])

    @property
    def answer(self) -> Ints:
        """The likeliest class of each text."""
        answer: Ints = self.shares.argmax(axis=1)
        return answer


def confusion(truth: Ints, answer: Ints) -> Ints:
    """(3, 3) counts: rows are what people said, columns what the model said."""
    table = np.zeros((len(LABELS), len(LABELS)), dtype=np.int64)
    np.add.at(table, (truth, answer), 1)
    return table


def scores_by_class(table: Ints) -> tuple[Floats, Floats, Floats]:
    """Precision, recall and F1 of each class; 0 where nothing was said or nothing was there."""
    hits = np.diag(table).astype(np.float64)
    precision = hits / np.maximum(table.sum(axis=0), 1)
    recall = hits / np.maximum(table.sum(axis=1), 1)
    return precision, recall, 2 * precision * recall / np.maximum(precision + recall, 1e-12)


def macro_f1(judged: Judged) -> float:
    """Mean F1 of the classes that people used."""
    table = confusion(judged.truth, judged.answer)
    return float(scores_by_class(table)[2][table.sum(axis=1) > 0].mean())


def unhappy_scores(judged: Judged) -> tuple[float, float]:
    """Recall and precision of `unhappy` for texts that people called negative."""
    negative = judged.truth == LABELS.index(NEGATIVE)
    hits = float((judged.unhappy & negative).sum())
    return hits / max(1, int(negative.sum())), hits / max(1, int(judged.unhappy.sum()))


def reliability(judged: Judged) -> list[dict[str, float]]:
    """By tenths of the likeliest class's share: how many texts, the mean share, and how often it was right."""
    shares, right = judged.shares.max(axis=1), judged.answer == judged.truth
    tenths = np.minimum((shares * _BINS).astype(int), _BINS - 1)
    rows = []
    for tenth in range(_BINS):
        inside = (tenths == tenth) & judged.scored
        if inside.any():
            share, rate = float(shares[inside].mean()), float(right[inside].mean())
            rows.append({"from": tenth / _BINS, "texts": int(inside.sum()), "share": share, "right": rate})
    return rows


def calibration_error(judged: Judged) -> float:
    """Expected calibration error of the likeliest class over ten bins of equal width."""
    rows = reliability(judged)
    texts = sum(row["texts"] for row in rows)
    return sum(row["texts"] * abs(row["share"] - row["right"]) for row in rows) / max(1, texts)


def intervals(judged: Judged, seed: int = 0) -> dict[str, tuple[float, float]]:
    """95 % intervals of the figures, by drawing as many texts anew, 1,000 times.

    Only how often each (truth, answer, unhappy) occurs matters to them, so these counts are drawn, not the texts.
    """
    cells = np.zeros((len(LABELS), len(LABELS), 2))
    np.add.at(cells, (judged.truth, judged.answer, judged.unhappy.astype(int)), 1)
    drawn = np.random.default_rng(seed).multinomial(len(judged.truth), cells.ravel() / cells.sum(), _RESAMPLES)
    tables = drawn.reshape(_RESAMPLES, *cells.shape)
    found = _figures_of(tables.sum(axis=3), tables.sum(axis=2)[:, :, 1])
    return {name: (float(low), float(high)) for name, (low, high) in found.items()}


def _figures_of(tables: Ints, flagged: Ints) -> dict[str, Floats]:
    """Bounds by figure from drawn confusions (draws, 3, 3) and flagged texts by true class (draws, 3)."""
    hits = np.diagonal(tables, axis1=1, axis2=2)
    there, said = tables.sum(axis=2), tables.sum(axis=1)
    values: dict[str, Floats] = {
        "macro_f1": (2 * hits / np.maximum(there + said, 1)).sum(axis=1) / np.maximum((there > 0).sum(axis=1), 1),
        "unhappy_recall": flagged[:, 0] / np.maximum(there[:, 0], 1),
        "unhappy_precision": flagged[:, 0] / np.maximum(flagged.sum(axis=1), 1),
    }
    for number, label in enumerate(LABELS):
        values[f"{label}_precision"] = hits[:, number] / np.maximum(said[:, number], 1)
        values[f"{label}_recall"] = hits[:, number] / np.maximum(there[:, number], 1)
    return {name: np.percentile(drawn, (2.5, 97.5)) for name, drawn in values.items()}


def report(judged: Judged, *, bounds: bool = True) -> dict[str, Any]:
    """Every figure of one set of texts, ready for JSON."""
    table = confusion(judged.truth, judged.answer)
    precision, recall, f1 = scores_by_class(table)
    caught, meant = unhappy_scores(judged)
    figures: dict[str, Any] = {
        "texts": len(judged.truth),
        "not_scored": int((~judged.scored).sum()),
        "macro_f1": macro_f1(judged),
        "accuracy": float((judged.answer == judged.truth).mean()),
        "unhappy": {"recall": caught, "precision": meant},
        "ece": calibration_error(judged),
        "classes": {
            label: {"precision": float(precision[n]), "recall": float(recall[n]), "f1": float(f1[n])}
            for n, label in enumerate(LABELS)
        },
        "confusion": table.tolist(),
        "reliability": reliability(judged),
    }
    if bounds:
        figures["intervals"] = intervals(judged)
    return figures
