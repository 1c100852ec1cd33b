"""Families of frames that a spectrum or the samples themselves give, from one transform."""

from __future__ import annotations

from functools import cache

import librosa
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.audio.spectrum_loops import (
    flatness,
    levels_and_crossings,
    moments,
    rolloff_bins,
)
from genre_core.audio.stft import Centred, into_mel_bands
from genre_core.audio.threads import map_in_threads
from genre_core.audio.tuning import Pitches

SR, N_FFT, HOP = 22_050, 2_048, 512
_HZ_A_BIN = SR / N_FFT
_N_BINS = 1 + N_FFT // 2
_N_MELS, _N_MFCC = 128, 20
_CONTRAST_EDGES_HZ = (0, 200, 400, 800, 1_600, 3_200, 6_400, 12_800)
_TILE = 128
_QUANTILE = 0.02
_ROLLOFF = np.float32(0.85)
_FLOOR = np.float32(1e-10)
_RANGE_DB = np.float32(80)
_NO_SIGN = np.float32(1e-10)
_TINY = np.finfo(np.float32).tiny
_KEPT_FRAMES = 32_768
"""Up to so many frames (12.7 min, 134 MB) their spectra are kept and not computed twice."""

Families = dict[str, NDArray[np.float32]]
"""Frames by the name of their family, each [shape=(n, d), dtype=float32]."""

_Peaks = tuple[NDArray[np.float32], NDArray[np.float32]]


class SpectralFamilies:
    """The families of a song that need no constant-Q transform, in two passes.

    The first, `look`, sees every frame by itself. The second, `finish`, fills what depends on the
    whole song: mfcc and spectral_contrast end 80 dB below its loudest, chroma_stft follows its
    tuning. Power spectra of up to 12.7 minutes are kept in between; those of a longer song are
    computed again, since two hours of them would take 1.3 GB.

    **Source**: librosa's functions with their defaults.
    """

    def __init__(self, y: Samples, into: Families) -> None:
        self._n_samples = len(y)
        self._into = into
        self._centred = Centred(y, n_fft=N_FFT, hop_length=HOP)
        n = self._centred.n_frames
        self._valley = np.empty((n, len(contrast_bands())), np.float32)
        self._power = np.empty((n if n <= _KEPT_FRAMES else 0, _N_BINS), np.float32)
        self._thirds, self._semitones = (Pitches(SR, N_FFT, steps) for steps in (36, 12))

    def look(self, n_threads: int) -> float:
        """Fill what looks at frames one by one.

        Returns the tuning for the constant-Q transform: how far from A = 440 Hz, in thirds of a
        semitone.
        """
        for of_magnitude, of_power in map_in_threads(self._look, self._centred.blocks(), n_threads):
            self._thirds.add(*of_magnitude)
            self._semitones.add(*of_power)
        tuning = self._semitones.tuning()
        self._chroma = librosa.filters.chroma(sr=SR, n_fft=N_FFT, tuning=tuning)
        self._loudest = {
            name: decibels(values.max())
            for name, values in (
                ("melspectrogram", self._into["melspectrogram"]),
                ("peak", self._into["spectral_contrast"]),
                ("valley", self._valley),
            )
        }
        return self._thirds.tuning()

    def finish(self, n_threads: int) -> None:
        """Fill the rest, once `look` has seen the whole song."""
        for _ in map_in_threads(self._finish, self._centred.blocks(), n_threads):
            pass

    def _look(self, rows: slice) -> tuple[_Peaks, _Peaks]:
        """Fill what looks at frames one by one; return their peaks in magnitude and in power."""
        magnitude = self._centred.magnitude(rows)
        power = np.square(magnitude, out=self._power[rows] if len(self._power) else None)
        rms, crossings = levels_and_crossings(
            self._centred.samples(rows), self._centred.start(rows), self._n_samples, _NO_SIGN
        )
        total, first, second = moments(magnitude).T
        is_heard = total > _TINY
        divisor = np.where(is_heard, total, 1)
        centroid = np.where(is_heard, first / divisor, 0)
        variance = np.where(is_heard, second / divisor - centroid**2, 0)
        for k, (low, high, n) in enumerate(contrast_bands()):
            ordered = np.sort(magnitude[:, low:high], axis=1)
            self._valley[rows, k] = ordered[:, :n].mean(axis=1)
            self._into["spectral_contrast"][rows, k] = ordered[:, -n:].mean(axis=1)
        for name, values in (
            ("rms", rms),
            ("zero_crossing_rate", crossings),
            ("spectral_centroid", centroid * _HZ_A_BIN),
            ("spectral_bandwidth", np.sqrt(np.maximum(variance, 0)) * _HZ_A_BIN),
            ("spectral_flatness", flatness(power, _FLOOR)),
            ("spectral_rolloff", rolloff_bins(magnitude, _ROLLOFF) * _HZ_A_BIN),
        ):
            self._into[name][rows, 0] = values
        self._into["poly_features"][rows] = _line(total, first)
        self._into["melspectrogram"][rows] = into_mel_bands(
            power, sr=SR, n_fft=N_FFT, n_mels=_N_MELS
        )
        return self._thirds.peaks(magnitude), self._semitones.peaks(power)

    def _finish(self, rows: slice) -> None:
        """Fill what depends on the whole song."""
        into = self._into
        mels = decibels(into["melspectrogram"][rows])
        np.maximum(mels, self._loudest["melspectrogram"] - _RANGE_DB, out=mels)
        into["mfcc"][rows] = mels @ mfcc_basis()
        peak, valley = decibels(into["spectral_contrast"][rows]), decibels(self._valley[rows])
        np.maximum(peak, self._loudest["peak"] - _RANGE_DB, out=peak)
        np.maximum(valley, self._loudest["valley"] - _RANGE_DB, out=valley)
        into["spectral_contrast"][rows] = peak - valley
        power = self._power[rows] if len(self._power) else self._centred.magnitude(rows) ** 2
        into["chroma_stft"][rows] = chroma_of(power, self._chroma)


