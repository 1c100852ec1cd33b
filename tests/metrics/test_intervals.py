"""Laws of intervals: what they hold, what leaves them alone, how often they are right."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from genre_core.errors import ParameterError
from genre_core.metrics import (
    Interval,
    accuracy,
    balanced_accuracy,
    bootstrap_interval,
    exact_interval,
    macro_f1,
    paired_gain,
    roc_auc,
)
from genre_core.metrics.intervals import MIN_GROUPS
from tests.made_counts import n_calls

N_GENRES = 5
Metric = Callable[[np.ndarray], float]


def items(n: int = 800, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make true genres, scores better than chance, and groups of one to about six items."""
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, N_GENRES, n)
    scores = rng.random((n, N_GENRES)) + 0.3 * np.eye(N_GENRES)[y_true]
    return y_true, scores, rng.integers(0, n // 3, n)


def figures(y_true: np.ndarray, scores: np.ndarray) -> dict[str, Metric]:
    y_pred = scores.argmax(axis=1)
    return {
        "accuracy": lambda i: accuracy(y_true[i], y_pred[i]),
        "balanced_accuracy": lambda i: balanced_accuracy(y_true[i], y_pred[i]),
        "macro_f1": lambda i: macro_f1(y_true[i], y_pred[i]),
        "roc_auc": lambda i: roc_auc(y_true[i], scores[i]),
        "binary_auc": lambda i: roc_auc(y_true[i] == 0, scores[i, 0]),
    }


FIGURES = tuple(figures(*items(10)[:2]))


@pytest.mark.parametrize("name", FIGURES)
def test_no_figure_goes_through_the_items_one_by_one(name: str) -> None:
    counts = []
    for n in (80, 800):
        y_true, scores, groups = items(n)
        metric = figures(y_true, scores)[name]
        own = functools.partial(bootstrap_interval, metric, groups, n_resamples=100)
        assert own().n_groups == len(np.unique(groups))
        counts.append(n_calls(own))
    assert counts[1] <= 1.1 * counts[0], counts


def test_two_thousand_resamples_stand_behind_an_interval() -> None:
    y_true, scores, groups = items(80)
    assert bootstrap_interval(figures(y_true, scores)["accuracy"], groups).n_resamples == 2_000


@pytest.mark.parametrize("name", FIGURES)
def test_an_interval_holds_its_value_and_widens_with_the_level(name: str) -> None:
    y_true, scores, groups = items(150)
    metric = figures(y_true, scores)[name]
    narrow, wide = (
        bootstrap_interval(metric, groups, level=x, n_resamples=300) for x in (0.5, 0.95)
    )
    assert narrow.value == wide.value == metric(np.arange(150))
    assert wide.low <= narrow.low < narrow.value < narrow.high <= wide.high
    assert (narrow.level, wide.level) == (0.5, 0.95)


@pytest.mark.parametrize("name", FIGURES)
def test_the_order_of_the_items_does_not_matter(name: str) -> None:
    y_true, scores, groups = items(120)
    order = np.random.default_rng(5).permutation(120)
    here = bootstrap_interval(figures(y_true, scores)[name], groups, n_resamples=200)
    there = bootstrap_interval(
        figures(y_true[order], scores[order])[name], groups[order], n_resamples=200
    )
    assert dataclasses.astuple(here) == pytest.approx(dataclasses.astuple(there), rel=1e-12)


@pytest.mark.parametrize("name", FIGURES)
def test_the_gain_of_a_metric_over_itself_is_exactly_zero(name: str) -> None:
    y_true, scores, groups = items(120)
    metric = figures(y_true, scores)[name]
    gain = paired_gain(metric, metric, groups, n_resamples=200)
    assert (gain.low, gain.value, gain.high) == (0.0, 0.0, 0.0)


def test_exchanging_the_two_metrics_turns_the_gain_round() -> None:
    y_true, scores, groups = items(120)
    by_name = figures(y_true, scores)
    there = paired_gain(by_name["accuracy"], by_name["macro_f1"], groups, n_resamples=200)
    back = paired_gain(by_name["macro_f1"], by_name["accuracy"], groups, n_resamples=200)
    assert (there.low, there.value, there.high) == pytest.approx(
        (-back.high, -back.value, -back.low)
    )


def test_pairing_takes_out_what_both_share() -> None:
    rng = np.random.default_rng(0)
    hit = rng.random(400) < 0.6
    worse = hit & (rng.random(400) < 0.9)  # right only where the other is right
    gain = paired_gain(lambda i: hit[i].mean(), lambda i: worse[i].mean(), np.arange(400))
    alone = bootstrap_interval(lambda i: hit[i].mean(), np.arange(400))
    assert gain.low > 0
    assert gain.high - gain.low < 0.8 * (alone.high - alone.low)


def test_a_resample_takes_whole_groups_and_as_many_as_there_are() -> None:
    groups = np.array(["b", "a", "a", "c", "d", "e", "e", "e"])
    seen: list[np.ndarray] = []

    def record(index: np.ndarray) -> float:
        seen.append(index)
        return 0.0

    bootstrap_interval(record, groups, n_resamples=300)
    assert np.array_equal(seen[0], np.arange(8))  # the value itself: every item once
    assert len(seen) == 301
    for index in seen[1:]:
        times = np.bincount(index, minlength=8)
        names = sorted(set(groups))
        per_group = [np.unique(times[groups == name]) for name in names]
        assert all(len(each) == 1 for each in per_group)
        assert sum(int(each[0]) for each in per_group) == len(names)
    # Over all resamples every group comes as often as any other.
    total = np.bincount(np.concatenate(seen[1:]), minlength=8)
    assert (np.abs(total / 300 - 1) < 0.2).all()


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    y_true, scores, groups = items(100)
    metric = figures(y_true, scores)["roc_auc"]
    first, again, other = (
        bootstrap_interval(metric, groups, seed=s, n_resamples=200) for s in (3, 3, 4)
    )
    assert first == again
    assert first != other


def test_names_of_groups_may_come_from_anywhere() -> None:
    hit = np.random.default_rng(0).random(60) < 0.5
    number = np.arange(60) // 4
    names = [f"artist {each:02d}" for each in number]
    by_kind = [
        bootstrap_interval(lambda i: hit[i].mean(), groups, n_resamples=200)
        for groups in (number, names, np.array(names), pd.Series(names), number.astype(np.uint8))
    ]
    assert len(set(by_kind)) == 1


def test_items_that_move_together_make_a_wider_interval() -> None:
    group = np.repeat(np.arange(40), 10)
    hit = np.random.default_rng(0).random(40)[group] < 0.5
    together = bootstrap_interval(lambda i: hit[i].mean(), group)
    alone = bootstrap_interval(lambda i: hit[i].mean(), np.arange(400))
    # Ten equal items are one: the width grows by the square root of ten.
    ratio = (together.high - together.low) / (alone.high - alone.low)
    assert ratio == pytest.approx(np.sqrt(10), rel=0.15)


def test_a_mean_has_the_width_of_the_normal_interval() -> None:
    values = np.random.default_rng(0).normal(size=400)
    interval = bootstrap_interval(lambda i: values[i].mean(), np.arange(400))
    half = 1.96 * values.std() / np.sqrt(400)
    assert interval.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_about_as_many_intervals_hold_the_truth_as_the_level_says() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(50), 3)
    n_simulations, n_held = 300, 0
    for _ in range(n_simulations):
        chance = rng.beta(3, 2, 50)[group]  # groups differ; the true mean is 0.6
        hit = rng.random(150) < chance
        interval = bootstrap_interval(lambda i, hit=hit: hit[i].mean(), group, n_resamples=200)
        n_held += interval.low <= 0.6 <= interval.high
    # At a true coverage of .93 (a little under .95: few groups, few resamples) 300 trials stay
    # within .88 and .98 with a chance above .999.
    assert 0.88 <= n_held / n_simulations <= 0.98


