"""Figures against published values and against their own definitions."""

from __future__ import annotations

import random

import pytest

from feedback_app.statistics import corrected_share, median, nps, recall, share


def test_wilson_agrees_with_a_published_example() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 gives 0.2553 to 0.3662
    figure = share(81, 263)
    assert figure is not None
    assert (round(figure.low, 4), round(figure.high, 4)) == (0.2553, 0.3662)


def test_wilson_stays_within_a_share_at_the_ends() -> None:
    nothing, everything = share(0, 10), share(10, 10)
    assert nothing is not None
    assert everything is not None
    assert nothing.low == 0
    assert 0.2 < nothing.high < 0.4
    assert everything.high == pytest.approx(1)


def test_nps_is_promoters_less_detractors_with_the_multinomial_interval() -> None:
    figure = nps(50, 30, 20)
    assert figure is not None
    assert figure.value == pytest.approx(30)
    assert figure.high - figure.value == pytest.approx(1.959964 * 100 * (0.61 / 100) ** 0.5, rel=1e-4)


def test_nothing_gives_no_figure() -> None:
    assert share(0, 0) is None
    assert nps(0, 0, 0) is None
    assert median([]) is None


def test_a_figure_of_fewer_than_thirty_is_not_shown() -> None:
    few, enough = share(5, 29), share(5, 30)
    assert few is not None
    assert enough is not None
    assert (few.shown, enough.shown) == (False, True)


def test_recall_weighs_what_the_sample_missed_by_all_that_was_not_flagged() -> None:
    # 200 flagged, 80 % right: 160 found. 1,000 unflagged, 4 of 100 sampled unhappy: 40 missed. 160 / 200 = 0.8
    figure = recall(200, share(80, 100), 1000, 4, 100)
    assert figure is not None
    assert figure.value == pytest.approx(0.8)
    assert figure.low < 0.8 < figure.high


def test_the_interval_of_recall_covers_the_truth_nineteen_times_in_twenty() -> None:
    dice, covered, rounds = random.Random(7), 0, 400
    for _ in range(rounds):
        right = sum(dice.random() < 0.8 for _ in range(100))
        missed = sum(dice.random() < 0.04 for _ in range(150))
        figure = recall(200, share(right, 100), 1000, missed, 150)
        assert figure is not None
        covered += figure.low <= 0.8 <= figure.high
    print(f"interval of recall: covered the truth in {covered} of {rounds}")
    assert 0.90 * rounds <= covered <= 0.995 * rounds


def test_the_corrected_share_undoes_the_errors_of_a_known_machine() -> None:
    # truth 20 %, sensitivity 0.9, specificity 0.95: of 10,000 texts 2,200 are flagged, 1,800 of them rightly
    figure = corrected_share(2200, share(1800, 2200), 7800, 200, 7800)
    assert figure is not None
    assert figure.value == pytest.approx(0.2)
    assert corrected_share(2200, None, 7800, 200, 7800) is None
    assert corrected_share(2200, share(1800, 2200), 7800, 0, 0) is None


def test_the_interval_of_the_corrected_share_holds_the_uncertainty_of_both_samples() -> None:
    # truth: 200 flagged, 75 % of them rightly; 1,000 not flagged, 4 % of them unhappy: (150 + 40) / 1,200
    dice, rounds, truth = random.Random(6), 2000, 190 / 1200
    covered = 0
    for _ in range(rounds):
        right = sum(dice.random() < 0.75 for _ in range(100))
        missed = sum(dice.random() < 0.04 for _ in range(150))
        figure = corrected_share(200, share(right, 100), 1000, missed, 150)
        assert figure is not None
        covered += figure.low <= truth <= figure.high
    print(f"interval of the corrected share: covered the truth in {covered} of {rounds}")
    assert 0.90 * rounds <= covered <= 0.995 * rounds


@pytest.mark.parametrize(("values", "middle"), [([3.0], 3), ([1.0, 9.0], 5), ([9.0, 1.0, 2.0], 2)])
def test_median(values: list[float], middle: float) -> None:
    assert median(values) == middle
