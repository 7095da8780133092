"""Cells of exports that no spreadsheet program takes for a formula."""

from __future__ import annotations

import re

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XLSX cell may hold these

Cell = str | int | float | bool | None


def safe_cell(value: Cell) -> Cell:
    """Return `value` fit for CSV and XLSX: text that starts like a formula gets a `'`; real numbers stay numbers.

    The rule is OWASP's "CSV injection", with NUL and line feed beside its list. Characters that XLSX forbids are
    dropped after that, so that a NUL cannot hide what follows it.
    """
    if not isinstance(value, str):
        return value
    stripped = value.lstrip(" \u00a0\ufeff\u200b")
    guarded = f"'{value}" if stripped.startswith(DANGEROUS) else value
    return _UNPRINTABLE.sub("", guarded)
