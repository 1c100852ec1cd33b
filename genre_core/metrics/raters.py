"""How far those who name genres agree, beyond what chance would give: Cohen's and Fleiss' kappa.

Both are (observed - by chance) / (1 - by chance): 1 where all agree, 0 where they agree as often as
their favourites alone would make them, below 0 where less. Where all that is named is one genre,
chance agrees always too, and kappa is nan.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from genre_core.errors import ParameterError, describe
from genre_core.metrics.indices import genre_indices, ratio


def cohen_kappa(first: ArrayLike, second: ArrayLike) -> float:
    """Give the agreement of two who named a genre for each item.

    (p - e) / (1 - e) with p the share of items named the same, and e = sum_k f_k s_k, where f_k and
    s_k are the shares in which the first and the second name genre k.

    Parameters
    ----------
    first, second : array-like [shape=(n,), dtype=int]
        Genre indices from 0, n at least 1; the same items in the same order.

    Returns
    -------
    float
        In [-1, 1]; the same whichever comes first; nan where both name one genre only, the same.

    Raises
    ------
    ParameterError
        No items, different lengths, or what are no indices.

    Notes
    -----
    **Source**: J. Cohen, *A Coefficient of Agreement for Nominal Scales*, 1960; equal to
    scikit-learn's `cohen_kappa_score`.

    Examples
    --------
    >>> cohen_kappa([0, 0, 1, 1], [0, 0, 1, 0])
    0.5
    >>> cohen_kappa([0, 1], [0])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: first and second must name as many items. Received 2 and 1. \
    Give both the same items.
    """
    one, other = genre_indices(first, "first"), genre_indices(second, "second")
    if len(one) != len(other):
        raise ParameterError(
            "first and second must name as many items.",
            received=f"{len(one)} and {len(other)}",
            cure="Give both the same items.",
        )
    n_genres = int(max(one.max(), other.max())) + 1
    shares = [np.bincount(named, minlength=n_genres) / len(named) for named in (one, other)]
    by_chance = float(shares[0] @ shares[1])
    return ratio(float((one == other).mean()) - by_chance, 1 - by_chance)


def fleiss_kappa(counts: ArrayLike) -> float:
    """Give the agreement of many among themselves, not all of whom named every item.

    Of an item with n >= 2 namings, n_k of them genre k, agreement is the share of pairs that named
    the same, sum_k n_k (n_k - 1) / (n (n - 1)); observed is its mean over the items. By chance it
    is sum_k q_k^2, with q_k the share of genre k in all namings of these items.

    Parameters
    ----------
    counts : array-like [shape=(n_items, n_genres), dtype=int]
        How many named each genre, at least 0. Items named by fewer than two are left out.

    Returns
    -------
    float
        At most 1; nan without an item that two named, and where all named one genre.

    Raises
    ------
    ParameterError
        Another shape, or what are no counts.

    Notes
    -----
    **Source**: J. L. Fleiss, *Measuring Nominal Scale Agreement among Many Raters*, 1971, where as
    many name each item. We let the number differ, since not everybody in a class is in time.

    Examples
    --------
    >>> fleiss_kappa([[3, 0], [0, 3]])
    1.0
    >>> round(fleiss_kappa([[2, 1], [1, 2]]), 3)
    -0.333
    >>> fleiss_kappa([1, 2])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: counts must have the shape (n_items, n_genres) and hold \
    whole numbers from 0. Received an array of shape (2,) and dtype int64. Count the namings of \
    each genre, a row an item.
    """
    named = np.asarray(counts)
    if named.ndim != 2 or named.dtype.kind not in "iu" or (named < 0).any():
        raise ParameterError(
            "counts must have the shape (n_items, n_genres) and hold whole numbers from 0.",
            received=describe(named),
            cure="Count the namings of each genre, a row an item.",
        )
    named = named[named.sum(axis=1) >= 2].astype(np.float64)
    if not len(named):
        return float("nan")
    n = named.sum(axis=1)
    observed = ((named * (named - 1)).sum(axis=1) / (n * (n - 1))).mean()
    by_chance = float(((named.sum(axis=0) / named.sum()) ** 2).sum())
    return ratio(float(observed) - by_chance, 1 - by_chance)
