"""Which items a bootstrap resample takes when whole groups are drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from genre_core.errors import ParameterError, describe


def group_codes(groups: ArrayLike) -> tuple[np.ndarray, int]:
    """Give each item the number of its group, counted in the order of their names, and how many.

    An item without a group raises `ParameterError`: such items are not one group, they would be
    drawn together.

    >>> group_codes(["Yes", "ELP", "Yes"])
    (array([1, 0, 1]), 2)
    >>> group_codes(["Yes", "", "ELP"])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Every item needs a group, a name or a whole number. \
    Received 1 of 3 items without one. Give an item that belongs with no other its own id.
    """
    array = np.asarray(groups)
    if array.ndim != 1:
        raise ParameterError(
            "groups must have the shape (n,).",
            received=describe(array),
            cure="Give one group an item.",
        )
    if array.dtype.kind == "O":  # what pandas gives for text
        is_named = [isinstance(name, str) and name != "" for name in array]
    elif array.dtype.kind == "U":
        is_named = list(array != "")
    else:
        is_named = [array.dtype.kind in "iu"] * len(array)
    if not all(is_named):
        raise ParameterError(
            "Every item needs a group, a name or a whole number.",
            received=f"{len(array) - sum(is_named)} of {len(array)} items without one",
            cure="Give an item that belongs with no other its own id.",
        )
    names, codes = np.unique(array, return_inverse=True)
    return codes, len(names)


def group_resamples(codes: np.ndarray, n_resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Draw as many groups as there are, with replacement, again and again.

    Yields the places of the items of the drawn groups [shape=(m,), dtype=int64]; m differs where
    groups differ in size. The same seed and codes give the same draws, whatever the order of the
    items.

    >>> for index in group_resamples(np.array([0, 1, 1]), n_resamples=2, seed=0):
    ...     print(index)
    [1 2 1 2]
    [1 2 0]
    """
    rng = np.random.default_rng(seed)
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes)
    starts = np.cumsum(sizes) - sizes
    for _ in range(n_resamples):
        draw = rng.integers(len(sizes), size=len(sizes))
        drawn = sizes[draw]
        # Each draw's run of places in `order`, all runs end to end without a Python loop.
        shift = starts[draw] - (np.cumsum(drawn) - drawn)
        yield order[np.repeat(shift, drawn) + np.arange(drawn.sum())]
