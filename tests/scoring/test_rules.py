"""Decisions about scores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedback_app.scoring.rules import batch_is_overdue, telling_sentence, threshold_for
from feedback_app.surveys.models import Polarity

NOW = datetime(2026, 11, 26, 6, tzinfo=UTC)


@pytest.mark.parametrize(("model", "shifted"), [(0.4, 0.644), (0.5, 0.731), (0.9, 0.961), (0.0, 0.0), (1.0, 1.0)])
def test_a_suggestion_needs_one_step_more_on_the_logit_scale(model: float, shifted: float) -> None:
    assert threshold_for(model, Polarity.SUGGESTION) == pytest.approx(shifted, abs=0.001)
    assert threshold_for(model, Polarity.OPEN) == model
    assert threshold_for(model, Polarity.PRAISE) == model


def test_every_polarity_has_a_threshold() -> None:
    assert all(0 < threshold_for(0.5, polarity) < 1 for polarity in Polarity)


def test_the_telling_sentence_is_the_unhappiest() -> None:
    assert telling_sentence([[0, 9, 0.2, 0, 0], [10, 30, 0.9, 0, 0], [31, 40, 0.5, 0, 0]]) == (10, 30)
    assert telling_sentence([]) is None


def test_a_night_and_two_hours_may_pass_without_success() -> None:
    assert batch_is_overdue(None, NOW)
    assert not batch_is_overdue(NOW - timedelta(hours=26), NOW)
    assert batch_is_overdue(NOW - timedelta(hours=26, seconds=1), NOW)
