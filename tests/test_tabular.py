"""CSV files as people send them."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedback_app.errors import InvalidError
from feedback_app.tabular import Row, TableFile


def table(tmp_path: Path, content: str | bytes) -> TableFile:
    """Return `content` as a file that has been opened."""
    file = tmp_path / "in.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return TableFile(file)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encoding_and_delimiter_are_found(tmp_path: Path, delimiter: str, encoding: str) -> None:
    content = f"Text{delimiter}Score\r\nFrøken Ødegård{delimiter}9\r\n".encode(encoding)
    assert list(table(tmp_path, content).rows()) == [Row(2, {"text": "Frøken Ødegård", "score": "9"})]


def test_a_quoted_line_break_counts_as_lines_of_the_file(tmp_path: Path) -> None:
    rows = list(table(tmp_path, 'text,score\n"two\nlines",3\nnext,4\n').rows())
    assert [(row.line, row.get("text")) for row in rows if isinstance(row, Row)] == [(3, "two\nlines"), (4, "next")]


def test_a_row_with_too_many_cells_is_reported_and_the_next_is_read(tmp_path: Path) -> None:
    rows = list(table(tmp_path, "text,score\na,1,2\nb,3\n").rows())
    assert rows == [(2, "has 3 cells, the header has 2"), Row(3, {"text": "b", "score": "3"})]


def test_missing_and_unknown_columns_are_named_together(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="column when is missing; column 'scoer' is not known"):
        table(tmp_path, "text,scoer\n").require({"text", "score", "when"}, {"when"})


def test_a_doubled_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="more than once"):
        table(tmp_path, "text,TEXT\n")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="header"):
        table(tmp_path, "")
