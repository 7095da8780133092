"""Cuts a text into sentences and keeps where each of them stood."""

from __future__ import annotations

import re

# A sentence ends at .!?… with closing quotes behind, or at a line's end. "kl. 12", "f.eks. dette" and "3. mai"
# do not end one: the full stop must be followed by a capital, and not preceded by a number or a known short form.
_END = re.compile(r"(?:[!?…]+[\"»”')\]]*|\.[\"»”')\]]*)(?=\s)|\n+")
_SHORT = re.compile(r"(?:\b(?:kl|nr|ca|dr|mr|mrs|ms|st|bl|f\.eks|t\.d|m\.m|e\.g|i\.e|osv|etc|tlf|pga|mvh)|\d)\.$", re.I)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence in `text`, without the blanks around it; together they hold all its words."""
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _END.finditer(text):
        following = text[found.end() :].lstrip()[:1]
        if found[0].startswith(".") and (following.islower() or _SHORT.search(text[start : found.end()])):
            continue
        start = _add(spans, text, start, found.end())
    _add(spans, text, start, len(text))
    return spans


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> int:
    """Note the sentence between the two unless it is blank; return where the next one starts."""
    part = text[start:end]
    if part.strip():
        spans.append((start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())))
    return end
