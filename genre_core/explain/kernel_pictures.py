"""Kernels as pictures: many in one grid, and how long and high each is in a song.

Imports no TensorFlow, so that a page can arrange kernels that are already read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genre_core.config import require

MAX_DRAWN = 256
"""Kernels in one picture: more can neither be told apart nor drawn at once."""

OUTLINE = (245, 158, 11)
"""Red, green and blue of what marks a blank kernel."""

_POSITIVE, _NEGATIVE, _ZERO = (194, 87, 26), (47, 120, 196), (244, 241, 235)

PLACES = ("lowest", "middle", "highest")
"""Where on the frequency axis a kernel is measured: it slides, and bands are unequal in Hz."""

TIME_FREQUENCY, FREQUENCY_TIME = "time_frequency", "frequency_time"


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
    """Give the top left cell (row, column) of each kernel in the grid of `lay_out`, row by row.

    Examples
    --------
    >>> grid_places(3, 3, 3, 2).tolist()
    [[0, 0], [0, 4], [4, 0]]
    """
    gap = _gap(height, width)
    row, column = np.divmod(np.arange(n), columns)
    return np.stack([row * (height + gap), column * (width + gap)], axis=1)


def lay_out(pictures: NDArray[np.float32], columns: int) -> NDArray[np.float32]:
    """Lay kernels (n, height, width) side by side; NaN between them and where a row ends early.

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


def on_tiles(patches: Sequence[NDArray[np.uint8]], *, side_px: int = 96) -> NDArray[np.uint8]:
    """Bring colour patches of any size (h, w, 3) onto grey tiles (n, side_px, side_px, 3).

    The longer side of each fills its tile: whole cells where it is enlarged, means where reduced.

    Examples
    --------
    >>> tiles = on_tiles([np.zeros((2, 4, 3), np.uint8)], side_px=8)
    >>> tiles.shape, tiles[0, :, 0, 0].tolist()
    ((1, 8, 8, 3), [127, 127, 0, 0, 0, 0, 127, 127])
    """
    tiles = np.full((len(patches), side_px, side_px, 3), 127, np.uint8)
    for tile, patch in zip(tiles, patches, strict=True):
        scale = side_px / max(patch.shape[:2])
        height, width = (max(1, round(scale * n)) for n in patch.shape[:2])
        kind = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.BOX
        top, left = (side_px - height) // 2, (side_px - width) // 2
        drawn = np.asarray(Image.fromarray(patch).resize((width, height), kind))
        tile[top : top + height, left : left + width] = drawn
    return tiles


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
        Side of one weight, 4 to 64.

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


class SongAxes(Protocol):
    """What must be known of a network's input to label its axes; `config.SongInput` has it."""

    @property
    def layout(self) -> str:
        """`time_frequency`, `frequency_time`, or another word where there are no such axes."""

    @property
    def frame_step_s(self) -> float:
        """Seconds from frame to frame."""

    @property
    def bin_hz(self) -> NDArray[np.float64] | None:
        """Middle of each band, in Hz, rising; None where the bins are no frequencies."""


@dataclass(frozen=True, slots=True)
class AxisSpans:
    """A kernel's extent in time and in frequency.

    time_ms: Edges of its columns, from 0 on; empty where the layer has no time axis.
    bands: Bands of the input from its lowest row's lower edge to its highest row's upper edge; 0
        where the layer has no axis of frequencies.
    hz: Edges of its rows, low to high, at the lowest, the middle and the highest place of the input
        (`PLACES`).
    """

    time_ms: tuple[float, ...]
    bands: int
    hz: tuple[tuple[float, ...], ...]

    @property
    def heights_hz(self) -> tuple[float, ...]:
        """Height of the whole kernel at each place, in Hz."""
        return tuple(edges[-1] - edges[0] for edges in self.hz)


