"""Embeddings as a map of two dimensions, and an item's nearest neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.config import require

Array = NDArray[np.float64]


def directions(embeddings: NDArray[np.floating[Any]]) -> Array:
    """Scale each embedding to length 1; one of zeros stays [shape=(n, d)].

    Raises `ParameterError` for another shape, no items, or values that are not finite.

    Examples
    --------
    >>> directions(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    rows = np.asarray(embeddings, np.float64)
    require(
        rows.ndim == 2 and min(rows.shape) > 0 and bool(np.isfinite(rows).all()),
        "embeddings must be finite and have the shape (n_items, d).",
        embeddings,
        "Evaluate the network again.",
    )
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1))


def principal_components(rows: Array, n_components: int) -> Array:
    """Project onto the directions in which the rows differ most [shape=(n, n_components)].

    Components are ordered by their variance; each points so that its largest entry by size is
    positive, so that a map does not turn over from call to call. Where the rows have fewer
    dimensions, the other columns are 0.

    **Source**: as `sklearn.decomposition.PCA`, by the eigenvectors of the covariance, which for
    10,000 rows of 1,280 takes a second.

    Examples
    --------
    >>> principal_components(np.array([[0.0, 0.0], [2.0, 2.0], [4.0, 4.0]]), 1).round(3).ravel()
    array([-2.828,  0.   ,  2.828])
    """
    centred = rows - rows.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    vectors = vectors[:, ::-1][:, :n_components]
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])])
    made = centred @ (vectors * signs)
    return np.pad(made, ((0, 0), (0, n_components - made.shape[1])))
