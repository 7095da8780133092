"""Puts texts of about the same length together, so that hardly any arithmetic is spent on padding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

TOKENS_PER_BATCH = 1_024


def batches_by_length(lengths: Sequence[int], budget: int = TOKENS_PER_BATCH) -> Iterator[list[int]]:
    """Positions in batches of at most `budget` padded tokens, longest first, so that memory peaks at once.

    A text longer than the budget comes alone.
    """
    order = sorted(range(len(lengths)), key=lambda number: -lengths[number])
    batch: list[int] = []
    for number in order:
        if batch and lengths[batch[0]] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def windows(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter, without reading further ahead than one."""
    source = iter(items)
    while window := list(islice(source, size)):
        yield window
