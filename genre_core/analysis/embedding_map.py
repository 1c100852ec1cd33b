"""Embeddings as a map of two dimensions, and an item's nearest neighbours."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.linalg import svds

from genre_core.analysis.columns import need_columns
from genre_core.config import require

_FEWEST = 5  # items that UMAP can lay out
_ALL_AT_ONCE = 1_500  # rows or dimensions of which all components are found in about a second

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

    **Source**: as `sklearn.decomposition.PCA`, by the eigenvectors of the covariance, or of the
    rows' inner products where these are fewer; where both are many, the leading ones alone by
    Lanczos' method. 10,000 rows of 1,280 take a few seconds of a processor, 5,000 of
    5,000 some 20.

    Examples
    --------
    >>> principal_components(np.array([[0.0, 0.0], [2.0, 2.0], [4.0, 4.0]]), 1).round(3).ravel()
    array([-2.828,  0.   ,  2.828])
    """
    centred = rows - rows.mean(axis=0)
    vectors = _leading(centred, n_components)
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])])
    made = centred @ (vectors * signs)
    return np.pad(made, ((0, 0), (0, n_components - made.shape[1])))


def _leading(centred: Array, n_components: int) -> Array:
    """Find the directions of most variance, the first ones [shape=(d, n_components at most)]."""
    n, d = centred.shape
    if min(n, d) > max(_ALL_AT_ONCE, n_components):
        start = np.ones(min(n, d))  # any but a random one: the same map each time
        _, sizes, vectors = svds(centred, k=n_components, v0=start)
        return np.asarray(vectors[np.argsort(-sizes)].T)
    if d <= n:
        return np.asarray(np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :n_components])
    values, sides = np.linalg.eigh(centred @ centred.T)
    # n centred rows have n - 1 dimensions at most; what is left of the others is rounding.
    has_length = values > n * np.finfo(np.float64).eps * max(values.max(), 0.0)
    vectors = centred.T @ sides[:, has_length][:, ::-1][:, :n_components]
    return np.asarray(vectors / np.linalg.norm(vectors, axis=0))


def pca_map(embeddings: NDArray[np.floating[Any]]) -> Array:
    """Lay items out by the two directions in which their embeddings differ most, at once.

    Embeddings are scaled to length 1 before, so that the map shows what `nearest` measures.

    Returns
    -------
    np.ndarray [shape=(n_items, 2), dtype=float64]
        In no unit; the same embeddings give the same map.

    Examples
    --------
    >>> pca_map(np.array([[1.0, 0.0], [0.0, 2.0]])).round(3).tolist()
    [[0.707, 0.0], [-0.707, 0.0]]
    """
    return principal_components(directions(embeddings), 2)


def umap_map(
    embeddings: NDArray[np.floating[Any]], *, n_neighbors: int = 15, seed: int = 0
) -> NDArray[np.float32]:
    """Lay items out so that neighbours by cosine stay neighbours: a step that takes long.

    1,000 items take some 20 s of a processor, most of it for compiling, 10,000 of 1,280 some
    90 s: a job calls this and keeps the result. Distances between clusters and their sizes mean
    nothing on such a map. Of fewer than 5 items it gives `pca_map`.

    Parameters
    ----------
    embeddings : np.ndarray [shape=(n_items, d)]
        Finite.
    n_neighbors : int
        Neighbours that are kept near, at least 2: few show small clusters, many the whole.
    seed : int
        The same seed gives the same map on one machine.

    Returns
    -------
    np.ndarray [shape=(n_items, 2), dtype=float32]
        In no unit.

    Notes
    -----
    **Source**: McInnes, Healy and Melville, arXiv:1802.03426 (2018), by umap-learn with its
    defaults, but started from principal components.
    """
    require(n_neighbors >= 2, "n_neighbors must be at least 2.", n_neighbors, "Give 15.")
    rows = directions(embeddings).astype(np.float32)
    if len(rows) < _FEWEST:
        return pca_map(embeddings).astype(np.float32)
    # Its package loads TensorFlow for a variant that nobody asks for; None is a module not found.
    sys.modules.setdefault("umap.parametric_umap", None)  # type: ignore[arg-type]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)
        from umap import UMAP
    made = UMAP(
        n_neighbors=min(n_neighbors, len(rows) - 1),
        metric="cosine",
        init="pca",
        random_state=seed,
        n_jobs=1,
    )
    return np.asarray(made.fit_transform(rows), np.float32)


def nearest(
    embeddings: NDArray[np.floating[Any]],
    predictions: pd.DataFrame,
    row: int,
    k: int = 10,
    *,
    among: NDArray[np.int64] | None = None,
) -> pd.DataFrame:
    """List the items nearest to one by the cosine of their embeddings, nearest first.

    Parameters
    ----------
    embeddings : np.ndarray [shape=(n_items, d)]
        Finite.
    predictions : pd.DataFrame [n_items rows]
        In the same order: item_id, genre_index and, where known, artist and album.
    row : int
        The item, which is not listed itself.
    k : int
        Items at most.
    among : np.ndarray [shape=(m,), dtype=int], optional
        Rows that may be listed, such as those of the split train; all by default.

    Returns
    -------
    pd.DataFrame
        `row`, `item_id`, `cosine` (-1 to 1), and `same_artist`, `same_album`, `same_genre`, whether
        it shares them with the item; unknown ones are shared with nobody.

    Examples
    --------
    >>> rows = pd.DataFrame({"item_id": ["a", "b", "c"], "genre_index": [0, 1, 0],
    ...                      "artist": ["Yes", "", "Yes"]})
    >>> near = nearest(np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]]), rows, 0)
    >>> near[["item_id", "cosine", "same_artist", "same_genre"]].values.tolist()
    [['b', 0.6, False, False], ['c', 0.0, True, True]]
    """
    need_columns(predictions, ("item_id", "genre_index"))
    units = directions(embeddings)
    require(
        len(units) == len(predictions) and 0 <= row < len(units),
        "nearest needs one embedding a row of the predictions, and one of these rows.",
        (len(units), len(predictions), row),
        "Give the embeddings and the predictions of one evaluation.",
    )
    rows = np.arange(len(units)) if among is None else np.asarray(among, np.int64)
    rows = rows[rows != row]
    cosines = units[rows] @ units[row]
    first = np.argsort(-cosines, kind="stable")[:k]
    rows = rows[first]
    near = predictions.iloc[rows]
    table = pd.DataFrame(
        {"row": rows, "item_id": near["item_id"].to_numpy(), "cosine": cosines[first]}
    )
    for name, column in (("artist", "artist"), ("album", "album"), ("genre", "genre_index")):
        shared = np.zeros(len(rows), bool)
        if column in predictions:
            own, values = predictions[column].iloc[row], near[column]
            shared = ((values == own) & values.notna() & (values != "")).to_numpy(bool)
        table[f"same_{name}"] = shared
    return table
