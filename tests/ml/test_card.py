"""From a trained model to a finished folder: calibration, figures, card, manifest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from safetensors.torch import load_file

from ml.cli import main
from ml.labels import LABELS
from ml.sentiment import SentimentModel


@pytest.mark.slow
def test_a_trained_model_becomes_a_folder_that_vouches_for_itself(tiny: Path, tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "model-v9"
    (data / "dev").mkdir(parents=True)
    for source, lang in (("vader_amazon", "en"), ("norec_sentence", "no"), ("umsab_fr", "fr")):
        rows = [{"text": f"dette er svar {n}", "label": LABELS[n % 3], "lang": lang} for n in range(30)]
        (data / "dev" / f"{source}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert main(["calibrate", "--start", str(tiny), "--out", str(folder), "--data", str(data)]) == 0
    assert main(["card", "--model", str(folder), "--data", str(data)]) == 0
    metrics = json.loads((folder / "metrics.json").read_text())
    card = (folder / "MODEL_CARD.md").read_text()
    assert {"voices_nb", "voices_nn", "voices_en", "group_norwegian"} <= set(metrics["test"])
    assert f"{metrics['test']['voices_nn']['macro_f1']:.3f}" in card
    assert metrics["dev"]["umsab_mean_macro_f1"] == metrics["dev"]["umsab_fr"]["macro_f1"]
    before, after = (load_file(one / "model.safetensors")["classifier.bias"] for one in (tiny, folder))
    assert (before != after).any(), "what the model leans to is taken back in the model itself"
    model = SentimentModel.load(folder)
    assert model.version.startswith("model-v9@")
    assert model.threshold == metrics["calibration"]["threshold"]
