"""A small model of facts that can be fitted to thousands of shuffled labels at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

N_FOLDS = 5

_N_KNOTS = 7
_COMMON, _N_COMMON = 0.05, 8  # share of a value that is told apart by itself, and how many
_PENALTY = 0.2  # times the number of items
_AT_ONCE = 4_000_000  # numbers of a block of draws

Array = NDArray[np.float64]


def design(facts: pd.DataFrame) -> Array:
    """Lay facts out for a linear model: hats over ranks, common values, what is missing."""
    columns = []
    for name in facts:
        values = facts[name].to_numpy(np.float64, na_value=np.nan)
        is_known = np.isfinite(values)
        ranks = pd.Series(values[is_known]).rank().to_numpy() / max(is_known.sum(), 1)
        u = np.full(len(values), -1.0)
        u[is_known] = ranks * (_N_KNOTS - 1)
        # A hat is 1 at its knot and falls to 0 at its neighbours: their sums are any broken line.
        hats = [np.maximum(1 - np.abs(u - knot), 0) for knot in range(_N_KNOTS)]
        columns += [np.where(is_known, u, 0), *(np.where(is_known, hat, 0) for hat in hats)]
        own, n = np.unique(values[is_known], return_counts=True)
        common = own[np.argsort(-n, kind="stable")][:_N_COMMON]
        columns += [values == value for value in common if (values == value).mean() >= _COMMON]
        columns.append(~is_known)
    made = np.stack(columns, axis=1).astype(np.float64)  # (n, n_columns)
    made -= made.mean(axis=0)
    spread = made.std(axis=0)
    return np.asarray(made[:, spread > 0] / spread[spread > 0])


def out_of_fold(x: Array, y: Array, folds: NDArray[np.int64]) -> Array:
    """Score each item by the ridge regression of the other folds [shape=(n, n_targets)]."""
    scores = np.empty(y.shape)
    for fold in range(N_FOLDS):
        own = folds == fold
        train = x[~own]
        gram = train.T @ train + _PENALTY * len(train) * np.eye(x.shape[1])
        centred = y[~own] - y[~own].mean(axis=0)
        scores[own] = x[own] @ np.linalg.solve(gram, train.T @ centred)
    return scores


def fold_auc(scores: Array, y: Array, folds: NDArray[np.int64]) -> Array:
    """Give each column's AUC, as a mean over the folds that have both [shape=(n_targets,)].

    0.5 where no fold has. Ties count half.
    """
    total, n_folds = np.zeros(y.shape[1]), np.zeros(y.shape[1])
    for fold in range(N_FOLDS):
        own = folds == fold
        # Rounded: equal rows must stay equal whatever order their products were summed in.
        values = np.round(scores[own], 6).astype(np.float32)
        order = np.argsort(values, axis=0, kind="stable")
        values = np.take_along_axis(values, order, axis=0)
        hits = np.take_along_axis(y[own], order, axis=0)
        n_hits = hits.sum(axis=0)
        pairs = n_hits * (len(hits) - n_hits)
        is_new = np.vstack([np.ones((1, y.shape[1]), bool), values[1:] != values[:-1]])
        place = np.arange(len(hits))[:, np.newaxis]
        first = np.maximum.accumulate(np.where(is_new, place, 0), axis=0)
        is_last = np.vstack([is_new[1:], np.ones((1, y.shape[1]), bool)])
        last = np.where(is_last, place, len(hits) - 1)[::-1]
        last = np.minimum.accumulate(last, axis=0)[::-1]
        ranks = ((first + last) / 2 * hits).sum(axis=0) - n_hits * (n_hits - 1) / 2
        total += np.divide(ranks, pairs, out=np.zeros_like(total), where=pairs > 0)
        n_folds += pairs > 0
    return np.divide(total, n_folds, out=np.full_like(total, 0.5), where=n_folds > 0)


def by_chance(x: Array, drawn: NDArray[np.int64], n_genres: int, folds: NDArray[np.int64]) -> Array:
    """Give the AUCs of each draw of labels, the mean last [shape=(n_draws, n_genres + 1)]."""
    size = max(1, _AT_ONCE // (len(x) * n_genres))
    made = []
    for start in range(0, len(drawn), size):
        block = drawn[start : start + size]
        y = np.eye(n_genres)[block.T].reshape(len(x), -1)  # (n, n_block * n_genres)
        auc = fold_auc(out_of_fold(x, y, folds), y, folds)
        made.append(with_mean(auc.reshape(len(block), n_genres)))
    return np.concatenate(made)


def with_mean(aucs: Array) -> Array:
    """Put the mean over genres behind them, along the last axis."""
    return np.concatenate([aucs, aucs.mean(axis=-1, keepdims=True)], axis=-1)


def shuffled(
    codes: NDArray[np.int64], group: NDArray[np.int64], n_draws: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Give groups the labels of other groups, in turn where sizes differ [shape=(n_draws, n)]."""
    _, owner, n_of = np.unique(group, return_inverse=True, return_counts=True)
    order = np.argsort(owner, kind="stable")
    starts = np.cumsum(n_of) - n_of
    place = np.empty(len(codes), np.int64)
    place[order] = np.arange(len(codes)) - starts[owner[order]]  # of each item in its group
    drawn = np.empty((n_draws, len(codes)), np.int64)
    for draw in range(n_draws):
        giver = rng.permutation(len(n_of))
        turn = place + rng.integers(0, n_of.max(), len(n_of))[owner]
        drawn[draw] = codes[order[starts[giver[owner]] + turn % n_of[giver[owner]]]]
    return drawn
