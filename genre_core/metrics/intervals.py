"""How far a figure could be off by chance: intervals from resampled groups and exact ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from genre_core.errors import ParameterError, describe
from genre_core.metrics.resampling import group_codes, group_resamples

MIN_GROUPS = 5
"""No interval where fewer groups stand behind it."""

MAX_UNDEFINED = 0.1
"""Largest share of resamples in which a metric may be undefined.

A class that lives in m groups is missing from a resample with a chance of about exp(-m): 14 % for
two groups, 5 % for three. Above a tenth, then, a class stands on one or two groups.
"""

Metric = Callable[[np.ndarray], float]
"""A figure of the items named by an index array (with repeats); nan where it is undefined."""


class NoIntervalError(ParameterError):
    """A figure has no interval: `value` is what it is on all items, nan where it is undefined.

    `reason` says why in a few words, such as "3 groups".
    """

    def __init__(self, rule: str, *, reason: str, value: float, received: str, cure: str) -> None:
        super().__init__(rule, received=received, cure=cure)
        self.reason, self.value = reason, value


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the range that chance could have put it in.

    value: The figure on all items.
    low, high: Ends, with low <= value <= high.
    level: Share of such intervals that hold the true value, in (0, 1).
    n_groups: Independent groups behind it, at least 5.
    n_resamples: Resamples that counted; 0 for an exact interval.

    Examples
    --------
    >>> Interval(0.4, 0.3, 0.5, level=0.95, n_groups=80, n_resamples=2000)
    Interval(value=0.4, low=0.3, high=0.5, level=0.95, n_groups=80, n_resamples=2000)
    >>> Interval(0.4, 0.3, 0.5, level=0.95, n_groups=3, n_resamples=2000)
    Traceback (most recent call last):
        ...
    genre_core.metrics.intervals.NoIntervalError: No interval where fewer than 5 groups stand \
behind it. Received 3 groups. Report the value alone and the number of groups.
    """

    value: float
    low: float
    high: float
    level: float
    n_groups: int
    n_resamples: int

    def __post_init__(self) -> None:
        _require_groups(self.n_groups, self.value)
        _require_level(self.level)
        ends = (self.low, self.value, self.high)
        if not all(map(math.isfinite, ends)) or not self.low <= self.value <= self.high:
            raise ParameterError(
                "An interval needs finite low <= value <= high.",
                received=f"{self.low:g}, {self.value:g}, {self.high:g}",
                cure="Check the order of the arguments: value, low, high.",
            )


