"""Figures of several genres an item: laws, and scikit-learn as the second source."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from genre_core.errors import ParameterError
from genre_core.metrics.classification import accuracy
from genre_core.metrics.multilabel import multilabel_macro_f1, multilabel_roc_auc, top_hit


@pytest.fixture
def made() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    hits = rng.random((200, 5)) < 0.3
    return hits, np.clip(0.3 * hits + rng.random((200, 5)) * 0.7, 0, 1)


def test_equal_to_scikit_learn(made: tuple[np.ndarray, np.ndarray]) -> None:
    hits, probs = made
    assert multilabel_roc_auc(hits, probs) == pytest.approx(roc_auc_score(hits, probs))
    expected = f1_score(hits, probs >= 0.5, average="macro")
    assert multilabel_macro_f1(hits, probs) == pytest.approx(expected)


def test_a_perfect_and_an_even_answer(made: tuple[np.ndarray, np.ndarray]) -> None:
    hits, _ = made
    for rule in (multilabel_roc_auc, multilabel_macro_f1):
        assert rule(hits, hits.astype(float)) == 1.0
    assert multilabel_roc_auc(hits, np.full(hits.shape, 0.2)) == 0.5
    assert multilabel_macro_f1(hits, np.full(hits.shape, 0.2)) == 0.0


def test_the_order_of_items_and_genres_does_not_matter(
    made: tuple[np.ndarray, np.ndarray],
) -> None:
    hits, probs = made
    items, genres = np.random.default_rng(1).permutation(200), [3, 0, 4, 1, 2]
    for rule in (multilabel_roc_auc, multilabel_macro_f1, top_hit):
        turned = rule(hits[items][:, genres], probs[items][:, genres])
        assert turned == pytest.approx(rule(hits, probs))


def test_with_one_genre_an_item_the_top_hit_is_accuracy() -> None:
    rng = np.random.default_rng(0)
    true, probs = rng.integers(0, 4, 50), rng.random((50, 4))
    assert top_hit(np.eye(4)[true], probs) == accuracy(true, probs.argmax(axis=1))


def test_a_genre_without_both_sides_is_left_out() -> None:
    hits = np.array([[1, 1, 0], [0, 1, 0]])
    probs = np.array([[0.9, 0.1, 0.2], [0.3, 0.2, 0.9]])
    assert multilabel_roc_auc(hits, probs) == 1.0
    assert np.isnan(multilabel_roc_auc(hits[:, 1:], probs[:, 1:]))
    assert np.isnan(multilabel_macro_f1(np.zeros((2, 2)), np.zeros((2, 2))))


def test_an_even_chance_counts_as_predicted() -> None:
    assert multilabel_macro_f1([[1], [0]], [[0.5], [0.4999]]) == 1.0


def test_a_genre_that_is_only_predicted_counts_as_missed() -> None:
    hits, probs = np.array([[1, 0], [1, 0]]), np.array([[0.9, 0.9], [0.8, 0.1]])
    expected = f1_score(hits, probs >= 0.5, average="macro", zero_division=0)
    assert multilabel_macro_f1(hits, probs) == expected == 0.5


def test_hits_may_be_numbers_or_truth_values(made: tuple[np.ndarray, np.ndarray]) -> None:
    hits, probs = made
    for rule in (multilabel_roc_auc, multilabel_macro_f1, top_hit):
        assert rule(hits.astype(float), probs) == rule(hits, probs)


@pytest.mark.parametrize(
    ("hits", "scores"),
    [
        (np.zeros((0, 2)), np.zeros((0, 2))),
        (np.zeros((2, 2)), np.zeros((2, 3))),
        (np.zeros(2), np.zeros(2)),
        (np.zeros((1, 2)), np.array([[np.nan, 0.0]])),
        (np.zeros((1, 2)), np.array([[np.inf, 0.0]])),
    ],
)
@pytest.mark.parametrize("rule", [multilabel_roc_auc, multilabel_macro_f1, top_hit])
def test_bad_input(rule: object, hits: np.ndarray, scores: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="Received"):
        rule(hits, scores)
