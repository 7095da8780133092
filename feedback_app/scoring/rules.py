"""Decisions about scores: which texts count as unhappy, given what the question asked for."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from feedback_app.surveys.models import Polarity

# An answer to "what should we improve?" sounds negative without being a complaint. One step on the logit scale asks
# for e = 2.7 times the odds: a threshold of 0.40 becomes 0.64. Praise that is asked for and not given stays as it is.
SHIFTS = {Polarity.OPEN: 0.0, Polarity.SUGGESTION: 1.0, Polarity.PRAISE: 0.0}
OVERDUE_AFTER = timedelta(hours=26)  # a night and two hours of grace


def threshold_for(model_threshold: float, polarity: Polarity) -> float:
    """Return the probability from which a text is unhappy, for a question of `polarity`."""
    shift = SHIFTS[polarity]
    if shift == 0.0 or not 0.0 < model_threshold < 1.0:
        return model_threshold
    logit = math.log(model_threshold / (1.0 - model_threshold)) + shift
    return 1.0 / (1.0 + math.exp(-logit))


def telling_sentence(sentences: list[list[float]]) -> tuple[int, int] | None:
    """Return start and end of the unhappiest of `sentences` ([start, end, negative, ...]), or None."""
    if not sentences:
        return None
    worst = max(sentences, key=lambda sentence: sentence[2])
    return int(worst[0]), int(worst[1])


def batch_is_overdue(last_success: datetime | None, now: datetime) -> bool:
    """Whether the nightly run has been away too long, or has never succeeded."""
    return last_success is None or now - last_success > OVERDUE_AFTER
