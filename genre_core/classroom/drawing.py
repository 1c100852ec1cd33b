"""Which items a class is asked about: drawn by chance, every genre as often as can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genre_core.errors import require


def draw_items(genres: Sequence[int], n: int, *, seed: int) -> list[int]:
    """Draw items, genre by genre in turn, in an order that tells nothing.

    Parameters
    ----------
    genres : sequence of int
        Index of each item's genre; where nobody knows it, one for all.
    n : int
        How many to draw, at least 1; all where there are no more.
    seed : int
        Another one draws others.

    Returns
    -------
    list of int
        Places in `genres`, none twice. No genre is drawn twice more than one that has items left.

    Examples
    --------
    >>> sorted([0, 0, 0, 0, 1][k] for k in draw_items([0, 0, 0, 0, 1], 3, seed=1))
    [0, 0, 1]
    >>> draw_items([], 3, seed=0)
    []
    """
    require(n >= 1, "n must be at least 1.", n, "Ask one question or more.")
    chance = np.random.default_rng(seed)
    labels = np.asarray(genres, dtype=np.int64)
    order = chance.permutation(len(labels))
    turn = np.zeros(len(labels), dtype=np.int64)
    for genre in np.unique(labels):
        own = order[labels[order] == genre]
        turn[own] = np.arange(len(own))
    # By turn, and within one in the order of chance, so that the last turn favours no genre.
    drawn = order[np.argsort(turn[order], kind="stable")][:n]
    return [int(place) for place in chance.permutation(drawn)]