def test_a_figure_beyond_its_resamples_still_lies_in_its_interval() -> None:
    def n_different(index: np.ndarray) -> float:
        return float(len(np.unique(index)))  # a resample always has fewer

    interval = bootstrap_interval(n_different, np.arange(50), n_resamples=100)
    assert interval.value == interval.high == 50
    assert interval.low < 40
    below = bootstrap_interval(lambda i: -n_different(i), np.arange(50), n_resamples=100)
    assert below.value == below.low == -50


def test_undefined_resamples_are_skipped_and_counted() -> None:
    y_true = np.repeat([0, 1], [57, 3])  # the second genre is missing from exp(-3) = 5 %
    scores = np.random.default_rng(0).random(60)
    n_undefined = 0

    def metric(index: np.ndarray) -> float:
        nonlocal n_undefined
        area = roc_auc(y_true[index], scores[index])
        n_undefined += np.isnan(area)
        return area

    interval = bootstrap_interval(metric, np.arange(60), n_resamples=1000)
    assert 20 < n_undefined < 90
    assert interval.n_resamples == 1000 - n_undefined
    gain = paired_gain(metric, lambda i: 0.5, np.arange(60), n_resamples=1000)
    assert gain.n_resamples == interval.n_resamples
    assert gain.low == pytest.approx(interval.low - 0.5)


