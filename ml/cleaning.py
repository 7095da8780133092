"""Makes any string fit for a tokenizer: no lone surrogates, no invisible signs, no megabytes."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 6_000
"""Characters that are looked at: 512 tokens are some 2,000 of them, and tokenizing a megabyte takes 1.5 s."""

_LAST_LATIN = "\u024f"
_SURROGATES = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
# Faces that the vocabulary lacks, and the nearest in meaning that it has.
_FACES = str.maketrans(
    {"🤬": "😡", "🤢": "😡", "🤮": "😡", "💩": "😡", "🖕": "😡", "🤯": "😱", "🥶": "😰", "🥵": "😰", "🥱": "😴"}
    | {"🤒": "😢", "🤕": "😢", "🥺": "😢", "🤐": "😐", "🫤": "😕", "😧": "😦", "🥳": "🎉", "📉": "👎", "🫶": "❤"}
)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def clean(text: str) -> tuple[str, bool]:
    """Return the text as the model shall read it, and whether characters were cut from its end.

    Surrogate pairs that were escaped apart become their sign again; lone halves go.
    """
    head = text[: 4 * MAX_CHARACTERS]
    if _SURROGATES.search(head):
        head = head.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    tidy = _BLANK.sub(" ", _INVISIBLE.sub("", head)).strip()
    tidy = _SKIN_TONES.sub("", tidy).translate(_FACES)
    cut = len(tidy) > MAX_CHARACTERS or bool(text[4 * MAX_CHARACTERS :].strip())
    return tidy[:MAX_CHARACTERS].rstrip(), cut


def is_mostly_foreign(text: str) -> bool:
    """Whether half of the letters or more are of another script than the Latin one."""
    letters = [sign for sign in text if sign.isalpha()]
    return bool(letters) and 2 * sum(sign > _LAST_LATIN and not _is_latin(sign) for sign in letters) >= len(letters)


def _is_latin(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith(("LATIN", "FULLWIDTH LATIN", "MATHEMATICAL"))
