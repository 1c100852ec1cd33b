"""Two networks on the same items: where only one is right, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from genre_core.analysis.columns import groups_of
from genre_core.analysis.shared_items import SharedItems, joined_by_item
from genre_core.metrics.classification import accuracy, confusion_matrix, macro_f1
from genre_core.metrics.intervals import Interval, NoIntervalError, paired_gain

EXACT_BELOW = 25
"""Discordant items below which McNemar's test is exact."""


@dataclass(frozen=True, slots=True)
class McNemar:
    """Whether two networks are right about equally many items.

    n_only_a, n_only_b: items that only A, only B has right
    p: two-sided, 0 to 1
    statistic: chi-squared with the continuity correction; None where the test is exact
    """

    n_only_a: int
    n_only_b: int
    p: float
    statistic: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two networks, A and B, on the items that both evaluations have.

    shared: those items, what they are and what each network says; genres of both
    matrices: confusion matrices of A and B, rows true [shape=(n_genres, n_genres)]
    only_a, only_b: what only A, only B has right, as row numbers in A's predictions, ascending;
        in B's they are `shared.rows[1]` at the same places
    mcnemar: by items
    accuracy_gain, macro_f1_gain: A minus B, resampled by groups; None where no interval can be
        given (fewer than 5 groups)
    """

    shared: SharedItems
    matrices: tuple[NDArray[np.int64], NDArray[np.int64]]
    only_a: NDArray[np.int64]
    only_b: NDArray[np.int64]
    mcnemar: McNemar
    accuracy_gain: Interval | None
    macro_f1_gain: Interval | None


def compare(
    a: tuple[pd.DataFrame, Sequence[str]],
    b: tuple[pd.DataFrame, Sequence[str]],
    *,
    n_resamples: int = 2000,
    seed: int = 0,
) -> Comparison:
    """Compare two evaluations, item by item.

    Items are joined by item_id, genres by their names (but for capitals, blanks and punctuation);
    items that the two hold for different genres are left out (`shared.n_conflicting`). Where items
    come in groups, the intervals of the gains count, which draw whole groups: McNemar's test takes
    all items to be independent, and its p is too small then.

    Parameters
    ----------
    a, b : tuple of pd.DataFrame and sequence of str
        Predictions as `EvaluationRecord.predictions`, and the genres in the order of `prob_<k>`.
    n_resamples : int
        Of the bootstrap, at least 100.
    seed : int
        The same seed gives the same intervals.

    Raises
    ------
    ParameterError
        The two share no item with the same true genre.

    Examples
    --------
    >>> one = pd.DataFrame({"item_id": list("abcdef"), "genre_index": [0, 0, 0, 1, 1, 1],
    ...                     "predicted": [0, 0, 0, 1, 1, 0], "prob_0": 0.5, "prob_1": 0.5})
    >>> two = one.assign(predicted=[0, 1, 1, 1, 1, 1])
    >>> both = compare((one, ["Rock", "Pop"]), (two, ["Rock", "Pop"]))
    >>> both.only_a, both.only_b, both.mcnemar.p
    (array([1, 2]), array([5]), 1.0)
    >>> compare((one, ["Rock", "Pop"]), (two.iloc[:0], ["Rock", "Pop"]))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: To compare networks they must have been asked about the \
same items and genres. Received '0 shared items, 0 of them with the same true genre' (str). \
Evaluate both on one data set and choose those two.
    """
    shared = joined_by_item([a, b])
    true, (of_a, of_b) = shared.true, shared.predicted
    n_genres = len(shared.genres)
    a_right, b_right = of_a == true, of_b == true
    groups = groups_of(a[0])[shared.rows[0]]

    def gain(metric: Callable[..., float]) -> Interval | None:
        try:
            return paired_gain(
                lambda index: metric(true[index], of_a[index]),
                lambda index: metric(true[index], of_b[index]),
                groups,
                n_resamples=n_resamples,
                seed=seed,
            )
        except NoIntervalError:
            return None

    return Comparison(
        shared=shared,
        matrices=(confusion_matrix(true, of_a, n_genres), confusion_matrix(true, of_b, n_genres)),
        only_a=np.sort(shared.rows[0][a_right & ~b_right]),
        only_b=np.sort(shared.rows[0][b_right & ~a_right]),
        mcnemar=mcnemar(int((a_right & ~b_right).sum()), int((b_right & ~a_right).sum())),
        accuracy_gain=gain(accuracy),
        macro_f1_gain=gain(macro_f1),
    )


def mcnemar(n_only_a: int, n_only_b: int) -> McNemar:
    """Test whether two networks are right about equally many items, of which those differ.

    Below 25 discordant items the exact binomial test, two-sided: min(1, 2 P(X <= min(b, c))) with
    X binomial of b + c and 1/2. From 25 on (|b - c| - 1)^2 / (b + c) against chi-squared of one
    degree of freedom. 1 where the two never differ.

    **Source**: McNemar, Psychometrika 12 (1947), with Edwards' continuity correction (1948); the
    exact one is equal to `scipy.stats.binomtest(b, b + c)`.

    Examples
    --------
    >>> mcnemar(8, 1).p, mcnemar(0, 0).p
    (0.0390625, 1.0)
    >>> round(mcnemar(40, 20).p, 4)
    0.0142
    """
    n, fewer = n_only_a + n_only_b, min(n_only_a, n_only_b)
    if n < EXACT_BELOW:
        p = min(1.0, 2 * float(special.bdtr(fewer, n, 0.5)))
        return McNemar(n_only_a, n_only_b, p=p, statistic=None)
    statistic = max(abs(n_only_a - n_only_b) - 1, 0) ** 2 / n
    return McNemar(n_only_a, n_only_b, p=float(special.chdtrc(1, statistic)), statistic=statistic)
