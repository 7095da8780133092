"""Fits lean, temperatures and thresholds of `unhappy` on the dev parts and stores them: `python -m ml calibrate`."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ml.calibration import CALIBRATION, DEFAULT_GROUP, Calibration, Floats, Scaling, group_of, softmax
from ml.cleaning import clean
from ml.corpus import CUSTOMER_SOURCES, Example, own_examples, public_examples
from ml.labels import LABELS, NEGATIVE
from ml.language import find_languages
from ml.manifest import read_json
from ml.metrics import Ints
from ml.network import Network

LANGUAGES = ("nb", "nn", "en", "da", "sv", "de", "fr", "es", "it", "pt")
_TWEETS = "umsab"  # guards the languages in which there is nothing else, all of them as one set
# The recall of negative texts that a threshold must keep on each set: 0.90, and on what customers write a standard
# error more, since texts to come are not those that it was chosen on.
WANTED_RECALL = {"voices": 0.93, "short": 0.93, "vader_amazon": 0.92, _TWEETS: 0.90}
_FEWEST = 20  # negative texts of a set in a group, before it guards the threshold there
_COLDEST, _HOTTEST = 0.4, 3.0  # temperatures beyond which a fit says more about the texts than about the model
_NEWTON_STEPS, _PRIOR = 30, 1e-3
_THRESHOLDS = np.arange(0.95, 0.02, -0.005)


def calibrate(source: Path, folder: Path, data: Path) -> dict[str, Any]:
    """Copy a trained model to `folder`, take its lean back, and store its calibration there; returns what was stored.

    The lean goes into the bias of the model's own last layer, so that whoever loads the folder gets the same labels.
    """
    examples = public_examples(data, "dev") + own_examples("dev")
    texts = [clean(example.text)[0] for example in examples]
    network = Network.load(str(source))
    logits = network.run(network.encode(texts)[0])
    groups = [group_of(found.code) for found in find_languages(texts)]
    truth = np.array([LABELS.index(example.label) for example in examples])
    if source.resolve() != folder.resolve():
        folder.mkdir(parents=True, exist_ok=True)
        for path in source.iterdir():
            shutil.copyfile(path, folder / path.name)
    weights = _weights(examples)
    lean = fit_lean(logits, truth, groups, weights)
    if _put_into_last_layer(folder, -lean):
        logits = logits - lean
    scalings = fit_scalings(logits, truth, groups, weights)
    shares = Calibration(scalings).probabilities(logits, groups)
    sources = np.array([example.source for example in examples])
    column = np.array(groups)
    thresholds = {
        name: choose_threshold(shares[column == name, 0], truth[column == name], _guards(sources[column == name], name))
        for name in scalings
    }
    stored = {
        "groups": {
            name: {"temperature": one.temperature, "bias": list(one.bias), "threshold": thresholds[name]}
            for name, one in scalings.items()
        },
        "threshold": thresholds.get(DEFAULT_GROUP, min(thresholds.values())),
        "languages": list(LANGUAGES),
        "at_threshold": _at_threshold(shares[:, 0], truth, sources, np.array([thresholds[name] for name in groups])),
    }
    (folder / CALIBRATION).write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
    return stored


def _weights(examples: Sequence[Example]) -> Floats:
    """Each source counts as much as any other; our own customer texts, long and short, once for each language."""
    sets = [("own" if one.source in CUSTOMER_SOURCES else one.source, one.lang) for one in examples]
    sizes = Counter(sets)
    return np.array([1 / sizes[one] for one in sets])


def fit_lean(logits: Floats, truth: Ints, groups: Sequence[str], weights: Floats) -> Floats:
    """(3,): by how much the raw score of each class is too high, on average over the texts of `weights`.

    Training counts a missed negative text for more (`recipe.class_weights`), so a trained model says "negative" too
    often, by about the logarithm of that weight. The group of the other languages has no say: it has hardly more than
    tweets that were picked to hold the three classes in equal shares. Source: Platt's scaling for more than two
    classes, with one slope ("bias-corrected temperature scaling", Alexandari et al. 2020).
    """
    part = np.array(groups) != DEFAULT_GROUP
    if not part.any():
        return np.zeros(3)
    steepness, negative, positive = _fit(logits[part], truth[part], weights[part], biased=True)
    return np.round(np.array([-negative, 0.0, -positive]) / _within(steepness), 3)


def fit_scalings(logits: Floats, truth: Ints, groups: Sequence[str], weights: Floats) -> dict[str, Scaling]:
    """The temperature of each group that makes its labels likeliest. A temperature moves no label."""
    column = np.array(groups)
    fits = {
        name: _fit(logits[column == name], truth[column == name], weights[column == name], biased=False)
        for name in sorted(set(groups))
    }
    return {name: Scaling(round(1 / _within(steepness), 4)) for name, (steepness, *_) in fits.items()}


def _within(steepness: float) -> float:
    return min(max(steepness, 1 / _HOTTEST), 1 / _COLDEST)


def _fit(logits: Floats, truth: Ints, weights: Floats, *, biased: bool) -> tuple[float, float, float]:
    """Logistic regression on the raw scores by Newton's method: a slope, and if so the biases of negative and positive.

    A prior as heavy as a thousandth of the texts holds them near 1, 0 and 0 where the texts say nothing.
    """
    share = weights / weights.sum()
    start = np.array([1.0, 0.0, 0.0])
    inputs = np.zeros((*logits.shape, 3))  # text, class, parameter
    inputs[:, :, 0], inputs[:, 0, 1], inputs[:, 2, 2] = logits, biased, biased
    at = start.copy()
    for _ in range(_NEWTON_STEPS):
        shares = softmax(inputs @ at)
        expected = np.einsum("nc,ncp->np", shares, inputs)
        slope = share @ (expected - inputs[np.arange(len(truth)), truth]) + _PRIOR * (at - start)
        spread = inputs - expected[:, None]
        curve = np.einsum("n,nc,ncp,ncq->pq", share, shares, spread, spread) + _PRIOR * np.eye(3)
        at -= np.clip(np.linalg.solve(curve, slope), -1, 1)
    steepness, negative, positive = at.tolist()
    return steepness, negative, positive


def _put_into_last_layer(folder: Path, shift: Floats) -> bool:
    """Add `shift` to the scores that the model in `folder` gives; False where it is not built like ours."""
    import torch
    from safetensors.torch import load_file, save_file

    path, layer = folder / "model.safetensors", "classifier.bias"
    stored = load_file(path) if path.exists() else {}
    names = read_json(folder / "config.json").get("id2label", {})
    if layer not in stored or [names.get(str(number)) for number in range(len(names))] != list(LABELS):
        return False
    stored[layer] = (stored[layer].double() + torch.from_numpy(shift)).to(stored[layer].dtype)
    save_file(stored, path, metadata={"format": "pt"})
    return True


def _guards(sources: Any, group: str) -> Any:
    """The sources of a group's texts, tweets of all languages under one name where they have to stand in."""
    tweets = np.char.startswith(sources, _TWEETS) & (group == DEFAULT_GROUP)
    return np.where(tweets, _TWEETS, sources)


def choose_threshold(negative: Floats, truth: Ints, sources: Any) -> float:
    """The highest threshold at which each source that guards still has the wanted recall of negative texts."""
    meant = truth == LABELS.index(NEGATIVE)
    hits = [(negative[(sources == name) & meant], wanted) for name, wanted in WANTED_RECALL.items()]
    for threshold in _THRESHOLDS:
        if all((shares >= threshold).mean() >= wanted for shares, wanted in hits if len(shares) >= _FEWEST):
            return round(float(threshold), 3)
    return round(float(_THRESHOLDS[-1]), 3)


def _at_threshold(negative: Floats, truth: Ints, sources: Any, thresholds: Floats) -> dict[str, dict[str, float]]:
    """Recall and precision that each text's own threshold gives on each source of the dev parts."""
    found = {}
    for name in sorted(set(sources)):
        chosen = sources == name
        flagged, meant = (negative >= thresholds)[chosen], truth[chosen] == LABELS.index(NEGATIVE)
        both = int((flagged & meant).sum())
        found[str(name)] = {
            "recall": round(both / max(1, int(meant.sum())), 4),
            "precision": round(both / max(1, int(flagged.sum())), 4),
        }
    return found
