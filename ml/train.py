"""Fine-tunes the converted encoder on the labelled texts, by number of steps and resumable: `python -m ml train`."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.convert import save_model
from ml.corpus import Example, own_examples, public_examples
from ml.errors import ModelError
from ml.recipe import Recipe, plan, target, written

if TYPE_CHECKING:
    import torch
    from transformers import BertForSequenceClassification, PreTrainedTokenizerBase

_SAVE_EVERY = 200
_MEAN_EVERY = 10


def train(start: Path, folder: Path, data: Path, recipe: Recipe, *, stop: int | None = None, threads: int = 2) -> None:
    """Train from the model in `start`; leave `folder`/last and `folder`/mean, both loadable.

    `folder`/state.pt is written every 200 steps; a run that finds it goes on from there. `stop` ends it
    after so many steps of the recipe's schedule. ModelError where the model or the texts are missing.
    """
    import torch

    torch.set_num_threads(threads)
    examples = public_examples(data, "train") + own_examples("train")
    batches = plan(examples, recipe)
    model, tokenizer = _load(start, recipe)
    run = _Run(model, recipe, len(batches))
    folder.mkdir(parents=True, exist_ok=True)
    run.resume(folder / "state.pt")
    for texts, targets in _shown(examples, batches[:stop], recipe, run.step):
        run.learn(_encode(tokenizer, texts, recipe), torch.tensor(targets))
        if run.step % _SAVE_EVERY == 0:
            run.save(folder / "state.pt")
    _write(model, start, folder / "last")
    if run.taken:
        model.load_state_dict(run.mean, strict=False)
        _write(model, start, folder / "mean")
    (folder / "state.pt").unlink(missing_ok=True)


def _load(start: Path, recipe: Recipe) -> tuple[BertForSequenceClassification, PreTrainedTokenizerBase]:
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification

    if not (start / "model.safetensors").exists():
        raise ModelError(f"No model in {start}: python -m ml convert makes the one to start from.")
    torch.manual_seed(recipe.seed)
    model = BertForSequenceClassification.from_pretrained(
        start,
        dtype=torch.float32,
        attn_implementation="eager",
        hidden_dropout_prob=recipe.dropout,
        attention_probs_dropout_prob=0.0,
    )
    model.train()
    return model, AutoTokenizer.from_pretrained(start)


def _encode(tokenizer: PreTrainedTokenizerBase, texts: list[str], recipe: Recipe) -> dict[str, torch.Tensor]:
    encoded = tokenizer(texts, padding=True, truncation=True, max_length=recipe.longest, return_tensors="pt")
    return {"input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"]}


def _shown(
    examples: list[Example], batches: list[list[int]], recipe: Recipe, first: int
) -> Iterator[tuple[list[str], list[tuple[float, float, float]]]]:
    """Texts and targets of each step from `first` on; a step's texts depend on its number and the seed alone."""
    from tqdm import tqdm

    own = [example for example in examples if example.source == "voices"]
    bar = tqdm(range(first, len(batches)), initial=first, total=len(batches), unit="step", mininterval=5)
    for step in bar:
        dice = random.Random(f"{recipe.seed}/{step}")
        chosen = [examples[number] for number in batches[step]]
        yield [written(example, own, dice) for example in chosen], [target(example) for example in chosen]


class _Run:
    """Optimizer, schedule, running mean and progress of one training run."""

    def __init__(self, model: BertForSequenceClassification, recipe: Recipe, steps: int) -> None:
        import torch

        self.model, self.recipe, self.steps, self.step, self.taken = model, recipe, steps, 0, 0
        self.optimizer = torch.optim.AdamW(_groups(model, recipe), betas=(0.9, 0.98), weight_decay=0.01, fused=True)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._share)
        self.trained = {name: value for name, value in model.named_parameters() if value.requires_grad}
        self.mean = {name: value.detach().clone() for name, value in self.trained.items()}
        self.weights = torch.tensor(recipe.class_weights)

    def _share(self, step: int) -> float:
        """Share of the peak rate at `step`: up in a straight line, then down in another."""
        rise = max(1, round(self.recipe.warm_up * self.steps))
        if step < rise:
            return (step + 1) / rise
        left = (self.steps - step) / max(1, self.steps - rise)
        return self.recipe.last_rate + (1 - self.recipe.last_rate) * left

    def learn(self, encoded: dict[str, torch.Tensor], targets: torch.Tensor) -> None:
        """One step; `targets` is (texts, 3)."""
        import torch

        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = self.model(**encoded).logits
        losses = -(targets * torch.log_softmax(logits.float(), 1)).sum(1)
        loss = (losses * (targets @ self.weights)).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.trained.values(), self.recipe.clip)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        self.step += 1
        if self.step >= self.recipe.mean_from * self.steps and self.step % _MEAN_EVERY == 0:
            self.taken += 1
            for name, value in self.trained.items():
                self.mean[name].lerp_(value.detach(), 1 / self.taken)

    def save(self, path: Path) -> None:
        """Write all that a later process needs to go on, whole or not at all."""
        import torch

        state: dict[str, Any] = {
            "step": self.step,
            "taken": self.taken,
            "steps": self.steps,
            "recipe": repr(self.recipe),
            "model": {name: value.detach() for name, value in self.trained.items()},
            "mean": self.mean,
            "optimizer": self.optimizer.state_dict(),
            "random": torch.get_rng_state(),
        }
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def resume(self, path: Path) -> None:
        """Go on from `path` where it exists; ModelError where another run left it."""
        import torch

        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        if (state["recipe"], state["steps"]) != (repr(self.recipe), self.steps):
            raise ModelError(f"{path} is of another run: remove it, or give another folder.")
        self.step, self.taken, self.mean = state["step"], state["taken"], state["mean"]
        self.model.load_state_dict(state["model"], strict=False)
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.last_epoch = self.step
        torch.set_rng_state(state["random"])


def _groups(model: BertForSequenceClassification, recipe: Recipe) -> list[dict[str, Any]]:
    """Parameters with their rates: embeddings and lowest layers stay, and each layer above learns faster."""
    for value in model.bert.embeddings.parameters():
        value.requires_grad = False
    layers = model.bert.encoder.layer
    groups: list[dict[str, Any]] = []
    for number, layer in enumerate(layers):
        for value in layer.parameters():
            value.requires_grad = number >= recipe.frozen_layers
        if number >= recipe.frozen_layers:
            rate = recipe.rate * recipe.decay_by_layer ** (len(layers) - 1 - number)
            groups.append({"params": list(layer.parameters()), "lr": rate})
    assert model.bert.pooler is not None
    head = [*model.bert.pooler.parameters(), *model.classifier.parameters()]
    return [*groups, {"params": head, "lr": recipe.rate_of_head}]


def _write(model: BertForSequenceClassification, start: Path, folder: Path) -> None:
    """Store the model with the tokenizer it came with: the one in use would carry the run's own cut to short texts."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    save_model(model, folder)
    for path in start.glob("tokenizer*.json"):
        shutil.copyfile(path, folder / path.name)
