"""Says which language a text is in, and whether that is sure enough to leave the text alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

_SURE = 0.9
_FEW_LETTERS = 20
_HEAD = 600  # characters that are looked at: more make nothing surer

_NAMES = (
    "BOKMAL NYNORSK ENGLISH SWEDISH DANISH GERMAN FRENCH SPANISH ITALIAN PORTUGUESE "
    "DUTCH FINNISH POLISH ICELANDIC ESTONIAN LATVIAN LITHUANIAN CZECH HUNGARIAN ROMANIAN TURKISH CROATIAN SOMALI "
    "VIETNAMESE INDONESIAN CATALAN"
)


@dataclass(frozen=True, slots=True)
class Language:
    """BCP 47 code, None where the text has no letters, and whether it is sure."""

    code: str | None
    sure: bool


@cache
def _detector() -> LanguageDetector:
    """One for the process. Tables of three letters (70 MB) do: those of up to five take 800 MB and ten seconds."""
    os.environ.setdefault("RAYON_NUM_THREADS", "2")
    import lingua

    wanted = [getattr(lingua.Language, name) for name in _NAMES.split()]
    return lingua.LanguageDetectorBuilder.from_languages(*wanted).with_low_accuracy_mode().build()


def find_languages(texts: Sequence[str]) -> list[Language]:
    """The language of each cleaned text; short ones are never sure."""
    # Capitals hide a language from tables that were counted in running text.
    heads = [text[:_HEAD].lower() for text in texts]
    found = _detector().compute_language_confidence_values_in_parallel(heads)
    return [_judge(head, values) for head, values in zip(heads, found, strict=True)]


def _judge(text: str, values: Sequence[object]) -> Language:
    """The likeliest; Norwegian is sure where its two forms together are."""
    letters = sum(sign.isalpha() for sign in text)
    if not values or not letters:
        return Language(None, False)
    shares = {value.language.iso_code_639_1.name.lower(): value.value for value in values}  # type: ignore[attr-defined]
    code = max(shares, key=lambda name: shares[name])
    share = shares["nb"] + shares["nn"] if code in ("nb", "nn") else shares[code]
    return Language(code if share > 0 else None, share >= _SURE and letters >= _FEW_LETTERS)
