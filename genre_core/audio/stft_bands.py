"""Spectrograms of equal bands up to 4 kHz, in dB below each segment's own maximum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.audio.stft import Centred, blocks_of_power
from genre_core.config import SongInput

N_BANDS = 128
FLOOR_DB = -80.0
"""What lies further below the maximum of its segment counts as this; silence is all floor."""


def band_power(y: Samples, spec: SongInput) -> NDArray[np.float32]:
    """Compute the power in 128 bands of equal width from 0 to 4,000 Hz, frame by frame.

    Parameters
    ----------
    y : np.ndarray [shape=(n_samples,), dtype=float32]
        Mono, 8,000 Hz, at least one sample, finite. Zeros stand before and after it.
    spec : SongInput
        Its `hop_length` and `n_fft`.

    Returns
    -------
    np.ndarray [shape=(1 + n_samples // hop_length, 128), dtype=float32]
        Mean power of n_fft / 256 neighbouring bins, whose mean frequency is `spec.bin_hz`; the
        last bin, at 4,000 Hz, is left out.

    Notes
    -----
    **Source**: study S4 (STFT in dB, 0 to 4 kHz, 20 s); that it is read from sound at 8,000 Hz,
    the window and the bands are ours, the study is silent.

    Examples
    --------
    >>> spec = SongInput(features="stft_db", n_frames=256, hop_frames=256, hop_length=625)
    >>> band_power(np.zeros(160_000, np.float32), spec).shape
    (257, 128)
    """
    centred = Centred(y, n_fft=spec.n_fft, hop_length=spec.hop_length)
    powers = np.empty((centred.n_frames, N_BANDS), np.float32)
    for rows, power in blocks_of_power(centred):
        powers[rows] = power[:, :-1].reshape(len(power), N_BANDS, -1).mean(axis=2)
    return powers


def below_maximum_db(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn the power of segments into dB below the maximum of each.

    dB = max(-80, 10 log10(power / maximum)); a segment without any power is -80 throughout.

    Parameters
    ----------
    power : np.ndarray [shape=(n, ...), dtype=float32]
        At least 0, one row a segment.

    Returns
    -------
    np.ndarray [shape=(n, ...), dtype=float32]
        -80 to 0.

    Examples
    --------
    >>> power = np.array([[4.0, 2.0, 0.0], [0.0, 0.0, 0.0]], np.float32)
    >>> below_maximum_db(power).round().tolist()
    [[0.0, -3.0, -80.0], [-80.0, -80.0, -80.0]]
    """
    maximum = power.max(axis=tuple(range(1, power.ndim)), keepdims=True)
    level = np.divide(power, maximum, out=np.zeros(power.shape, np.float32), where=maximum > 0)
    np.maximum(level, np.float32(10 ** (FLOOR_DB / 10)), out=level)  # one array for all steps
    np.log10(level, out=level)
    level *= 10
    return np.maximum(level, np.float32(FLOOR_DB), out=level)
