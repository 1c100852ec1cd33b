"""Fit a temperature, and what class weights left out, on items that were not learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from genre_core.config import Head
from genre_core.metrics.calibration import Calibration
from genre_core.metrics.reliability import indicators, log_losses

MIN_ITEMS = 50
"""On fewer no temperature is fitted: the network's outputs stay scores."""

_TEMPERATURES, _POWERS = (0.1, 100.0), (0.0, 2.0)


def fit_calibration(
    probs: ArrayLike,
    true: ArrayLike,
    head: Head,
    *,
    fitted_on: str,
    shares: Sequence[float] = (),
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

    Returns
    -------
    Calibration or None
        None for fewer than `MIN_ITEMS` items: that is too few to say how often it is right.
        Temperature 1, without weights, where what was found is better by less than two standard
        errors: that may be chance.

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
    hits, several = indicators(true, rows.shape[1]), head == "multilabel"
    targets = (hits * len(rows) + (0.5 if several else 1 / rows.shape[1])) / (len(rows) + 1)

    def at(point: NDArray[np.float64]) -> Calibration:
        weights = tuple(round(float(share ** point[1]), 6) for share in shares)
        temperature = round(float(np.exp(point[0])), 4)
        return Calibration(
            temperature=temperature, weights=weights, fitted_on=fitted_on, n=len(rows)
        )

    def losses(calibration: Calibration) -> NDArray[np.float64]:
        return log_losses(targets, calibration.apply(rows, head), several=several)

    # Steps of a size that the rounded values show.
    best = optimize.minimize(
        lambda point: losses(at(point)).mean(),
        (0.0, 0.5),
        method="Nelder-Mead",
        bounds=(np.log(_TEMPERATURES), _POWERS if len(shares) else (0.5, 0.5)),
        options={"xatol": 1e-4, "fatol": 1e-9},
    )
    plain = Calibration(temperature=1.0, fitted_on=fitted_on, n=len(rows))
    gains = losses(plain) - losses(at(best.x))
    is_chance = gains.mean() < 2 * gains.std() / np.sqrt(len(rows))
    return plain if is_chance else at(best.x)


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
        fitted = fit_calibration(rows[~own], genres[~own], head, fitted_on="", shares=shares)
        if fitted is None:
            return None
        calibrated[own] = fitted.apply(rows[own], head)
    return calibrated
