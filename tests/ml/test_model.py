"""The interface, on tiny random models."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from ml import SentimentModel
from ml.network import keep_ends
from tests.ml.conftest import MakeModel

TEXTS = ["Bra!", "elendig service", "", "I ordered two chairs in May", "👍", "Это очень плохо", "nei", ":-("]


@pytest.fixture(scope="module")
def model(tiny: Path) -> SentimentModel:
    return SentimentModel.load(tiny)


def test_importing_the_package_loads_no_torch() -> None:
    code = "import ml, ml.manifest, sys; assert 'torch' not in sys.modules; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_shares_sum_to_one_and_the_label_is_the_likeliest(model: SentimentModel) -> None:
    for one in model.predict(["Bra!", "elendig service", "ok"]):
        assert one.negative is not None
        assert one.neutral is not None
        assert one.positive is not None
        shares = {"negative": one.negative, "neutral": one.neutral, "positive": one.positive}
        assert sum(shares.values()) == pytest.approx(1)
        assert one.label == max(shares, key=lambda name: shares[name])
        assert one.unhappy == (one.negative >= model.threshold_of(one.language))
        assert one.reason is None


def test_a_blank_text_is_empty_and_another_script_is_another_language(model: SentimentModel) -> None:
    empty, blank, russian = model.predict(["", " \u200b\n", "Это очень плохо"])
    assert [empty.reason, blank.reason, russian.reason] == ["empty", "empty", "language"]
    assert (empty.label, empty.negative, empty.unhappy) == (None, None, False)


@pytest.mark.parametrize("text", ["nei", "ok", "👍", "🚿", "🤬", ":-(", "?", "10/10"])
def test_a_very_short_text_is_scored(model: SentimentModel, text: str) -> None:
    assert model.predict([text])[0].reason is None


def test_a_sure_language_that_was_not_verified_is_left_alone(make_model: MakeModel) -> None:
    folder = make_model()
    scaling = {"temperature": 1.0, "bias": [0, 0, 0]}
    stored = {"groups": {"other": scaling}, "threshold": 0.3, "languages": ["nb", "en"]}
    (folder / "calibration.json").write_text(json.dumps(stored))
    model = SentimentModel.load(folder)
    finnish, norwegian = model.predict(
        ["Palvelu oli todella huonoa ja odotin tunnin", "Jeg ventet i en hel time på dere"]
    )
    assert (finnish.reason, finnish.language, finnish.language_sure) == ("language", "fi", True)
    assert norwegian.reason is None
    assert (model.threshold, model.languages) == (0.3, ("nb", "en"))


def test_order_is_kept_whatever_the_lengths(model: SentimentModel) -> None:
    texts = [f"svar {number} " + "veldig " * (number % 17) for number in range(60)]
    together = [one.label for one in model.predict(texts)]
    alone = [model.predict([text])[0].label for text in texts]
    assert sum(a == b for a, b in zip(together, alone, strict=True)) >= 59  # bfloat16 may tip one that is level


def test_equal_texts_get_equal_answers(model: SentimentModel) -> None:
    first, second, third = model.predict(["ok", "helt greit", "ok"])
    assert first == third
    assert second != first


def test_a_stream_answers_before_it_has_read_everything(model: SentimentModel) -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield f"svar {read % 7}"

    stream = model.predict_stream(endless())
    assert next(stream).reason is None
    assert read < 10_000


def test_no_list_is_too_short(model: SentimentModel) -> None:
    assert model.predict([]) == []


def test_a_long_text_is_cut(model: SentimentModel) -> None:
    short, long = model.predict(["kort", "langt svar " * 2_000])
    assert (short.truncated, long.truncated) == (False, True)
    assert long.reason is None


def test_of_a_long_text_the_middle_is_left_out(model: SentimentModel) -> None:
    beginning, middle, end = ("a " * 600, "b " * 600, "c " * 600)
    cut, lost, other = model.predict([beginning + end, beginning + middle + end, beginning + end + middle])
    assert (cut.negative, cut.positive) == pytest.approx((lost.negative, lost.positive), abs=0.01)
    assert other.negative != pytest.approx(cut.negative, abs=1e-6)
    assert keep_ends([1, 2, 3, 4, 5, 6], 5) == [1, 2, 3, 5, 6]
    assert keep_ends([1, 2, 3], 3) == [1, 2, 3]


def test_of_a_long_text_the_sentences_that_are_read_are_explained(model: SentimentModel) -> None:
    sentences = [f"Setning nummer {number} av mange." for number in range(200)]
    explained = [one.text for one in model.explain(" ".join(sentences))]
    assert explained[0] == sentences[0]
    assert explained[-1] == sentences[-1]
    assert len(explained) < len(sentences) / 2
    kept = [sentences.index(text) for text in explained]
    assert kept == sorted(kept)
    assert sum(after - before > 1 for before, after in pairwise(kept)) == 1


def test_what_is_no_string_is_an_error_of_its_own(model: SentimentModel) -> None:
    bad, good = model.predict([None, "bra"])  # type: ignore[list-item]
    assert (bad.reason, good.reason) == ("error", None)


def test_strings_of_every_kind_are_answered(model: SentimentModel) -> None:
    dice = random.Random(11)
    kinds = [
        lambda: chr(dice.randrange(0x110000)),
        lambda: chr(dice.randrange(0x20)),
        lambda: dice.choice("\ud800\udfff\u200b\u200d\u202e\ufeff\x00\u0301"),
        lambda: dice.choice(["<s>", "</s>", "<pad>", "<unk>", "▁", "bra", "!", " ", "\n", "🇳🇴", "ﷺ"]),
        lambda: chr(dice.randrange(0x20, 0x250)),
    ]
    texts = ["".join(dice.choice(kinds)() for _ in range(dice.randrange(30))) for _ in range(2_000)]
    answers = model.predict(texts)
    assert len(answers) == len(texts)
    assert {one.reason for one in answers} <= {None, "empty", "language"}


def test_one_failing_text_takes_no_other_with_it(model: SentimentModel, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = model._network._logits

    def failing(rows: list[list[int]]) -> object:
        if any(len(row) == 7 for row in rows):
            raise RuntimeError("out of memory")
        return whole(rows)

    monkeypatch.setattr(model._network, "_logits", failing)
    texts = ["a", "abcd", "abcdefgh"]  # with <s>, ▁ and </s>: 4, 7 and 11 pieces
    assert [one.reason for one in model.predict(texts)] == [None, "error", None]


def test_sentences_are_explained_where_they_stand(model: SentimentModel) -> None:
    text = "  Bra mat.  Men vi ventet i to timer!"
    sentences = model.explain(text)
    assert [one.text for one in sentences] == ["Bra mat.", "Men vi ventet i to timer!"]
    assert all(text[one.start : one.end] == one.text for one in sentences)
    assert all(one.negative + one.neutral + one.positive == pytest.approx(1) for one in sentences)
    assert model.explain(" ") == []
