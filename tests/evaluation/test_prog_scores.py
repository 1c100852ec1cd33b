"""Prog scores without labelled prog: orders and false alarms, against other sources."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.item import items_frame
from genre_core.evaluation.prog_scores import (
    false_alarms,
    known_non_prog,
    rank_correlation,
    songs_of,
    specificity_of,
)

pytestmark = pytest.mark.usefixtures("few_resamples")


def some_scores(n: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.random(1 + k % 4) for k in range(n)]


def made_catalog(rows: list[tuple[str, list[str], str]]) -> Catalog:
    """Build a catalog of (source, labels, split), one item a row."""
    items = [
        {"item_id": str(k), "source": source, "labels": labels, "split": split}
        for k, (source, labels, split) in enumerate(rows)
    ]
    return Catalog(DatasetHead("made", "Made", "none", "CC0"), Path(), items_frame(items))


CATALOG = made_catalog(
    [
        ("a", ["Rock", "non-prog"], "test"),
        ("a", ["non-prog (presumed)"], "test"),
        ("a", ["non-prog"], "val"),
        ("b", ["non-prog"], "test"),
        ("b", ["prog"], "test"),
        ("a", [], "test"),
        ("a", ["non-prog"], ""),
    ]
)


@pytest.mark.parametrize(
    ("sources", "split", "expected"),
    [
        (("a",), "test", ["0"]),
        (("a", "b"), "test", ["0", "3"]),
        ((), "test", ["0", "3"]),  # as in a task: every source
        (("a",), "val", ["2"]),
        (("a",), "train", []),
        (("c",), "test", []),
    ],
)
def test_only_songs_known_not_to_be_prog_are_known(
    sources: tuple[str, ...], split: str, expected: list[str]
) -> None:
    assert known_non_prog(CATALOG, sources, split)["item_id"].tolist() == expected


def test_no_source_is_every_source() -> None:
    assert len(songs_of(CATALOG, ())) == len(CATALOG)
    assert songs_of(CATALOG, ("b",))["item_id"].tolist() == ["3", "4"]


def test_false_alarms_are_counted_by_both_rules() -> None:
    songs = [
        np.array([0.9, 0.8]),  # both rules
        np.array([1.0, 0.4, 0.4]),  # mean .6, one of three
        np.array([0.51, 0.51, 0.0]),  # two of three, mean .34
        np.array([0.5]),  # not above the threshold
        np.array([0.0]),
    ]
    found = false_alarms(songs, np.arange(5))
    assert found["n"] == 5
    assert found["threshold"] == 0.5
    assert found["by_mean"]["k"] == found["by_majority"]["k"] == 2
    assert false_alarms([songs[1]] * 5, np.arange(5))["by_majority"]["k"] == 0
    every = false_alarms([songs[1]] * 5, np.arange(5))["by_mean"]
    assert every["k"] == 5
    assert false_alarms(songs, np.arange(5), threshold=0.3)["by_mean"]["k"] == 4
    assert [found[rule]["value"] for rule in ("by_mean", "by_majority")] == [0.4, 0.4]
    # Where all are alarms, the second source: Clopper and Pearson's interval.
    exact = stats.binomtest(5, 5).proportion_ci(method="exact")
    assert (every["low"], every["high"]) == pytest.approx((exact.low, exact.high), abs=1e-4)


def test_a_higher_threshold_never_alarms_more() -> None:
    songs = some_scores(40)
    for rule in ("by_mean", "by_majority"):
        counts = [
            false_alarms(songs, np.arange(40), threshold=each)[rule]["k"]
            for each in np.linspace(0, 1, 11)
        ]
        assert counts == sorted(counts, reverse=True)
        assert counts[0] == 40
        assert counts[-1] == 0


def test_specificity_turns_the_interval_round() -> None:
    alarms = false_alarms(some_scores(30), np.arange(30))
    found = specificity_of(alarms)
    share = alarms["by_mean"]
    assert found["value"] + share["value"] == pytest.approx(1)
    assert found["low"] + share["high"] == pytest.approx(1)
    assert found["high"] + share["low"] == pytest.approx(1)
    assert found["low"] < found["value"] < found["high"]


@pytest.mark.parametrize("n", [0, 1, 4])
def test_a_handful_of_songs_has_a_share_without_an_interval(n: int) -> None:
    alarms = false_alarms(some_scores(n), np.arange(n))
    share = alarms["by_mean"]
    reason = f"{n} group{'' if n == 1 else 's'}"
    assert share["no_interval"] == reason
    assert share["value"] == (pytest.approx(share["k"] / n) if n else None)
    assert specificity_of(alarms)["no_interval"] == reason


GROUPS = np.array([f"artist {k // 2}" for k in range(40)])


def test_the_order_of_the_teacher_is_correlated_with_itself() -> None:
    scores = some_scores(40)
    same = rank_correlation(scores, [each**3 for each in means(scores)], GROUPS)
    assert same["value"] == same["low"] == same["high"] == 1.0
    turned = rank_correlation(scores, [1 - each for each in means(scores)], GROUPS)
    assert turned["value"] == turned["low"] == turned["high"] == -1.0


def means(scores: list[np.ndarray]) -> list[np.ndarray]:
    return [np.array([each.mean()]) for each in scores]


def test_two_orders_at_random_have_none() -> None:
    found = rank_correlation(some_scores(40), some_scores(40, seed=1), GROUPS)
    assert found["low"] < 0 < found["high"]
    # The second source: Pearson's correlation of the ranks.
    own, other = (
        stats.rankdata([each.mean() for each in some_scores(40, seed)]) for seed in (0, 1)
    )
    assert found["value"] == pytest.approx(np.corrcoef(own, other)[0, 1], abs=1e-4)


def test_few_groups_give_an_order_without_a_warning() -> None:
    # Of 2,000 draws of five, some take one song five times.
    scores = some_scores(5)
    assert rank_correlation(scores, scores, np.arange(5).astype(str))["value"] == 1.0


def test_scores_that_are_all_the_same_have_no_order() -> None:
    found = rank_correlation([np.array([0.5])] * 40, some_scores(40), GROUPS)
    assert found == {"value": None, "no_interval": "not defined on these items"}