def axis_spans(
    size: tuple[int, int], step: Sequence[int | None], axes: SongAxes
) -> AxisSpans | None:
    """Measure a kernel in ms and Hz; None where the input has no time axis to measure on.

    A cell of a deeper layer stands for as many input cells as the strides before it, so a row is
    ``step`` bands high and a column ``step frame_step_s`` long. What the layers before it see
    beyond these cells is not counted.

    Parameters
    ----------
    size : tuple of int
        (height, width) of the kernel in cells, on the input's first and second axis; at least 1.
    step : sequence of (int or None)
        Input cells from one cell of the kernel to the next, on the same axes.
    axes : SongAxes
        The network's input.

    Notes
    -----
    Ours. The edge between two bands lies halfway between their middles; the outer bands reach as
    far out as in, but not below 0 Hz. A kernel that is higher than its input is measured on what
    there is.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> hz = np.array([50.0, 100.0, 150.0, 200.0, 400.0, 800.0])
    >>> song = SimpleNamespace(layout="time_frequency", frame_step_s=0.01, bin_hz=hz)
    >>> spans = axis_spans((3, 2), (1, 1), song)
    >>> spans.time_ms, spans.bands, spans.heights_hz
    ((0.0, 10.0, 20.0, 30.0), 2, (100.0, 175.0, 700.0))
    >>> axis_spans((0, 2), (1, 1), song)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A kernel has at least one cell on each axis. \
    Received (0, 2) (tuple). Take the size from conv_layers.
    """
    require(
        min(size) >= 1,
        "A kernel has at least one cell on each axis.",
        size,
        "Take the size from conv_layers.",
    )
    if axes.layout not in (TIME_FREQUENCY, FREQUENCY_TIME):
        return None
    time = 0 if axes.layout == TIME_FREQUENCY else 1
    time_step, band_step = step[time], step[1 - time]
    columns, rows = size[time], size[1 - time]
    time_ms: tuple[float, ...] = ()
    if time_step is not None:
        edges = 1000 * axes.frame_step_s * time_step * np.arange(columns + 1)
        time_ms = tuple(float(edge) for edge in edges)
    if band_step is None or axes.bin_hz is None:
        return AxisSpans(time_ms, 0, ())
    edges = band_edges(axes.bin_hz)
    n_bands = len(edges) - 1
    bands = min(rows * band_step, n_bands)
    within = np.minimum(band_step * np.arange(rows + 1), bands)
    starts = (0, (n_bands - bands) // 2, n_bands - bands)
    hz = tuple(tuple(float(edge) for edge in edges[start + within]) for start in starts)
    return AxisSpans(time_ms, bands, hz)


def band_edges(bin_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the edges (n_bins + 1,) of bands, at least 0 Hz, from their rising middles in Hz.

    Examples
    --------
    >>> band_edges(np.array([10.0, 20.0, 40.0])).tolist()
    [5.0, 15.0, 30.0, 50.0]
    """
    middles = np.asarray(bin_hz, dtype=np.float64)
    require(
        middles.ndim == 1 and len(middles) >= 2 and bool((np.diff(middles) > 0).all()),
        "bin_hz must be the rising middles of at least two bands, in Hz.",
        middles,
        "Take it from SongInput.",
    )
    between = (middles[1:] + middles[:-1]) / 2
    first, last = 2 * middles[0] - between[0], 2 * middles[-1] - between[-1]
    return np.concatenate([[max(0.0, first)], between, [last]])


def turn_upright(pictures: NDArray[np.float32], layout: str) -> NDArray[np.float32]:
    """Turn kernels (n, height, width) as spectrograms are drawn: time right, low tones below.

    They come on the axes of the network's input; layouts without such axes leave them as they are.
    Row 0 is drawn at the top.

    Examples
    --------
    >>> one = np.array([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])  # two frames of three bands
    >>> turn_upright(one, "time_frequency")[0].tolist()
    [[3.0, 6.0], [2.0, 5.0], [1.0, 4.0]]
    """
    if layout == TIME_FREQUENCY:
        pictures = np.swapaxes(pictures, 1, 2)
    elif layout != FREQUENCY_TIME:
        return pictures
    return np.ascontiguousarray(pictures[:, ::-1])
