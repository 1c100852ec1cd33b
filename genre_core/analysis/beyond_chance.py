"""Whether slices are wrong more often than chance explains, where items come in groups."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]

_BLOCK = 100  # draws at once
_NO_RHO = 1e-6


def slice_excess(
    members: NDArray[np.bool_],
    wrong: Array,
    codes: NDArray[np.int64],
    *,
    n_draws: int,
    seed: int,
) -> tuple[Array, Array]:
    """Compare each slice with the rest, and with draws in which only groups differ.

    z_s = 2 (asin sqrt(e_s) - asin sqrt(e_rest)) / sqrt(d_s / n_s + d_rest / n_rest), with e the
    share of wrong items and d = 1 + rho (sum_g n_g^2 / n - 1) the design effect of items in groups,
    rho the correlation of being wrong within groups (`group_correlation`). Draws have the same
    items, slices and groups; each group has a rate of its own from a beta distribution of the mean
    and the rho that were measured, whatever its slices, and z is made of them in the same way, with
    a rho measured anew.

    Parameters
    ----------
    members : np.ndarray [shape=(n, n_slices), dtype=bool]
        Which items are in which slice; none is empty or full.
    wrong : np.ndarray [shape=(n,)]
        1 where the network is wrong, else 0.
    codes : np.ndarray [shape=(n,)]
        Each item's group.

    Returns
    -------
    z : np.ndarray [shape=(n_slices,)]
        Above 0 where the slice is wrong more often than the rest.
    largest : np.ndarray [shape=(n_draws,)]
        Each draw's largest z of all slices: see `largest_of_all`.

    Notes
    -----
    **Source**: design effect of clusters as in Kish, Survey Sampling (1965); a parametric bootstrap
    of the largest statistic. A beta distribution is our choice, as for `unusual_rates`.

    Examples
    --------
    >>> wrong, members = np.r_[np.ones(50), np.zeros(150)], (np.arange(200) < 60)[:, None]
    >>> z, largest = slice_excess(members, wrong, np.arange(200), n_draws=200, seed=0)
    >>> bool(z[0] > largest.max())
    True
    """
    order = np.argsort(codes, kind="stable")
    sorted_codes, own = codes[order], members[order].astype(np.float32)
    _, places, n_of = np.unique(sorted_codes, return_inverse=True, return_counts=True)
    starts = np.cumsum(n_of) - n_of
    n_slice, n = own.sum(axis=0, dtype=np.float64), len(wrong)
    in_slice = np.add.reduceat(own, starts, axis=0, dtype=np.float64)  # (n_groups, n_slices)
    in_rest = n_of[:, None] - in_slice
    more = (in_slice**2).sum(axis=0) / n_slice - 1  # d = 1 + rho * more
    more_rest = (in_rest**2).sum(axis=0) / (n - n_slice) - 1

    def z_of(rows: NDArray[np.float32]) -> Array:
        hits, total = (rows @ own).astype(np.float64), rows.sum(axis=1, dtype=np.float64)[:, None]
        rho = group_correlation(np.add.reduceat(rows, starts, axis=1, dtype=np.float64), n_of)
        angle = np.arcsin(np.sqrt(np.clip(hits / n_slice, 0, 1)))
        angle -= np.arcsin(np.sqrt(np.clip((total - hits) / (n - n_slice), 0, 1)))
        d, d_rest = 1 + rho[:, None] * more, 1 + rho[:, None] * more_rest
        return np.asarray(2 * angle / np.sqrt(d / n_slice + d_rest / (n - n_slice)))

    seen = wrong[order].astype(np.float32)[None]
    mean = float(wrong.mean())
    rho = float(group_correlation(np.add.reduceat(seen, starts, axis=1, dtype=np.float64), n_of)[0])
    rng, largest = np.random.default_rng(seed), np.empty(n_draws)
    for start in range(0, n_draws, _BLOCK):
        size = (min(_BLOCK, n_draws - start), len(n_of))
        rates = np.full(size, mean)
        if 0 < mean < 1 and rho > _NO_RHO:
            rates = rng.beta(mean * (1 / rho - 1), (1 - mean) * (1 / rho - 1), size)
        drawn = rng.random((size[0], n), np.float32) < rates.astype(np.float32)[:, places]
        largest[start : start + size[0]] = z_of(drawn.astype(np.float32)).max(axis=1)
    return z_of(seen)[0], largest


def largest_of_all(z: Array, largest: Array) -> Array:
    """Give each slice's p, corrected for how many there are: (1 + hits) / (1 + n_draws).

    Hits are the draws whose largest z of all slices reaches the slice's own; so overlapping slices
    cost nothing. **Source**: Westfall and Young, Resampling-Based Multiple Testing (1993).

    >>> largest_of_all(np.array([3.0, 1.0]), np.arange(0.0, 4.0)).tolist()
    [0.4, 0.8]
    """
    hits = len(largest) - np.searchsorted(np.sort(largest), z - 1e-4)  # equal but for rounding
    return np.asarray((1 + hits) / (1 + len(largest)))


def group_correlation(n_wrong: NDArray[Any], n: NDArray[np.int64], *, upper: bool = False) -> Array:
    """Estimate the correlation of being wrong within groups, from 0 to 0.99.

    `n_wrong` [shape=(..., n_groups)] of `n` [shape=(n_groups,)] items of each group; 0 where no
    group has two. `upper` gives what it could be with so few groups: the end of a one-sided 90 %
    interval of the variance between them, as if that were normal. **Source**: the estimator of the
    analysis of variance, Ridout, Demétrio and Firth, Biometrics 55 (1999).

    >>> group_correlation(np.array([[4, 0, 4, 0], [2, 2, 2, 2]]), np.full(4, 4)).tolist()
    [0.99, 0.0]
    """
    total, n_groups, rates = n.sum(), len(n), n_wrong / n
    mean = n_wrong.sum(axis=-1, keepdims=True) / total
    if n_groups < 2 or total == n_groups:
        return np.zeros(np.shape(n_wrong)[:-1])
    between = (n * (rates - mean) ** 2).sum(axis=-1) / (n_groups - 1)
    within = (n * rates * (1 - rates)).sum(axis=-1) / (total - n_groups)
    if upper:
        between = between * (n_groups - 1) / special.chdtri(n_groups - 1, 0.9)
    size = (total - (n**2).sum() / total) / (n_groups - 1)
    spread = between + (size - 1) * within
    rho = np.divide(between - within, spread, out=np.zeros_like(spread), where=spread > 0)
    return np.clip(rho, 0, 0.99)


def unusual_rates(
    n_wrong: NDArray[np.int64], n: NDArray[np.int64], asked: NDArray[np.int64]
) -> tuple[Array, Array]:
    """Test artists against how far the other artists differ (one-sided: wrong too often).

    The chance of as many wrong items or more, where each artist has a rate of its own from a beta
    distribution: its mean is the share of wrong items of the other artists, its rho their
    `group_correlation`, at its upper end, for with few others it is known badly (at 0 it is the
    binomial distribution). Not corrected for how many artists
    there are: see `holm`.

    Parameters
    ----------
    n_wrong, n : np.ndarray [shape=(n_artists,), dtype=int]
        Wrong items and items of every artist, those of few items too.
    asked : np.ndarray [shape=(m,), dtype=int]
        Places of the artists to be tested.

    Returns
    -------
    z, p : np.ndarray [shape=(m,)]
        z is the excess in standard deviations, 0 where the others are all right or all wrong.

    Notes
    -----
    **Source**: equal to `scipy.stats.betabinom.sf`, without loading scipy.stats.

    Examples
    --------
    >>> z, p = unusual_rates(np.array([9, 2, 2, 1]), np.array([10, 10, 10, 5]), np.array([0, 1]))
    >>> p.round(4).tolist()
    [0.0, 0.5146]
    """
    z, p = np.zeros(len(asked)), np.ones(len(asked))
    for place, artist in enumerate(asked):
        k, size = int(n_wrong[artist]), int(n[artist])
        others, of_them = np.delete(n_wrong, artist), np.delete(n, artist)
        mean = others.sum() / max(of_them.sum(), 1)
        if not 0 < mean < 1:
            continue
        rho = float(group_correlation(others, of_them, upper=True))
        z[place] = (k - size * mean) / np.sqrt(size * mean * (1 - mean) * (1 + (size - 1) * rho))
        if rho <= _NO_RHO:
            p[place] = special.bdtrc(k - 1, size, mean) if k else 1.0
            continue
        a, b = mean * (1 / rho - 1), (1 - mean) * (1 / rho - 1)
        hits = np.arange(k, size + 1)
        logs = special.betaln(hits + a, size - hits + b) - special.betaln(a, b)
        logs -= special.betaln(hits + 1, size - hits + 1) + np.log(size + 1)
        p[place] = min(1.0, np.exp(logs).sum())
    return z, p


def holm(p: Array) -> Array:
    """Correct p-values for how many there are, whatever they depend on (Holm 1979).

    >>> holm(np.array([0.04, 0.01, 0.03])).tolist()
    [0.06, 0.03, 0.06]
    """
    order = np.argsort(p)
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(steps, 1)
    return corrected
