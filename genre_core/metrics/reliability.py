"""How far probabilities hold: log loss, Brier score, and how often what was said came true."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_core.metrics.intervals import MIN_GROUPS, exact_interval

N_BINS = 10
_TINY = 1e-15
_N_DRAWS = 200

Array = NDArray[np.float64]


def indicators(true: ArrayLike, n_genres: int) -> Array:
    """Write genres as 1 in their column; what is (n, n_genres) already stays.

    >>> indicators([1, 0], 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    genres = np.asarray(true)
    return genres.astype(np.float64) if genres.ndim == 2 else np.eye(n_genres)[genres]


def log_losses(true: ArrayLike, probs: ArrayLike, *, several: bool = False) -> Array:
    """Give each item's log loss in nats [shape=(n,)]: -ln p of its genre.

    With `several` genres an item, the mean over the genres of -ln p where it has the genre and
    -ln (1 - p) where not. `true` [shape=(n,) or (n, n_genres)], `probs` [shape=(n, n_genres)],
    which are taken to be at least 1e-15. **Source**: as `sklearn.metrics.log_loss`.

    Examples
    --------
    >>> log_losses([0, 1], [[0.5, 0.5], [0.0, 1.0]]).round(3).tolist()
    [0.693, 0.0]
    """
    rows = np.asarray(probs, dtype=np.float64)
    hits = indicators(true, rows.shape[1])
    losses = -hits * np.log(np.maximum(rows, _TINY))
    if not several:
        return np.asarray(losses.sum(axis=1))
    return np.asarray((losses - (1 - hits) * np.log(np.maximum(1 - rows, _TINY))).mean(axis=1))


def brier_scores(true: ArrayLike, probs: ArrayLike, *, several: bool = False) -> Array:
    """Give each item's Brier score [shape=(n,)]: the squared distance of `probs` from the truth.

    Of two genres (p - y) ^ 2; of more the sum over the genres, 0 to 2; with `several` genres an
    item the mean over them. **Source**: as `sklearn.metrics.brier_score_loss`.

    Examples
    --------
    >>> brier_scores([0, 1], [[0.5, 0.5], [0.0, 1.0]]).tolist()
    [0.25, 0.0]
    """
    rows = np.asarray(probs, dtype=np.float64)
    squares = (rows - indicators(true, rows.shape[1])) ** 2
    return np.asarray(
        squares.mean(axis=1) if several or rows.shape[1] == 2 else squares.sum(axis=1)
    )


def claims(true: ArrayLike, probs: ArrayLike, *, several: bool = False) -> tuple[Array, Array]:
    """Give the probabilities that are held to their word, and 1 where it came true [shape=(m,)].

    Of two genres that of the second, of more that of each item's answer; with `several` genres an
    item that of every genre.
    """
    rows = np.asarray(probs, dtype=np.float64)
    hits = indicators(true, rows.shape[1])
    if several:
        return rows.ravel(), hits.ravel()
    answer = np.ones(len(rows), int) if rows.shape[1] == 2 else rows.argmax(axis=1)
    at = np.arange(len(rows))
    return rows[at, answer], hits[at, answer]


def reliability(said: ArrayLike, true: ArrayLike) -> list[dict[str, Any]]:
    """Compare what was said with what came true, in at most ten bins of equally many claims.

    `said` [shape=(n,)] are probabilities, `true` [shape=(n,)] 0 or 1, as `claims` gives them. A bin
    has `n`, `said`, their mean, `true`, the share that came true, and its exact 95 % interval
    `low` and `high` where it holds at least five; there are no empty bins, lowest first.

    Examples
    --------
    >>> reliability([0.2, 0.2, 0.8, 0.8], [0, 1, 1, 1])
    [{'n': 4, 'said': 0.5, 'true': 0.75}]
    """
    rows = []
    for own in _bins(np.asarray(said, np.float64)):
        p, hits = np.asarray(said, np.float64)[own], np.asarray(true, np.float64)[own]
        row = {
            "n": len(own),
            "said": round(float(p.mean()), 4),
            "true": round(float(hits.mean()), 4),
        }
        if len(own) >= MIN_GROUPS:
            interval = exact_interval(int(hits.sum()), len(own))
            row |= {"low": round(interval.low, 4), "high": round(interval.high, 4)}
        rows.append(row)
    return rows


def calibration_error(said: ArrayLike, true: ArrayLike) -> float:
    """Give the mean distance between what was said and what came true over the bins: ECE.

    sum over bins of n_bin / n * |said - true|, bins as in `reliability`. **Source**: Naeini et al.,
    AAAI 2015, with bins of equally many claims. It is above 0 by chance alone: see
    `chance_error`.

    Examples
    --------
    >>> round(calibration_error([0.2, 0.2, 0.8, 0.8], [0, 1, 1, 1]), 4)
    0.25
    """
    p, hits = np.asarray(said, np.float64), np.asarray(true, np.float64)
    return float(sum(abs(p[own].sum() - hits[own].sum()) for own in _bins(p)) / len(p))


def chance_error(said: ArrayLike, *, seed: int = 0) -> float:
    """Give the error that probabilities would have if they held, as a mean over 200 draws.

    Truths are drawn from the probabilities themselves: what is left of `calibration_error` is
    chance.
    """
    p, rng = np.asarray(said, np.float64), np.random.default_rng(seed)
    draws = [calibration_error(p, rng.random(len(p)) < p) for _ in range(_N_DRAWS)]
    return float(np.mean(draws))


def _bins(said: Array) -> list[NDArray[np.int64]]:
    n_bins = max(1, min(N_BINS, len(said) // N_BINS))
    order = np.argsort(said, kind="stable")
    return [np.asarray(own) for own in np.array_split(order, n_bins)]
