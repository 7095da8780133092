"""A sentiment model of a few kilobytes in Hugging Face format: tests run the real code path, from weights to flags.

One layer of BERT whose weights are written by hand: a text with an angry word in it is negative, any other is not.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordLevel

ANGRY = ("angry", "terrible", "sint", "elendig")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = (
    "i am the and that was it is order a to of in on you delivery came time nobody answered phone det gikk bra eg"
    " ventar framleis thank thanks great fine text number not so good bad with for my we they this have had very"
)
SIZE = 8
POSITIONS = 512


def make_tiny_model(folder: Path) -> Path:
    """Write the model into `folder` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    words = [*SPECIAL, *ANGRY, *WORDS.split(), *"0123456789.,:;!?-'\"()"]
    _tokenizer(words).save(str(folder / "tokenizer.json"))
    save_file(_weights(words), folder / "model.safetensors", metadata={"format": "pt"})
    _write(folder / "tokenizer_config.json", _tokenizer_config())
    _write(folder / "config.json", _config(len(words)))
    return folder


def _tokenizer(words: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(WordLevel({word: place for place, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True)]
    )
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def _weights(words: list[str]) -> dict[str, Any]:
    """Every token sees the mean of all; an angry word points along the first axis, and the classifier reads that."""
    eye, zero = np.eye(SIZE), np.zeros((SIZE, SIZE))
    embeddings = np.zeros((len(words), SIZE))
    for word in ANGRY:
        embeddings[words.index(word), :2] = (8.0, -8.0)
    classifier = np.zeros((3, SIZE))
    classifier[0, :2], classifier[2, :2] = (3.0, -3.0), (-3.0, 3.0)
    layer = "bert.encoder.layer.0."
    dense = {
        f"{layer}attention.self.query": zero, f"{layer}attention.self.key": zero, f"{layer}attention.self.value": eye,
        f"{layer}attention.output.dense": eye, f"{layer}intermediate.dense": zero, f"{layer}output.dense": zero,
        "bert.pooler.dense": eye, "classifier": classifier,
    }  # fmt: skip
    found: dict[str, Any] = {f"{name}.weight": weight for name, weight in dense.items()}
    found |= {f"{name}.bias": np.zeros(len(weight)) for name, weight in dense.items()}
    for name in ("bert.embeddings", f"{layer}attention.output", f"{layer}output"):
        found |= {f"{name}.LayerNorm.weight": np.ones(SIZE), f"{name}.LayerNorm.bias": np.zeros(SIZE)}
    found["bert.embeddings.word_embeddings.weight"] = embeddings
    found["bert.embeddings.position_embeddings.weight"] = np.zeros((POSITIONS, SIZE))
    found["bert.embeddings.token_type_embeddings.weight"] = np.zeros((2, SIZE))
    found["classifier.bias"] = np.array([-1.0, 1.0, 0.0])
    return {name: np.ascontiguousarray(weight, dtype=np.float32) for name, weight in found.items()}


def _config(words: int) -> dict[str, object]:
    labels = ("negative", "neutral", "positive")
    return {
        "architectures": ["BertForSequenceClassification"], "model_type": "bert", "vocab_size": words,
        "hidden_size": SIZE, "intermediate_size": SIZE, "num_hidden_layers": 1, "num_attention_heads": 1,
        "max_position_embeddings": POSITIONS, "type_vocab_size": 2, "pad_token_id": 0, "layer_norm_eps": 1e-6,
        "id2label": {str(n): label for n, label in enumerate(labels)}, "label2id": {x: n for n, x in enumerate(labels)},
    }  # fmt: skip


def _tokenizer_config() -> dict[str, object]:
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": POSITIONS, "mask_token": "[MASK]"} | names


def _write(path: Path, value: dict[str, object]) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")
