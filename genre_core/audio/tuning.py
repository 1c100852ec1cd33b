"""How far a song is tuned from A = 440 Hz, from spectra that were computed already."""

from __future__ import annotations

import librosa
import numpy as np
from numpy.typing import NDArray

_LOW_HZ, _HIGH_HZ = 150.0, 4_000.0
_THRESHOLD = 0.1  # of the frame's maximum


class Pitches:
    """Peaks of a song's spectra, gathered block by block for an estimate of its tuning.

    Parameters
    ----------
    sr : int
        Sample rate, Hz.
    n_fft : int
        Length of the windows, samples.

    Notes
    -----
    **Source**: `librosa.estimate_tuning`, which the chroma families call for themselves: parabolic
    peaks between 150 and 4,000 Hz above a tenth of their frame's maximum; of those not below the
    median peak, the most frequent deviation from the nearest step. Its values to the last digit,
    but where it warns that there is no peak at all, ours is 0.

    Examples
    --------
    >>> pitches = Pitches(22_050, 2_048)
    >>> pitches.gather(np.zeros((5, 1_025), np.float32))
    >>> pitches.tuning(12)
    0.0
    """

    def __init__(self, sr: int, n_fft: int) -> None:
        self._sr, self._n_fft = sr, n_fft
        bins = np.arange(1 + n_fft // 2) * sr / n_fft
        inside = np.flatnonzero((bins >= _LOW_HZ) & (bins < _HIGH_HZ))
        self._first, self._end = int(inside[0]), int(inside[-1]) + 1
        self._hertz: list[NDArray[np.float32]] = []
        self._heights: list[NDArray[np.float32]] = []

    def gather(self, spectra: NDArray[np.float32]) -> None:
        """Take the peaks of some frames [shape=(n, 1 + n_fft // 2)], magnitude or power."""
        part = spectra[:, self._first - 1 : self._end + 1]
        high = np.where(part > _THRESHOLD * spectra.max(axis=1, keepdims=True), part, 0)
        middle = high[:, 1:-1]
        frames, bins = np.nonzero((middle > high[:, :-2]) & (middle >= high[:, 2:]))
        before, top, after = (part[frames, bins + k] for k in range(3))
        # In float64 what librosa's compiled code does in float64, for the same last digit.
        bend = (after + before).astype(np.float64) - 2 * top.astype(np.float64)
        slope = (after - before) / 2
        is_flat = np.abs(slope) >= np.abs(bend)
        shift = np.where(is_flat, 0, -slope / np.where(is_flat, 1, bend)).astype(np.float32)
        hertz = (bins + self._first + shift.astype(np.float64)) * self._sr / self._n_fft
        self._hertz.append(hertz.astype(np.float32))
        self._heights.append((top + np.float32(0.5) * slope * shift).astype(np.float32))

    def tuning(self, bins_per_octave: int) -> float:
        """Return the deviation from the nearest step, -0.5 to 0.5 of a step, in hundredths."""
        hertz, heights = np.concatenate(self._hertz), np.concatenate(self._heights)
        if not hertz.size:
            return 0.0
        strong = hertz[heights >= np.median(heights)]
        return float(librosa.pitch_tuning(strong, bins_per_octave=bins_per_octave))
