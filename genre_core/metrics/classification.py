"""Figures of a single-label classification, fast enough for thousands of resamples.

Conventions, the same for all of them:

- `y_true`, `y_pred`: array-like [shape=(n,), dtype=int], n at least 1, genre indices in
  [0, n_genres), n_genres at least 2. Figures lie in [0, 1].
- Rows of a confusion matrix [shape=(n_genres, n_genres), dtype=int64] are true, columns predicted.
- No items, different lengths, negative or not whole numbers raise `ParameterError`; a figure that
  the items do not define is nan, never 0.
- Recall is undefined for a genre with no items, precision for one that is never predicted, F1 for
  one that is neither.
- A macro mean takes the genres where its figure is defined: balanced accuracy those with items,
  macro-F1 those with items or predictions, one-vs-rest AUC those with items inside and outside.

**Source**: equal to scikit-learn's functions of these names with their defaults, against which they
are tested (`precision_recall_fscore_support` gives 0 or a warning where we give nan). Those need
about 1 ms a call, most of it for checking their input, so a bootstrap of 2,000 resamples would take
seconds a figure; these count with `numpy.bincount`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from genre_core.errors import ParameterError, describe
from genre_core.metrics.indices import genre_indices, ratio, require_finite


def confusion_matrix(y_true: ArrayLike, y_pred: ArrayLike, n_genres: int) -> np.ndarray:
    """Count the items of each true genre (row) by predicted genre (column).

    C[i, j] = number of items with y_true = i and y_pred = j; a genre that is absent keeps its row
    and column of zeros. Row sums are the support of each genre.

    Examples
    --------
    >>> confusion_matrix([0, 0, 1], [0, 1, 1], n_genres=2)
    array([[1, 1],
           [0, 1]])
    >>> confusion_matrix([1, 2], [1, 1], n_genres=2)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: y_true must hold genre indices in [0, 2). Received 1 to 2. \
    Genres count from 0 in the order of the taxonomy.
    """
    true, pred = _pair(y_true, y_pred)
    if not float(n_genres).is_integer() or n_genres < 2:
        raise ParameterError(
            "n_genres must be a whole number of at least 2.",
            received=describe(n_genres),
            cure="Give the number of genres of the taxonomy.",
        )
    for name, values in (("y_true", true), ("y_pred", pred)):
        if values.max() >= n_genres:
            raise ParameterError(
                f"{name} must hold genre indices in [0, {n_genres}).",
                received=f"{values.min()} to {values.max()}",
                cure="Genres count from 0 in the order of the taxonomy.",
            )
    return _count(true, pred, int(n_genres))


def most_confused(confusion: ArrayLike) -> tuple[int, int] | None:
    """Find the true genre and the wrong answer that it is given the largest share of the time.

    Of a confusion matrix, rows true; of equal shares the one behind more items. None without an
    error.

    >>> most_confused([[8, 2, 0], [1, 3, 4], [0, 0, 9]])
    (1, 2)
    >>> most_confused([[3, 0], [0, 4]]) is None
    True
    """
    counts = np.array(confusion, dtype=np.int64)
    np.fill_diagonal(wrong := counts.copy(), 0)
    if not wrong.any():
        return None
    shares = wrong / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    place = np.lexsort((wrong.ravel(), shares.ravel()))[-1]
    true, answer = divmod(int(place), len(counts))
    return true, answer


def accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Give the share of items whose predicted genre is the true one.

    Examples
    --------
    >>> accuracy([0, 1, 1, 0], [0, 1, 0, 0])
    0.75
    >>> accuracy([], [])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: y_true must hold at least one item. Received an array of \
    shape (0,) and dtype float64. Check the split that was selected.
    """
    true, pred = _pair(y_true, y_pred)
    return float((true == pred).mean())


