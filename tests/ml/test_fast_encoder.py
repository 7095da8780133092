"""Our own pass through the layers says what the library's says, for every length and with padding or without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ml.fast_encoder import FastEncoder, fits
from ml.network import Network, has_fast_bfloat16
from tests.ml.conftest import SHIPPED

SMALL = {
    "vocab_size": 50,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "num_labels": 3,
    "pad_token_id": 1,
    "initializer_range": 0.2,
}


@pytest.fixture(params=["bert", "xlm-roberta"])
def classifier(request: pytest.FixtureRequest) -> Any:
    """A small random classifier in float32."""
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    torch.manual_seed(3)
    config = AutoConfig.for_model(request.param, **SMALL)
    return AutoModelForSequenceClassification.from_config(config).eval()


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("lengths", [[1], [7], [64, 64], [3, 20, 41], [120, 97, 5], [2] * 70])
def test_the_scores_are_the_librarys(classifier: Any, lengths: list[int], exact: bool) -> None:
    """In float32 on every processor, and in what this one is fast with."""
    import torch

    arithmetic = torch.bfloat16 if has_fast_bfloat16() and not exact else torch.float32
    width = max(lengths)
    ids = torch.randint(4, 50, (len(lengths), width))
    mask = (torch.arange(width) < torch.tensor(lengths)[:, None]).long()
    ids[mask == 0] = 1
    with torch.inference_mode():
        truth = classifier(input_ids=ids, attention_mask=mask).logits
        rounded = classifier.to(arithmetic)
        theirs = rounded(input_ids=ids, attention_mask=mask).logits.float()
        assert fits(rounded) == (arithmetic is torch.bfloat16)
        ours = FastEncoder(rounded)(ids, None if bool(mask.all()) else mask).float()
    assert ours.shape == truth.shape
    error, allowed = (ours - truth).abs().max(), (theirs - truth).abs().max()
    assert error <= 2 * allowed + (0.01 if arithmetic is torch.bfloat16 else 1e-4)
    assert truth.abs().max() > 20 * error, "the scores are more than rounding"


def test_other_families_and_float32_keep_the_librarys_layers(classifier: Any) -> None:
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    assert not fits(classifier)
    distilled = AutoConfig.for_model("distilbert", vocab_size=50, dim=32, n_layers=1, n_heads=2, hidden_dim=64)
    assert not fits(AutoModelForSequenceClassification.from_config(distilled).to(torch.bfloat16))
    classifier.config.hidden_act = "relu"
    assert not fits(classifier.to(torch.bfloat16))


def test_the_shipped_model_says_the_same_as_in_float32() -> None:
    texts = [f"Maten var kald, og vi ventet i {n} minutter. " * (n % 9 + 1) for n in range(40)]
    texts += Path(__file__).with_name("test_text.py").read_text(encoding="utf-8").splitlines()
    fast, exact = (Network.load(str(SHIPPED), exact=exact) for exact in (False, True))
    ids = fast.encode([text for text in texts if text.strip()][:90])[0]
    ours, theirs = fast.run(ids), exact.run(ids)
    assert (ours.argmax(1) == theirs.argmax(1)).mean() >= 0.99
    assert abs(ours - theirs).max() < 0.3
