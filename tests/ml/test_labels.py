"""Class names of other people's models."""

from __future__ import annotations

import numpy as np
import pytest

from ml import ModelError
from ml.labels import class_order
from ml.network import merge_classes


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["negative", "neutral", "positive"], [0, 1, 2]),
        (["POS", "NEU", "NEG"], [2, 1, 0]),
        (["NEGATIVE", "POSITIVE"], [0, 2]),
        (["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], [0, 0, 1, 2, 2]),
        (["Very Negative", "Negative", "Neutral", "Positive", "Very Positive"], [0, 0, 1, 2, 2]),
        (["very_negative", "negative", "neutral", "positive", "very_positive"], [0, 0, 1, 2, 2]),
    ],
)
def test_names_that_say_what_they_mean_are_understood(names: list[str], order: list[int]) -> None:
    assert class_order(names) == order


def test_a_name_that_says_nothing_is_refused_until_it_is_explained() -> None:
    names = ["LABEL_0", "LABEL_1"]
    with pytest.raises(ModelError, match=r'"LABEL_0" does not say what it means'):
        class_order(names)
    assert class_order(names, {"label_0": "positive", "LABEL_1": "negative"}) == [2, 0]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["negative"], "1 classes"),
        (["positive", "neutral"], "means negative"),
        (["a", "b", "c", "d"], "4 classes"),
        (["negative", "neutral", "joy"], '"joy" does not say'),
    ],
)
def test_what_cannot_be_mapped_is_refused(names: list[str], sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        class_order(names)


def test_a_mapping_must_name_one_of_the_three() -> None:
    with pytest.raises(ModelError, match="does not say"):
        class_order(["LABEL_0", "positive"], {"LABEL_0": "angry"})


def test_shares_of_one_meaning_are_added() -> None:
    shares = np.array([[0.1, 0.2, 0.3, 0.3, 0.1]])
    merged = np.exp(merge_classes(np.log(shares), [0, 0, 1, 2, 2]))
    assert merged == pytest.approx(np.array([[0.3, 0.3, 0.4]]))


def test_a_class_that_is_missing_has_no_share() -> None:
    assert np.exp(merge_classes(np.array([[0.0, 0.0]]), [0, 2])).tolist() == [[1.0, 0.0, 1.0]]
