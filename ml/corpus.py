"""Reads the labelled texts, public ones and our own, and draws which of our own voices train, tune and test."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ml.errors import ModelError

OWN_TEXTS = Path(__file__).parent / "data"
DEFAULT_DATA = Path("../shared/data/sentiment")
PARTS = ("train", "dev", "test")
SPLIT_SEED = 20
_SHARES = (0.70, 0.15)  # of the voices: train, dev; the rest is test
CUSTOMER_SOURCES = ("voices", "short")  # what customers write, at length and in a few words
_SHORT = "_kortsvar_"  # Norwegian for short answers
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text; `source` is the file's name, `rating` a human mean from -4 to 4 where there is one."""

    text: str
    label: str
    lang: str
    source: str
    rating: float | None = None


def read_examples(path: Path, source: str) -> Iterator[Example]:
    """The texts of one JSON Lines file; ModelError names the first line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as problem:
        raise ModelError(f"{path} cannot be read ({problem.strerror}); give the folder with --data.") from problem
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield Example(_unescape(row["text"]), row["label"], row.get("lang", "und"), source, row.get("rating"))
        except (ValueError, KeyError, TypeError) as problem:
            raise ModelError(f"{path}, line {number}: not an object with text and label ({problem}).") from problem


def _unescape(text: str) -> str:
    """Some tweets carry apostrophes as a backslash and four hex digits."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def public_examples(data: Path, part: str) -> list[Example]:
    """All texts of the public sets in `part` ("train" or "dev")."""
    files = sorted((data / part).glob("*.jsonl"))
    if not files:
        raise ModelError(f"No labelled texts in {data / part}; give the folder that holds train/ and dev/ with --data.")
    return [example for path in files for example in read_examples(path, path.stem)]


def own_examples(part: str, folder: Path = OWN_TEXTS) -> list[Example]:
    """Our own customer texts in `part`; a voice that has not been drawn yet is in none."""
    split = read_split(folder)
    return [
        example
        for path in _voice_files(folder)
        if split.get(path.stem) == part
        for example in read_examples(path, _source(path.stem))
    ]


def _source(voice: str) -> str:
    """What a file of our own counts as: reviews, short answers of many hands, or one voice."""
    if voice.startswith("review_"):
        return "review"
    return "short" if _SHORT in voice else "voices"


def count_own_texts(folder: Path = OWN_TEXTS) -> dict[str, dict[str, int]]:
    """Texts and voices of each part, reviews that we wrote for training among them."""
    drawn = Counter(read_split(folder).values())
    return {part: {"texts": len(own_examples(part, folder)), "voices": drawn[part]} for part in PARTS}


def _voice_files(folder: Path) -> list[Path]:
    return sorted((folder / "voices").glob("*.jsonl"))


def read_split(folder: Path = OWN_TEXTS) -> dict[str, str]:
    """Voice -> part, as drawn; ModelError before the draw."""
    try:
        split: dict[str, str] = json.loads((folder / "split.json").read_text(encoding="utf-8"))
    except FileNotFoundError as problem:
        raise ModelError("The voices have not been split yet: python -m ml split.") from problem
    return split


def draw_split(folder: Path = OWN_TEXTS) -> dict[str, str]:
    """Draw the part of every voice, by name alone, and store it; what was drawn before never moves.

    Each language is drawn once. A voice that comes after its language was drawn goes to train, so that nothing
    that a result has been seen for can change, but for a file that was written to be "_dev" or "_test" by its name.
    """
    stored = folder / "split.json"
    split: dict[str, str] = json.loads(stored.read_text(encoding="utf-8")) if stored.exists() else {}
    voices = [path.stem for path in _voice_files(folder)]
    drawn = {_language(voice) for voice in split}
    for language in sorted({_language(voice) for voice in voices} - drawn - {"review"}):
        split |= _draw([voice for voice in voices if _language(voice) == language])
    split |= {voice: _written_for(voice) for voice in voices if voice not in split}
    stored.write_text(json.dumps(dict(sorted(split.items())), indent=1) + "\n", encoding="utf-8")
    return split


def _written_for(voice: str) -> str:
    part = voice.rsplit("_", 1)[-1]
    return part if part in ("dev", "test") else "train"


def _language(voice: str) -> str:
    """The language that a voice's name begins with, or "review"."""
    return voice.split("_", 1)[0]


def _draw(voices: Iterable[str]) -> dict[str, str]:
    """Seeded shares of one language's voices."""
    order = sorted(voices)
    random.Random(SPLIT_SEED).shuffle(order)
    first = round(_SHARES[0] * len(order))
    second = first + round(_SHARES[1] * len(order))
    return {voice: PARTS[(number >= first) + (number >= second)] for number, voice in enumerate(order)}
