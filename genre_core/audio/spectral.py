"""Features of each spectrum of a song, from one transform for all families."""

from __future__ import annotations

from functools import cache
from typing import Any

import librosa
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.audio.stft import blocks_of_magnitude, blocks_of_power, into_mel_bands
from genre_core.audio.tuning import Pitches

SR, N_FFT, HOP = 22_050, 2_048, 512
_N_MELS, _N_MFCC = 128, 20
_CONTRAST_EDGES_HZ = (0, 200, 400, 800, 1_600, 3_200, 6_400, 12_800)
_QUANTILE = 0.02
_KEPT_FRAMES = 32_768
"""Up to so many frames (12.7 min, 134 MB) their spectra are kept and not computed twice."""

Families = dict[str, NDArray[np.float32]]
"""Frames by the name of their family, each [shape=(n, d), dtype=float32]."""


def spectral_families(y: Samples) -> tuple[Families, float]:
    """Compute every family of frames that a spectrum or the samples themselves give.

    Parameters
    ----------
    y : np.ndarray [shape=(n_samples,), dtype=float32]
        Mono, 22,050 Hz, at least one sample, finite.

    Returns
    -------
    families : dict of str to np.ndarray [shape=(1 + n_samples // 512, d), dtype=float32]
        By librosa's names; all of `frames_205` but what a constant-Q transform gives.
    tuning : float
        Deviation from A = 440 Hz for that transform, in thirds of a semitone.

    Notes
    -----
    **Source**: librosa's functions with their defaults. What looks at one frame alone is computed
    on blocks of one transform; what looks at the whole song (mfcc and contrast end 80 dB below its
    loudest, chroma_stft follows its tuning) is finished afterwards.

    Examples
    --------
    >>> families, tuning = spectral_families(np.zeros(22_050, np.float32))
    >>> families["spectral_contrast"].shape, tuning
    ((44, 7), 0.0)
    """
    n = 1 + len(y) // HOP
    padded = np.pad(y, N_FFT // 2)
    blocks: list[dict[str, NDArray[Any]]] = []
    kept: list[tuple[slice, NDArray[np.float32]]] = []
    of_magnitude, of_power = Pitches(SR, N_FFT), Pitches(SR, N_FFT)
    for rows, magnitude in blocks_of_magnitude(padded, n_fft=N_FFT, hop_length=HOP):
        power = np.square(magnitude)
        of_magnitude.gather(magnitude)
        of_power.gather(power)
        part = padded[rows.start * HOP : (rows.stop - 1) * HOP + N_FFT]
        held = _held_at_ends(y, part, rows.start * HOP - N_FFT // 2)
        blocks.append(_of_samples(part, held) | _of_spectra(magnitude, power))
        if n <= _KEPT_FRAMES:
            kept.append((rows, power))
    families = {name: np.concatenate([each[name] for each in blocks]) for name in blocks[0]}
    peak, valley = (librosa.power_to_db(families.pop(end)) for end in ("peak", "valley"))
    families["spectral_contrast"] = (peak - valley).astype(np.float32)
    loudness = librosa.power_to_db(families["melspectrogram"])
    families["mfcc"] = scipy.fft.dct(loudness, axis=1, norm="ortho")[:, :_N_MFCC]
    chroma = np.empty((n, 12), np.float32)
    basis = librosa.filters.chroma(sr=SR, n_fft=N_FFT, tuning=of_power.tuning(12)).T
    for rows, power in kept or blocks_of_power(padded, n_fft=N_FFT, hop_length=HOP):
        chroma[rows] = power @ basis
    families["chroma_stft"] = librosa.util.normalize(chroma, axis=1)
    return families, of_magnitude.tuning(36)


def _held_at_ends(y: Samples, part: Samples, start: int) -> Samples:
    """Return padded samples from `start` on with the first and last sample instead of zeros.

    So librosa pads for zero crossings, and a second padded song would be large.
    """
    held = part.copy()
    held[: max(0, -start)] = y[0]
    held[max(0, len(y) - start) :] = y[-1]
    return held


def _of_samples(part: Samples, held: Samples) -> dict[str, NDArray[Any]]:
    """Compute what needs no spectrum."""
    loudness = librosa.feature.rms(y=part, frame_length=N_FFT, hop_length=HOP, center=False)
    crossings = librosa.feature.zero_crossing_rate(
        held, frame_length=N_FFT, hop_length=HOP, center=False
    )
    return {"rms": loudness.T, "zero_crossing_rate": crossings.T.astype(np.float32)}


def _of_spectra(
    magnitude: NDArray[np.float32], power: NDArray[np.float32]
) -> dict[str, NDArray[Any]]:
    """Compute what looks at one spectrum alone [shape=(n, 1025)]."""
    columns = magnitude.T  # librosa's arrangement, in its own memory order
    centroid = librosa.feature.spectral_centroid(S=columns, sr=SR)
    bandwidth = librosa.feature.spectral_bandwidth(S=columns, sr=SR, centroid=centroid)
    flatness = librosa.feature.spectral_flatness(S=columns)
    rolloff = librosa.feature.spectral_rolloff(S=columns, sr=SR)
    peak, valley = _peak_and_valley(magnitude)
    return {
        "melspectrogram": into_mel_bands(power, sr=SR, n_fft=N_FFT, n_mels=_N_MELS),
        "spectral_centroid": centroid.T.astype(np.float32),
        "spectral_bandwidth": bandwidth.T.astype(np.float32),
        "spectral_flatness": flatness.T,
        "spectral_rolloff": rolloff.T.astype(np.float32),
        "poly_features": (magnitude @ _line_basis()).astype(np.float32),
        "peak": peak,
        "valley": valley,
    }


def _peak_and_valley(
    magnitude: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean of the loudest and of the faintest 2 % of each of seven octave bands."""
    peak = np.empty((len(magnitude), len(contrast_bands())))
    valley = np.empty_like(peak)
    for k, (first, end, n) in enumerate(contrast_bands()):
        ordered = np.sort(magnitude[:, first:end], axis=1)
        valley[:, k] = ordered[:, :n].mean(axis=1)
        peak[:, k] = ordered[:, -n:].mean(axis=1)
    return peak, valley


@cache
def contrast_bands() -> tuple[tuple[int, int, int], ...]:
    """Return first bin, end and number of bins that 2 % are, of each band of spectral contrast.

    librosa counts bins that lie on both edges and the one below a band; of all bands but the last,
    the highest of them is then left out of the sorting, though not of the 2 %.

    Examples
    --------
    >>> contrast_bands()[0], contrast_bands()[-1]
    ((0, 18, 1), (594, 1025, 9))
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


@cache
def _line_basis() -> NDArray[np.float64]:
    """Return weights whose product with spectra is slope and height at 0 Hz of a fitted line."""
    hertz = librosa.fft_frequencies(sr=SR, n_fft=N_FFT)
    return np.ascontiguousarray(np.linalg.pinv(np.stack([hertz, np.ones_like(hertz)], axis=1)).T)
