"""Cohen's kappa against scikit-learn, Fleiss' against its paper's own table and its laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from genre_core.errors import ParameterError
from genre_core.metrics.raters import cohen_kappa, fleiss_kappa

FLEISS_1971 = (
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
)
"""The worked example that textbooks print with a kappa of .210: 14 raters, 10 items, 5 kinds."""


@pytest.mark.parametrize("seed", range(5))
def test_cohen_is_scikit_learns(seed: int) -> None:
    chance = np.random.default_rng(seed)
    first, second = chance.integers(0, 2 + seed, (2, 40))
    assert cohen_kappa(first, second) == pytest.approx(cohen_kappa_score(first, second))
    assert cohen_kappa(second, first) == pytest.approx(cohen_kappa(first, second))
    assert cohen_kappa(first, first) == pytest.approx(1)


def test_fleiss_is_the_worked_example() -> None:
    assert fleiss_kappa(FLEISS_1971) == pytest.approx(0.210, abs=5e-4)


def test_fleiss_of_two_who_favour_the_same_is_cohens() -> None:
    # With equal favourites both take the same chance: Scott's pi is Cohen's kappa then.
    first, second = [0, 0, 1, 1, 2, 2], [0, 1, 1, 0, 2, 2]
    pairs = [np.bincount(pair, minlength=3) for pair in zip(first, second, strict=True)]
    assert fleiss_kappa(pairs) == pytest.approx(cohen_kappa(first, second))


def test_fleiss_takes_items_named_by_different_numbers_and_leaves_out_single_ones() -> None:
    counts = [[4, 0], [0, 2], [1, 1]]
    assert fleiss_kappa([*counts, [0, 1], [0, 0]]) == fleiss_kappa(counts)
    observed, share = (1 + 1 + 0) / 3, 5 / 8
    by_chance = share**2 + (1 - share) ** 2
    assert fleiss_kappa(counts) == pytest.approx((observed - by_chance) / (1 - by_chance))


def test_who_answers_by_dice_agrees_by_chance() -> None:
    dice = np.random.default_rng(0)
    counts = [np.bincount(dice.integers(0, 5, 30), minlength=5) for _ in range(200)]
    assert abs(fleiss_kappa(counts)) < 0.02


def test_where_all_is_one_genre_kappa_says_nothing() -> None:
    assert math.isnan(cohen_kappa([1, 1], [1, 1]))
    assert math.isnan(fleiss_kappa([[0, 3], [0, 2]]))
    assert math.isnan(fleiss_kappa([[0, 1], [1, 0]]))


@pytest.mark.parametrize(("first", "second"), [([], []), ([0.5], [1]), ([-1], [0]), ([0, 1], [1])])
def test_bad_namings_are_refused(first: list[float], second: list[float]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        cohen_kappa(first, second)


@pytest.mark.parametrize("counts", [[1, 2], [[-1, 2]], [[0.5, 1]], [["a", "b"]]])
def test_bad_counts_are_refused(counts: list[object]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        fleiss_kappa(counts)