def chroma_of(power: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum power spectra into pitch classes, each frame divided by its largest [shape=(n, 12)].

    `weights` are those of `librosa.filters.chroma` at the sound's tuning.
    """
    chroma = _product(power, weights.T)
    highest = chroma.max(axis=1, keepdims=True)
    return np.asarray(chroma / np.where(highest > _TINY, highest, 1))


def _product(rows: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Multiply frames by a matrix, always so many at once: the last digit depends on how many."""
    product = np.empty((len(rows), weights.shape[1]), np.float32)
    for first in range(0, len(rows), _TILE):
        tile = rows[first : first + _TILE]
        n = len(tile)
        if n < _TILE:
            tile = np.concatenate([tile, np.zeros((_TILE - n, rows.shape[1]), np.float32)])
        product[first : first + n] = (tile @ weights)[:n]
    return product


def decibels(power: NDArray[np.float32] | np.float32) -> NDArray[np.float32]:
    """Return 10 log10(max(1e-10, power)), as librosa's `power_to_db` re 1 without its floor."""
    return np.float32(10) * np.log10(np.maximum(power, _FLOOR))


def _line(total: NDArray[np.float64], first: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit a line to spectra; return slope (1 / Hz) and height at 0 Hz [shape=(n, 2)].

    By least squares; `total` and `first` are sums of s and of k s over the bins k.
    """
    middle = (_N_BINS - 1) / 2
    spread = _N_BINS * (_N_BINS**2 - 1) / 12  # sum of (k - middle)^2
    slope = (first - middle * total) / spread
    return np.stack([slope / _HZ_A_BIN, total / _N_BINS - slope * middle], axis=1)


@cache
def mfcc_basis() -> NDArray[np.float32]:
    """Return the product that takes mel levels to mfcc [shape=(128, 20)]."""
    basis = scipy.fft.dct(np.eye(_N_MELS), axis=1, norm="ortho")[:, :_N_MFCC]
    return np.ascontiguousarray(basis, np.float32)


@cache
def contrast_bands() -> tuple[tuple[int, int, int], ...]:
    """Return first bin, end and number of bins that 2 % are, of each band of spectral contrast.

    librosa counts bins that lie on both edges and the one below a band; of all bands but the last,
    the highest of them is then left out of the sorting, though not of the 2 %.
    """
    hertz = librosa.fft_frequencies(sr=SR, n_fft=N_FFT)
    bands = []
    n_bands = len(_CONTRAST_EDGES_HZ) - 1
    for k in range(n_bands):
        low, high = _CONTRAST_EDGES_HZ[k : k + 2]
        inside = np.flatnonzero((hertz >= low) & (hertz <= high))
        first, end = int(inside[0]) - (k > 0), int(inside[-1]) + 1
        if k == n_bands - 1:
            end = len(hertz)
        n = max(1, int(np.rint(_QUANTILE * (end - first))))
        bands.append((first, end if k == n_bands - 1 else end - 1, n))
    return tuple(bands)
