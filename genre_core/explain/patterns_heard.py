"""A pattern of a song network made audible: an approximation, for a spectrogram holds no phases.

Imports no TensorFlow.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from genre_core.config import SongInput, require
from genre_core.explain.patterns_scale import RANGES, scale_of

ITERATIONS = 32
"""Of Griffin and Lim: phases that fit are sought so often."""

MIN_S = 2.0
"""A shorter pattern is played over and over, up to about so many seconds."""

PEAK = 0.25
"""Largest sample (-12 dB of full scale): a pattern can be one loud tone."""

_FADE_S = 0.01


def hear_pattern(
    picture: NDArray[np.floating], spec: SongInput, *, seed: int = 0
) -> NDArray[np.float32]:
    """Turn a pattern into sound at `spec.sr` Hz.

    Bands go back to power and from there to the bins of the spectrum: of mel bands each bin gets
    the mean of those that hold it, by their weights, of bands of equal width the band's own.
    Phases that fit are found by Griffin and Lim.

    Parameters
    ----------
    picture : ndarray [shape=spec.shape, or shorter in time]
        In 0 to 1 of the range of values, on the axes of the network's input.
    spec : SongInput
        How the network's inputs are made.
    seed : int
        Of the phases at the start.

    Returns
    -------
    ndarray [shape=(n_samples,), dtype=float32]
        At most `PEAK` in size, with short fades; all 0 where the pattern is silence or the same
        everywhere.

    Raises
    ------
    ParameterError
        A pattern of another shape, or an input that is no spectrogram.

    Notes
    -----
    **Source**: `librosa.filters.mel` and `librosa.griffinlim`; librosa's own way from mel bands
    to a spectrum, least squares, takes minutes where a pattern is loud in many bands. Not exact:
    bands hold less than a spectrum, neighbouring frames of a pattern need not fit each other, and
    what the network was trained on sounded otherwise.

    Examples
    --------
    >>> spec = SongInput(features="mel_128", n_frames=43, hop_frames=43)
    >>> picture = np.zeros((43, 128, 1))
    >>> picture[:, 40] = 1
    >>> y = hear_pattern(picture, spec)
    >>> len(y) > 1.9 * spec.sr, float(abs(y).max()) <= PEAK
    (True, True)
    """
    require(
        spec.features in RANGES,
        "Only a spectrogram can be heard.",
        spec.features,
        "Choose a network that reads one.",
    )
    bands = upright_bands(picture, spec)
    if np.ptp(bands) < 1e-6 or bands.shape[1] < 2:
        return np.zeros(round(MIN_S * spec.sr), np.float32)
    n_times = max(1, -(-round(MIN_S / spec.frame_step_s) // bands.shape[1]))
    magnitude = _magnitude(bands, spec)
    import librosa

    y = librosa.griffinlim(
        np.tile(magnitude, (1, n_times)),
        n_iter=ITERATIONS,
        hop_length=spec.hop_length,
        n_fft=spec.n_fft,
        random_state=seed,
    )
    fade = np.minimum(1.0, np.arange(len(y)) / max(1, round(_FADE_S * spec.sr)))
    y = y * fade * fade[::-1]
    largest = float(np.abs(y).max())
    level = y * (PEAK / largest) if largest > 0 else y
    return np.clip(level, -PEAK, PEAK).astype(np.float32)


def upright_bands(picture: NDArray[np.floating], spec: SongInput) -> NDArray[np.float32]:
    """Give a pattern in the units of its features [shape=(n_bins, n_frames)]: dB, or log10.

    Scaling that a network's card asks for is taken back.
    """
    scale = scale_of(spec)
    is_time_first = spec.layout == "time_frequency"
    bands_axis = 1 if is_time_first else 0
    is_fitting = (
        picture.ndim == len(spec.shape)
        and picture.shape[bands_axis] == spec.n_bins
        and picture.shape[1 - bands_axis] <= spec.n_frames
    )
    require(is_fitting, f"A pattern must have the shape {spec.shape}.", picture, "Take it whole.")
    values = scale.inputs(picture).reshape(picture.shape[:2])
    bands = values.T if is_time_first else values
    if spec.scales:
        bands = bands * np.array(spec.scales, np.float32)[:, np.newaxis]
    if spec.offsets:
        bands = bands + np.array(spec.offsets, np.float32)[:, np.newaxis]
    return np.asarray(bands, np.float32)


def as_wav(y: NDArray[np.float32], sr: int) -> bytes:
    """Write sound as a WAV file of 16 bits."""
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, y, sr, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def _magnitude(bands: NDArray[np.float32], spec: SongInput) -> NDArray[np.float32]:
    """Give the size of the spectrum's bins [shape=(1 + n_fft // 2, n_frames)]."""
    if spec.features == "stft_db":
        power = np.power(10.0, bands / 10.0)
        n_each = spec.n_fft // 2 // spec.n_bins
        bins = np.repeat(power, n_each, axis=0)
        return np.sqrt(np.vstack([bins, bins[-1:]])).astype(np.float32)
    import librosa

    power = (
        np.power(10.0, bands / 10.0)
        if spec.features == "mel_128"
        else np.maximum(np.power(10.0, bands) - 1.0, 0.0) / 10_000.0
    )
    weights = librosa.filters.mel(sr=spec.sr, n_fft=spec.n_fft, n_mels=spec.n_bins)
    heights = weights.sum(axis=1, keepdims=True)  # of each band, so that power a bin comes out
    shares = weights / np.maximum(weights.sum(axis=0), 1e-12)
    return np.sqrt(shares.T @ (power / np.maximum(heights, 1e-12))).astype(np.float32)
