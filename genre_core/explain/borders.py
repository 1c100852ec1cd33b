"""Where heat maps lie: at the border, in the corners, along the picture's own edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genre_core.config import require
from genre_core.explain.saliency import Saliency


def border_share(heat: NDArray[np.floating], *, depth: int = 1) -> float:
    """Give the share of a map [shape=(h, w)] (>= 0, not all zero) in its `depth` outermost cells.

    An even map gives the border's share of the area, `border_area`.

    Examples
    --------
    >>> round(border_share(np.ones((4, 4))), 2), border_area((4, 4))
    (0.75, 0.75)
    >>> border_share(np.zeros((4, 4)))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A map must have something in it. Received 0.0 (float). \
    Leave out maps that locate nothing.
    """
    require(
        0 < 2 * depth < min(heat.shape),
        "depth must be at least 1 and leave something inside.",
        depth,
        "Give 1.",
    )
    total = float(heat.sum())
    require(
        total > 0, "A map must have something in it.", total, "Leave out maps that locate nothing."
    )
    return 1 - float(heat[depth:-depth, depth:-depth].sum()) / total


def border_area(shape: tuple[int, int], *, depth: int = 1) -> float:
    """Give the share of a map's cells that lie in its border.

    Examples
    --------
    >>> round(border_area((13, 13)), 3)
    0.284
    """
    height, width = shape
    return 1 - (height - 2 * depth) * (width - 2 * depth) / (height * width)


def contour_correlation(heat: NDArray[np.floating], cover: NDArray[np.uint8]) -> float:
    """Correlate a map (h, w) with how much the cover's brightness changes in each of its cells.

    Returns Pearson's r in [-1, 1]; nan where the map or the cover is even.

    Examples
    --------
    >>> cover = np.zeros((8, 8, 3), dtype=np.uint8)
    >>> cover[:, 5:] = 255
    >>> contour_correlation(np.array([[0.0, 1.0], [0.0, 1.0]]), cover) > 0.9
    True
    """
    luma = cover.astype(np.float64).mean(axis=2)
    down, across = np.gradient(luma)
    steepness = np.hypot(down, across)
    rows = np.array_split(np.arange(len(luma)), heat.shape[0])
    columns = np.array_split(np.arange(luma.shape[1]), heat.shape[1])
    cells = np.array([[steepness[np.ix_(r, c)].mean() for c in columns] for r in rows])
    if np.ptp(cells) == 0 or np.ptp(heat) == 0:
        return float("nan")
    return float(np.corrcoef(cells.ravel(), np.asarray(heat, np.float64).ravel())[0, 1])


def mean_heat(maps: Sequence[Saliency]) -> NDArray[np.float64]:
    """Average located maps, each brought to a sum of 1 first, so that each cover counts the same.

    Raises `ParameterError` where no map is located.
    """
    located = [saliency.map.astype(np.float64) for saliency in maps if saliency.is_located]
    require(bool(located), "At least one map must be located.", len(maps), "Take more covers.")
    return np.mean([heat / heat.sum() for heat in located], axis=0)