def bootstrap_interval(
    metric: Metric,
    groups: ArrayLike,
    *,
    n_resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Give the percentile-bootstrap interval of a figure, resampling whole groups.

    Every resample draws as many groups as there are, with replacement, and takes all items of each
    draw. The ends are the (1 - level) / 2 and (1 + level) / 2 quantiles of the figure over the
    resamples, moved out to the value where it lies beyond them.

    Parameters
    ----------
    metric : callable
        Takes an index array [shape=(m,), dtype=int64] into the items and gives their figure,
        nan where it is undefined: ``lambda i: accuracy(y_true[i], y_pred[i])``. Resamples in which
        it is undefined are skipped; `Interval.n_resamples` counts the rest.
    groups : array-like [shape=(n,), dtype=str or int]
        Which items belong together (artist or near-duplicates); at least 5 different ones. An
        item known to be alone has its own id for a group.
    seed : int
        The same seed and groups give the same resamples, so figures of one test set are comparable.

    Raises
    ------
    NoIntervalError
        Fewer than 5 groups, or a metric undefined on all items or in more than a tenth of the
        resamples.
    ParameterError
        An item without a group, too few resamples, or a level outside (0, 1).

    Notes
    -----
    **Source**: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; clusters
    as in Field and Welsh, J. R. Stat. Soc. B 69 (2007). Two limits: with few groups (below about
    30) the interval is too narrow, and where all items are right it has no width: use
    `exact_interval` there.

    Examples
    --------
    >>> hit = np.array([1, 1, 0, 1, 0, 1, 1, 1, 0, 1])
    >>> interval = bootstrap_interval(lambda i: hit[i].mean(), np.arange(10))
    >>> bool(interval.low < 0.7 < interval.high)
    True
    >>> bootstrap_interval(lambda i: hit[i].mean(), ["a", "b"] * 5)
    Traceback (most recent call last):
        ...
    genre_core.metrics.intervals.NoIntervalError: No interval where fewer than 5 groups stand \
behind it. Received 2 groups. Report the value alone and the number of groups.
    """
    codes, n_groups = group_codes(groups)
    value = float(metric(np.arange(len(codes)))) if len(codes) else math.nan
    _require_groups(n_groups, value)
    _require_level(level)
    if not _is_whole(n_resamples) or n_resamples < 100:
        raise ParameterError(
            "n_resamples must be a whole number of at least 100.",
            received=describe(n_resamples),
            cure="Leave it at 2000.",
        )
    if not math.isfinite(value):
        raise NoIntervalError(
            "The metric must be defined on all items together.",
            reason="not defined on these items",
            value=value,
            received=f"{value}",
            cure="Check that every genre it needs has items.",
        )
    indices = group_resamples(codes, int(n_resamples), seed)
    figures = np.array([metric(index) for index in indices], dtype=float)
    defined = figures[np.isfinite(figures)]
    if len(defined) < (1 - MAX_UNDEFINED) * n_resamples:
        raise NoIntervalError(
            "The metric may be undefined in at most a tenth of the resamples.",
            reason="a genre in one or two groups",
            value=value,
            received=f"{n_resamples - len(defined)} undefined of {n_resamples}",
            cure="A genre stands on one or two groups: report the value without an interval.",
        )
    tail = (1 - level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Interval(
        value=value,
        low=min(float(low), value),
        high=max(float(high), value),
        level=float(level),
        n_groups=n_groups,
        n_resamples=len(defined),
    )


def paired_gain(
    metric_a: Metric,
    metric_b: Metric,
    groups: ArrayLike,
    *,
    n_resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Give the interval of metric_a minus metric_b, both on the same resamples.

    Pairing takes out what both share (an easy or a hard set of groups), so the interval of the
    difference is narrower than two intervals side by side suggest. A `low` above 0 is a gain that
    chance does not explain at this level. Arguments and errors are those of `bootstrap_interval`;
    both metrics are over the same items in the same order, and a resample in which either is
    undefined is skipped.

    Examples
    --------
    >>> hit = np.array([1, 1, 0, 1, 0, 1, 1, 1, 0, 1])
    >>> gain = paired_gain(lambda i: hit[i].mean(), lambda i: hit[i].mean(), np.arange(10))
    >>> gain.low, gain.value, gain.high
    (0.0, 0.0, 0.0)
    """
    return bootstrap_interval(
        lambda index: metric_a(index) - metric_b(index),
        groups,
        n_resamples=n_resamples,
        level=level,
        seed=seed,
    )


def exact_interval(k: int, n: int, level: float = 0.95) -> Interval:
    """Give the Clopper-Pearson interval of k hits in n independent items, n at least 5.

    With a = (1 - level) / 2 the ends are the a quantile of Beta(k, n - k + 1) and the 1 - a
    quantile of Beta(k + 1, n - k); 0 where k = 0, 1 where k = n. It holds the true share at least
    `level` of the time, whatever that share is.

    **Source**: Clopper and Pearson, Biometrika 26 (1934); equal to
    `scipy.stats.binomtest(k, n).proportion_ci(level, "exact")`, without loading scipy.stats.

    Examples
    --------
    >>> interval = exact_interval(10, 10)
    >>> round(interval.low, 4), interval.high
    (0.6915, 1.0)
    >>> exact_interval(11, 10)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: k must be a whole number in [0, 10]. Received 11 (int). \
Give the hits first, then the number of items.
    """
    if not _is_whole(n):
        raise ParameterError(
            "n must be a whole number.", received=describe(n), cure="Give the number of items."
        )
    _require_groups(int(n), k / n if n else math.nan)
    _require_level(level)
    if not _is_whole(k) or not 0 <= k <= n:
        raise ParameterError(
            f"k must be a whole number in [0, {n}].",
            received=describe(k),
            cure="Give the hits first, then the number of items.",
        )
    tail = (1 - level) / 2
    from scipy import special  # a third of a second, which no first page waits for

    low = float(special.betaincinv(k, n - k + 1, tail)) if k > 0 else 0.0
    high = float(special.betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
    return Interval(
        value=float(k / n),
        low=low,
        high=high,
        level=float(level),
        n_groups=int(n),
        n_resamples=0,
    )


def _require_groups(n_groups: int, value: float) -> None:
    if n_groups < MIN_GROUPS:
        raise NoIntervalError(
            f"No interval where fewer than {MIN_GROUPS} groups stand behind it.",
            reason=f"{n_groups} group{'' if n_groups == 1 else 's'}",
            value=value,
            received=f"{n_groups} groups",
            cure="Report the value alone and the number of groups.",
        )


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _require_level(level: float) -> None:
    if not 0 < level < 1:
        raise ParameterError(
            "level must lie in (0, 1).", received=describe(level), cure="Give 0.95 for 95 %."
        )
