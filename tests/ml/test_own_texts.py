"""Our own texts: which voices train, tune and test, and what counts as a source of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ml import ModelError
from ml.corpus import OWN_TEXTS, draw_split, own_examples, read_split
from ml.labels import LABELS


def voices(folder: Path, *names: str) -> Path:
    """A folder of own texts in which every voice wrote two."""
    (folder / "voices").mkdir(exist_ok=True)
    for name in names:
        lines = [{"text": f"{name} {label}", "label": label, "lang": name[:2]} for label in ("negative", "positive")]
        (folder / "voices" / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


def test_a_voice_lies_in_one_part_and_most_train(tmp_path: Path) -> None:
    split = draw_split(voices(tmp_path, *(f"nb_{n}" for n in range(20)), *(f"en_{n}" for n in range(20)), "review_1"))
    assert [list(split.values()).count(part) for part in ("train", "dev", "test")] == [29, 6, 6]
    assert split["review_1"] == "train"
    assert len(own_examples("dev", tmp_path)) == 12


def test_a_draw_is_never_repeated_and_newcomers_train(tmp_path: Path) -> None:
    first = draw_split(voices(tmp_path, *(f"nn_{n}" for n in range(10))))
    second = draw_split(voices(tmp_path, *(f"nn_{n}" for n in range(10, 20))))
    assert second == first | {f"nn_{n}": "train" for n in range(10, 20)}


def test_short_answers_are_a_source_of_their_own_and_some_were_written_to_test(tmp_path: Path) -> None:
    draw_split(voices(tmp_path, *(f"nb_{n}" for n in range(10))))
    split = draw_split(voices(tmp_path, "nb_kortsvar_01", "nb_kortsvar_dev", "nb_kortsvar_test"))
    assert [split[f"nb_kortsvar_{name}"] for name in ("01", "dev", "test")] == ["train", "dev", "test"]
    assert [one.source for one in own_examples("dev", tmp_path)].count("short") == 2


def test_no_short_answer_is_tested_that_was_trained_on() -> None:
    def words(text: str) -> str:
        return "".join(sign for sign in text.casefold() if sign.isalnum() or sign == " ").strip() or text

    trained = {words(example.text) for example in own_examples("train")}
    for part in ("dev", "test"):
        answers = [example for example in own_examples(part) if example.source == "short"]
        assert len(answers) > 100
        assert not trained & {words(example.text) for example in answers}


def test_before_the_draw_nothing_is_used(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="python -m ml split"):
        own_examples("train", voices(tmp_path, "nb_1"))


def test_every_voice_of_ours_is_drawn_and_labelled() -> None:
    split = read_split()
    assert {path.stem for path in (OWN_TEXTS / "voices").glob("*.jsonl")} >= set(split)
    examples = [example for part in ("train", "dev", "test") for example in own_examples(part)]
    assert {example.label for example in examples} == set(LABELS)
    assert {example.lang for example in examples} == {"nb", "nn", "en"}
    assert all(example.text.strip() for example in examples)


def test_test_voices_were_not_trained_on() -> None:
    trained = {example.text for example in own_examples("train") if len(example.text) > 40}
    assert not trained & {example.text for example in own_examples("test")}
