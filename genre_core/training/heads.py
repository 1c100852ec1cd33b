"""Fit the last layer of a network of songs: a logistic regression on what it reads."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import BaseCrossValidator, StratifiedGroupKFold, StratifiedKFold
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from genre_core.config import require
from genre_core.metrics.probabilities import probabilities

STRENGTHS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)
"""Values of scikit-learn's C that are tried, the most regularised first."""

INNER_FOLDS = 4
MAX_STEPS = 1_000
_LEAST_SPREAD = 1e-4  # of the feature that changes most

Songs = Sequence[NDArray[np.float32]]
"""Features of each song [shape=(n_segments, d)]."""


def choose_strength(
    songs: Songs, genre: NDArray[np.int64], groups: NDArray[np.str_] | None
) -> float:
    """Choose a head's strength by folds of the songs it may learn from, see `folds`.

    It is the one of `STRENGTHS` with the highest macro-F1 over all folds; among equals the most
    regularised.
    """
    splits = list(folds(genre, groups, INNER_FOLDS, seed=0))
    best, best_figure = STRENGTHS[0], -1.0
    for strength in STRENGTHS:
        answers = np.empty_like(genre)
        for learn, test in splits:
            kernel, bias = fit_head([songs[i] for i in learn], genre[learn], strength)
            answers[test] = head_probs([songs[i] for i in test], kernel, bias).argmax(axis=1)
        figure = f1_score(genre, answers, average="macro", zero_division=0)
        if figure > best_figure:
            best, best_figure = strength, figure
    return best


def folds(
    genre: NDArray[np.int64], groups: NDArray[np.str_] | None, n_folds: int, *, seed: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Deal songs into folds with each genre's share in each: rows (learn, test), all tested once.

    Parameters
    ----------
    genre : np.ndarray [shape=(n_songs,), dtype=int64]
    groups : np.ndarray [shape=(n_songs,)], optional
        Songs of one group stay in one fold; None deals songs at random.
    n_folds : int
        At least 2, at most the number of songs (or groups) of the rarest genre.
    seed : int
        The same seed gives the same folds.

    Examples
    --------
    >>> genre = np.array([0, 0, 1, 1])
    >>> [sorted(test.tolist()) for _, test in folds(genre, None, 2, seed=0)]
    [[1, 2], [0, 3]]
    """
    rarest = min(
        int(np.count_nonzero(genre == g)) if groups is None else len(np.unique(groups[genre == g]))
        for g in np.unique(genre)
    )
    require(
        2 <= n_folds <= rarest,
        "n_folds must lie between 2 and the songs (or groups) of the rarest genre.",
        (n_folds, rarest),
        "Take fewer folds.",
    )
    kind: type[BaseCrossValidator] = StratifiedKFold if groups is None else StratifiedGroupKFold
    dealt = kind(n_folds, shuffle=True, random_state=seed)
    return [
        (np.asarray(learn), np.asarray(test))
        for learn, test in dealt.split(np.zeros(len(genre)), genre, groups)
    ]


def fit_head(
    songs: Songs, genre: NDArray[np.int64], strength: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit a logistic regression of genres 0 to n_genres - 1 on each song's mean features.

    `strength` is scikit-learn's C. Gives the kernel (d, n_genres) and bias of a Dense layer on
    features as they come: the scaling to mean 0 and deviation 1 over all segments is multiplied in.
    A feature that hardly ever changes gets no weight: a deviation near 0 would make a weight so
    large that float32 loses the sum it belongs to.
    """
    n_genres = int(genre.max()) + 1
    require(
        n_genres >= 3 and len(np.unique(genre)) == n_genres,
        "A head needs songs of every genre, and at least three genres.",
        np.unique(genre),
        "Check the splits of the data set.",
    )
    means = np.stack([song.mean(axis=0, dtype=np.float64) for song in songs])  # (n_songs, d)
    # The spread of segments, which is what is served; that of songs' means is a fraction of it.
    scaler = StandardScaler().fit(np.concatenate(songs).astype(np.float64))
    changes = np.sqrt(scaler.var_) > _LEAST_SPREAD * np.sqrt(scaler.var_).max()
    model = LogisticRegression(C=strength, max_iter=MAX_STEPS)
    # One thread: sums this small are split at a loss.
    with threadpool_limits(1), warnings.catch_warnings():
        # A fit that is cut short is a fit all the same: the folds judge it as it is.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(scaler.transform(means) * changes, genre)
    kernel = (model.coef_ * changes / scaler.scale_).T
    bias = model.intercept_ - scaler.mean_ @ kernel
    return kernel.astype(np.float32), bias.astype(np.float32)


def head_probs(
    songs: Songs, kernel: NDArray[np.float32], bias: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Give each song's mean probability over its segments, as served (n_songs, n_genres)."""
    return np.stack([probabilities(song @ kernel + bias, "softmax").mean(axis=0) for song in songs])


def set_head(network: keras.Model, kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
    """Put a fitted head into a network's layer `logits`."""
    network.get_layer("logits").set_weights([kernel, bias])
