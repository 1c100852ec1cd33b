"""What the figures share: checks of labels and scores, and a share that may be undefined."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from genre_core.errors import ParameterError, describe


def genre_indices(values: ArrayLike, name: str) -> np.ndarray:
    """Take genre indices from a caller, or say what is wrong with them.

    [shape=(n,), dtype=int or bool], called `name` in messages. Gives the values themselves, not a
    copy; booleans become 0 and 1. Raises `ParameterError` for another shape, no items, not whole
    numbers, or below 0.

    Examples
    --------
    >>> genre_indices([0.2, 0.8], "y_pred")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: y_pred must hold genre indices, whole numbers from 0. \
    Received an array of shape (2,) and dtype float64. Names become indices by their place in the \
    taxonomy, scores by predicted().
    """
    array = np.asarray(values)
    if array.ndim != 1:
        raise ParameterError(
            f"{name} must have the shape (n,).",
            received=describe(array),
            cure="Of probabilities take predicted(probs).",
        )
    if not len(array):
        raise ParameterError(
            f"{name} must hold at least one item.",
            received=describe(array),
            cure="Check the split that was selected.",
        )
    if array.dtype.kind == "b":
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu" or array.min() < 0:
        raise ParameterError(
            f"{name} must hold genre indices, whole numbers from 0.",
            received=describe(array) if array.dtype.kind not in "iu" else f"{array.min()}",
            cure="Names become indices by their place in the taxonomy, scores by predicted().",
        )
    return array


def ratio(part: float, whole: float) -> float:
    """Divide; nan where there is nothing to divide by."""
    return float(part / whole) if whole else float("nan")


def require_finite(scores: np.ndarray) -> None:
    """Raise `ParameterError` where a score is NaN or infinite."""
    is_finite = np.isfinite(scores)
    if not is_finite.all():
        raise ParameterError(
            "scores must be finite.",
            received=f"{int((~is_finite).sum())} values that are not",
            cure="Leave out items without a score, and say how many.",
        )
