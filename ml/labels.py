"""Understands the class names of other people's models: two, three or five classes become three."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ml.errors import ModelError

NEGATIVE, NEUTRAL, POSITIVE = "negative", "neutral", "positive"
LABELS = (NEGATIVE, NEUTRAL, POSITIVE)

_NAMES = {
    NEGATIVE: {"negative", "neg", "very negative", "1 star", "2 stars", "negativ", "unhappy"},
    NEUTRAL: {"neutral", "neu", "3 stars", "mixed", "nøytral"},
    POSITIVE: {"positive", "pos", "very positive", "4 stars", "5 stars", "positiv", "happy"},
}
_CLASS_OF = {name: label for label, names in _NAMES.items() for name in names}


def class_order(names: Sequence[str], mapping: Mapping[str, str] | None = None) -> list[int]:
    """Which of LABELS (0, 1, 2) each of a model's outputs counts for, in the order of its outputs.

    `names` are those of the config's id2label; `mapping` says what names mean that say nothing by themselves.
    ModelError where a name is not understood, or where negative or positive is missing.
    """
    if len(names) not in (2, 3, 5):
        raise ModelError(f"The model has {len(names)} classes ({', '.join(names)}); two, three or five are understood.")
    given = {name.casefold(): value for name, value in (mapping or {}).items()}
    order = [_class_of(name, given) for name in names]
    if missing := [label for label in (NEGATIVE, POSITIVE) if LABELS.index(label) not in order]:
        raise ModelError(f"None of the model's classes ({', '.join(names)}) means {missing[0]}.")
    return order


def _class_of(name: str, given: Mapping[str, str]) -> int:
    plain = re.sub(r"[\s_\-]+", " ", name.strip()).casefold()
    label = given.get(name.casefold()) or _CLASS_OF.get(plain)
    if label not in LABELS:
        raise ModelError(
            f'The class name "{name}" does not say what it means; give a mapping, such as {{"{name}": "negative"}}.'
        )
    return LABELS.index(label)
