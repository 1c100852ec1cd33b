"""A whole song at a glance: the envelope and the spectrogram that a player draws."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

from genre_core.audio.clip import Clip, Samples
from genre_core.config import require

FLOOR_DB = -80.0
"""What lies further below the song's loudest place has the colour of silence."""

LOWEST_HZ = 50.0
"""Frequency at the lower edge of a spectrogram."""

Ticks = tuple[tuple[float, str], ...]
"""Heights as a share of a picture, 0 at the bottom, each with its label."""

ENVELOPE_PER_S = 20
MAX_ENVELOPE = 24_000

_WINDOW_S = 0.09
_WINDOWS_A_COLUMN = 4
_SAMPLES_AT_ONCE = 1 << 20

# Evenly spaced in lightness below, whatever the steps between them: night blue, violet, red, amber,
# pale yellow. Dark is quiet on a light page too, as on every printed spectrogram of this kind.
_ANCHORS = "07061c 2c0f5c 6d1a7d b32d6e e4553f f98e1d f7c94b fdf8c8"


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """What a player shows of a song that no network is needed for.

    low, high [shape=(n,)]: envelope in [-1, 1], at most `MAX_ENVELOPE` stretches
    picture, ticks: spectrogram as PNG, and its frequencies
    """

    low: NDArray[np.float32]
    high: NDArray[np.float32]
    picture: bytes
    ticks: Ticks


def overview(clip: Clip) -> Overview:
    """Look over a whole decoded song."""
    n_columns = min(MAX_ENVELOPE, 1 + int(clip.duration_s * ENVELOPE_PER_S))
    return Overview(*envelope(clip.y, n_columns), *spectrogram_picture(clip.y, clip.sr))


