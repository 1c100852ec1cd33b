"""Fit the last layer of a network: a logistic regression on what it reads."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Literal

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from genre_core.config import require
from genre_core.data.shares import Learnt, by_shares, one_genre
from genre_core.data.song_folds import inner_folds
from genre_core.metrics.probabilities import probabilities

STRENGTHS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)
"""Values of scikit-learn's C that are tried, the most regularised first."""

MAX_STEPS = 1_000
_LEAST_SPREAD = 1e-4  # of the feature that changes most

Songs = Sequence[NDArray[np.float32]]
"""Features of each song [shape=(n_segments, d)]."""


def choose_strength(songs: Songs, learnt: Learnt, groups: NDArray[np.str_] | None) -> float:
    """Choose a head's strength by folds of the songs it may learn from, see `inner_folds`.

    It is the one of `STRENGTHS` with the highest macro-F1 over all folds; among equals the most
    regularised. A song of several genres counts as that of its largest share.
    """
    genre = one_genre(learnt)
    splits = inner_folds(genre, groups)
    best, best_figure = STRENGTHS[0], -1.0
    for strength in STRENGTHS:
        answers = np.empty_like(genre)
        for learn, test in splits:
            kernel, bias = fit_head([songs[i] for i in learn], learnt[learn], strength)
            answers[test] = head_probs([songs[i] for i in test], kernel, bias).argmax(axis=1)
        figure = f1_score(genre, answers, average="macro", zero_division=0)
        if figure > best_figure:
            best, best_figure = strength, figure
    return best


def fit_head(
    songs: Songs, learnt: Learnt, strength: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit a logistic regression of genres 0 to n_genres - 1 on each song's mean features.

    `strength` is scikit-learn's C. Gives the kernel (d, n_genres) and bias of a Dense layer on
    features as they come: the scaling to mean 0 and deviation 1 over all segments is multiplied in.
    A feature that hardly ever changes gets no weight: a deviation near 0 would make a weight so
    large that float32 loses the sum it belongs to. A song of several genres counts as each of them
    by its share.
    """
    genre = one_genre(learnt)
    n_genres = int(genre.max()) + 1
    require(
        n_genres >= 2 and len(np.unique(genre)) == n_genres,
        "A head needs songs of every genre, and at least two genres.",
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
        model.fit(*by_shares(scaler.transform(means) * changes, learnt))
    return as_dense(scaler, model, changes)


def as_dense(
    scaler: StandardScaler,
    model: LogisticRegression,
    counts: NDArray[np.bool_] | Literal[True] = True,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Turn a scaling and the regression behind it into a Dense layer's kernel and bias.

    `counts` is False for a feature that is to have no weight.
    """
    weights, intercept = model.coef_, model.intercept_
    if len(weights) == 1:  # scikit-learn gives the second genre's log-odds: half of it either way
        weights, intercept = (np.stack([-own[0], own[0]]) / 2 for own in (weights, intercept))
    kernel = (weights * counts / scaler.scale_).T
    bias = intercept - scaler.mean_ @ kernel
    return kernel.astype(np.float32), bias.astype(np.float32)


def head_probs(
    songs: Songs, kernel: NDArray[np.float32], bias: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Give each song's mean probability over its segments, as served (n_songs, n_genres)."""
    return np.stack([own.mean(axis=0) for own in segment_scores(songs, kernel, bias)])


def segment_scores(
    songs: Songs, kernel: NDArray[np.float32], bias: NDArray[np.float32]
) -> list[NDArray[np.float64]]:
    """Give the scores of each song's segments (n_segments, n_genres)."""
    return [probabilities(song @ kernel + bias, "softmax") for song in songs]


def set_head(network: keras.Model, kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
    """Put a fitted head into a network's layer `logits`; a single one is the second genre's."""
    logits = network.get_layer("logits")
    if logits.units == 1:
        kernel, bias = kernel[:, 1:] - kernel[:, :1], bias[1:] - bias[:1]
    logits.set_weights([kernel, bias])
