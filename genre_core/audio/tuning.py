"""How far a song is tuned from A = 440 Hz, from peaks of spectra that were computed already."""

from __future__ import annotations

import librosa
import numpy as np
from numpy.typing import NDArray

from genre_core.audio.spectrum_loops import spectral_peaks

_LOW_HZ, _HIGH_HZ = 150.0, 4_000.0
_THRESHOLD = np.float32(0.1)  # of the frame's maximum
_MOST_PEAKS = 1_000_000
"""So many (8 MB, some 25 min of music) are kept one by one; more are counted in a table."""

_EDGES = np.linspace(-0.5, 0.5, 101)
"""Of the classes of deviation, in steps: librosa's."""


class Pitches:
    """Peaks of a song's spectra, gathered block by block for an estimate of its tuning.

    **Source**: `librosa.estimate_tuning`, which the chroma families call for themselves: parabolic
    peaks between 150 and 4,000 Hz above a tenth of their frame's maximum; of those not below the
    median peak, the most frequent deviation from the nearest step. Its values to the last digit,
    with two exceptions: where it warns that there is no peak at all, ours is 0; and of a song with
    more than a million peaks the median is known to 0.4 % only.
    """

    def __init__(self, sr: int, n_fft: int, bins_per_octave: int) -> None:
        self._sr, self._n_fft, self._bins_per_octave = sr, n_fft, bins_per_octave
        bins = np.arange(1 + n_fft // 2) * sr / n_fft
        inside = np.flatnonzero((bins >= _LOW_HZ) & (bins < _HIGH_HZ))
        self._first, self._end = int(inside[0]), int(inside[-1]) + 1
        self._hertz = [np.empty(0, np.float32)]
        self._heights = [np.empty(0, np.float32)]
        self._n_kept = 0
        self._table: NDArray[np.uint32] | None = None

    def peaks(
        self, spectra: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Find the peaks of some frames; several threads may do so at once."""
        levels = _THRESHOLD * spectra.max(axis=1)
        places, heights = spectral_peaks(spectra, levels, self._first, self._end)
        return (places * self._sr / self._n_fft).astype(np.float32), heights

    def add(self, hertz: NDArray[np.float32], heights: NDArray[np.float32]) -> None:
        """Take what `peaks` gave."""
        self._hertz.append(hertz)
        self._heights.append(heights)
        self._n_kept += len(heights)
        if self._n_kept > _MOST_PEAKS:
            self._count()

    def tuning(self) -> float:
        """Return the deviation from the nearest step, -0.5 to 0.5 of a step, in hundredths."""
        if self._table is not None:
            return self._tuning_of_table()
        hertz, heights = np.concatenate(self._hertz), np.concatenate(self._heights)
        if not hertz.size:
            return 0.0
        strong = hertz[heights >= np.median(heights)]
        return float(librosa.pitch_tuning(strong, bins_per_octave=self._bins_per_octave))

    def _count(self) -> None:
        """Move the kept peaks into a table of heights by deviations [shape=(65_536, 100)].

        Rows are the upper half of float32 without its sign, so 256 a doubling; the system gives
        memory only to those that are met, some thousand.
        """
        if self._table is None:
            self._table = np.zeros((1 << 16, len(_EDGES) - 1), np.uint32)
        hertz, heights = np.concatenate(self._hertz), np.concatenate(self._heights)
        self._hertz, self._heights, self._n_kept = [hertz[:0]], [heights[:0]], 0
        octaves = librosa.hz_to_octs(hertz)
        deviation = np.mod(self._bins_per_octave * octaves, 1.0)
        deviation[deviation >= 0.5] -= 1
        steps = np.searchsorted(_EDGES, deviation, side="right") - 1
        np.add.at(self._table, (heights.view(np.uint32) >> 15, steps), 1)

    def _tuning_of_table(self) -> float:
        self._count()
        assert self._table is not None  # noqa: S101 - for the type checker
        rows = np.flatnonzero(self._table.any(axis=1))
        counts = self._table[rows].astype(np.float64)
        above = counts.sum(axis=1)[::-1].cumsum()[::-1]  # as high as each row, or higher
        half = above[0] / 2
        middle = int(np.flatnonzero(above >= half)[-1])
        higher = above[middle + 1] if middle + 1 < len(above) else 0.0
        # Of the row that the median lies in, the share that makes up one half.
        share = (half - higher) / (above[middle] - higher)
        deviations = counts[middle + 1 :].sum(axis=0) + share * counts[middle]
        return float(_EDGES[int(np.argmax(deviations))])