def test_a_genre_that_stands_on_one_group_has_no_interval() -> None:
    y_true = np.repeat([0, 1], [59, 1])
    with pytest.raises(ParameterError, match=r"tenth of the resamples\. Received \d+ undefined"):
        bootstrap_interval(lambda i: roc_auc(y_true[i], i / 60), np.arange(60))


def test_no_interval_with_fewer_than_five_groups() -> None:
    def mean(index: np.ndarray) -> float:
        return float(index.mean())

    assert bootstrap_interval(mean, np.arange(20) % 5, n_resamples=100).n_groups == MIN_GROUPS == 5
    for make in (
        lambda: bootstrap_interval(mean, np.arange(20) % 4),
        lambda: paired_gain(mean, mean, np.arange(20) % 4),
        lambda: exact_interval(2, 4),
        lambda: Interval(0.5, 0.4, 0.6, level=0.95, n_groups=4, n_resamples=2000),
    ):
        with pytest.raises(
            ParameterError, match=r"fewer than 5 groups stand behind it\. Received 4"
        ):
            make()


@given(n=st.integers(5, 400), data=st.data())
def test_exact_laws(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    level = data.draw(st.sampled_from([0.5, 0.9, 0.95, 0.99]))
    interval = exact_interval(k, n, level)
    assert 0 <= interval.low <= k / n <= interval.high <= 1
    mirror = exact_interval(n - k, n, level)
    assert (mirror.low, mirror.high) == pytest.approx((1 - interval.high, 1 - interval.low))
    same = stats.binomtest(k, n).proportion_ci(level, method="exact")
    assert (interval.low, interval.high) == pytest.approx((same.low, same.high), abs=1e-9)
    assert (interval.value, interval.n_groups, interval.n_resamples) == (k / n, n, 0)


def test_exact_coverage_is_never_below_the_level() -> None:
    n = 12
    ends = [exact_interval(k, n, 0.9) for k in range(n + 1)]
    for truth in np.linspace(0.01, 0.99, 49):
        chance = stats.binom.pmf(np.arange(n + 1), n, truth)
        held = sum(p for p, e in zip(chance, ends, strict=True) if e.low <= truth <= e.high)
        assert held >= 0.9


def test_all_right_is_not_certainty() -> None:
    flat = bootstrap_interval(lambda i: 1.0, np.arange(30), n_resamples=100)
    exact = exact_interval(30, 30)
    assert flat.low == 1.0  # what the bootstrap cannot see
    assert exact.low == pytest.approx(0.025 ** (1 / 30))


def test_an_interval_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        exact_interval(3, 9).low = 0.0  # type: ignore[misc]


GOOD = {"value": 0.5, "low": 0.4, "high": 0.6, "level": 0.95, "n_groups": 9, "n_resamples": 100}


@pytest.mark.parametrize(
    "change",
    [{"low": 0.51}, {"high": 0.49}, {"value": np.nan}, {"low": -np.inf}, {"level": 95.0}],
)
def test_a_bad_interval(change: dict[str, float]) -> None:
    Interval(**GOOD)
    with pytest.raises(ParameterError, match="Received"):
        Interval(**(GOOD | change))


@pytest.mark.parametrize(
    ("groups", "settings"),
    [
        ([], {}),
        (7, {}),
        (np.zeros((8, 2), dtype=int), {}),
        (["a", "b", "c", "d", "e", ""], {}),
        (np.array(["a", "b", "c", "d", "e", None], dtype=object), {}),
        (np.array(["a", "b", "c", "d", "e", ""], dtype=object), {}),
        (pd.Series(["a", "b", "c", "d", "e", None]), {}),
        ([0.0, 1.0, 2.0, 3.0, 4.0, np.nan], {}),
        (range(8), {"n_resamples": 99}),
        (range(8), {"n_resamples": 200.5}),
        (range(8), {"level": 0.0}),
        (range(8), {"level": 95}),
        (range(8), {"level": np.nan}),
    ],
)
def test_bad_bootstrap(groups: object, settings: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        bootstrap_interval(lambda i: 0.5, groups, **settings)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_metric_undefined_on_all_items(value: float) -> None:
    with pytest.raises(ParameterError, match=r"defined on all items together\. Received"):
        bootstrap_interval(lambda i: value, np.arange(8))


@pytest.mark.parametrize(
    ("k", "n", "level"),
    [(-1, 9, 0.95), (10, 9, 0.95), (2.5, 9, 0.95), (3, 9.5, 0.95), (3, 9, 1.0), (3, 9, 0.0)],
)
def test_bad_exact(k: float, n: float, level: float) -> None:
    with pytest.raises(ParameterError, match="Received"):
        exact_interval(k, n, level)
