"""Loads a classifier in the fastest arithmetic that keeps its labels, and runs texts through it in batches."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ml.batching import TOKENS_PER_BATCH, batches_by_length
from ml.calibration import Floats
from ml.errors import ModelError
from ml.fast_encoder import FastEncoder, fits
from ml.labels import LABELS, class_order

if TYPE_CHECKING:
    import torch

_MOST_TOKENS = 512

T = TypeVar("T")


class Network:
    """Tokenizer and network of one model; `run` is all that is asked of them."""

    def __init__(self, tokenizer: Any, model: Any, order: Sequence[int]) -> None:
        self._tokenizer, self._model, self._order = tokenizer, model, list(order)
        self._longest = _longest(tokenizer, model)
        self._pad = tokenizer.pad_token_id or 0
        self._forward: Callable[[torch.Tensor, torch.Tensor | None], torch.Tensor]
        self._forward = FastEncoder(model) if fits(model) else _library(model)

    @classmethod
    def load(cls, name: str, labels: Mapping[str, str] | None = None, *, exact: bool = False) -> Network:
        """Load a folder or a hub name; `exact` asks for float32. ModelError says what does not fit."""
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        _quiet()
        local = Path(name).is_dir() or os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0")
        options = {"trust_remote_code": False, "local_files_only": local}
        dtype = torch.bfloat16 if has_fast_bfloat16() and not exact else torch.float32
        try:
            tokenizer = AutoTokenizer.from_pretrained(name, **options)
            model, report = AutoModelForSequenceClassification.from_pretrained(
                name, dtype=dtype, use_safetensors=True, output_loading_info=True, **options
            )
        except Exception as problem:
            raise ModelError(f"{name} cannot be loaded: {_first_line(problem)}") from problem
        if missing := sorted(report["missing_keys"]):
            raise ModelError(f"{name} lacks weights that its config asks for: {', '.join(missing[:3])}.")
        _check(name, tokenizer, model)
        names = [str(model.config.id2label[number]) for number in range(model.config.num_labels)]
        return cls(tokenizer, model.eval(), class_order(names, labels))

    @property
    def commit(self) -> str | None:
        """The hub's name for the state that was loaded, where it came from a hub."""
        return getattr(self._model.config, "_commit_hash", None)

    def encode(self, texts: Sequence[str]) -> tuple[list[list[int]], list[bool], list[bool]]:
        """Token ids of each text, whether it was cut to the model's length, and whether a piece is unknown.

        What is left out of a long text is its middle: people say at the end what they are left with
        (Sun et al. 2019, "How to Fine-Tune BERT for Text Classification?", found the same of reviews).
        """
        found = self._tokenizer(
            list(texts), truncation=False, return_attention_mask=False, return_token_type_ids=False, verbose=False
        )["input_ids"]
        unknown = self._tokenizer.unk_token_id
        cut = [len(ids) > self._longest for ids in found]
        ids = [keep_ends(row, self._longest) for row in found]
        return ids, cut, [unknown in row for row in ids]

    def is_read(self, sentences: Sequence[str]) -> list[bool]:
        """Which sentences of one text are read, wholly or in part, where `encode` may have to leave some out."""
        lengths = [len(row) for row in self.encode(sentences)[0]]
        half, left = self._longest // 2, sum(lengths)
        seen, read = 0, []
        for length in lengths:
            left -= length
            read.append(seen < half or left < half)
            seen += length
        return read

    def run(self, ids: Sequence[list[int]], budget: int = TOKENS_PER_BATCH) -> Floats:
        """(texts, 3) raw scores in the order of LABELS; rows of texts that failed even alone are NaN."""
        scores = np.full((len(ids), len(LABELS)), np.nan)
        for batch in batches_by_length([len(row) for row in ids], budget):
            scores[batch] = self._scores([ids[number] for number in batch])
        return scores

    def _scores(self, rows: list[list[int]]) -> Floats:
        """Scores of one batch; one that fails is tried text by text, so that a bad text harms no other."""
        try:
            return merge_classes(self._logits(rows), self._order)
        except RuntimeError:
            if len(rows) == 1:
                return np.full((1, len(LABELS)), np.nan)
            return np.concatenate([self._scores([row]) for row in rows])

    def _logits(self, rows: list[list[int]]) -> Floats:
        import torch

        width = max(len(row) for row in rows)
        ids = torch.full((len(rows), width), self._pad, dtype=torch.long)
        mask = torch.zeros((len(rows), width), dtype=torch.long)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = torch.tensor(row, dtype=torch.long)
            mask[number, : len(row)] = 1
        # Without padding there is nothing to mask, and attention is faster when it is not told to.
        whole = bool(mask.all())
        with torch.inference_mode():
            logits = self._forward(ids, None if whole else mask)
        return np.asarray(logits.float().numpy(), dtype=np.float64)


def _library(model: Any) -> Callable[[torch.Tensor, torch.Tensor | None], torch.Tensor]:
    """The model as transformers runs it."""
    return lambda ids, mask: model(input_ids=ids, attention_mask=mask).logits


def keep_ends(row: list[T], most: int) -> list[T]:
    """At most `most` items of a row: all of them, or as many from its beginning as from its end."""
    head = (most + 1) // 2
    return row if len(row) <= most else row[:head] + row[head - most :]


def merge_classes(logits: Floats, order: Sequence[int]) -> Floats:
    """(texts, classes) -> (texts, 3): classes of one meaning are added up; one that is missing gets minus infinity."""
    merged = np.full((len(logits), len(LABELS)), -np.inf)
    for column, place in enumerate(order):
        merged[:, place] = np.logaddexp(merged[:, place], logits[:, column])
    return merged


def has_fast_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 itself; one that does not is many times slower with it."""
    import torch

    checks = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(bool(check()) for check in checks if check is not None)


def _longest(tokenizer: Any, model: Any) -> int:
    """Tokens that both of them take; RoBERTa's family counts its positions from the padding on."""
    positions = int(getattr(model.config, "max_position_embeddings", _MOST_TOKENS) or _MOST_TOKENS)
    if "roberta" in str(model.config.model_type):
        positions -= int(model.config.pad_token_id or 1) + 1
    return max(3, min(_MOST_TOKENS, positions, int(tokenizer.model_max_length)))


def _check(name: str, tokenizer: Any, model: Any) -> None:
    rows = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        raise ModelError(f"{name} disagrees with itself: {len(tokenizer)} pieces, but embeddings for {rows}.")
    if not tokenizer.is_fast:
        raise ModelError(f"{name} has no tokenizer.json, the only kind of tokenizer that is loaded.")


def _quiet() -> None:
    """Keep progress bars and advice off the operator's terminal."""
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _first_line(problem: Exception) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0]
