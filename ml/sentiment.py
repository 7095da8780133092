"""The whole interface of this package: load a model, ask it about texts."""

from __future__ import annotations

import gc
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING

from ml.errors import ModelError
from ml.labels import LABELS, NEUTRAL
from ml.manifest import model_version

if TYPE_CHECKING:
    from ml.calibration import Calibration
    from ml.language import Language
    from ml.network import Network

__all__ = ["ModelError", "Sentence", "Sentiment", "SentimentModel", "model_version"]

_WINDOW = 2_048  # texts that are sorted together, and all that a stream holds at once


@dataclass(frozen=True, slots=True)
class Sentiment:
    """What a model says about one text; probabilities and label are None where it was not scored.

    `unhappy` is "negative at or above the model's threshold for the language"; `reason` is None when scored, else
    "empty", "language" (one that the model was not verified on) or "error".
    """

    negative: float | None
    neutral: float | None
    positive: float | None
    label: str | None
    unhappy: bool
    language: str | None
    language_sure: bool
    truncated: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, where it stands in the text as it was given, and its own calibrated probabilities."""

    text: str
    start: int
    end: int
    negative: float
    neutral: float
    positive: float


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A text before scoring; a `reason` says that it will not be scored."""

    text: str
    cut: bool
    language: Language
    reason: str | None


