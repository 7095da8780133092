"""Metrics and calibration: what the figures in the model card mean."""

from __future__ import annotations

import numpy as np
import pytest

from ml.calibrate import _guards, choose_threshold, fit_lean, fit_scalings
from ml.calibration import Calibration, Scaling, group_of, softmax
from ml.labels import LABELS
from ml.metrics import Judged, calibration_error, confusion, intervals, macro_f1, report, unhappy_scores


def judged(truth: list[int], answer: list[int], share: float = 0.8) -> Judged:
    """Answers that are all given with the same share."""
    shares = np.full((len(answer), 3), (1 - share) / 2)
    shares[np.arange(len(answer)), answer] = share
    said = np.array(answer)
    return Judged(np.array(truth), shares, said == 0, np.ones(len(truth), dtype=bool))


def test_rows_are_people_and_columns_the_model() -> None:
    assert confusion(np.array([0, 0, 1]), np.array([0, 2, 1])).tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]


def test_macro_f1_is_the_mean_of_the_classes() -> None:
    assert macro_f1(judged([0, 0, 1, 2], [0, 1, 1, 2])) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)


def test_macro_f1_leaves_out_classes_that_nobody_used() -> None:
    assert macro_f1(judged([0, 2], [0, 2])) == 1


def test_recall_and_precision_are_those_of_unhappy() -> None:
    assert unhappy_scores(judged([0, 0, 1, 2], [0, 1, 0, 2])) == (0.5, 0.5)


def test_no_negative_text_and_no_flag_is_no_error() -> None:
    assert unhappy_scores(judged([1, 2], [1, 2])) == (0, 0)


def test_a_model_that_is_right_as_often_as_it_says_has_no_calibration_error() -> None:
    assert calibration_error(judged([0, 0, 0, 0, 1], [0, 0, 0, 0, 0])) == pytest.approx(0)
    assert calibration_error(judged([0, 0], [0, 0])) == pytest.approx(0.2)


def test_the_interval_holds_the_figure() -> None:
    one = judged([0, 1, 2, 0, 1, 2] * 20, [0, 1, 2, 0, 1, 1] * 20)
    low, high = intervals(one)["macro_f1"]
    assert low < macro_f1(one) < high
    low, high = intervals(one)["unhappy_recall"]
    assert low <= unhappy_scores(one)[0] <= high
    assert intervals(one) == intervals(one)


def test_a_report_counts_what_was_left_out() -> None:
    one = judged([0, 1], [1, 1])
    left_out = Judged(one.truth, one.shares, one.unhappy, np.array([False, True]))
    assert report(left_out, bounds=False)["not_scored"] == 1


def test_softmax_survives_what_is_huge_or_missing() -> None:
    assert softmax(np.array([[1e4, -np.inf, 1e4]])).tolist() == [[0.5, 0, 0.5]]


def test_each_group_gets_its_own_temperature() -> None:
    calibration = Calibration({"english": Scaling(2.0), "other": Scaling(1.0)})
    shares = calibration.probabilities(np.array([[2.0, 0, 0]] * 3), ["english", "norwegian", "other"])
    assert shares[0].tolist() == softmax(np.array([[1.0, 0, 0]]))[0].tolist()
    assert shares[1].tolist() == shares[2].tolist()  # a group without a scaling gets that of "other"


def test_both_norwegian_forms_are_one_group() -> None:
    assert group_of("nb") == group_of("nn") == "norwegian"
    assert group_of(None) == group_of("fr") == "other"


def test_a_boastful_model_is_cooled() -> None:
    dice = np.random.default_rng(3)
    shares = dice.dirichlet((1, 1, 1), 4_000)
    truth = np.array([dice.choice(3, p=row) for row in shares])
    boastful = np.log(shares) * 2.0
    found = fit_scalings(boastful, truth, ["english"] * len(truth), np.ones(len(truth)))
    assert found["english"].temperature == pytest.approx(2.0, rel=0.1)


def test_a_model_that_was_taught_to_cry_negative_is_held_back() -> None:
    dice = np.random.default_rng(4)
    shares = dice.dirichlet((1, 1, 1), 8_000)
    truth = np.array([dice.choice(3, p=row) for row in shares])
    crying = np.log(shares) + np.log([1.5, 1.0, 0.8])
    lean = fit_lean(crying, truth, ["norwegian"] * len(truth), np.ones(len(truth)))
    assert lean == pytest.approx(np.log([1.5, 1.0, 0.8]), abs=0.1)
    assert np.abs(softmax(crying - lean) - shares).mean() < np.abs(softmax(crying) - shares).mean() / 4


def test_tweets_that_were_picked_in_equal_shares_have_no_say_about_the_lean() -> None:
    crying = np.log(np.random.default_rng(5).dirichlet((1, 1, 1), 300)) + np.log([1.5, 1.0, 0.8])
    truth = np.arange(300) % 3
    assert fit_lean(crying, truth, ["other"] * 300, np.ones(300)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("texts", [1, 3, 40])
def test_few_texts_or_texts_without_a_doubt_move_nothing_out_of_bounds(texts: int) -> None:
    truth = np.arange(texts) % 3
    certain = 30.0 * (truth[:, None] == np.arange(3))
    for scores in (certain, -certain, np.zeros_like(certain)):
        found = fit_scalings(scores, truth, ["english"] * texts, np.ones(texts))["english"]
        assert 0.4 <= found.temperature <= 3.0
        assert np.isfinite(fit_lean(scores, truth, ["english"] * texts, np.ones(texts))).all()


def test_the_threshold_is_the_highest_that_keeps_the_recall_on_each_set() -> None:
    negative = LABELS.index("negative")
    shares = np.array([0.9] * 93 + [0.3] * 7 + [0.6] * 93 + [0.2] * 7)
    sources = np.array(["voices"] * 100 + ["vader_amazon"] * 100)
    found = choose_threshold(shares, np.full(200, negative), sources)
    assert 0.59 < found <= 0.6


def test_a_language_may_have_a_threshold_of_its_own() -> None:
    calibration = Calibration({"norwegian": Scaling(threshold=0.4), "english": Scaling()}, threshold=0.2)
    assert [calibration.threshold_of(language) for language in ("nb", "nn", "en", "de", None)] == [
        0.4,
        0.4,
        0.2,
        0.2,
        0.2,
    ]


def test_tweets_guard_the_threshold_where_there_is_nothing_else() -> None:
    sources = np.array(["voices", "umsab_de", "umsab_fr"])
    assert list(_guards(sources, "other")) == ["voices", "umsab", "umsab"]
    assert list(_guards(sources, "english")) == list(sources)
