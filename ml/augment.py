"""Writes training texts as customers do: in capitals, with slips, without dots and rings, without a full stop."""

from __future__ import annotations

import random
import re
import unicodedata

_BEFORE = re.compile(r"\s+([.,;:!?)\]»%…])")
_AFTER = re.compile(r"([(\[«])\s+")
_QUOTED = re.compile(r'"\s+([^"]*?)\s+"')
_NORDIC = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "Æ": "Ae", "Ø": "Oe", "Å": "Aa"})
_NORDIC_BARE = str.maketrans({"æ": "a", "ø": "o", "å": "a", "Æ": "A", "Ø": "O", "Å": "A"})
_CAPITALS, _LOWER, _SLIPS, _NO_MARKS, _NO_PUNCTUATION, _NO_STOP = 0.06, 0.10, 0.08, 0.08, 0.06, 0.25


def join_tokens(text: str) -> str:
    """Undo the spaces that a tokenizer set around punctuation: "God , men dyr ." -> "God, men dyr."."""
    return _QUOTED.sub(r'"\1"', _AFTER.sub(r"\1", _BEFORE.sub(r"\1", text)))


def vary(text: str, dice: random.Random) -> str:
    """The same text as another hand might have typed it; most texts come back as they are."""
    if dice.random() < _NO_STOP and text.endswith(".") and not text.endswith(".."):
        text = text[:-1].rstrip()
    if dice.random() < _NO_PUNCTUATION:
        text = re.sub(r"(?<=\w)[.,;:!]+(?=\s|$)", "", text)
    if dice.random() < _NO_MARKS:
        text = _without_marks(text, dice)
    if dice.random() < _SLIPS:
        text = _with_slips(text, dice)
    case = dice.random()
    if case < _CAPITALS:
        return text.upper()
    return text.lower() if case < _CAPITALS + _LOWER else text


def _without_marks(text: str, dice: random.Random) -> str:
    """As from a keyboard without the letters: "på" -> "paa" or "pa", "café" -> "cafe"."""
    text = text.translate(_NORDIC if dice.random() < 0.5 else _NORDIC_BARE)
    plain = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(sign for sign in plain if not unicodedata.combining(sign)))


def _with_slips(text: str, dice: random.Random) -> str:
    """One slip for every forty characters: a letter lost, doubled or swapped with the next."""
    signs = list(text)
    for _ in range(1 + len(signs) // 40):
        at = dice.randrange(max(1, len(signs) - 1))
        if len(signs) < 5 or not signs[at].isalpha() or not signs[at + 1].isalpha():
            continue
        kind = dice.randrange(3)
        if kind == 0:
            del signs[at]
        elif kind == 1:
            signs.insert(at, signs[at])
        else:
            signs[at], signs[at + 1] = signs[at + 1], signs[at]
    return "".join(signs)
