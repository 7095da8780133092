"""Sentiment of customer texts in Norwegian, English and a few more languages: text and numbers, no web framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ml.errors import ModelError

if TYPE_CHECKING:
    from ml.sentiment import Sentence, Sentiment, SentimentModel

__all__ = ["ModelError", "Sentence", "Sentiment", "SentimentModel"]


def __getattr__(name: str) -> object:
    """Import the interface at first use, so that `import ml` costs nothing."""
    if name in __all__:
        from ml import sentiment

        return getattr(sentiment, name)
    raise AttributeError(f"module 'ml' has no attribute {name!r}")
