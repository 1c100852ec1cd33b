"""Occlusion: what a genre's logit loses where a part of the input is hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.explain.plain_inputs import plain_input

CELLS = 10
"""Cells along each side of a cover's map; a patch covers 2 x 2 of them."""

SLICES = 20
"""Cells of a segment's map over time, fewer where it has fewer frames; a slice covers 2 of them."""

BATCH = 8
"""Inputs that are changed at once: bounds memory."""


def occlusion_map(
    item: NDArray[Any],
    score: Callable[[NDArray[np.float32]], NDArray[Any]],
    kind: str,
    *,
    time_axis: int = 0,
) -> NDArray[np.float32]:
    """Hide one patch after the other, and map what the score loses.

    M(cell) = mean over the patches P that cover it of s(x) - s(x with P hidden). What is put in the
    place of a patch is `plain_input`: of a cover its mean colour, of a segment silence. Patches are
    2 x 2 of `CELLS` x `CELLS` cells, at each of the 81 places; of a segment, whose whole spectrum
    is silenced, 2 of `SLICES` slices of time.

    Parameters
    ----------
    item : ndarray [shape=(h, w, ...)]
        A prepared cover or a segment.
    score : callable
        Turns inputs [shape=(n, h, w, ...), dtype=float32], n at most `BATCH`, into the logit of a
        genre (n,).
    kind, time_axis
        As in `plain_input`.

    Returns
    -------
    ndarray [shape=(10, 10), (n_slices, 1) or (1, n_slices), dtype=float32]
        In units of the score; below 0 where it gains.

    Notes
    -----
    **Source**: Zeiler and Fergus, arXiv 1311.2901. Differences: patches overlap by half, so that
    what lies on a border is not cut in two; the logit is watched and not the probability.

    Examples
    --------
    >>> def brightness_of_the_top(covers):
    ...     return covers[:, :10].mean(axis=(1, 2, 3))
    >>> cover = np.zeros((40, 40, 3), np.uint8)
    >>> cover[:10] = 200
    >>> heat = occlusion_map(cover, brightness_of_the_top, "cover")
    >>> heat.shape, bool(heat[0].min() > 1), bool(abs(heat[5:]).max() < 1e-4)
    ((10, 10), True, True)
    """
    values = item.astype(np.float32)
    hidden = plain_input(item, kind, time_axis=time_axis)
    n_rows, n_columns = cells_of(values.shape, kind, time_axis)
    rows, columns = edges(values.shape[0], n_rows), edges(values.shape[1], n_columns)
    reach_down, reach_across = min(2, n_rows), min(2, n_columns)
    places = [
        (row, column)
        for row in range(n_rows - reach_down + 1)
        for column in range(n_columns - reach_across + 1)
    ]
    whole = float(np.asarray(score(values[np.newaxis]))[0])
    total, count = np.zeros((n_rows, n_columns)), np.zeros((n_rows, n_columns))
    for first in range(0, len(places), BATCH):
        some = places[first : first + BATCH]
        changed = np.repeat(values[np.newaxis], len(some), axis=0)
        for one, (row, column) in zip(changed, some, strict=True):
            down = slice(rows[row], rows[row + reach_down])
            across = slice(columns[column], columns[column + reach_across])
            one[down, across] = hidden[down, across]
        losses = whole - np.asarray(score(changed), np.float64)
        for (row, column), loss in zip(some, losses, strict=True):
            covered = np.s_[row : row + reach_down, column : column + reach_across]
            total[covered] += loss
            count[covered] += 1
    return (total / count).astype(np.float32)


def cells_of(shape: tuple[int, ...], kind: str, time_axis: int) -> tuple[int, int]:
    """Count the cells of a map, down and across; none is smaller than a pixel or a frame.

    >>> cells_of((260, 260, 3), "cover", 0), cells_of((43, 128, 1), "spectrogram", 0)
    ((10, 10), (20, 1))
    """
    if kind == "cover":
        return min(CELLS, shape[0]), min(CELLS, shape[1])
    n = min(SLICES, shape[time_axis])
    return (n, 1) if time_axis == 0 else (1, n)


def edges(length: int, n_cells: int) -> NDArray[np.int64]:
    """Cut an axis into cells of nearly one length [shape=(n_cells + 1,)].

    >>> edges(43, 4).tolist()
    [0, 11, 22, 32, 43]
    """
    return np.rint(np.linspace(0, length, n_cells + 1)).astype(np.int64)
