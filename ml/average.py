"""Averages the weights of runs that began at the same encoder: `python -m ml average`."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ml.convert import WORD_EMBEDDINGS, save_model
from ml.errors import ModelError

if TYPE_CHECKING:
    import torch


def average(folders: Sequence[Path], out: Path) -> None:
    """Write the mean of the models in `folders` to `out`, with the tokenizer of the first.

    The mean of runs that differ in their seed alone answers better than each of them, at the cost of one
    (Wortsman et al. 2022, "Model soups"). ModelError where they do not fit together: another shape, or word
    embeddings that differ, which are frozen in training, so that the runs began elsewhere.
    """
    import torch
    from transformers import BertForSequenceClassification

    for folder in folders:
        if not (folder / "model.safetensors").exists():
            raise ModelError(f"No model in {folder}: python -m ml train leaves one in its folder's mean/.")
    model = BertForSequenceClassification.from_pretrained(folders[0], dtype=torch.float32)
    mean = {name: values.clone() for name, values in model.state_dict().items() if values.is_floating_point()}
    for number, folder in enumerate(folders[1:], 2):
        other = BertForSequenceClassification.from_pretrained(folder, dtype=torch.float32).state_dict()
        _check(folders[0], mean, folder, other)
        for name, values in mean.items():
            values.lerp_(other[name], 1 / number)
    model.load_state_dict(mean, strict=False)
    out.mkdir(parents=True, exist_ok=True)
    for path in folders[0].glob("tokenizer*.json"):
        shutil.copyfile(path, out / path.name)
    save_model(model, out)


def _check(first: Path, mean: dict[str, torch.Tensor], folder: Path, other: dict[str, torch.Tensor]) -> None:
    import torch

    shapes = {name: values.shape for name, values in mean.items()}
    if shapes != {name: values.shape for name, values in other.items() if values.is_floating_point()}:
        raise ModelError(f"{folder} and {first} are not of one shape.")
    if not torch.equal(mean[WORD_EMBEDDINGS], other[WORD_EMBEDDINGS]):
        raise ModelError(f"{folder} and {first} did not begin at the same encoder.")
