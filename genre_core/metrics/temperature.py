"""Fit a temperature, and what class weights left out, on items that were not learnt from."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from genre_core.config import Head
from genre_core.metrics.calibration import Calibration
from genre_core.metrics.reliability import indicators, log_losses

MIN_ITEMS = 50
"""On fewer no temperature is fitted: the network's outputs stay scores."""

_TEMPERATURES, _POWERS, _PARTS = (0.1, 100.0), (0.0, 2.0), 5

Array = NDArray[np.float64]


def fit_calibration(
    probs: ArrayLike,
    true: ArrayLike,
    head: Head,
    *,
    fitted_on: str,
    shares: Sequence[float] = (),
    parts: ArrayLike | None = None,
) -> Calibration | None:
    """Find the temperature of the least log loss on items that were not learnt from.

    Parameters
    ----------
    probs : array-like [shape=(n, n_genres)]
        The network's own.
    true : array-like [shape=(n,) or (n, n_genres)]
        Genre of each item; 1 where it has the genre, of a multilabel head.
    head : {"softmax", "binary", "multilabel"}
        How `probs` were made.
    fitted_on : str
        Which items these are, for people.
    shares : sequence of float
        Of each genre in train, above 0, where class weights were used: the weights are these to a
        power that is fitted too.
    parts : array-like [shape=(n,)], optional
        Items that are left out together: those of one fold. By default every fifth item.

    Returns
    -------
    Calibration or None
        None for fewer than `MIN_ITEMS` items: that is too few to say how often it is right.
        Temperature 1, without weights, where what is found without a part of the items does not
        lower their log loss, each part in turn.

    Notes
    -----
    **Source**: temperature scaling, Guo et al., ICML 2017; for two genres with shares this is Platt
    scaling. Ours: one more item of no known genre is counted in, a share of each, so that a network
    without an error on n items is not taken to be surer than n to 1; the temperature lies in
    0.1 to 100 and the power in 0 to 2. A network that was fitted to a weighted loss may have taken
    up less than the weights asked for: with the power 1, the shares themselves, covers that
    `efficientnet_lite2.prog` called prog most surely came out at .22 where .38 was true.
    """
    rows = np.asarray(probs, dtype=np.float64)
    if len(rows) < MIN_ITEMS:
        return None
    genres, gains = np.asarray(true), []
    part = np.arange(len(rows)) % _PARTS if parts is None else np.asarray(parts)
    for left_out in (part == one for one in np.unique(part)):
        found = _best(rows[~left_out], genres[~left_out], head, shares)
        here, there = rows[left_out], genres[left_out]
        gain = _losses(there, here, head) - _losses(there, found.apply(here, head), head)
        gains.append(gain.sum())
    is_better = sum(gains) > 0
    best = _best(rows, genres, head, shares) if is_better else Calibration(temperature=1.0)
    return dataclasses.replace(best, fitted_on=fitted_on, n=len(rows))


def _best(rows: Array, genres: NDArray[Any], head: Head, shares: Sequence[float]) -> Calibration:
    """Find temperature and weights by the Nelder-Mead method."""
    hits, n = indicators(genres, rows.shape[1]), len(rows)
    unknown = 0.5 if head == "multilabel" else 1 / rows.shape[1]
    targets = (hits * n + unknown) / (n + 1)

    def at(point: Array) -> Calibration:
        weights = tuple(round(float(share ** point[1]), 6) for share in shares)
        return Calibration(temperature=round(float(np.exp(point[0])), 4), weights=weights)

    # Steps of a size that the rounded values show.
    best = optimize.minimize(
        lambda point: _losses(targets, at(point).apply(rows, head), head).mean(),
        (0.0, 0.5),
        method="Nelder-Mead",
        bounds=(np.log(_TEMPERATURES), _POWERS if len(shares) else (0.5, 0.5)),
        options={"xatol": 1e-4, "fatol": 1e-9},
    )
    return at(best.x)


def _losses(true: NDArray[Any], probs: Array, head: Head) -> Array:
    return log_losses(true, probs, several=head == "multilabel")


def cross_calibrated(
    probs: ArrayLike,
    true: ArrayLike,
    fold: ArrayLike,
    head: Head,
    *,
    shares: Sequence[float] = (),
) -> NDArray[np.float64] | None:
    """Calibrate each fold's predictions by what was fitted on the other folds', for figures.

    `fold` [shape=(n,)] tells each item's fold, the rest is as in `fit_calibration`; None where a
    fold leaves too few others.
    """
    rows, genres, folds = np.asarray(probs, np.float64), np.asarray(true), np.asarray(fold)
    calibrated = np.empty_like(rows)
    for one in np.unique(folds):
        own = folds == one
        fitted = fit_calibration(
            rows[~own], genres[~own], head, fitted_on="", shares=shares, parts=folds[~own]
        )
        if fitted is None:
            return None
        calibrated[own] = fitted.apply(rows[own], head)
    return calibrated
