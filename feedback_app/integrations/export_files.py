"""Writing exports: CSV as RFC 4180 with a BOM, and XLSX; both formula-safe and in flat memory."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from feedback_app.cells import Cell, safe_cell
from feedback_app.errors import InvalidError

MOST_XLSX_ROWS = 1_048_575  # below the header
LONGEST_XLSX_CELL = 32_767


def write_export(path: Path, header: list[str], rows: Iterable[list[Cell]]) -> int:
    """Write `rows` below `header` to `path`, by its ending .csv or .xlsx; return how many rows.

    The file appears whole or not at all. Raises `InvalidError` for another ending, or more rows than a sheet holds.
    """
    writers = {".csv": _write_csv, ".xlsx": _write_xlsx}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise InvalidError(f"{path.name}: the name must end with .csv or .xlsx")
    part = path.with_name(f".{path.name}.part")
    try:
        count = writer(part, header, rows)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def _write_csv(path: Path, header: list[str], rows: Iterable[list[Cell]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([safe_cell(name) for name in header])
        for count, row in enumerate(rows, start=1):  # noqa: B007 (the last number is the result)
            writer.writerow([safe_cell(cell) for cell in row])
    return count


def _write_xlsx(path: Path, header: list[str], rows: Iterable[list[Cell]]) -> int:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("answers")
    sheet.append([_text_cell(sheet, name) for name in header])
    count = 0
    for count, row in enumerate(rows, start=1):
        if count > MOST_XLSX_ROWS:
            raise InvalidError(f"an XLSX sheet holds {MOST_XLSX_ROWS:,} rows; export to .csv, or one survey at a time")
        sheet.append([_text_cell(sheet, cell) if isinstance(cell, str) else cell for cell in row])
    book.save(path)
    return count


def _text_cell(sheet: Any, text: str) -> Any:
    """Return a cell that is text whatever it looks like."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=str(safe_cell(text))[:LONGEST_XLSX_CELL])
    cell.data_type = "s"
    return cell
