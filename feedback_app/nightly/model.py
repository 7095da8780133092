"""The door to the model library: what the run needs of a model, and how the configured one is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, cast

from feedback_app.nightly.errors import ModelUnusableError


class Reading(Protocol):
    """What a model makes of one text (`ml.Sentiment`)."""

    @property
    def negative(self) -> float | None: ...
    @property
    def neutral(self) -> float | None: ...
    @property
    def positive(self) -> float | None: ...
    @property
    def label(self) -> str | None: ...
    @property
    def language(self) -> str | None: ...
    @property
    def language_sure(self) -> bool: ...
    @property
    def truncated(self) -> bool: ...
    @property
    def reason(self) -> str | None: ...


class SentenceReading(Protocol):
    """What a model makes of one sentence of a text (`ml.Sentence`)."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def negative(self) -> float: ...
    @property
    def neutral(self) -> float: ...
    @property
    def positive(self) -> float: ...


class Model(Protocol):
    """A sentiment model, as the run uses it (`ml.SentimentModel`)."""

    @property
    def version(self) -> str: ...

    def threshold_of(self, language: str | None) -> float:
        """Return from which probability of negative on a text in `language` is unhappy."""

    def predict(self, texts: list[str]) -> Sequence[Reading]:
        """Return one reading a text, in the same order."""

    def explain_many(self, texts: list[str], wholes: list[Any]) -> Sequence[Sequence[SentenceReading]]:
        """Return the readings of each text's sentences, in order; `wholes` is what `predict` said of the texts."""


def version_of(name: str) -> str:
    """Return the version of the model `name` (a folder, or a hub's name); of a folder without loading it."""
    from ml import ModelError
    from ml.sentiment import model_version

    if not Path(name).is_dir():
        return load(name).version
    try:
        return model_version(name)
    except ModelError as error:
        raise ModelUnusableError(f"SENTIMENT_MODEL: {error}") from error


def load(name: str) -> Model:
    """Load the model `name`; this imports torch."""
    from ml import ModelError, SentimentModel

    try:
        return cast("Model", SentimentModel.load(name))
    except ModelError as error:
        raise ModelUnusableError(f"SENTIMENT_MODEL: {error}") from error
