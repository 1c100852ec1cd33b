"""Many kernels in one picture: where each lies, as numbers for a chart or as pixels for a file.

Imports no TensorFlow, so that a page can arrange kernels that are already read.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genre_core.config import require

MAX_DRAWN = 256
"""Kernels in one picture: more can neither be told apart nor drawn at once."""

OUTLINE = (245, 158, 11)
"""Red, green and blue of what marks a blank kernel."""

_POSITIVE, _NEGATIVE, _ZERO = (194, 87, 26), (47, 120, 196), (244, 241, 235)


def grid_columns(n: int, height: int, width: int, *, aspect: float = 1.6) -> int:
    """Choose how many kernels stand side by side so that the grid is about `aspect` times as wide.

    Examples
    --------
    >>> grid_columns(32, 3, 3), grid_columns(32, 86, 7), grid_columns(1, 3, 3)
    (7, 24, 1)
    """
    gap = _gap(height, width)
    wanted = math.sqrt(n * aspect * (height + gap) / (width + gap))
    return min(n, max(1, round(wanted)))


def grid_places(n: int, height: int, width: int, columns: int) -> NDArray[np.intp]:
    """Give the top left cell of each kernel in the grid of `lay_out`, row by row.

    Returns
    -------
    ndarray [shape=(n, 2), dtype=int]
        (row, column), counted from the grid's top left cell.

    Examples
    --------
    >>> grid_places(3, 3, 3, 2).tolist()
    [[0, 0], [0, 4], [4, 0]]
    """
    gap = _gap(height, width)
    row, column = np.divmod(np.arange(n), columns)
    return np.stack([row * (height + gap), column * (width + gap)], axis=1)


def lay_out(pictures: NDArray[np.float32], columns: int) -> NDArray[np.float32]:
    """Lay kernels side by side in one picture, apart from each other.

    Parameters
    ----------
    pictures : ndarray [shape=(n, height, width)]
        In the order in which they are placed.
    columns : int
        Kernels in a row, at least 1.

    Returns
    -------
    ndarray [shape=(rows, cols), dtype=float32]
        NaN between the kernels and where the last row ends early.

    Raises
    ------
    ParameterError
        No three axes, no kernel or no column.

    Examples
    --------
    >>> lay_out(np.ones((2, 1, 1), dtype=np.float32), 2)
    array([[ 1., nan,  1.]], dtype=float32)
    """
    require(
        pictures.ndim == 3 and min(pictures.shape) >= 1,
        "pictures must have the shape (n, height, width) with at least one kernel.",
        pictures,
        "Take them from over_inputs.",
    )
    require(columns >= 1, "columns must be at least 1.", columns, "Use grid_columns.")
    n, height, width = pictures.shape
    places = grid_places(n, height, width, columns)
    last_row, last_column = places.max(axis=0)
    grid = np.full((last_row + height, last_column + width), np.nan, dtype=np.float32)
    for picture, (row, column) in zip(pictures, places, strict=True):
        grid[row : row + height, column : column + width] = picture
    return grid


def draw_grid(
    pictures: NDArray[np.float32], blank: NDArray[np.bool_], *, cell_px: int = 12
) -> NDArray[np.uint8]:
    """Draw kernels as a picture file would show them: orange above 0, blue below, pale at 0.

    Parameters
    ----------
    pictures : ndarray [shape=(n, height, width)]
        In the order in which they are drawn; all share one colour range, centred at 0.
    blank : ndarray [shape=(n,), dtype=bool]
        Which get an outline.
    cell_px : int
        Side of one weight, in px, 4 to 64.

    Returns
    -------
    ndarray [shape=(h, w, 3), dtype=uint8]

    Raises
    ------
    ParameterError
        As `lay_out`, or a cell out of range.

    Examples
    --------
    >>> draw_grid(np.zeros((4, 3, 3), np.float32), np.zeros(4, bool), cell_px=4).shape
    (32, 48, 3)
    """
    require(4 <= cell_px <= 64, "cell_px must lie in [4, 64] px.", cell_px, "Use 12.")
    columns = grid_columns(*pictures.shape) if pictures.ndim == 3 and len(pictures) else 1
    grid = lay_out(pictures, columns)
    n, height, width = pictures.shape
    largest = float(np.abs(pictures).max()) or 1.0
    share = np.nan_to_num(np.abs(grid) / largest)[..., np.newaxis]
    strong = np.where(grid[..., np.newaxis] < 0, np.array(_NEGATIVE), np.array(_POSITIVE))
    colours = (1 - share) * np.array(_ZERO) + share * strong
    colours[np.isnan(grid)] = 255
    cells = Image.fromarray(np.rint(colours).astype(np.uint8))
    size = (cells.width * cell_px, cells.height * cell_px)
    drawn = np.full((size[1] + cell_px, size[0] + cell_px, 3), 255, dtype=np.uint8)
    edge = cell_px // 2  # room for the outlines at the border
    enlarged = np.asarray(cells.resize(size, Image.Resampling.NEAREST))
    drawn[edge : edge + size[1], edge : edge + size[0]] = enlarged
    line = max(1, cell_px // 4)
    for row, column in grid_places(n, height, width, columns)[blank] * cell_px + edge:
        box = drawn[
            row - line : row + height * cell_px + line,
            column - line : column + width * cell_px + line,
        ]
        box[:line] = box[-line:] = OUTLINE
        box[:, :line] = box[:, -line:] = OUTLINE
    return drawn


def _gap(height: int, width: int) -> int:
    return max(1, min(height, width) // 4)
