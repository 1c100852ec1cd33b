"""What the filters of one stage make of a cover or a segment, as numbers or as one picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from PIL import Image

from genre_core.config import require
from genre_core.errors import GenreError, describe
from genre_core.explain import MAPS_LOCK
from genre_core.explain.checks import check_item, reads_covers
from genre_core.explain.kernel_pictures import turn_upright
from genre_core.explain.lru_store import LruStore
from genre_core.explain.stages import find_stage

MAX_READERS = 8
"""Compiled (network, stage) pairs that are remembered."""

GAP = 96
"""Grey between the cells of a grid, 0 to 255: a blank filter is black and stays visible."""

FLAT_GREY = 128
"""Grey of a filter that is the same everywhere but not zero."""

_READERS: LruStore[tuple[int, str], tuple[keras.Model, Any]] = LruStore(MAX_READERS)


@dataclass(frozen=True, slots=True, eq=False)
class ActivationGrid:
    """A picture of a stage's filters.

    picture [shape=(height, width, 3), dtype=uint8]: The filters row by row, each scaled to its own
        range.
    filters: Which are drawn, in the order of the cells, from 0.
    means: Mean activation of each that is drawn.
    n_blank: Filters, drawn or not, that are zero everywhere on this cover.
    n_even: Filters, drawn or not, with one value everywhere that is not zero: drawn mid-grey.
    """

    picture: NDArray[np.uint8]
    stage: str
    filters: tuple[int, ...]
    means: tuple[float, ...]
    n_filters: int
    n_blank: int
    n_even: int


def draw_activations(
    network: keras.Model,
    item: NDArray[Any],
    stage: str | None = None,
    *,
    layout: str = "",
    limit: int | None = 64,
    sort: bool = True,
    cell_px: int = 64,
) -> ActivationGrid:
    """Draw a stage's filters as one picture and count the blank ones among all of them.

    Parameters
    ----------
    network : keras.Model
        Flat functional; read, never changed.
    item : ndarray [shape=(size, size, 3), dtype=uint8] or [shape=spec.shape, dtype=float32]
        A prepared cover, RGB, or a segment of a song.
    stage : str, optional
        Name of a convolution; `stages.default_stage` if not given.
    layout : str
        A song's `spec.layout`: its maps are turned so that time runs right and frequency up.
    limit : int, optional
        Most filters drawn; None draws all.
    sort : bool
        Order by mean activation, largest first (ties keep their order).
    cell_px : int
        Width of a filter's cell.

    Raises
    ------
    ParameterError
        Bad network, input, stage or limit.
    GenreError
        A value is not finite.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> cover = np.zeros((260, 260, 3), dtype=np.uint8)
    >>> grid = draw_activations(build("s1_prog_covers"), cover, "conv_1", limit=4)
    >>> grid.n_filters, grid.n_blank, grid.picture.shape
    (32, 32, (131, 131, 3))
    """
    maps = _read(network, item, stage)
    upright = turn_upright(np.moveaxis(maps, -1, 0), layout)
    maps = np.moveaxis(upright, 0, -1)  # (h, w, n)
    order = _order(maps, limit, sort)
    means = maps.mean(axis=(0, 1))
    return ActivationGrid(
        picture=activation_grid(maps[..., order], cell_px=cell_px),
        stage=find_stage(network, stage).name,
        filters=tuple(int(k) for k in order),
        means=tuple(float(means[k]) for k in order),
        n_filters=maps.shape[-1],
        n_blank=count_blank(maps),
        n_even=int((np.ptp(maps, axis=(0, 1)) == 0).sum()) - count_blank(maps),
    )


def count_blank(maps: NDArray[np.float32]) -> int:
    """Count the filters of maps [shape=(h, w, k)] that are zero at every place."""
    return int((~maps.any(axis=(0, 1))).sum())


def activation_grid(maps: NDArray[np.float32], *, cell_px: int = 64) -> NDArray[np.uint8]:
    """Lay maps (h, w, k) side by side as grey cells, in about as many rows as columns.

    Each is scaled to its own range. A map that is zero everywhere is black, another constant one
    mid-grey: neither is scaled. A cell is `cell_px` (8 to 512) wide; its height follows the map.

    Examples
    --------
    >>> activation_grid(np.ones((4, 4, 5), dtype=np.float32), cell_px=8).shape
    (19, 30, 3)
    """
    require(
        maps.ndim == 3 and min(maps.shape) >= 1,
        "maps must have the shape (h, w, k) with at least one filter.",
        maps,
        "Give the maps of one layer.",
    )
    require(8 <= cell_px <= 512, "cell_px must lie in [8, 512] px.", cell_px, "Use 64.")
    height, width, n_filters = maps.shape
    size = (cell_px, max(1, round(cell_px * height / width)))
    # Whole cells when enlarged, means when reduced: neither invents a detail.
    resample = Image.Resampling.NEAREST if width <= cell_px else Image.Resampling.BOX
    n_columns = math.ceil(math.sqrt(n_filters))
    n_rows = math.ceil(n_filters / n_columns)
    gap = 3
    step_y, step_x = size[1] + gap, size[0] + gap
    grid = np.full((n_rows * step_y - gap, n_columns * step_x - gap), GAP, dtype=np.uint8)
    for place in range(n_filters):
        row, column = divmod(place, n_columns)
        cell = Image.fromarray(_grey(maps[..., place])).resize(size, resample)
        top, left = row * step_y, column * step_x
        grid[top : top + size[1], left : left + size[0]] = np.asarray(cell)
    return np.repeat(grid[..., np.newaxis], 3, axis=-1)  # (height, width, 3)


def _grey(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    low, high = float(values.min()), float(values.max())
    if not high > low:
        return np.full(values.shape, FLAT_GREY if high else 0, dtype=np.uint8)
    return np.rint((values.astype(np.float64) - low) / (high - low) * 255).astype(np.uint8)


def _order(maps: NDArray[np.float32], limit: int | None, sort: bool) -> NDArray[np.intp]:
    require(limit is None or limit >= 1, "limit must be at least 1.", limit, "Give None for all.")
    n_filters = maps.shape[-1]
    means = maps.mean(axis=(0, 1), dtype=np.float64)
    order = np.argsort(-means, kind="stable") if sort else np.arange(n_filters)
    return order[:limit]


def _read(network: keras.Model, item: NDArray[Any], stage: str | None) -> NDArray[np.float32]:
    check_item(network, item)
    output = find_stage(network, stage).output
    # The network is kept beside its function, so that its id cannot pass to another one meanwhile.
    _, read = _READERS.get((id(network), output), lambda: (network, _compile(network, output)))
    with MAPS_LOCK:
        maps: NDArray[np.float32] = read(tf.constant(item[np.newaxis])).numpy()[0]  # (h, w, n)
    if not np.isfinite(maps).all():
        raise GenreError(
            f"The maps of stage {output} must be finite.",
            received=describe(maps) + " with values that are not",
            cure="Check that the network's weights are finite.",
        )
    return maps


def _compile(network: keras.Model, output: str) -> Any:
    part = keras.Model(list(network.inputs), network.get_layer(output).output)
    shape = (1, *network.inputs[0].shape[1:])
    read = tf.function(
        lambda items: tf.cast(part([tf.cast(items, tf.float32)], training=False), tf.float32),
        autograph=False,
    )
    dtype = tf.uint8 if reads_covers(network) else tf.float32
    return read.get_concrete_function(tf.TensorSpec(shape, dtype))
