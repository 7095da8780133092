"""Reading CSV files as people send them: UTF-8 or Windows-1252, comma, semicolon or tab, with line numbers."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from feedback_app.errors import InvalidError

csv.field_size_limit(1_000_000)
DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line of the file on which it ends, and its non-empty cells by column."""

    line: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """Return the stripped cell, or "" where there is none."""
        return self.cells.get(column, "")


class TableFile:
    """A CSV file whose header names columns. Column names are compared in lower case."""

    def __init__(self, path: Path) -> None:
        """Find encoding, delimiter and header. Raises `InvalidError` where there is no header, or it is doubtful."""
        self.path = path
        self.encoding = _encoding(path)
        with path.open(encoding=self.encoding, newline="") as stream:
            first = stream.readline()
        if not first.strip():
            raise InvalidError(f"{path.name}: line 1: a header with the names of the columns is needed")
        self.delimiter = max(DELIMITERS, key=first.count)
        self.columns = [name.strip().lower() for name in next(csv.reader([first], delimiter=self.delimiter))]
        doubled = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if doubled:
            raise InvalidError(f"{path.name}: line 1: column {', '.join(doubled)} stands there more than once")

    def require(self, known: set[str], needed: set[str], prefixes: tuple[str, ...] = ()) -> None:
        """Raise `InvalidError` that names every column that is missing or not known."""
        missing = sorted(needed - set(self.columns))
        strange = sorted(c for c in self.columns if c not in known and not c.startswith(prefixes or ("\0",)))
        problems = [f"column {name} is missing" for name in missing]
        problems += [f"column {name!r} is not known" for name in strange]
        if problems:
            raise InvalidError(f"{self.path.name}: line 1: " + "; ".join(problems))

    def rows(self) -> Iterator[Row | tuple[int, str]]:
        """Yield each row, or `(line, reason)` for one that cannot be read. Blank lines are passed over."""
        with self.path.open(encoding=self.encoding, newline="") as stream:
            reader = csv.reader(stream, delimiter=self.delimiter)
            next(reader, None)
            while True:
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield reader.line_num, str(error)
                    continue
                if not any(cells):
                    continue
                if len(cells) > len(self.columns):
                    yield reader.line_num, f"has {len(cells)} cells, the header has {len(self.columns)}"
                    continue
                named = zip(self.columns, cells, strict=False)
                yield Row(reader.line_num, {name: cell.strip() for name, cell in named if cell.strip()})


def _encoding(path: Path) -> str:
    """Return "utf-8-sig" where the whole file is UTF-8, else "cp1252"."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            while stream.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"
