"""Rules that make one score of a song out of the votes on its segments, plain and learned."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from genre_core.lessons.vote_table import N_RUNS, VoteTable

Votes = NDArray[np.float64]

MEAN, MAJORITY, LENGTH, BOTH = "mean", "majority", "length alone", "mean and length, learned"
TRIMMED_AT_EACH_END = 0.1
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def share_above(votes: Votes) -> float:
    """Share of the segments above a half: the order that a majority vote gives songs."""
    return float((votes > 0.5).mean())


def mean_logit(votes: Votes) -> float:
    """Mean of log(v / (1 - v)); all runs agreed counts as half a run less, or it were infinite."""
    inside = np.clip(votes, 0.5 / N_RUNS, 1 - 0.5 / N_RUNS)
    return float(np.log(inside / (1 - inside)).mean())


def trimmed_mean(votes: Votes) -> float:
    """Mean without the tenth of the segments at each end (rounded down)."""
    cut = int(TRIMMED_AT_EACH_END * len(votes))
    return float(np.sort(votes)[cut : len(votes) - cut].mean())


def top_third(votes: Votes) -> float:
    """Mean of the third of the segments with the highest votes (rounded up).

    >>> top_third(np.array([0.0, 0.5, 1.0, 0.9]))
    0.95
    """
    n_kept = -(-len(votes) // 3)
    return float(np.sort(votes)[-n_kept:].mean())


RULES: Mapping[str, Callable[[Votes], float]] = {
    MEAN: lambda votes: float(votes.mean()),
    MAJORITY: share_above,
    "mean logit": mean_logit,
    "trimmed mean": trimmed_mean,
    "top third": top_third,
}


def quantiles(table: VoteTable) -> NDArray[np.float64]:
    """Describe each song by `QUANTILES` of its votes [shape=(n_songs, 5)]."""
    return np.array([np.quantile(votes, QUANTILES) for votes in table.votes])


def mean_and_length(table: VoteTable) -> NDArray[np.float64]:
    """Describe each song by its mean vote and the logarithm of its length [shape=(n_songs, 2)]."""
    means = [votes.mean() for votes in table.votes]
    return np.column_stack([means, np.log(table.n_snippets)])


LEARNED: Mapping[str, Callable[[VoteTable], NDArray[np.float64]]] = {
    "quantiles, learned": quantiles,
    BOTH: mean_and_length,
}
"""What a logistic regression reads of each song."""


def stratified_folds(is_prog: NDArray[np.int64], n_folds: int, seed: int) -> NDArray[np.int64]:
    """Deal songs to folds at random, each with each class's share [shape=(n_songs,)].

    >>> stratified_folds(np.array([0, 0, 1, 1]), 2, seed=0).tolist()
    [0, 1, 0, 1]
    """
    draw = np.random.default_rng(seed)
    fold = np.empty(len(is_prog), np.int64)
    for kind in (0, 1):
        own = draw.permutation(np.flatnonzero(is_prog == kind))
        fold[own] = np.arange(len(own)) % n_folds
    return fold


def learned_scores(
    songs: NDArray[np.float64], is_prog: NDArray[np.int64], fold: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Score every song [shape=(n_songs, d)] by a logistic regression fitted on the other folds."""
    from sklearn.linear_model import LogisticRegression

    scores = np.empty(len(songs))
    for k in np.unique(fold):
        learn = fold != k
        mean, deviation = songs[learn].mean(axis=0), songs[learn].std(axis=0)
        scaled = (songs - mean) / np.where(deviation > 0, deviation, 1.0)
        fitted = LogisticRegression(max_iter=1_000).fit(scaled[learn], is_prog[learn])
        scores[~learn] = fitted.predict_proba(scaled[~learn])[:, 1]
    return scores


def best_threshold(scores: NDArray[np.float64], is_prog: NDArray[np.int64]) -> float:
    """Find the threshold of the highest balanced accuracy, half-way between two songs.

    >>> best_threshold(np.array([0.1, 0.2, 0.6, 0.8]), np.array([0, 0, 1, 1]))
    0.4
    """
    values = np.unique(scores)
    if len(values) == 1:
        return float(values[0])
    between = (values[:-1] + values[1:]) / 2
    above = scores[:, np.newaxis] > between  # (n_songs, n_thresholds)
    figure = above[is_prog == 1].mean(axis=0) - above[is_prog == 0].mean(axis=0)
    return float(between[np.argmax(figure)])
