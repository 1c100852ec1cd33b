"""A kernel that slides over a picture, step by step: what the first lesson lets a visitor do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_core.config import require
from genre_core.errors import describe

SIDE = 3
"""Width and height of a kernel, in cells."""

PRESETS: Mapping[str, tuple[tuple[int, ...], int]] = {
    "left to right: dark, then bright": ((-1, 0, 1, -1, 0, 1, -1, 0, 1), 1),
    "top to bottom: dark, then bright": ((-1, -1, -1, 0, 0, 0, 1, 1, 1), 1),
    "every edge": ((-1, -1, -1, -1, 8, -1, -1, -1, -1), 1),
    "blur": ((1, 1, 1, 1, 1, 1, 1, 1, 1), 9),
    "sharpen": ((0, -1, 0, -1, 5, -1, 0, -1, 0), 1),
    "copy": ((0, 0, 0, 0, 1, 0, 0, 0, 0), 1),
}
"""Nine numbers row by row, and what their sum is divided by."""


def brightness(picture: ArrayLike, side: int) -> NDArray[np.uint8]:
    """Scale a picture to a square of grey cells, each the mean brightness of its part.

    Brightness is the mean of red, green and blue, which a student can check by hand; eyes weigh
    green more.

    Parameters
    ----------
    picture : array_like [shape=(height, width, 3)]
        Red, green and blue, 0 to 255.
    side : int
        Cells a side, from `SIDE` to the picture's shorter side.

    Returns
    -------
    ndarray [shape=(side, side), dtype=uint8]
        0 is black, 255 is white.

    Raises
    ------
    ParameterError
        No such picture, or a side that it cannot be cut into.

    Examples
    --------
    >>> brightness(np.full((6, 6, 3), (30, 60, 90), dtype=np.uint8), 3)
    array([[60, 60, 60],
           [60, 60, 60],
           [60, 60, 60]], dtype=uint8)
    >>> brightness(np.zeros((6, 6)), 3)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A picture must have the shape (height, width, 3). \
Received an array of shape (6, 6) and dtype float64. Give red, green and blue.
    """
    values = np.asarray(picture, dtype=np.float64)
    require(
        values.ndim == 3 and values.shape[2] == 3,
        "A picture must have the shape (height, width, 3).",
        values,
        "Give red, green and blue.",
    )
    require(
        SIDE <= side <= min(values.shape[:2]),
        f"side must be {SIDE} to the picture's shorter side, in cells.",
        side,
        "Give fewer cells.",
    )
    grey = values.mean(axis=2)
    rows, columns = (np.arange(side) * length // side for length in grey.shape)
    sums = np.add.reduceat(np.add.reduceat(grey, rows, axis=0), columns, axis=1)
    heights, widths = (
        np.diff(np.append(starts, length))
        for starts, length in zip((rows, columns), grey.shape, strict=True)
    )
    return np.rint(sums / np.outer(heights, widths)).astype(np.uint8)


def products(
    grey: ArrayLike, numbers: Sequence[float], row: int, column: int
) -> NDArray[np.float64]:
    """Multiply the nine cells under a kernel by its nine numbers; their sum is the map's cell.

    Parameters
    ----------
    grey : array_like [shape=(height, width)]
        The picture's cells.
    numbers : sequence of 9 floats
        The kernel, row by row.
    row, column : int
        The kernel's upper left cell, from 0.

    Returns
    -------
    ndarray [shape=(3, 3), dtype=float64]

    Examples
    --------
    >>> products(np.ones((4, 4)), [0, 0, 0, 0, 5, 0, 0, 0, 2], 1, 1)
    array([[0., 0., 0.],
           [0., 5., 0.],
           [0., 0., 2.]])
    >>> products(np.ones((4, 4)), [0] * 9, 2, 0)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A kernel must lie within the picture. \
Received 'row 2, column 0 of (4, 4)' (str). Move it up or to the left.
    """
    cells, kernel = _checked(grey, numbers)
    height, width = cells.shape
    require(
        0 <= row <= height - SIDE and 0 <= column <= width - SIDE,
        "A kernel must lie within the picture.",
        f"row {row}, column {column} of {cells.shape}",
        "Move it up or to the left.",
    )
    return cells[row : row + SIDE, column : column + SIDE] * kernel


def slide(grey: ArrayLike, numbers: Sequence[float], divide_by: float = 1) -> NDArray[np.float64]:
    """Slide a kernel over every place of a picture: the map that it leaves.

    map[r, c] = sum_ij grey[r + i, c + j] * kernel[i, j] / divide_by, only where the kernel lies
    within the picture, so the map is two cells smaller each way.

    Parameters
    ----------
    grey : array_like [shape=(height, width)]
        The picture's cells, at least 3 x 3.
    numbers : sequence of 9 floats
        The kernel, row by row.
    divide_by : float
        What each sum is divided by; not 0.

    Returns
    -------
    ndarray [shape=(height - 2, width - 2), dtype=float64]

    Raises
    ------
    ParameterError
        A picture that is too small, other than nine finite numbers, or a division by 0.

    Notes
    -----
    **Source**: what Keras' `Conv2D` does with padding "valid", one kernel and no bias; in
    mathematics it is a cross-correlation (a convolution turns the kernel round first).

    Examples
    --------
    >>> slide([[0, 0, 9], [0, 0, 9], [0, 0, 9]], PRESETS["left to right: dark, then bright"][0])
    array([[27.]])
    >>> slide(np.ones((3, 3)), [1, 2])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A kernel must have nine finite numbers. \
