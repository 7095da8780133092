"""`python -m ml`, as a person calls it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ml.cli import main

PROJECT = Path(__file__).parents[2]


def test_help_comes_without_torch_in_under_a_second() -> None:
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "ml", "--help"], capture_output=True, text=True, cwd=PROJECT)
        taken.append(time.perf_counter() - begun)
    assert "predict" in done.stdout
    assert min(taken) < 1


def test_lines_come_back_in_order(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [{"text": "bra"}, {"text": ""}, {"text": "Это очень плохо", "id": 3}]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(map(json.dumps, lines)) + "\n\n"))
    assert main(["predict", "--model", str(tiny)]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["reason"] for one in answers] == [None, "empty", "language"]
    assert set(answers[0]) == {"label", "unhappy", "negative", "neutral", "positive", "language", "reason"}


def test_a_file_is_read(tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text('{"text": "på tide"}\n', encoding="utf-8")
    assert main(["predict", str(file), "--model", str(tiny)]) == 0
    assert json.loads(capsys.readouterr().out)["label"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [("bra", "line 1 is not a JSON object"), ('{"id": 1}', "line 1 is not"), ('{"text": 5}', "text is not a string")],
)
def test_a_bad_line_is_named(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, sentence: str
) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text(line)
    assert main(["predict", str(file), "--model", str(tiny)]) == 1
    assert sentence in capsys.readouterr().err


def test_what_is_missing_is_said(tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(tmp_path / "none.jsonl"), "--model", str(tiny)]) == 1
    assert main(["predict", "--model", str(tmp_path / "none")]) == 1
    assert main(["evaluate", "--model", str(tiny)]) == 1
    errors = capsys.readouterr().err
    assert "cannot be read" in errors
    assert "neither a model folder" in errors
    assert "nothing to evaluate" in errors


def test_wrong_arguments_end_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["foretell"])
    assert ended.value.code == 2
    assert "foretell" in capsys.readouterr().err


def test_sentences_are_explained(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "Bra mat. Treig service.", "--model", str(tiny)]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["start"], second["start"], second["end"]) == (0, 9, 23)


def test_figures_come_as_tables_and_as_json(tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.jsonl"
    rows = [{"text": f"svar {n}", "label": ("negative", "neutral", "positive")[n % 3], "lang": "nb"} for n in range(9)]
    file.write_text("\n".join(map(json.dumps, rows)))
    assert main(["evaluate", str(file), "--model", str(tiny), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["all"]["texts"] == figures["by_lang"]["nb"]["texts"] == figures["by_source"]["own"]["texts"] == 9
    assert main(["evaluate", str(file), "--model", str(tiny)]) == 0
    assert "macro-F1" in capsys.readouterr().out
