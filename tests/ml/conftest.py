"""Tiny random models that the tests of `ml` make for themselves."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

SHIPPED = Path(__file__).parents[2] / "models" / "stemme-v1"

MakeModel = Callable[..., Path]


def tiny_model(folder: Path, names: Sequence[str] = ("negative", "neutral", "positive"), rows: int = 0) -> Path:
    """A classifier with one layer of sixteen, random weights and a tokenizer of single letters."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    from ml.vocabulary import SPECIAL_PIECES, build_tokenizer

    letters = string.ascii_letters + string.digits + string.punctuation + "æøåÆØÅé▁👍"
    pieces = [(piece, 0.0) for piece in SPECIAL_PIECES] + [(letter, -2.0) for letter in letters]
    build_tokenizer(pieces).save_pretrained(folder)
    torch.manual_seed(4)
    config = BertConfig(
        vocab_size=rows or len(pieces),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        pad_token_id=1,
        initializer_range=0.5,
        id2label=dict(enumerate(names)),
        label2id={name: number for number, name in enumerate(names)},
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    """Make a tiny model in a folder of this test."""

    def make(names: Sequence[str] = ("negative", "neutral", "positive"), rows: int = 0) -> Path:
        folder = tmp_path / "tiny"
        folder.mkdir()
        return tiny_model(folder, names, rows)

    return make


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with three classes that no test may change."""
    return tiny_model(tmp_path_factory.mktemp("tiny"))
