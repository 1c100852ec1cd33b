"""Spectra of a long clip block by block, with librosa's values and little memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import librosa
import numpy as np
import scipy.fft
import scipy.sparse
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from genre_core.audio.clip import Samples

_BLOCK_SAMPLES = 1 << 19
"""Samples of all windows of a block, so that a block's arrays stay in the processor's cache."""


def blocks_of_magnitude(
    padded: Samples, *, n_fft: int, hop_length: int
) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Yield the magnitudes of a clip's spectra, some frames at a time.

    Parameters
    ----------
    padded : np.ndarray [shape=(n_samples,), dtype=float32]
        Already padded: the first window begins at sample 0.
    n_fft : int
        Length of the window (periodic Hann), at most n_samples.
    hop_length : int
        Samples from window to window.

    Yields
    ------
    rows : slice
        Which frames.
    magnitude : np.ndarray [shape=(n, 1 + n_fft // 2), dtype=float32]
        The same values as `np.abs(librosa.stft(...)).T`.

    Examples
    --------
    >>> y = np.zeros(4_096, np.float32)
    >>> [(rows, part.shape) for rows, part in blocks_of_magnitude(y, n_fft=2_048, hop_length=512)]
    [(slice(0, 5, None), (5, 1025))]
    """
    windows = sliding_window_view(padded, n_fft)[::hop_length]
    n_at_once = max(1, _BLOCK_SAMPLES // n_fft)
    for first in range(0, len(windows), n_at_once):
        some = windows[first : first + n_at_once]
        yield slice(first, first + len(some)), magnitude(some)


def blocks_of_power(
    padded: Samples, *, n_fft: int, hop_length: int
) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Yield power spectra, the squares of `blocks_of_magnitude`."""
    for rows, each in blocks_of_magnitude(padded, n_fft=n_fft, hop_length=hop_length):
        yield rows, np.square(each, out=each)


def magnitude(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Transform windows [shape=(..., n_fft)] to magnitudes [shape=(..., 1 + n_fft // 2)].

    The transform is in float64 and rounded to complex64 before its magnitude is taken, as librosa
    does: other orders move the last digit, and with it the roll-off by a whole bin.
    """
    n_fft = windows.shape[-1]
    spectra = scipy.fft.rfft(windows * hann(n_fft), axis=-1).astype(np.complex64)
    return np.abs(spectra)


@cache
def hann(n_fft: int) -> NDArray[np.float64]:
    """Return the periodic Hann window that librosa takes [shape=(n_fft,)]."""
    return librosa.filters.get_window("hann", n_fft, fftbins=True)


def into_mel_bands(
    power: NDArray[np.float32], *, sr: int, n_fft: int, n_mels: int
) -> NDArray[np.float32]:
    """Sum power spectra [shape=(n, 1 + n_fft // 2)] into mel bands [shape=(n, n_mels)].

    librosa's weights, by a sparse product: nearly all of them are 0. It also keeps to one thread,
    where the many small products of a dense one would wait for each other's threads as soon as
    other work shares the machine.

    Examples
    --------
    >>> into_mel_bands(np.zeros((3, 257), np.float32), sr=16_000, n_fft=512, n_mels=96).shape
    (3, 96)
    """
    bands: NDArray[np.float32] = (_mel_weights(sr, n_fft, n_mels) @ power.T).T
    return bands


@cache
def _mel_weights(sr: int, n_fft: int, n_mels: int) -> Any:
    return scipy.sparse.csr_array(librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=n_mels))
