"""How long and how high a kernel is in a song: milliseconds and Hz instead of cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genre_core.config import require

PLACES = ("lowest", "middle", "highest")
"""Where on the frequency axis a kernel is measured: it slides, and bands are unequal in Hz."""

TIME_FREQUENCY, FREQUENCY_TIME = "time_frequency", "frequency_time"


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

    time_ms: Edges of its columns, from 0 on, in ms; empty where the layer has no time axis.
    bands: Bands of the input from its lowest row's lower edge to its highest row's upper edge; 0
        where the layer has no axis of frequencies.
    hz: Edges of its rows in Hz, low to high: when it stands at the lowest, the middle and the
        highest place of the input, in the order of `PLACES`.
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
    """Measure a kernel in ms and Hz.

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

    Returns
    -------
    AxisSpans or None
        None where the input has no time axis to measure on.

    Raises
    ------
    ParameterError
        A size below 1.

    Notes
    -----
    **Source**: ours. The edge between two bands lies halfway between their middles; the outer bands
    reach as far out as in, but not below 0 Hz. A kernel that is higher than its input is measured
    on what there is.

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
    """Return the edges of bands from their middles.

    Parameters
    ----------
    bin_hz : ndarray [shape=(n_bins,)]
        Rising, in Hz; at least two.

    Returns
    -------
    ndarray [shape=(n_bins + 1,), dtype=float64]
        Rising, at least 0 Hz.

    Raises
    ------
    ParameterError
        Fewer than two bands, or not rising.

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
    """Turn kernels as spectrograms are drawn: time to the right, low frequencies at the bottom.

    Parameters
    ----------
    pictures : ndarray [shape=(n, height, width)]
        On the axes of the network's input.
    layout : str
        As `SongAxes.layout`; other words leave the kernels as they are.

    Returns
    -------
    ndarray [shape=(n, rows, columns)]
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
