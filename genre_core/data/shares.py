"""Items that are several genres at once, each by its share, and what is learnt of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from genre_core.config import Task
from genre_core.data.item import WEIGHTS
from genre_core.data.taxonomy import match_genres

if TYPE_CHECKING:
    import pandas as pd

SHARES = "shares"
"""Column of `Catalog.select` where items have shares of labels: those of each genre (n_genres,)."""

Learnt = NDArray[np.int64] | NDArray[np.float64]
"""What each song is: its genre [shape=(n,)], or the shares of all [shape=(n, n_genres)]."""


def genre_shares(
    frame: pd.DataFrame, matches: NDArray[np.bool_], task: Task
) -> NDArray[np.float64]:
    """Tell how much of each genre every item is [shape=(n, n_genres)].

    `matches` are `match_genres` of the frame. An item without `WEIGHTS` is all of what it counts
    as. Else a genre has the shares of the labels that count as it; what counts as no genre of the
    task is left out, so that each item's shares sum to 1, but for a multilabel task, where each
    genre stands alone, at most 1.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"labels": [["Rock", "Jazz", "Pop"]], "source": [""]})
    >>> frame["weights"] = [[0.25, 0.25, 0.5]]
    >>> task = Task(genres=("Rock", "Pop"))
    >>> genre_shares(frame, np.array([[True, True]]), task).round(3).tolist()
    [[0.333, 0.667]]
    """
    shares = matches.astype(np.float64)
    rows = np.flatnonzero(frame[WEIGHTS].map(len))
    part = frame.iloc[rows]
    owner = np.repeat(rows, part["labels"].map(len))
    flat = [[label] for labels in part["labels"] for label in labels]
    weights = np.array([share for own in part[WEIGHTS] for share in own])
    single = match_genres(flat, frame["source"].to_numpy()[owner], task)
    shares[rows] = 0
    np.add.at(shares, owner, single * weights[:, np.newaxis])
    if task.head == "multilabel":
        return np.minimum(shares, 1)
    sums = shares[rows].sum(axis=1, keepdims=True)
    shares[rows] = np.divide(shares[rows], sums, out=np.zeros_like(shares[rows]), where=sums > 0)
    return shares


def item_shares(frame: pd.DataFrame) -> NDArray[np.float64] | None:
    """Return the shares of genres of items that `Catalog.select` gave; None where each is one.

    Its shape is (n, n_genres).
    """
    if SHARES not in frame or frame.empty:
        return None
    return np.stack(list(frame[SHARES]))


def learnt_genres(frame: pd.DataFrame) -> Learnt:
    """Return what a head learns of such items: the genre of each (n,), or their `item_shares`."""
    shares = item_shares(frame)
    return frame["genre_index"].to_numpy() if shares is None else shares


def one_genre(learnt: Learnt) -> NDArray[np.int64]:
    """Give each item's genre, that of the largest share; the first among equals."""
    return cast("NDArray[np.int64]", learnt) if learnt.ndim == 1 else learnt.argmax(axis=1)


def by_shares(
    features: NDArray[np.float64], learnt: Learnt
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64] | None]:
    """Lay out features, genres and weights for scikit-learn: a row for each genre of an item.

    >>> by_shares(np.array([[3.0], [4.0]]), np.array([[0.25, 0.75], [0.0, 1.0]]))[1:]
    (array([0, 1, 1]), array([0.25, 0.75, 1.  ]))
    """
    if learnt.ndim == 1:
        return features, one_genre(learnt), None
    item, genre = np.nonzero(learnt)
    return features[item], genre, learnt[item, genre].astype(np.float64)
