"""A song's middle minute as a small picture: decibels over time and logarithmic frequency."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.audio.stft import Centred, blocks_of_power
from genre_core.config.song import log_axis_hz

SR, N_FFT, HOP = 22_050, 4_096, 256
MINUTE = 60 * SR
"""Samples that a picture shows and is scaled by."""

# The drawing: 14 x 5 inches at 72 dots, axes placed as notebooks do, shrunk to 200 x 200.
_WIDTH, _HEIGHT, _SHRUNK = 1_008, 360, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.125, 0.9, 0.12, 0.875
_ROWS, _COLUMNS = np.arange(173, 24, -1), np.arange(26, 179)
"""Those of the 200 that lie inside the axes and were kept, low frequencies first."""

_RANGE_DB, _LEAST_POWER = 80.0, 1e-10  # librosa.amplitude_to_db


def middle_minute(n_samples: int) -> slice:
    """Tell which samples of a song at 22,050 Hz a picture shows: 60 s from the middle, or all.

    >>> middle_minute(2_000_000), middle_minute(1_000)
    (slice(338500, 1661500, None), slice(0, 1000, None))
    """
    start = max(0, (n_samples - MINUTE) // 2)
    return slice(start, min(n_samples, start + MINUTE))


def log_picture(y: Samples) -> NDArray[np.float32]:
    """Draw the middle minute of sound at 22,050 Hz: 153 moments, 149 rows from 5 Hz to 10.4 kHz.

    Values are dB from the minute's lowest (80 below its maximum, if not more), which is 0, to its
    maximum, which is 1; silence is 0 [shape=(153, 149), dtype=float32, low frequencies first]. Of
    what is shorter than a minute the picture is that of its repetition: its bands keep their means
    and ranges, which padding with silence would change.

    Notes
    -----
    **Source**: pictures that students of the course of study S5 drew: `librosa.stft` (4,096
    samples, hop 256), `amplitude_to_db` with the maximum as reference, `specshow` over a
    logarithmic axis, saved and shrunk by OpenCV without smoothing, the colours read back. All of it
    is arithmetic here: a dot of the drawing shows the one cell that its middle lies in, and a place
    of the small picture is a mean of two dots each way, weighted by how near they are. So a place
    shows few of a minute's 10 million cells. That the drawing was made so was found from pairs of
    rows that are equal in every picture; OpenCV took its means of colours, not of decibels.

    Examples
    --------
    >>> picture = log_picture(np.zeros(22_050, np.float32))
    >>> picture.shape, float(picture.max())
    ((153, 149), 0.0)
    """
    y = y[middle_minute(len(y))]
    y = y if len(y) == MINUTE else np.resize(y, MINUTE)
    first, second, to_second = _columns()
    kept = np.empty((2, len(first), 1 + N_FFT // 2), np.float32)
    lowest, highest = np.inf, 0.0
    for rows, power in blocks_of_power(Centred(y, n_fft=N_FFT, hop_length=HOP)):
        lowest, highest = min(lowest, power.min()), max(highest, power.max())
        for part, frames in zip(kept, (first, second), strict=True):
            here = (frames >= rows.start) & (frames < rows.stop)
            part[here] = power[frames[here] - rows.start]
    low, high = (10 * np.log10(max(_LEAST_POWER, float(value))) for value in (lowest, highest))
    low = max(low, high - _RANGE_DB)
    below, above, to_above = _rows()
    level = 10 * np.log10(np.maximum(kept[..., below], np.float32(_LEAST_POWER)))
    level_above = 10 * np.log10(np.maximum(kept[..., above], np.float32(_LEAST_POWER)))
    scaled = [
        (np.maximum(part, low) - low) / max(high - low, 1e-9) for part in (level, level_above)
    ]
    bands = scaled[0] * (1 - to_above) + scaled[1] * to_above  # (2, n_columns, n_rows)
    picture = bands[0] * (1 - to_second) + bands[1] * to_second
    return picture.astype(np.float32)


@cache
def _rows() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Bins of the two dots that each row is a mean of, and the weight of the second."""
    dots, weights = _dots(_ROWS, _HEIGHT)
    axis = _HEIGHT * (_BOTTOM - _TOP)
    shares = [(_HEIGHT * _BOTTOM - (dots + more + 0.5)) / axis for more in (0, 1)]
    first, second = (np.rint(log_axis_hz(share) * N_FFT / SR).astype(np.int64) for share in shares)
    return first, second, weights


@cache
def _columns() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Frames of the two dots that each column is a mean of, and the weight of the second."""
    dots, weights = _dots(_COLUMNS, _WIDTH)
    axis, n_frames = _WIDTH * (_RIGHT - _LEFT), 1 + MINUTE // HOP
    first, second = (
        np.floor((dots + more + 0.5 - _WIDTH * _LEFT) / axis * n_frames).astype(np.int64)
        for more in (0, 1)
    )
    return first, second, weights[:, np.newaxis]


def _dots(places: NDArray[np.int64], n_dots: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """First of the two dots that bilinear shrinking reads for each place; weight of the next."""
    scale = n_dots / _SHRUNK
    at = np.round(scale * (places + 0.5) - 0.5, 6)  # dots are exact to hundredths
    first = np.floor(at).astype(np.int64)
    return first, at - first
