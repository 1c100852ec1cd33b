"""Pitch classes of a constant-Q transform, as products of matrices."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import librosa
import numpy as np
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.audio.octaves import Octaves, Part
from genre_core.audio.threads import each

_SR, _HOP = 22_050, 512
_PER_OCTAVE, _N_OCTAVES = 36, 7
_N_WINDOW = 1_024  # of the longest filter, whatever the tuning
_SPARSITY = 0.01
_TILE = 128
"""Frames of a product. Always so many, whatever the block: its last digit depends on its shape."""

_PART = 8 * _TILE
"""Frames that are brought down the octaves at once: 24 s."""


def octave_parts(y: Samples) -> Iterator[Part]:
    """Bring a song down the octaves, part by part, as `pitch_classes` reads it."""
    octaves = Octaves(y, n_octaves=_N_OCTAVES, hop_length=_HOP, n_window=_N_WINDOW)
    return octaves.parts(_PART)


def pitch_classes(
    parts: Iterator[Part], tuning: float, into: NDArray[np.float32], n_threads: int
) -> None:
    """Sum the magnitudes of seven octaves into twelve pitch classes, frame by frame.

    Parameters
    ----------
    parts : iterator of Part
        From `octave_parts`; of samples that are mono, 22,050 Hz, finite.
    tuning : float
        Deviation from A = 440 Hz, in thirds of a semitone.
    into : np.ndarray [shape=(n, 12), dtype=float32]
        Where the first n frames go, n at most 1 + n_samples // 512.
    n_threads : int
        At least 1.

    Notes
    -----
    **Source**: `librosa.cqt` with 36 bins an octave from C1 on and `librosa.filters.cq_to_chroma`,
    as librosa's `chroma_cqt`, `chroma_cens` and `tonnetz` use them. librosa multiplies spectra by
    the filters' spectra, without their faintest hundredth. Here these are brought back in time
    once, and a frame is multiplied by them directly: no transform, and since each octave is the one
    above at half the rate, one matrix serves all seven.
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

    for rows, sums in each(sum_up, _tiles(parts), n_threads):
        end = min(rows.stop, len(into))
        into[rows.start : end] = sums[: max(0, end - rows.start)]


def _tiles(parts: Iterator[Part]) -> Iterator[tuple[Part, slice]]:
    for part in parts:
        for first in range(part.rows.start, part.rows.stop, _TILE):
            yield part, slice(first, min(first + _TILE, part.rows.stop))


@lru_cache(maxsize=8)
def _filters(tuning: float) -> NDArray[np.float32]:
    """Return the filters of the highest octave, real and imaginary parts in turn.

    Returns
    -------
    np.ndarray [shape=(n_window, 72), dtype=float32]
    """
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
