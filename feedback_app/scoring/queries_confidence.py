"""How often the machine was right here: counted from this site's own corrections."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.scoring.models import Correction

FEWEST, MOST = 30, 40  # corrections that a count needs, and that it looks back on
BANDS = (0.0, 0.7, 0.9, 1.0)  # texts "like this": between the same two probabilities


@dataclass(frozen=True)
class Confidence:
    """Of the last `flagged` texts like this, `unhappy` really were."""

    flagged: int
    unhappy: int


def band_of(negative: float) -> tuple[float, float]:
    """Return the probabilities between which a text counts as one like this."""
    for low, high in pairwise(BANDS):
        if negative < high:
            return low, high
    return BANDS[-2], BANDS[-1]


def site_confidence(session: Session, model_version: str, negative: float) -> Confidence | None:
    """Return the count for texts like this; None while fewer than 30 have been judged."""
    low, high = band_of(negative)
    statement = sa.select(Correction.unhappy).where(
        Correction.current,
        Correction.machine_unhappy,
        Correction.source == "flag",
        Correction.model_version == model_version,
        Correction.negative >= low,
        Correction.negative <= high,
    )
    verdicts = session.scalars(statement.order_by(Correction.at.desc()).limit(MOST)).all()
    return Confidence(len(verdicts), sum(verdicts)) if len(verdicts) >= FEWEST else None
