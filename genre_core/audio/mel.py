"""Mel patches in dB, each from its own samples alone."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.audio.segments import frames_of, segment_starts
from genre_core.audio.stft import into_mel_bands, magnitude
from genre_core.config import SongInput

SR, N_FFT, N_MELS = 22_050, 2_048, 128

FLOOR_DB = np.float32(-80)
"""What silence counts as, re a mel power of 1; a full-scale sine reaches about +40 dB."""

FLOOR_POWER = np.float32(1e-8)
_FRAMES_AT_ONCE = 344


def mel_patches(y: Samples, spec: SongInput) -> NDArray[np.float32]:
    """Compute a mel spectrogram in dB of every segment, as if each were a clip by itself.

    dB = 10 log10(max(1e-8, mel power)), re 1: no value depends on another part of the song. A
    segment is `n_frames` hops of samples; with zeros before and after it librosa gives
    `n_frames + 1` frames, of which the last, centred on the segment's end, is left out.

    Parameters
    ----------
    y : np.ndarray [shape=(n_samples,), dtype=float32]
        Mono, 22,050 Hz, at least one sample, finite. Zeros follow it to the last segment's end.
    spec : SongInput
        Length and step of the segments.

    Returns
    -------
    np.ndarray [shape=(n, n_frames, 128), dtype=float32]
        dB, -80 for silence. Frames are hop_length samples apart.

    Notes
    -----
    **Source**: study S5, which says 43 frames of 128 bands for a second, and
    `librosa.feature.melspectrogram` with its defaults. The floor is ours, and so is that a second
    is 43 * 512 samples (.998 s): then segments lie side by side on the grid of the other features.
    librosa's values for each segment by itself, from one transform of many and one product.

    Examples
    --------
    >>> spec = SongInput(features="mel_128", n_frames=43, hop_frames=43)
    >>> patches = mel_patches(np.zeros(44_032, np.float32), spec)
    >>> patches.shape, float(patches.min()), float(patches.max())
    ((2, 43, 128), -80.0, -80.0)
    """
    n_samples = spec.n_frames * spec.hop_length
    starts, _ = segment_starts(frames_of(len(y), spec.hop_length), spec)
    patches = np.empty((len(starts), spec.n_frames, N_MELS), np.float32)
    n_at_once = max(1, _FRAMES_AT_ONCE // spec.n_frames)
    padded = np.zeros((n_at_once, n_samples + N_FFT), np.float32)
    for first in range(0, len(starts), n_at_once):
        some = starts[first : first + n_at_once] * spec.hop_length
        for row, start in zip(padded, some, strict=False):
            part = y[start : start + n_samples]
            row[N_FFT // 2 :][: len(part)] = part
            row[N_FFT // 2 + len(part) :] = 0
        windows = sliding_window_view(padded[: len(some)], N_FFT, axis=1)
        spectra = magnitude(windows[:, : n_samples : spec.hop_length])
        power = np.square(spectra, out=spectra).reshape(-1, spectra.shape[2])
        bands = into_mel_bands(power, sr=SR, n_fft=N_FFT, n_mels=N_MELS)
        decibels = np.maximum(10 * np.log10(np.maximum(bands, FLOOR_POWER)), FLOOR_DB)
        patches[first : first + len(some)] = decibels.reshape(len(some), spec.n_frames, N_MELS)
    return patches