Received [1, 2] (list). Give them row by row.
    """
    cells, kernel = _checked(grey, numbers)
    require(
        np.isfinite(divide_by) and divide_by != 0,
        "divide_by must be a number other than 0.",
        divide_by,
        "Give 1 to leave the sums as they are.",
    )
    windows = np.lib.stride_tricks.sliding_window_view(cells, (SIDE, SIDE))
    return np.einsum("rcij,ij->rc", windows, kernel) / divide_by


def grown(whole: ArrayLike, row: int, column: int) -> NDArray[np.float64]:
    """Keep of a map what is filled when the kernel has come to a place; the rest is NaN.

    >>> grown(np.ones((2, 3)), 1, 0)
    array([[ 1.,  1.,  1.],
           [ 1., nan, nan]])
    """
    values = np.array(whole, dtype=np.float64)
    values[row, column + 1 :] = np.nan
    values[row + 1 :] = np.nan
    return values


def pool(values: ArrayLike) -> NDArray[np.float64]:
    """Keep the largest of each 2 x 2 cells; an odd last row or column is left out.

    Parameters
    ----------
    values : array_like [shape=(height, width)]
        At least 2 x 2.

    Returns
    -------
    ndarray [shape=(height // 2, width // 2), dtype=float64]

    Notes
    -----
    **Source**: Keras' `MaxPooling2D` with its defaults.

    Examples
    --------
    >>> pool([[1, 2, 3, 9], [4, 0, 5, 6]])
    array([[4., 9.]])
    >>> pool([[1]])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A map to pool must be at least 2 x 2 cells. \
Received an array of shape (1, 1) and dtype float64. Give a larger one.
    """
    cells = np.asarray(values, dtype=np.float64)
    require(
        cells.ndim == 2 and min(cells.shape) >= 2,
        "A map to pool must be at least 2 x 2 cells.",
        cells,
        "Give a larger one.",
    )
    height, width = cells.shape[0] // 2, cells.shape[1] // 2
    blocks = cells[: 2 * height, : 2 * width].reshape(height, 2, width, 2)
    return blocks.max(axis=(1, 3))


def fields(layers: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Tell how much of a picture a cell sees after each layer, and how far cells lie apart.

    A layer with kernels (or pools) of k cells and a step of s turns a field of r px, whose cells
    lie j px apart, into r + (k - 1) * j and j * s.

    Parameters
    ----------
    layers : sequence of (kernel, step)
        Each at least 1, from the picture on.

    Returns
    -------
    tuple of (field, apart), both in px of the picture, one a layer.

    Notes
    -----
    **Source**: the recursion of Araujo, Norris and Sim, "Computing receptive fields of
    convolutional neural networks" (2019, doi 10.23915/distill.00021).

    Examples
    --------
    >>> fields([(3, 1), (2, 2), (3, 1), (2, 2)])
    ((3, 1), (4, 2), (8, 2), (10, 4))
    >>> fields([(0, 1)])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Kernels and steps must be at least 1 cell. \
Received (0, 1) (tuple). Give (1, 1) for a layer that changes nothing.
    """
    field, apart, seen = 1, 1, []
    for layer in layers:
        kernel, step = layer
        require(
            kernel >= 1 and step >= 1,
            "Kernels and steps must be at least 1 cell.",
            layer,
            "Give (1, 1) for a layer that changes nothing.",
        )
        field += (kernel - 1) * apart
        apart *= step
        seen.append((field, apart))
    return tuple(seen)


def _checked(
    grey: ArrayLike, numbers: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    cells = np.asarray(grey, dtype=np.float64)
    require(
        cells.ndim == 2 and min(cells.shape) >= SIDE,
        f"A picture to slide over must be at least {SIDE} x {SIDE} grey cells.",
        describe(cells),
        "Bring it to grey first, with `brightness`.",
    )
    kernel = np.asarray(numbers, dtype=np.float64)
    require(
        kernel.shape == (SIDE * SIDE,) and bool(np.isfinite(kernel).all()),
        "A kernel must have nine finite numbers.",
        numbers,
        "Give them row by row.",
    )
    return cells, kernel.reshape(SIDE, SIDE)
