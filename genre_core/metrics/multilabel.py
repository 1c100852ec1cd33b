"""Figures of a task in which an item may have several genres.

`hits` [shape=(n, n_genres), dtype=bool] says which genres each item has, n at least 1; `scores` or
`probs` of the same shape are finite, higher meaning more of that genre. Anything else raises
`ParameterError`. A genre that no item or every item has is left out of a macro mean of areas; a
genre that is neither true nor predicted anywhere is left out of macro-F1. Figures lie in [0, 1].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from genre_core.errors import ParameterError
from genre_core.metrics.classification import roc_auc
from genre_core.metrics.indices import ratio, require_finite

THRESHOLD = 0.5
"""Probability from which a genre counts as predicted."""


def multilabel_roc_auc(hits: ArrayLike, scores: ArrayLike) -> float:
    """Average the genres' areas under the ROC curve, each genre weighing the same.

    nan where no genre has items inside and outside; elsewhere equal to
    `sklearn.metrics.roc_auc_score(average="macro")` over the genres where it is defined.

    Examples
    --------
    >>> multilabel_roc_auc([[1, 0], [1, 1], [0, 1]], [[0.9, 0.2], [0.8, 0.6], [0.1, 0.7]])
    1.0
    >>> multilabel_roc_auc([[1, 0]], [0.9, 0.2])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: hits and scores must have the same shape (n, n_genres), n at \
    least 1. Received (1, 2) and (2,). Give one row an item and one column a genre.
    """
    true, columns = _pair(hits, scores)
    areas = [
        roc_auc(true[:, k].astype(np.int64), columns[:, k])
        for k in range(true.shape[1])
        if 0 < true[:, k].sum() < len(true)
    ]
    return float(np.mean(areas)) if areas else float("nan")


def multilabel_macro_f1(hits: ArrayLike, probs: ArrayLike) -> float:
    """Average the genres' F1, a genre being predicted from a probability of .5 on.

    F1_k = 2 TP_k / (2 TP_k + FP_k + FN_k); nan where no genre is true or predicted anywhere. Equal
    to `sklearn.metrics.f1_score(average="macro")` over the genres where it is defined.

    Examples
    --------
    >>> multilabel_macro_f1([[1, 0], [1, 1]], [[0.9, 0.6], [0.2, 0.7]])
    0.6666666666666666
    """
    true, columns = _pair(hits, probs)
    called = columns >= THRESHOLD
    right = (true & called).sum(axis=0)
    sums = true.sum(axis=0) + called.sum(axis=0)
    is_defined = sums > 0
    if not is_defined.any():
        return float("nan")
    return float((2 * right[is_defined] / sums[is_defined]).mean())


def top_hit(hits: ArrayLike, scores: ArrayLike) -> float:
    """Give the share of items whose highest genre (the first of equals) is one of theirs.

    It is the accuracy where each item has one genre.

    Examples
    --------
    >>> top_hit([[1, 1, 0], [0, 0, 1]], [[0.1, 0.8, 0.3], [0.5, 0.1, 0.4]])
    0.5
    """
    true, columns = _pair(hits, scores)
    return float(true[np.arange(len(true)), columns.argmax(axis=1)].mean())


def multilabel_table(
    hits: ArrayLike, probs: ArrayLike, genres: Sequence[str]
) -> list[dict[str, Any]]:
    """List support, precision, recall, F1 and ROC AUC of each genre, nan where undefined.

    Figures are rounded to four digits; input and errors are those of `multilabel_macro_f1`.

    Examples
    --------
    >>> rows = multilabel_table([[1, 0], [1, 1]], [[0.9, 0.1], [0.2, 0.8]], ("a", "b"))
    >>> rows[0]["recall"], rows[1]["roc_auc"]
    (0.5, 1.0)
    """
    true, columns = _pair(hits, probs)
    called = columns >= THRESHOLD
    right, support, n_called = (table.sum(axis=0) for table in (true & called, true, called))
    rows = []
    for k, genre in enumerate(genres):
        values = {
            "precision": ratio(right[k], n_called[k]),
            "recall": ratio(right[k], support[k]),
            "f1": ratio(2 * right[k], support[k] + n_called[k]),
            "roc_auc": multilabel_roc_auc(true[:, [k]], columns[:, [k]]),
        }
        figures = {name: round(value, 4) for name, value in values.items()}
        rows.append({"genre": genre, "support": int(support[k]), **figures})
    return rows


def _pair(hits: ArrayLike, scores: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    true, columns = np.asarray(hits), np.asarray(scores, dtype=np.float64)
    if true.ndim != 2 or true.shape != columns.shape or not len(true):
        raise ParameterError(
            "hits and scores must have the same shape (n, n_genres), n at least 1.",
            received=f"{true.shape} and {columns.shape}",
            cure="Give one row an item and one column a genre.",
        )
    require_finite(columns)
    return true.astype(bool), columns
