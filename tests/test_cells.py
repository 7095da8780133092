"""Cells of exports: what looks like a formula is text, what is a number stays one."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from feedback_app.cells import safe_cell
from feedback_app.errors import InvalidError
from feedback_app.integrations.export_files import write_export

# 20 prefixes that spreadsheet programs were seen to evaluate, or that hide one that they do
PREFIXES = [
    "=", "+", "-", "@", "\t=", "\r=", "\n=", "\0=", " =", "\u00a0=", "\ufeff=", "\u200b=", "=cmd|' /C calc'!",
    "=HYPERLINK(", "@SUM(", "+1+", "-2+", "=1+", "\t@", "  +",
]  # fmt: skip


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_no_cell_and_no_header_is_parsed_as_a_formula(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"out{suffix}"
    hostile = [f"{prefix}1" for prefix in PREFIXES]
    write_export(file, list(hostile), [list(hostile)])
    rows = _csv_cells(file) if suffix == ".csv" else _xlsx_cells(file)
    parsed = [
        value for row in rows for value, is_formula in row if is_formula or not str(value).lstrip().startswith("'")
    ]
    print(f"check 17, {suffix}: {len(PREFIXES)} prefixes in cells and headers, {len(parsed)} parsed as a formula")
    assert [len(row) for row in rows] == [len(PREFIXES)] * 2
    assert parsed == []


def test_real_numbers_stay_numbers(tmp_path: Path) -> None:
    file = tmp_path / "out.xlsx"
    write_export(file, ["score"], [[-5], [0.25], [None], ["-5"]])
    cells = [row[0].value for row in sheet(file).iter_rows(min_row=2)]
    assert cells == [-5, 0.25, None, "'-5"]


@pytest.mark.parametrize("text", ["Fine = good", "a+b", "bra, takk", "", "10/10"])
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


def test_characters_that_no_sheet_may_hold_are_dropped(tmp_path: Path) -> None:
    file = tmp_path / "out.xlsx"
    write_export(file, ["text"], [["a\0b\x0bc\ud800d"]])
    assert sheet(file)["A2"].value == "abcd"


def test_a_failed_export_leaves_no_file_behind(tmp_path: Path) -> None:
    def rows():
        yield ["one"]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        write_export(tmp_path / "out.csv", ["a"], rows())
    assert list(tmp_path.iterdir()) == []


def test_another_ending_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=r"out\.pdf"):
        write_export(tmp_path / "out.pdf", ["a"], [])


def sheet(file: Path) -> Any:
    """Return the one sheet of an XLSX file."""
    return load_workbook(file).active


def _csv_cells(file: Path) -> list[list[tuple[str, bool]]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return [[(cell, cell[:1] in set("=+-@\t\r\n\0")) for cell in row] for row in csv.reader(stream)]


def _xlsx_cells(file: Path) -> list[list[tuple[object, bool]]]:
    return [[(cell.value, cell.data_type == "f") for cell in row] for row in sheet(file).iter_rows()]
