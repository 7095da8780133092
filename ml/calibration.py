"""Turns a model's raw scores into probabilities that keep their word, by groups of languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.errors import ModelError
from ml.manifest import read_json

CALIBRATION = "calibration.json"
DEFAULT_GROUP = "other"
GROUPS = {
    "nb": "norwegian",
    "nn": "norwegian",
    "no": "norwegian",
    "da": "norwegian",
    "sv": "norwegian",
    "en": "english",
}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scaling:
    """Scores are divided by `temperature` and get `bias` added, one value a class.

    `threshold` is that of `unhappy` in this group; None where the model has one for all.
    """

    temperature: float = 1.0
    bias: tuple[float, float, float] = (0.0, 0.0, 0.0)
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scalings by group, the threshold of `unhappy` of groups without one, and the languages that were verified."""

    scalings: Mapping[str, Scaling] = field(default_factory=dict)
    threshold: float = 0.5
    languages: tuple[str, ...] = ()

    def probabilities(self, logits: Floats, groups: list[str]) -> Floats:
        """(texts, 3) raw scores -> (texts, 3) probabilities; `groups` says whose scaling each text gets."""
        scalings = [self.scalings.get(group, self.scalings.get(DEFAULT_GROUP, Scaling())) for group in groups]
        temperature = np.array([scaling.temperature for scaling in scalings]).reshape(-1, 1)
        bias = np.array([scaling.bias for scaling in scalings]).reshape(-1, 3)
        return softmax(logits / temperature + bias)

    def threshold_of(self, language: str | None) -> float:
        """From which probability of negative on a text in `language` counts as unhappy."""
        scaling = self.scalings.get(group_of(language))
        return self.threshold if scaling is None or scaling.threshold is None else scaling.threshold


def group_of(language: str | None) -> str:
    """The group whose scaling a language gets."""
    return GROUPS.get(language or "", DEFAULT_GROUP)


def softmax(scores: Floats) -> Floats:
    """Row by row, without overflow; a class of minus infinity gets nothing."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return result


def read_calibration(folder: Path) -> Calibration | None:
    """What was stored beside the model, None where nothing was; ModelError where it is not understood."""
    path = folder / CALIBRATION
    if not path.exists():
        return None
    stored = read_json(path)
    try:
        return Calibration(
            {name: _scaling(values) for name, values in stored["groups"].items()},
            _share(stored["threshold"]),
            tuple(stored["languages"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ModelError(f"{path} is not a calibration ({problem!r}).") from problem


def _scaling(values: dict[str, Any]) -> Scaling:
    first, second, third = (float(value) for value in values["bias"])
    temperature = float(values["temperature"])
    if temperature <= 0:
        raise ValueError("a temperature must be above zero")
    return Scaling(temperature, (first, second, third), _share(values["threshold"]) if "threshold" in values else None)


def _share(value: object) -> float:
    share = float(str(value))
    if not 0 < share < 1:
        raise ValueError("a threshold lies between 0 and 1")
    return share
