"""A sentiment model for tests, without weights or torch: the words of a text decide."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

UNHAPPY_WORDS = ("angry", "terrible", "never again", "sint", "elendig")
HAPPY_WORDS = ("thank", "great", "takk")


@dataclass(frozen=True)
class StubSentiment:
    """As `ml.Sentiment`."""

    negative: float | None = None
    neutral: float | None = None
    positive: float | None = None
    label: str | None = None
    unhappy: bool = False
    language: str | None = "en"
    language_sure: bool = True
    truncated: bool = False
    reason: str | None = None


@dataclass(frozen=True)
class StubSentence:
    """As `ml.Sentence`."""

    text: str
    start: int
    end: int
    negative: float
    neutral: float
    positive: float


class StubModel:
    """Follows the interface of `ml.SentimentModel`. A text with "0.55" in it is negative with that probability.

    `poison` is called with each text before it is read, and may raise or hang; `rate` is a number of texts a second to
    be as slow as; `seen` holds the batches as they came, unless it is not to `keep` them.
    """

    def __init__(
        self,
        version: str = "stub-1",
        threshold: float = 0.5,
        poison: Callable[[str], None] = lambda _text: None,
        rate: float | None = None,
        keep: bool = True,
    ) -> None:
        self.version, self.threshold = version, threshold
        self.poison, self.rate, self.keep = poison, rate, keep
        self.seen: list[list[str]] = []

    def threshold_of(self, language: str | None) -> float:
        """Return the same threshold for every language."""
        return self.threshold

    def predict(self, texts: list[str]) -> list[StubSentiment]:
        """Return one sentiment a text."""
        if self.keep:
            self.seen.append(list(texts))
        for text in texts:
            self.poison(text)
        if self.rate:
            time.sleep(len(texts) / self.rate)
        return [self._read(text) for text in texts]

    def explain_many(self, texts: list[str], wholes: list[StubSentiment]) -> list[list[StubSentence]]:
        """Return the sentences of each text."""
        assert len(texts) == len(wholes)
        return [self.explain(text) for text in texts]

    def explain(self, text: str) -> list[StubSentence]:
        """Return the text's sentences."""
        found = []
        for match in re.finditer(r"[^.!?]+[.!?]*", text):
            one = self._read(match.group())
            assert one.negative is not None
            found.append(StubSentence(match.group(), match.start(), match.end(), one.negative, 0.0, 1 - one.negative))
        return found

    def _read(self, text: str) -> StubSentiment:
        if not text.strip():
            return StubSentiment(reason="empty", language=None, language_sure=False)
        if not any(letter.isascii() and letter.isalnum() for letter in text):
            return StubSentiment(reason="language", language="ja")
        given = re.search(r"\b0\.\d+", text)
        negative = float(given.group()) if given else self._by_words(text.lower())
        label = "negative" if negative > 0.5 else "positive"
        return StubSentiment(negative, 0.0, 1 - negative, label, unhappy=negative >= self.threshold)

    @staticmethod
    def _by_words(text: str) -> float:
        if any(word in text for word in UNHAPPY_WORDS):
            return 0.9
        return 0.05 if any(word in text for word in HAPPY_WORDS) else 0.2
