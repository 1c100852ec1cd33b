"""Log loss, Brier score and reliability, by laws and against scikit-learn."""

import numpy as np
import pytest
from scipy import special
from sklearn import metrics

from genre_core.metrics.reliability import (
    brier_scores,
    calibration_error,
    chance_error,
    claims,
    log_losses,
    reliability,
)

RNG = np.random.default_rng(0)
PROBS = special.softmax(RNG.normal(size=(200, 3)), axis=1)
TRUE = RNG.integers(0, 3, 200)
HITS = RNG.random((200, 3)) < 0.3


def test_log_loss_equals_scikit_learn() -> None:
    assert log_losses(TRUE, PROBS).mean() == pytest.approx(metrics.log_loss(TRUE, PROBS))
    each = [metrics.log_loss(HITS[:, k], PROBS[:, k]) for k in range(3)]
    assert log_losses(HITS, PROBS, several=True).mean() == pytest.approx(np.mean(each))


def test_brier_equals_scikit_learn() -> None:
    two = np.stack([1 - PROBS[:, 0], PROBS[:, 0]], axis=1)
    expected = metrics.brier_score_loss(HITS[:, 0], PROBS[:, 0])
    assert brier_scores(HITS[:, 0].astype(int), two).mean() == pytest.approx(expected)
    squares = ((PROBS - np.eye(3)[TRUE]) ** 2).sum(axis=1).mean()
    assert brier_scores(TRUE, PROBS).mean() == pytest.approx(squares)


def test_a_perfect_and_an_utterly_wrong_answer() -> None:
    sure = np.array([[1.0, 0.0, 0.0]])
    assert log_losses([0], sure) == brier_scores([0], sure) == 0
    assert np.isfinite(log_losses([1], sure)).all()
    assert brier_scores([1], sure) == 2


def test_what_is_held_to_its_word() -> None:
    said, came_true = claims(TRUE, PROBS)
    np.testing.assert_array_equal(said, PROBS.max(axis=1))
    np.testing.assert_array_equal(came_true, PROBS.argmax(axis=1) == TRUE)
    said, came_true = claims([0, 1], [[0.7, 0.3], [0.6, 0.4]])
    assert (said.tolist(), came_true.tolist()) == ([0.3, 0.4], [0, 1])
    assert len(claims(HITS, PROBS, several=True)[0]) == 600


def test_probabilities_that_hold_have_chance_error_alone() -> None:
    said = RNG.random(5_000)
    came_true = RNG.random(5_000) < said
    assert calibration_error(said, came_true) == pytest.approx(chance_error(said), abs=0.01)
    assert calibration_error(said**2, came_true) > 0.1
    assert chance_error(said[:50]) > 3 * chance_error(said)  # small tests look worse than they are


def test_bins_hold_everything_once_and_rise() -> None:
    said = RNG.random(95)
    bins = reliability(said, said > 0.5)
    assert len(bins) == 9
    assert sum(row["n"] for row in bins) == 95
    assert [row["said"] for row in bins] == sorted(row["said"] for row in bins)
    assert all(row["low"] <= row["true"] <= row["high"] for row in bins)
    assert sum(row["n"] * row["said"] for row in bins) / 95 == pytest.approx(said.mean(), abs=1e-4)
