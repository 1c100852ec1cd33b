"""Logits to probabilities, one column a genre whatever the head."""

from __future__ import annotations

import typing

import numpy as np
from numpy.typing import ArrayLike

from genre_core.config import Head
from genre_core.errors import ParameterError, describe


def probabilities(logits: ArrayLike, head: Head) -> np.ndarray:
    """Turn logits into one probability a genre [shape=(n, n_genres), dtype=float64].

    softmax: exp(z_k) / sum_j exp(z_j). binary: sigmoid(z) is the second genre, sigmoid(-z) the
    first. multilabel: sigmoid(z_k) each. Logits of any finite size neither overflow nor warn.

    Notes
    -----
    **Source**: as `scipy.special.softmax` and `scipy.special.expit`, which take a third of a second
    to load and would be all that a first page needs of SciPy. The first genre of a binary head
    is sigmoid(-z), not 1 - sigmoid(z), which would be 0 from z = 37 on.

    Examples
    --------
    >>> probabilities([[0.0, 0.0]], "softmax")
    array([[0.5, 0.5]])
    >>> probabilities([[1000.0]], "binary")
    array([[0., 1.]])
    >>> probabilities([0.0, 1.0], "softmax")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Logits of a softmax head must have the shape (n, n_genres), \
n_genres at least 2. Received an array of shape (2,) and dtype float64. Give one row a cover.
    """
    if head not in typing.get_args(Head):
        raise ParameterError(
            "head must be 'softmax', 'binary' or 'multilabel'.",
            received=describe(head),
            cure="Take it from the model's card.",
        )
    rows = np.asarray(logits, dtype=np.float64)
    if head == "binary":
        if rows.ndim != 1 and (rows.ndim != 2 or rows.shape[1] != 1):
            raise ParameterError(
                "Logits of a binary head must have the shape (n, 1) or (n,).",
                received=describe(rows),
                cure="A network with one logit a genre has a softmax or a multilabel head.",
            )
        rows = rows.reshape(-1, 1)  # (n, 1)
    elif rows.ndim != 2 or rows.shape[1] < 2:
        raise ParameterError(
            f"Logits of a {head} head must have the shape (n, n_genres), n_genres at least 2.",
            received=describe(rows),
            cure="Give one row a cover.",
        )
    _require_finite(rows, "Logits")
    if head == "binary":
        return _sigmoid(np.concatenate([-rows, rows], axis=1))  # (n, 2)
    if head == "multilabel":
        return _sigmoid(rows)  # (n, n_genres)
    return softmax(rows)  # (n, n_genres)


def softmax(rows: np.ndarray) -> np.ndarray:
    """Return exp(z_k) / sum_j exp(z_j) along the rows [shape=(n, n_genres)]; z may be -inf."""
    powers = np.exp(rows - rows.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _sigmoid(rows: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-z)), of z < 0 as exp(z) / (1 + exp(z)): no power overflows."""
    powers = np.exp(-np.abs(rows))
    return np.asarray(np.where(rows >= 0, 1.0, powers) / (1.0 + powers))


def predicted(probs: ArrayLike) -> np.ndarray:
    """Name the genre of the highest probability in every row [shape=(n,), dtype=int64].

    argmax_k probs[i, k]; among equal ones the first, so a binary 0.5 is the first genre. NaN is
    refused: an argmax would name that genre.

    Examples
    --------
    >>> predicted([[0.2, 0.8], [0.5, 0.5]])
    array([1, 0])
    >>> predicted([0.2, 0.8])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Probabilities must have the shape (n, n_genres), n_genres at \
least 2. Received an array of shape (2,) and dtype float64. Use probabilities(logits, head).
    """
    rows = np.asarray(probs, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] < 2:
        raise ParameterError(
            "Probabilities must have the shape (n, n_genres), n_genres at least 2.",
            received=describe(rows),
            cure="Use probabilities(logits, head).",
        )
    _require_finite(rows, "Probabilities")
    return np.argmax(rows, axis=1).astype(np.int64)  # (n,)


def _require_finite(rows: np.ndarray, what: str) -> None:
    is_bad = ~np.isfinite(rows)
    if is_bad.any():
        raise ParameterError(
            f"{what} must be finite.",
            received=f"{int(is_bad.sum())} values that are not, the first in row "
            f"{int(is_bad.any(axis=1).argmax())}",
            cure="A network that diverged gives NaN: train it with a lower learning rate.",
        )
