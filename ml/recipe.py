"""What a training run is made of: how often each source is seen, how fast each layer learns, for how long."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from ml.augment import join_tokens, vary
from ml.convert import LABELS
from ml.corpus import Example

_PASSES = {
    "norec_sentence": 3.5,
    "vader_amazon": 2.0,
    "vader_movie": 0.7,
    "vader_nyt": 0.4,
    "vader_tweets": 1.0,
    "umsab": 1.6,
    "voices": 5.0,
    "short": 4.0,
    "review": 2.0,
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """The settings of one run; with the same data they give the same weights on the same machine."""

    seed: int = 1
    rate: float = 1.2e-4  # peak, of the top layer
    rate_of_head: float = 3e-4
    decay_by_layer: float = 0.93
    frozen_layers: int = 2
    warm_up: float = 0.06  # share of the steps
    last_rate: float = 0.2  # share of the peak that is left at the last step
    batch: int = 32
    dropout: float = 0.1
    clip: float = 1.0
    mean_from: float = 0.6  # share of the steps after which weights enter the mean
    longest: int = 160  # tokens of a training text
    class_weights: tuple[float, float, float] = (1.3, 0.95, 1.0)
    # source -> times that each of its texts is seen; "umsab" stands for its six languages
    passes: dict[str, float] = field(default_factory=lambda: dict(_PASSES))


FINISH = Recipe(
    rate=5e-5,
    rate_of_head=5e-5,
    warm_up=0.1,
    last_rate=0.1,
    mean_from=0.4,
    passes={name: 0.5 * passes for name, passes in _PASSES.items()}
    | {"voices": 3.0, "short": 12.0, "vader_amazon": 1.5, "umsab": 1.0},
)
"""A second, shorter run from a model that has learnt: mostly what customers write, so that it is what stays."""

_SMOOTHING = {"voices": 0.05, "short": 0.05}
_OTHER_SMOOTHING = 0.1
_RATING_EDGE, _RATING_SPREAD = 0.5, 0.5


def target(example: Example) -> tuple[float, float, float]:
    """What the model should answer: from the mean rating where raters gave one, else the label, smoothed.

    A mean rating is taken as a bell around it; the labels were cut at -0.5 and 0.5.
    """
    if example.rating is not None:
        below = _normal((-_RATING_EDGE - example.rating) / _RATING_SPREAD)
        above = 1 - _normal((_RATING_EDGE - example.rating) / _RATING_SPREAD)
        return below, 1 - below - above, above
    share = _SMOOTHING.get(example.source, _OTHER_SMOOTHING)
    hit = LABELS.index(example.label)
    return tuple(1 - share if number == hit else share / 2 for number in range(3))  # type: ignore[return-value]


def _normal(value: float) -> float:
    return 0.5 * (1 + math.erf(value / math.sqrt(2)))


def plan(examples: Sequence[Example], recipe: Recipe) -> list[list[int]]:
    """Batches of positions in `examples`, each of texts about as long, in random order."""
    dice = random.Random(recipe.seed)
    chosen: list[int] = []
    for number, example in enumerate(examples):
        passes = recipe.passes.get(example.source.split("_")[0] if "umsab" in example.source else example.source, 0.0)
        chosen += [number] * (int(passes) + (dice.random() < passes % 1))
    dice.shuffle(chosen)
    batches: list[list[int]] = []
    window = recipe.batch * 50
    for start in range(0, len(chosen), window):
        part = sorted(chosen[start : start + window], key=lambda number: len(examples[number].text))
        cut = [part[at : at + recipe.batch] for at in range(0, len(part), recipe.batch)]
        dice.shuffle(cut)
        batches += cut
    return batches


def written(example: Example, others: Sequence[Example], dice: random.Random) -> str:
    """The text as it is shown in one pass: joined, varied, and a short one of ours sometimes with another behind it."""
    text = example.text
    if example.source == "norec_sentence" and dice.random() < 0.5:
        text = join_tokens(text)
    if example.source == "voices" and len(text) < 80 and dice.random() < 0.08:
        same = [other for other in dice.sample(others, min(12, len(others))) if other.label == example.label]
        if same:
            text = f"{text} {same[0].text}"
    return vary(text, dice)
