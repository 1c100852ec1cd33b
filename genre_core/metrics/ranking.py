"""Figures of the order that scores put items in, without a threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from genre_core.errors import ParameterError, describe
from genre_core.metrics.indices import genre_indices


def roc_auc(y_true: ArrayLike, scores: ArrayLike) -> float:
    """Give the chance that a positive item scores above a negative one, ties counting half.

    AUC = (#{s+ > s-} + #{s+ = s-} / 2) / (n+ n-). With more than two columns the mean of the
    genres' one-vs-rest AUCs, each weighing the same; a genre without items inside or outside is
    left out. 0.5 for constant scores; nan where only one genre is present.

    Parameters
    ----------
    y_true : array-like [shape=(n,), dtype=int or bool]
        Genre indices, n at least 1; 0 or 1 where `scores` is (n,) or (n, 2).
    scores : array-like [shape=(n,) or (n, n_genres)]
        Finite, higher meaning more of that genre; any rising scale (probabilities or logits).
        Of two columns the second is used, as for (n,).

    Notes
    -----
    **Source**: the Mann-Whitney U of positive against negative scores, equal to
    `sklearn.metrics.roc_auc_score` (`multi_class="ovr"`), which wants rows that sum to 1.

    Examples
    --------
    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    >>> roc_auc([1, 1], [0.3, 0.9])
    nan
    >>> roc_auc([0, 2], [0.3, 0.9])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: y_true must hold genre indices in [0, 2). Received 0 to 2. \
Give scores one column a genre, in the order of the taxonomy.
    """
    true = genre_indices(y_true, "y_true")
    columns = np.asarray(scores, dtype=np.float64)
    if columns.ndim not in (1, 2) or len(columns) != len(true) or columns.shape[-1] == 0:
        raise ParameterError(
            f"scores must have the shape (n,) or (n, n_genres), n = {len(true)} as y_true.",
            received=describe(columns),
            cure="Give one row an item.",
        )
    if not np.isfinite(columns).all():
        raise ParameterError(
            "scores must be finite.",
            received=f"{int((~np.isfinite(columns)).sum())} values that are not",
            cure="Leave out items without a score, and say how many.",
        )
    if columns.ndim == 2 and columns.shape[1] == 2:
        columns = columns[:, 1]
    n_genres = 2 if columns.ndim == 1 else columns.shape[1]
    if true.max() >= n_genres:
        raise ParameterError(
            f"y_true must hold genre indices in [0, {n_genres}).",
            received=f"{true.min()} to {true.max()}",
            cure="Give scores one column a genre, in the order of the taxonomy.",
        )
    if columns.ndim == 1:
        return _auc(columns, true == 1)
    areas = [_auc(columns[:, k], true == k) for k in range(n_genres)]
    defined = [area for area in areas if not np.isnan(area)]
    return float(np.mean(defined)) if defined else float("nan")


def _auc(scores: np.ndarray, is_positive: np.ndarray) -> float:
    positive, negative = np.sort(scores[is_positive]), np.sort(scores[~is_positive])
    if not len(positive) or not len(negative):
        return float("nan")
    below = negative.searchsorted(positive, "left").sum()
    up_to = negative.searchsorted(positive, "right").sum()
    return float((below + up_to) / (2 * len(positive) * len(negative)))
