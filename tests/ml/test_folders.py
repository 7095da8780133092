"""Model folders: other numbers of classes, and those that are refused because they disagree with themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ml import ModelError, SentimentModel
from ml.manifest import model_version, write_manifest
from tests.ml.conftest import MakeModel


@pytest.mark.parametrize(
    "names",
    [("NEG", "POS"), ("positive", "neutral", "negative"), tuple(f"{n} star{'s' * (n > 1)}" for n in range(1, 6))],
)
def test_models_of_two_three_and_five_classes_load(make_model: MakeModel, names: tuple[str, ...]) -> None:
    (one,) = SentimentModel.load(make_model(names)).predict(["bra"])
    assert one.negative is not None
    assert one.neutral is not None
    assert one.positive is not None
    assert one.negative + one.neutral + one.positive == pytest.approx(1)
    assert (one.neutral == 0) == (len(names) == 2)


def test_a_models_own_order_of_classes_is_kept(make_model: MakeModel) -> None:
    folder = make_model(("negative", "neutral", "positive"))
    (first,) = SentimentModel.load(folder).predict(["bra"])
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {"0": "positive", "1": "neutral", "2": "negative"}
    config["label2id"] = {"positive": 0, "neutral": 1, "negative": 2}
    (folder / "config.json").write_text(json.dumps(config))
    (second,) = SentimentModel.load(folder).predict(["bra"])
    assert (first.negative, first.positive) == pytest.approx((second.positive, second.negative), rel=1e-9)


def test_nameless_classes_need_a_mapping(make_model: MakeModel) -> None:
    folder = make_model(("LABEL_0", "LABEL_1"))
    with pytest.raises(ModelError, match="give a mapping"):
        SentimentModel.load(folder)
    assert SentimentModel.load(folder, labels={"LABEL_0": "negative", "LABEL_1": "positive"}).predict(["bra"])


def test_the_version_names_folder_and_weights(make_model: MakeModel) -> None:
    folder = make_model()
    before = model_version(folder)
    write_manifest(folder)
    assert before == model_version(folder) == SentimentModel.load(folder).version
    assert before.startswith("tiny@")
    assert len(before) == len("tiny@") + 12


def test_a_whole_folder_with_a_manifest_loads(make_model: MakeModel) -> None:
    folder = make_model()
    write_manifest(folder)
    assert SentimentModel.load(folder).threshold == 0.5


@pytest.mark.parametrize(
    ("file", "sentence"),
    [("config.json", "config.json was changed"), ("model.safetensors", "model.safetensors was changed")],
)
def test_a_changed_file_is_refused(make_model: MakeModel, file: str, sentence: str) -> None:
    folder = make_model()
    write_manifest(folder)
    with (folder / file).open("ab") as changed:
        changed.write(b" ")
    with pytest.raises(ModelError, match=sentence):
        SentimentModel.load(folder)


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "model.safetensors", "tokenizer_config.json"])
def test_a_missing_file_is_refused(make_model: MakeModel, file: str) -> None:
    folder = make_model()
    write_manifest(folder)
    (folder / file).unlink()
    with pytest.raises(ModelError, match=r"missing|no weights"):
        SentimentModel.load(folder)


def test_weights_that_nothing_vouches_for_are_refused(make_model: MakeModel) -> None:
    folder = make_model()
    write_manifest(folder)
    (folder / "other.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(ModelError, match="not listed"):
        SentimentModel.load(folder)


def test_pickled_weights_are_not_read(make_model: MakeModel) -> None:
    folder = make_model()
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="safetensors"):
        SentimentModel.load(folder)


def test_a_tokenizer_that_is_too_large_is_refused(make_model: MakeModel) -> None:
    with pytest.raises(ModelError, match="disagrees with itself"):
        SentimentModel.load(make_model(rows=20))


def test_broken_weights_are_refused_in_a_sentence(make_model: MakeModel) -> None:
    folder = make_model()
    (folder / "model.safetensors").write_bytes(b"\x00" * 100)
    with pytest.raises(ModelError, match="cannot be loaded"):
        SentimentModel.load(folder)


@pytest.mark.parametrize("stored", ['{"groups": {}}', "[]", "{", '{"groups": {}, "threshold": 2, "languages": []}'])
def test_a_broken_calibration_is_refused(make_model: MakeModel, stored: str) -> None:
    folder = make_model()
    (folder / "calibration.json").write_text(stored)
    with pytest.raises(ModelError, match=r"calibration\.json"):
        SentimentModel.load(folder)


@pytest.mark.parametrize("name", ["no-such-folder", "/no/such/folder", "./models/none", "a/b/c"])
def test_a_folder_that_is_not_there_is_not_looked_up_on_a_hub(name: str) -> None:
    with pytest.raises(ModelError, match="neither a model folder nor a name on a hub"):
        SentimentModel.load(name)


def test_offline_a_hub_name_is_refused_in_a_sentence(tmp_path: Path) -> None:
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "ml", "explain", "--model", "owner/name", "bra"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 1
    assert done.stderr.startswith("python -m ml explain: owner/name cannot be loaded")
    assert "Traceback" not in done.stderr