class SentimentModel:
    """A loaded model; `languages` are those that it was verified on (none: not known).

    `threshold` is that of `unhappy` in languages that have none of their own.
    """

    def __init__(self, network: Network, calibration: Calibration, version: str) -> None:
        self._network, self._calibration = network, calibration
        self.version = version
        self.threshold = calibration.threshold
        self.languages = calibration.languages

    def threshold_of(self, language: str | None) -> float:
        """From which probability of negative on a text in `language` (BCP 47) is called unhappy."""
        return self._calibration.threshold_of(language)

    @classmethod
    def load(
        cls, name_or_folder: str | Path, *, labels: Mapping[str, str] | None = None, threads: int | None = None
    ) -> SentimentModel:
        """Load a folder, checked against its manifest first, or a name on a hub.

        `labels` says what the model's class names mean ({"LABEL_0": "negative", ...}) where they do not say so
        themselves; `threads` sets torch's for the whole process. ModelError says why a model is refused.
        """
        with _collector_at_rest():
            return cls._load(name_or_folder, labels, threads)

    @classmethod
    def _load(cls, name_or_folder: str | Path, labels: Mapping[str, str] | None, threads: int | None) -> SentimentModel:
        import torch

        from ml.calibration import Calibration, read_calibration
        from ml.manifest import check_folder
        from ml.network import Network

        if threads is not None:
            torch.set_num_threads(max(1, threads))
        folder = Path(name_or_folder)
        if folder.is_dir():
            check_folder(folder)
            network = Network.load(str(folder), labels)
            return cls(network, read_calibration(folder) or Calibration(), model_version(folder))
        if folder.is_absolute() or str(name_or_folder).count("/") != 1 or str(name_or_folder).startswith("."):
            raise ModelError(f"{name_or_folder} is neither a model folder nor a name on a hub (owner/name).")
        network = Network.load(str(name_or_folder), labels)
        return cls(network, Calibration(), f"{name_or_folder}@{(network.commit or 'unknown')[:12]}")

    def predict(self, texts: Sequence[str]) -> list[Sentiment]:
        """One Sentiment a text, in the same order; any string is taken, and none makes another one fail."""
        return list(self.predict_stream(texts))

    def predict_stream(self, texts: Iterable[str]) -> Iterator[Sentiment]:
        """As `predict`, for any number of texts in the memory of some two thousand."""
        from ml.batching import windows

        for window in windows(texts, _WINDOW):
            # Customers often write the same ("nei", "ok"): each text is scored once a window.
            unique = list(dict.fromkeys(text for text in window if isinstance(text, str)))
            scored = dict(zip(unique, self._score(unique), strict=True))
            for text in window:
                yield scored[text] if isinstance(text, str) else _not_scored("error")

    def explain(self, text: str) -> list[Sentence]:
        """The sentences of a text with their own probabilities; none where the text as a whole is not scored."""
        return self.explain_many([text], self.predict([text]))[0]

    def explain_many(self, texts: Sequence[str], wholes: Sequence[Sentiment]) -> list[list[Sentence]]:
        """As `explain`, for many texts at once; `wholes` is what `predict` has said about them.

        Of a text that was cut only the sentences that were read are explained: the rest moved nothing.
        """
        from ml.cleaning import MAX_CHARACTERS, clean
        from ml.sentences import sentence_spans

        spans = [
            sentence_spans(text[:MAX_CHARACTERS]) if whole.reason is None else []
            for text, whole in zip(texts, wholes, strict=True)
        ]
        for number, whole in enumerate(wholes):
            if whole.truncated:
                cleaned = [clean(texts[number][start:end])[0] for start, end in spans[number]]
                spans[number] = list(compress(spans[number], self._network.is_read(cleaned)))
        # A text of one sentence has been scored already.
        parts = [(n, start, end) for n, found in enumerate(spans) if len(found) > 1 for start, end in found]
        languages = [wholes[n].language for n, _, _ in parts]
        scored = self._score([texts[n][i:j] for n, i, j in parts], languages=languages) if parts else []
        rows = [(n, *found[0], wholes[n]) for n, found in enumerate(spans) if len(found) == 1]
        rows += [(*part, one) for part, one in zip(parts, scored, strict=True)]
        explained: list[list[Sentence]] = [[] for _ in texts]
        for n, start, end, one in rows:
            if one.negative is not None and one.neutral is not None and one.positive is not None:
                explained[n].append(Sentence(texts[n][start:end], start, end, one.negative, one.neutral, one.positive))
        return explained

    def _score(self, texts: list[str], *, languages: Sequence[str | None] | None = None) -> list[Sentiment]:
        """Score one window; `languages` that are given are believed."""
        from ml.calibration import group_of
        from ml.cleaning import is_mostly_foreign

        prepared = self._prepare(texts, languages)
        ids, cut, unknown = self._network.encode([one.text for one in prepared])
        scored = [
            number
            for number, one in enumerate(prepared)
            if one.reason is None and not (unknown[number] and is_mostly_foreign(one.text))
        ]
        logits = self._network.run([ids[number] for number in scored])
        shares = self._calibration.probabilities(logits, [group_of(prepared[n].language.code) for n in scored])
        results = [
            _not_scored(one.reason or "language", one.language, truncated=one.cut or long)
            for one, long in zip(prepared, cut, strict=True)
        ]
        for number, row in zip(scored, shares.tolist(), strict=True):
            results[number] = self._judge(row, prepared[number], long=cut[number])
        return results

    def _prepare(self, texts: list[str], languages: Sequence[str | None] | None) -> list[_Prepared]:
        """Clean the texts, find their languages, and see which of them cannot be scored."""
        from ml.cleaning import clean
        from ml.language import Language, find_languages

        cleaned = [clean(text) for text in texts]
        if languages is not None:
            found = [Language(language, True) for language in languages]
        else:
            found = [self._believed(one) for one in find_languages([text for text, _ in cleaned])]
        return [
            _Prepared(text, cut, spoken, self._refusal(text, spoken))
            for (text, cut), spoken in zip(cleaned, found, strict=True)
        ]

    def _believed(self, found: Language) -> Language:
        """A guess that is not sure only counts among the model's languages: "nei" is not Lithuanian."""
        from ml.language import Language

        doubtful = not found.sure and self.languages and found.code not in self.languages
        return Language(None, False) if doubtful else found

    def _refusal(self, text: str, language: Language) -> str | None:
        """Why a text is not scored, as far as the text alone tells."""
        if not text:
            return "empty"
        foreign = language.sure and self.languages and language.code not in self.languages
        return "language" if foreign else None

    def _judge(self, row: list[float], text: _Prepared, *, long: bool) -> Sentiment:
        """The Sentiment of three probabilities; a network that returned no number is an error of this text alone."""
        if not all(math.isfinite(share) for share in row):
            return _not_scored("error", text.language, truncated=text.cut or long)
        negative, neutral, positive = row
        # Where two are level, the middle is said: nobody is called unhappy by the order of a list.
        label = max(LABELS, key=lambda name: (row[LABELS.index(name)], name == NEUTRAL))
        return Sentiment(
            negative=negative,
            neutral=neutral,
            positive=positive,
            label=label,
            unhappy=negative >= self.threshold_of(text.language.code),
            language=text.language.code,
            language_sure=text.language.sure,
            truncated=text.cut or long,
            reason=None,
        )


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep Python's collector from walking through all that the imports make: a quarter of the time to load."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _not_scored(reason: str, language: Language | None = None, *, truncated: bool = False) -> Sentiment:
    code, sure = (language.code, language.sure) if language is not None else (None, False)
    return Sentiment(None, None, None, None, False, code, sure, truncated, reason)
