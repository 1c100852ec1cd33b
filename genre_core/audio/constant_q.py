"""Pitch classes and tonal centroids from one constant-Q transform, as products of matrices."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

import librosa
import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.audio.octaves import Octaves, Part
from genre_core.audio.spectral import Families
from genre_core.audio.threads import begun, map_in_threads

_SR, _HOP = 22_050, 512
_PER_OCTAVE, _N_OCTAVES = 36, 7
_N_WINDOW = 1_024  # of the longest filter, whatever the tuning
_SPARSITY = 0.01
_TILE = 128
"""Frames of a product. Always so many, whatever the block: its last digit depends on its shape."""

_PART = 8 * _TILE
"""Frames that are brought down the octaves at once: 24 s."""

_SHORTEST = 65_536
"""Samples, 3 s: what the longest filter and the halving of the rate reach; librosa warns below."""

_STEPS = (0.4, 0.2, 0.1, 0.05)
_SMOOTHED = 43  # frames that a smoothed one looks at
_BLOCK = 8_192
_TINY = np.finfo(np.float32).tiny


def begin_octaves(y: Samples, n_threads: int) -> Iterator[Part]:
    """Begin to bring a song at 22,050 Hz down the octaves, which needs no tuning.

    With several threads the first 24 s are worked on at once, in a thread.
    """
    if len(y) < _SHORTEST:
        y = np.pad(y, (0, _SHORTEST - len(y)))
    parts = octave_parts(y)
    return parts if n_threads == 1 else begun(parts)


def constant_q_families(
    parts: Iterator[Part], tuning: float, into: Families, n_threads: int
) -> None:
    """Fill chroma_cqt, chroma_cens and tonnetz as librosa does, which transforms three times.

    Zeros follow a clip below 3 s, as librosa's own padding does.
    """
    classes = into["chroma_cqt"]
    pitch_classes(parts, tuning, classes, n_threads)
    for first in range(0, len(classes), _BLOCK):
        rows = slice(first, min(first + _BLOCK, len(classes)))
        into["chroma_cens"][rows] = _smoothed_steps(classes, rows)
    for first in range(0, len(classes), _BLOCK):
        part = classes[first : first + _BLOCK]
        part /= _or_one(part.max(axis=1, keepdims=True))
        shares = part / _or_one(part.sum(axis=1, keepdims=True))
        into["tonnetz"][first : first + _BLOCK] = shares @ _tonal_space()


def _smoothed_steps(classes: NDArray[np.float32], rows: slice) -> NDArray[np.float32]:
    """Compute chroma_cens of some frames: shares in four steps, smoothed, of length 1.

    The frames before and after them count too.
    """
    reach = _SMOOTHED // 2
    first = max(0, rows.start - reach)
    around = classes[first : rows.stop + reach]
    shares = around / _or_one(around.sum(axis=1, keepdims=True))
    steps = np.zeros_like(shares)
    for step in _STEPS:
        steps += (shares > step) * np.float32(1 / len(_STEPS))
    window = np.hanning(_SMOOTHED)
    smooth = scipy.ndimage.convolve1d(steps, window / window.sum(), axis=0, mode="constant")
    smooth = smooth[rows.start - first : rows.stop - first]
    return smooth / _or_one(np.linalg.norm(smooth, axis=1, keepdims=True))


def _or_one(size: NDArray[np.float32]) -> NDArray[np.float32]:
    """Replace what nothing can be divided by."""
    return np.where(size > _TINY, size, np.float32(1))


@cache
def _tonal_space() -> NDArray[np.float32]:
    """Return where the pitch classes lie on the circles of fifths and thirds [shape=(12, 6)]."""
    turns = np.array([7 / 6, 7 / 6, 3 / 2, 3 / 2, 2 / 3, 2 / 3]) * np.arange(12)[:, np.newaxis]
    quarter = np.array([0.5, 0, 0.5, 0, 0.5, 0])  # sine and cosine in turn
    radius = np.array([1, 1, 1, 1, 0.5, 0.5])
    return (radius * np.cos(np.pi * (turns - quarter))).astype(np.float32)


def octave_parts(y: Samples) -> Iterator[Part]:
    """Bring a song down the octaves, part by part, as `pitch_classes` reads it."""
    octaves = Octaves(y, n_octaves=_N_OCTAVES, hop_length=_HOP, n_window=_N_WINDOW)
    return octaves.parts(_PART)


def pitch_classes(
    parts: Iterator[Part], tuning: float, into: NDArray[np.float32], n_threads: int
) -> None:
    """Sum the magnitudes of seven octaves into twelve pitch classes, frame by frame.

    **Source**: `librosa.cqt` with 36 bins an octave from C1 on and `librosa.filters.cq_to_chroma`.
    librosa multiplies spectra by the filters' spectra, without their faintest hundredth. Here these
    are brought back in time once, and a frame is multiplied by them directly: no transform, and one
    matrix serves all seven octaves, each of which is the one above at half the rate.
    """
    filters = _filters(tuning)
    fold = _fold()

    def sum_up(tile: tuple[Part, slice]) -> tuple[slice, NDArray[np.float32]]:
        part, rows = tile
        n = rows.stop - rows.start
        frames = np.zeros((_TILE, len(filters)), np.float32)
        products = np.empty((_TILE, filters.shape[1]), np.float32)
        sums = np.zeros((_TILE, fold.shape[1]), np.float32)
        for octave in range(_N_OCTAVES):
            frames[:n] = part.windows(octave, rows, len(filters))
            np.matmul(frames, filters, out=products)
            sums += np.abs(products.view(np.complex64)) @ fold
        return rows, sums[:n]

    for rows, sums in map_in_threads(sum_up, _tiles(parts), n_threads):
        end = min(rows.stop, len(into))
        into[rows.start : end] = sums[: max(0, end - rows.start)]


def _tiles(parts: Iterator[Part]) -> Iterator[tuple[Part, slice]]:
    for part in parts:
        for first in range(part.rows.start, part.rows.stop, _TILE):
            yield part, slice(first, min(first + _TILE, part.rows.stop))


@lru_cache(maxsize=8)
def _filters(tuning: float) -> NDArray[np.float32]:
    """Return the filters of the highest octave, real and imaginary parts in turn."""
    lowest = librosa.note_to_hz("C1") * 2 ** (tuning / _PER_OCTAVE)
    hertz = lowest * 2 ** (np.arange(_N_OCTAVES * _PER_OCTAVE) / _PER_OCTAVE)
    top = slice(-_PER_OCTAVE, None)
    wavelets, lengths = librosa.filters.wavelet(freqs=hertz[top], sr=_SR, pad_fft=True, norm=1)
    n_window = wavelets.shape[1]
    wavelets *= lengths[:, np.newaxis] / n_window
    spectra = np.fft.fft(wavelets, axis=1)[:, : n_window // 2 + 1]
    kept = librosa.util.sparsify_rows(spectra, quantile=_SPARSITY, dtype=np.complex64).toarray()
    # The sum over bins of a frame's spectrum times the filter's is one over the frame's samples.
    whole = np.zeros((_PER_OCTAVE, n_window), np.complex128)
    whole[:, : n_window // 2 + 1] = kept / np.sqrt(lengths)[:, np.newaxis]
    in_time = np.fft.fft(whole, axis=1).T.astype(np.complex64)
    return np.ascontiguousarray(in_time).view(np.float32)


def _fold() -> NDArray[np.float32]:
    """Return which pitch class each bin of an octave counts to [shape=(36, 12)]."""
    fold = librosa.filters.cq_to_chroma(_PER_OCTAVE, bins_per_octave=_PER_OCTAVE)
    return np.ascontiguousarray(fold.T, np.float32)
