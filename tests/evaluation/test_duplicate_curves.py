"""Recall and false pairs of a finder: by hand, by laws, and chosen without looking at the rest."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.data.near_pairs import NearPairs
from genre_core.errors import ParameterError
from genre_core.evaluation.duplicates import Judged, Known, known_pairs, on_halves

# Two known groups (0 1 2 and 3 4), three others (5 6 7); 4 is the file of 3 again.
PATHS = ["a", "b", "c", "d", "d", "e", "f", "g"]
GROUPS = ["x", "x", "x", "y", "y", "", "", "z"]
PAIRS = [
    (0, 1, 0.9),
    (0, 2, 0.7),  # 1 and 2 are not even proposed
    (3, 4, 1.0),
    (2, 5, 0.8),  # false, and 5 is an other
    (6, 7, 0.6),  # false, but somebody saw that it is the same
    (0, 3, 0.95),  # false, but neither is an other
]


def near(pairs: list[tuple[int, int, float]]) -> NearPairs:
    first, second, score = zip(*pairs, strict=True)
    return NearPairs(np.array(first), np.array(second), np.array(score, np.float32))


@pytest.fixture
def known() -> Known:
    return known_pairs(PATHS, GROUPS)


def test_known_pairs_are_all_pairs_of_a_group(known: Known) -> None:
    pairs = list(zip(known.first.tolist(), known.second.tolist(), strict=True))
    assert pairs == [(0, 1), (0, 2), (1, 2), (3, 4)]
    assert known.is_two_files.tolist() == [True, True, True, False]
    assert np.flatnonzero(known.is_other).tolist() == [5, 6, 7]


@pytest.mark.parametrize(
    ("threshold", "recall", "two_files", "falsely", "looked_at"),
    [
        (1.01, 0, 0, 0, 0),
        (1.0, 1 / 4, 0, 0, 0),
        (0.85, 2 / 4, 1 / 3, 0, 0),
        (0.75, 2 / 4, 1 / 3, 1 / 3, 1 / 3),
        (0.65, 3 / 4, 2 / 3, 1 / 3, 1 / 3),
        (0.5, 3 / 4, 2 / 3, 3 / 3, 1 / 3),
        (-9, 3 / 4, 2 / 3, 3 / 3, 1 / 3),
    ],
)
def test_figures_by_hand(
    known: Known,
    threshold: float,
    recall: float,
    two_files: float,
    falsely: float,
    looked_at: float,
) -> None:
    judged = Judged(known, near(PAIRS), frozenset({(6, 7)}))
    assert judged.at(threshold) == pytest.approx(
        {
            "threshold": threshold,
            "recall": recall,
            "recall_two_files": two_files,
            "falsely": falsely,
            "falsely_looked_at": looked_at,
        }
    )


def test_order_of_pairs_does_not_matter(known: Known) -> None:
    there, back = Judged(known, near(PAIRS)), Judged(known, near(PAIRS[::-1]))
    for threshold in (1.0, 0.7, 0.0):
        assert there.at(threshold) == back.at(threshold)


def test_a_finder_of_nothing_finds_nothing(known: Known) -> None:
    empty = np.zeros(0, np.int64)
    judged = Judged(known, NearPairs(empty, empty, np.zeros(0, np.float32)))
    figures = judged.at(-100)
    assert (figures["recall"], figures["falsely"]) == (0, 0)


def test_the_lowest_threshold_keeps_to_its_limit_and_is_the_lowest(known: Known) -> None:
    judged = Judged(known, near(PAIRS))
    for limit, share in ((0.0, 0.0), (0.34, 1 / 3), (0.99, 1 / 3), (1.0, 1.0)):
        threshold = judged.lowest_threshold(limit)
        assert judged.at(threshold)["falsely"] == pytest.approx(share)
    assert judged.lowest_threshold(0.0) == pytest.approx(0.8)
    only = np.array([False, True, True])
    assert judged.lowest_threshold(0.0, only) == pytest.approx(0.6)


def made(n_groups: int, n_others: int, seed: int = 0) -> Judged:
    rng = np.random.default_rng(seed)
    groups = [f"g{k // 2}" for k in range(2 * n_groups)] + [""] * n_others
    known = known_pairs([str(k) for k in range(len(groups))], groups)
    first, others = 2 * np.arange(n_groups), 2 * n_groups + np.arange(n_others)
    pairs = NearPairs(
        np.concatenate([first, np.minimum(others[:-1], others[1:])]),
        np.concatenate([first + 1, np.maximum(others[:-1], others[1:])]),
        np.concatenate([rng.normal(2, 1, n_groups), rng.normal(0, 1, n_others - 1)]).astype("f4"),
    )
    return Judged(known, pairs)


def test_intervals_hold_their_values() -> None:
    judged = made(60, 400)
    threshold = judged.lowest_threshold(0.1)
    figures, plain = judged.with_intervals(threshold), judged.at(threshold)
    for name in ("recall", "recall_two_files", "falsely", "falsely_looked_at"):
        each = figures[name]
        assert each["value"] == pytest.approx(plain[name], abs=1e-4)
        assert each["low"] < each["value"] < each["high"]
    assert figures["recall"]["n_pairs"] == 60
    assert figures["falsely"]["n_covers"] == round(plain["falsely"] * 400)


def test_halves_are_chosen_apart_and_agree_on_average() -> None:
    judged = made(300, 4_000)
    found = [on_halves(judged, 0.1, seed=seed) for seed in range(40)]
    assert found[0] == on_halves(judged, 0.1, seed=0)
    whole = judged.at(judged.lowest_threshold(0.1))
    assert len({each["recall"] for each in found}) > 5
    assert np.mean([each["recall"] for each in found]) == pytest.approx(whole["recall"], abs=0.02)
    assert np.mean([each["falsely"] for each in found]) == pytest.approx(0.1, abs=0.01)
    # Chosen on the other half, the limit is sometimes passed: it was not looked at.
    assert max(each["falsely"] for each in found) > 0.1


def test_pairs_that_were_looked_at_are_counted_apart(known: Known) -> None:
    judged = Judged(known, near(PAIRS), frozenset({(6, 7), (0, 1)}))
    assert judged.unlisted.tolist() == pytest.approx([0.6])  # 0 and 1 are listed anyway


@pytest.mark.parametrize(
    ("paths", "groups"),
    [(["a"], []), ([], []), (["a", "b"], ["x", "y"]), (["a", "b"], ["", ""])],
)
def test_tables_without_pairs_are_refused(paths: list[str], groups: list[str]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        known_pairs(paths, groups)