def envelope(y: Samples, n_columns: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Find the lowest and the highest sample in equal stretches of a song.

    Stretch i holds the samples from i n / n_columns on, rounded down, to the next stretch, and at
    least one; there may be more columns than samples. All are divided by the song's largest
    absolute value, so that one reaches -1 or 1; silence stays 0.

    Examples
    --------
    >>> y = np.array([0.0, 0.5, -0.25, 0.125], np.float32)
    >>> [part.tolist() for part in envelope(y, 2)]
    [[0.0, -0.5], [1.0, 0.25]]
    >>> envelope(y, 0)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: n_columns must be at least 1. Received 0 (int). \
Give 10 to 20 a second.
    """
    peak = _peak(y)
    require(n_columns >= 1, "n_columns must be at least 1.", n_columns, "Give 10 to 20 a second.")
    # Where two stretches start at one sample, reduceat gives that sample for both.
    starts = np.arange(n_columns, dtype=np.int64) * len(y) // n_columns
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    if peak == 0:
        return low, high
    return np.divide(low, peak, dtype=np.float32), np.divide(high, peak, dtype=np.float32)


def spectrogram_picture(
    y: Samples,
    sr: int,
    *,
    columns_per_s: float = 10.0,
    max_columns: int = 8_192,
    height_px: int = 160,
) -> tuple[bytes, Ticks]:
    """Draw a song's spectrogram as one picture, every octave of the same height.

    dB = max(-80, 10 log10(power / largest power of the song)), in equal steps of lightness. A sound
    of one frequency is as bright wherever it lies.

    Parameters
    ----------
    y : np.ndarray [shape=(n,), dtype=float32]
        Mono, at least one sample, finite.
    sr : int
        Its rate, at least 1,000 Hz.
    columns_per_s, max_columns
        Pixels a second, and the most in all: a song too long for it has fewer pixels a second.
    height_px : int
        Height, from 50 Hz to sr / 2.

    Returns
    -------
    picture : bytes
        PNG, from the song's first sample to its last, low frequencies at the bottom.
    ticks : tuple of (float, str)
        Octaves from 125 Hz on: the share of the height, and "125 Hz" or "1 kHz".

    Notes
    -----
    Ours. A column is the mean power of 1 to 4 windows (Hann, .06 to .13 s), spread evenly over its
    time. Songs of up to about 50 minutes are read without a gap; in two hours, whose columns are
    wider than 4 windows, 6 samples of 10 are left out. The first and the last windows lie within
    the song, up to half a window off their column. Computed in blocks: two hours take some 50 MB.

    Examples
    --------
    >>> picture, ticks = spectrogram_picture(np.zeros(22_050, np.float32), 22_050)
    >>> Image.open(io.BytesIO(picture)).size, ticks[0][1], ticks[-1][1]
    ((10, 160), '125 Hz', '8 kHz')
    """
    peak = _peak(y)
    require(sr >= 1_000, "sr must be at least 1000 Hz.", sr, "Give the clip's own rate.")
    require(columns_per_s > 0, "columns_per_s must be above 0.", columns_per_s, "Give 10.")
    for name, value in (("max_columns", max_columns), ("height_px", height_px)):
        require(value >= 1, f"{name} must be at least 1 px.", value, "Leave it out.")
    n_columns = min(max_columns, max(1, int(np.ceil(len(y) / sr * columns_per_s))))
    levels = np.zeros((n_columns, height_px), np.uint8)
    power = _column_power(y, peak, sr, levels.shape) if peak else levels.astype(np.float32)
    largest = power.max()
    if largest > 0:
        share = np.maximum(power / largest, np.float32(10 ** (FLOOR_DB / 10)))
        levels = np.rint((1 - 10 * np.log10(share) / FLOOR_DB) * 255).astype(np.uint8)
    image = Image.fromarray(np.ascontiguousarray(levels.T[::-1]))  # (height_px, n_columns)
    image.putpalette(colour_table().tobytes())
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue(), octave_ticks(sr)


def octave_ticks(sr: int) -> Ticks:
    """Place the octaves of 125 Hz on the height of a spectrogram from 50 Hz to sr / 2."""
    octaves = [125 * 2**k for k in range(16) if 125 * 2**k < sr / 2]
    return tuple((float(_height(hertz, sr)), label_hz(hertz)) for hertz in octaves)


def label_hz(hertz: float) -> str:
    """Write a frequency in Hz or kHz.

    Examples
    --------
    >>> label_hz(125), label_hz(999.6), label_hz(1_000), label_hz(2_540)
    ('125 Hz', '1 kHz', '1 kHz', '2.5 kHz')
    """
    return f"{hertz:.0f} Hz" if hertz < 999.5 else f"{round(hertz / 1_000, 1):g} kHz"


@cache
def colour_table() -> NDArray[np.uint8]:
    """Return 256 colours of evenly rising lightness (CIE L*) [shape=(256, 3), dtype=uint8]."""
    anchors = np.array([list(bytes.fromhex(hue)) for hue in _ANCHORS.split()], np.float64)
    fine = np.linspace(0, len(anchors) - 1, 2_048)
    path = np.stack([np.interp(fine, np.arange(len(anchors)), c) for c in anchors.T], axis=1)
    light = lightness(path)
    wanted = np.linspace(light[0], light[-1], 256)
    colours = np.stack([np.interp(wanted, light, channel) for channel in path.T], axis=1)
    return np.rint(colours).astype(np.uint8)


def lightness(colours: NDArray[np.floating] | NDArray[np.uint8]) -> NDArray[np.float64]:
    """Compute CIE L* of sRGB colours, 0 to 255 [shape=(..., 3)]: 0 is black, 100 white.

    Examples
    --------
    >>> lightness(np.array([[0, 0, 0], [119, 119, 119], [255, 255, 255]])).round().tolist()
    [0.0, 50.0, 100.0]
    """
    share = np.asarray(colours, np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(
        luminance > (6 / 29) ** 3, 116 * np.cbrt(luminance) - 16, luminance * (29 / 3) ** 3
    )


def _column_power(y: Samples, peak: float, sr: int, shape: tuple[int, int]) -> NDArray[np.float32]:
    from scipy import fft  # loaded by whoever reads a song, not by a page that shows a stored one

    n_columns, n_rows = shape
    n_fft = 1 << max(6, round(np.log2(sr * _WINDOW_S)))
    whole = y if len(y) >= n_fft else np.pad(y, (0, n_fft - len(y)))
    windows = sliding_window_view(whole, n_fft)
    width = len(y) / n_columns  # samples
    n_each = int(np.clip(np.ceil(2 * width / n_fft), 1, _WINDOWS_A_COLUMN))
    middles = (np.arange(n_columns * n_each) + 0.5) * width / n_each
    starts = np.clip(np.rint(middles - n_fft / 2), 0, len(windows) - 1).astype(np.int64)
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    taper = (taper / peak).astype(np.float32)  # so that no power overflows or vanishes
    rows = _row_weights(sr, n_fft, n_rows)
    power = np.empty((n_columns, n_rows), np.float32)
    n_at_once = max(1, _SAMPLES_AT_ONCE // (n_fft * n_each))
    for first in range(0, n_columns, n_at_once):
        some = starts[first * n_each : (first + n_at_once) * n_each]
        spectra = fft.rfft(windows[some] * taper, axis=-1)  # complex64
        squares = np.square(spectra.real) + np.square(spectra.imag)
        mean = squares.reshape(-1, n_each, squares.shape[-1]).mean(axis=1)
        power[first : first + len(mean)] = mean @ rows
    return power


def _row_weights(sr: int, n_fft: int, n_rows: int) -> NDArray[np.float32]:
    """Triangles around each row's middle, as wide as the rows but never narrower than a bin."""
    bin_hz = sr / n_fft
    edges = LOWEST_HZ * (sr / 2 / LOWEST_HZ) ** (np.arange(n_rows + 1) / n_rows)
    middles = np.sqrt(edges[:-1] * edges[1:])
    widths = np.maximum(edges[1:] - edges[:-1], bin_hz)
    bins = np.arange(1 + n_fft // 2)[:, np.newaxis] * bin_hz
    return np.maximum(0, 1 - np.abs(bins - middles) / widths).astype(np.float32)


def _height(hertz: float, sr: int) -> float:
    return float(np.log(hertz / LOWEST_HZ) / np.log(sr / 2 / LOWEST_HZ))


def _peak(y: Samples) -> float:
    """Find the largest absolute sample; refuse anything but mono sound of finite samples."""
    given: object = y  # a caller without a type checker may give anything
    is_mono = isinstance(given, np.ndarray) and given.ndim == 1 and given.size > 0
    require(
        is_mono and y.dtype == np.float32,
        "A song must be float32 of shape (n_samples,), at least one sample.",
        given,
        "Take the y of a decoded clip.",
    )
    peak = float(np.maximum(y.max(), -y.min()))  # of NaN it is NaN
    require(
        bool(np.isfinite(peak)),
        "Samples must be finite numbers.",
        peak,
        "Decode the file again, or leave it out.",
    )
    return peak
