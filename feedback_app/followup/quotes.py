"""What is shown of a text: a short quote around the telling sentence, or the whole text in shaded sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 230
SHADES = ((0.9, "sentence-neg-3"), (0.7, "sentence-neg-2"), (0.5, "sentence-neg-1"))
GLAD_SHADES = ((0.8, "sentence-pos-2"), (0.5, "sentence-pos-1"))


@dataclass(frozen=True)
class Quote:
    """A shortened text in three parts; `telling` is the sentence that made the machine flag it, or ""."""

    before: str
    telling: str
    after: str


@dataclass(frozen=True)
class Piece:
    """A run of a text with one look."""

    text: str
    shade: str = ""
    telling: bool = False


def quote(text: str, start: int | None = None, end: int | None = None) -> Quote:
    """Return `text` cut to a line or two, the sentence from `start` to `end` in sight."""
    if start is None or end is None or not 0 <= start < end <= len(text):
        return Quote(_head(text, LONGEST), "", "")
    telling = _head(text[start:end], LONGEST)
    room = LONGEST - len(telling)
    after = _head(text[end:], max(room // 2, room - len(text[:start]))) if room > 20 else ""
    room -= len(after)
    before = _tail(text[:start], room) if room > 20 else ("…" if text[:start].strip() else "")
    return Quote(before, telling, after)


def pieces(text: str, sentences: Sequence[Sequence[float]] | None, start: int | None, end: int | None) -> list[Piece]:
    """Return the whole of `text` in order; each sentence that the machine read apart has its shade."""
    if not sentences:
        if start is None or end is None or not 0 <= start < end <= len(text):
            return [Piece(text)]
        return [one for one in (Piece(text[:start]), Piece(text[start:end], "", True), Piece(text[end:])) if one.text]
    found, place = [], 0
    for first, last, negative, _neutral, positive in sentences:
        first, last = max(int(first), place), min(int(last), len(text))
        if first >= last:
            continue
        if first > place:
            found.append(Piece(text[place:first]))
        telling = start is not None and end is not None and start <= first < end
        found.append(Piece(text[first:last], _shade(negative, positive), telling))
        place = last
    if place < len(text):
        found.append(Piece(text[place:]))
    return found


def _shade(negative: float, positive: float) -> str:
    for limit, name in SHADES:
        if negative >= limit:
            return name
    return next((name for limit, name in GLAD_SHADES if positive >= limit), "")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _head(text: str, length: int) -> str:
    line = _one_line(text)
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    return (cut[: cut.rfind(" ")] if cut.rfind(" ") > length * 0.7 else cut).rstrip() + "…"


def _tail(text: str, length: int) -> str:
    line = _one_line(text)
    if len(line) <= length:
        return line
    cut = line[-(length - 1) :]
    return "…" + (cut[cut.find(" ") :] if 0 <= cut.find(" ") < length * 0.3 else cut).lstrip()
