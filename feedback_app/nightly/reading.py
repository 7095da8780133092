"""One batch: what the model says of each text, and which sentence tells; texts that it cannot take are sorted out."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from feedback_app.nightly.errors import ModelBrokenError
from feedback_app.nightly.model import Model, Reading
from feedback_app.scoring import rules
from feedback_app.scoring.queries import TextToScore
from feedback_app.scoring.service import NewScore

logger = logging.getLogger(__name__)

ATTEMPTS = 3  # a text that fails as often is given up
ENOUGH_TO_JUDGE = 8  # where so many texts fail and none succeeds, it is not the texts


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """Have the system end this process where the block takes longer; its supervisor starts another.

    A timer signal that nobody handles ends the process even where native code hangs and holds the interpreter's lock,
    which a watching thread could not.
    """
    if seconds is None:
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def read_texts(model: Model, texts: Sequence[TextToScore]) -> list[NewScore]:
    """Return what `model` makes of each text. Raises `ModelBrokenError` where it fails on all of them."""
    readings = _predict(model, texts)
    if len(texts) >= ENOUGH_TO_JUDGE and not any(readings):
        raise ModelBrokenError("The model fails on every text.")
    scores = [_score(model, text, reading) for text, reading in zip(texts, readings, strict=True)]
    return _explain(model, texts, readings, scores)


def given_up(texts: Sequence[TextToScore]) -> list[NewScore]:
    """Return the records of texts that ended the process too often: `error`."""
    return [NewScore(answer_id=text.answer_id, response_id=text.response_id, reason="error") for text in texts]


def _predict(model: Model, texts: Sequence[TextToScore]) -> list[Reading | None]:
    """Predict; where the batch fails, halve it until the culprits stand alone. None: it failed `ATTEMPTS` times."""
    for _ in range(1 if len(texts) > 1 else ATTEMPTS):
        try:
            readings = model.predict([text.text for text in texts])
            if len(readings) != len(texts):
                raise ValueError(f"{len(readings)} readings of {len(texts)} texts")
            return list(readings)
        except Exception as error:  # its message is not logged: it could quote the customer
            logger.warning(
                "scoring %d text(s) from answer %d failed: %s", len(texts), texts[0].answer_id, type(error).__name__
            )
    if len(texts) == 1:
        return [None]
    middle = len(texts) // 2
    return _predict(model, texts[:middle]) + _predict(model, texts[middle:])


def _score(model: Model, text: TextToScore, reading: Reading | None) -> NewScore:
    if reading is None:
        return given_up([text])[0]
    threshold = rules.threshold_for(model.threshold_of(reading.language), text.polarity)
    scored = reading.reason is None and reading.negative is not None
    return NewScore(
        answer_id=text.answer_id,
        response_id=text.response_id,
        reason=reading.reason,
        label=reading.label if scored else None,
        negative=reading.negative if scored else None,
        neutral=reading.neutral if scored else None,
        positive=reading.positive if scored else None,
        threshold=threshold if scored else None,
        unhappy=scored and reading.negative is not None and reading.negative >= threshold,
        language=reading.language,
        language_sure=reading.language_sure,
        truncated=reading.truncated,
    )


def _explain(
    model: Model, texts: Sequence[TextToScore], readings: Sequence[Reading | None], scores: list[NewScore]
) -> list[NewScore]:
    """Add their sentences to the scores of unhappy texts; where the model cannot, they stay without."""
    chosen = [number for number, score in enumerate(scores) if score.unhappy]
    if not chosen:
        return scores
    try:
        found = model.explain_many([texts[n].text for n in chosen], [readings[n] for n in chosen])
    except Exception as error:
        logger.warning("explaining %d texts failed: %s", len(chosen), type(error).__name__)
        return scores
    for number, sentences in zip(chosen, found, strict=True):
        rows = [[s.start, s.end, s.negative, s.neutral, s.positive] for s in sentences]
        scores[number] = _explained(scores[number], rows)
    return scores


def _explained(score: NewScore, sentences: list[list[float]]) -> NewScore:
    """Return `score` with its sentences and the telling one among them."""
    start, end = rules.telling_sentence(sentences) or (None, None)
    return replace(score, sentences=sentences, telling_start=start, telling_end=end)