def balanced_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Average the recall over the genres that have items.

    mean_k C[k, k] / sum_j C[k, j], over the k whose row is not empty: 1 / n_genres for a constant
    guess when every genre has items. Where scikit-learn warns of a predicted genre without items,
    here such a prediction simply is a miss.

    Examples
    --------
    >>> balanced_accuracy([0, 0, 0, 1], [0, 0, 0, 0])
    0.5
    """
    counts = _count(*_pair(y_true, y_pred))
    support = counts.sum(axis=1)
    is_defined = support > 0
    return float((counts.diagonal()[is_defined] / support[is_defined]).mean())


def macro_f1(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Average F1 over the genres that are true or predicted somewhere.

    F1_k = 2 C[k, k] / (row sum k + column sum k); 0 for a genre that has items and no hit. The mean
    of F1 values, not the F1 of mean precision and mean recall.

    Examples
    --------
    >>> round(macro_f1([0, 0, 1, 1], [0, 0, 0, 1]), 4)
    0.7333
    """
    counts = _count(*_pair(y_true, y_pred))
    sums = counts.sum(axis=0) + counts.sum(axis=1)
    is_defined = sums > 0
    return float((2 * counts.diagonal()[is_defined] / sums[is_defined]).mean())


def per_genre_table(
    y_true: ArrayLike, y_pred: ArrayLike, genres: Sequence[str]
) -> list[dict[str, Any]]:
    """List precision, recall, F1 and support of every genre, in the order of `genres`.

    One row a genre: `genre`, `precision`, `recall`, `f1` (nan where undefined) and `support`, its
    number of true items; they sum to n.

    Examples
    --------
    >>> table = per_genre_table([0, 0, 1], [0, 1, 1], ["Pop", "Rock"])
    >>> table[0]["genre"], table[0]["precision"], table[0]["recall"], table[0]["support"]
    ('Pop', 1.0, 0.5, 2)
    """
    counts = confusion_matrix(y_true, y_pred, len(genres))
    hits, support, n_predicted = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    return [
        {
            "genre": str(genre),
            "precision": ratio(hits[k], n_predicted[k]),
            "recall": ratio(hits[k], support[k]),
            "f1": ratio(2 * hits[k], support[k] + n_predicted[k]),
            "support": int(support[k]),
        }
        for k, genre in enumerate(genres)
    ]


def majority_baseline(y_train: ArrayLike, y_test: ArrayLike, n_genres: int) -> dict[str, float]:
    """Score the guess that every test item is the genre most common in training.

    Among equally common genres the first is guessed. Gives `genre_index` (the guess), `accuracy`,
    `balanced_accuracy`, `macro_f1` and `roc_auc` (0.5, or nan where the test holds one genre).

    Examples
    --------
    >>> majority_baseline([0, 1, 1], [1, 1, 0, 1], 2)["accuracy"]
    0.75
    """
    train = genre_indices(y_train, "y_train")
    guess = int(confusion_matrix(train, train, n_genres).diagonal().argmax())
    test = genre_indices(y_test, "y_test")
    pred = np.full_like(test, guess)
    return {
        "genre_index": guess,
        "accuracy": accuracy(test, pred),
        "balanced_accuracy": balanced_accuracy(test, pred),
        "macro_f1": macro_f1(test, pred),
        "roc_auc": roc_auc(test, np.zeros((len(test), n_genres))),
    }


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
    require_finite(columns)
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


def _pair(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    true, pred = genre_indices(y_true, "y_true"), genre_indices(y_pred, "y_pred")
    if len(true) != len(pred):
        raise ParameterError(
            "y_true and y_pred must have the same length.",
            received=f"{len(true)} and {len(pred)}",
            cure="Give both in the order of the same items.",
        )
    return true, pred


def _count(true: np.ndarray, pred: np.ndarray, n_genres: int | None = None) -> np.ndarray:
    n = n_genres or int(max(true.max(), pred.max())) + 1
    # In int64 first: n * true overflows a small integer type such as uint8.
    cells = n * true.astype(np.int64) + pred.astype(np.int64)
    return np.bincount(cells, minlength=n * n).reshape(n, n)  # (n_genres, n_genres)


def _auc(scores: np.ndarray, is_positive: np.ndarray) -> float:
    positive, negative = np.sort(scores[is_positive]), np.sort(scores[~is_positive])
    if not len(positive) or not len(negative):
        return float("nan")
    below = negative.searchsorted(positive, "left").sum()
    up_to = negative.searchsorted(positive, "right").sum()
    return float((below + up_to) / (2 * len(positive) * len(negative)))
