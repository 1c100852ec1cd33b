"""Spectrograms that networks read: mel patches, musicnn's log-mel, and equal bands up to 4 kHz."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.audio.segments import frames_of, segment_starts
from genre_core.audio.stft import Centred, blocks_of_power, into_mel_bands, magnitude
from genre_core.config import SongInput

SR, N_FFT, N_MELS = 22_050, 2_048, 128
MUSICNN_SR, MUSICNN_N_FFT, MUSICNN_MELS = 16_000, 512, 96
N_BANDS = 128

FLOOR_DB = np.float32(-80)
"""What silence counts as: of mel patches re a power of 1 (a full-scale sine reaches about +40 dB),
of bands re the maximum of the segment."""

FLOOR_POWER = np.float32(1e-8)
_FRAMES_AT_ONCE = 344


def mel_patches(y: Samples, spec: SongInput) -> NDArray[np.float32]:
    """Compute mel spectrograms in dB of the segments of sound at 22,050 Hz, each as by itself.

    dB = 10 log10(max(1e-8, mel power)), re 1: no value depends on another part of the song. A
    segment is `n_frames` hops of samples; with zeros before and after it librosa gives one frame
    more, the last, centred on the segment's end: it is left out. Zeros follow the sound to the last
    segment's end [shape=(n, n_frames, 128)].

    Notes
    -----
    **Source**: study S5, which says 43 frames of 128 bands for a second, and
    `librosa.feature.melspectrogram` with its defaults. The floor is ours, and so is that a second
    is 43 * 512 samples (.998 s): then segments lie side by side on the grid of the other features.

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


def log_mel_96(y: Samples, *, hop_length: int = 256) -> NDArray[np.float32]:
    """Compute log10(10000 x + 1) of 96 mel bands, frame by frame, of sound at 16,000 Hz.

    At least 0, which is silence [shape=(1 + n_samples // hop_length, 96)].

    Notes
    -----
    **Source**: musicnn (Pons and Serra, 2019): power spectra of 512 samples, the clip mirrored at
    its ends. Its own features overflow in float16 for loud bands; ours are float32 throughout. A
    clip of up to 256 samples is mirrored more than once. librosa's values, but for the frame
    centred on the very end of a clip of whole hops, where librosa 0.11 mirrors one sample wrongly;
    no segment holds that frame.

    Examples
    --------
    >>> log_mel_96(np.zeros(16_000, np.float32)).shape
    (63, 96)
    """
    centred = Centred(y, n_fft=MUSICNN_N_FFT, hop_length=hop_length, pad_mode="reflect")
    mels = np.empty((centred.n_frames, MUSICNN_MELS), np.float32)
    for rows, power in blocks_of_power(centred):
        bands = into_mel_bands(power, sr=MUSICNN_SR, n_fft=MUSICNN_N_FFT, n_mels=MUSICNN_MELS)
        mels[rows] = np.log10(np.float32(10_000) * bands + np.float32(1))
    return mels


def band_power(y: Samples, spec: SongInput) -> NDArray[np.float32]:
    """Compute the power in 128 bands of equal width from 0 to 4,000 Hz, of sound at 8,000 Hz.

    A band is the mean of n_fft / 256 neighbouring bins, its mean frequency `spec.bin_hz`; the last
    bin, at 4,000 Hz, is left out. Zeros stand before and after the sound.

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

    Examples
    --------
    >>> power = np.array([[4.0, 2.0, 0.0], [0.0, 0.0, 0.0]], np.float32)
    >>> below_maximum_db(power).round().tolist()
    [[0.0, -3.0, -80.0], [-80.0, -80.0, -80.0]]
    """
    maximum = power.max(axis=tuple(range(1, power.ndim)), keepdims=True)
    level = np.divide(power, maximum, out=np.zeros(power.shape, np.float32), where=maximum > 0)
    np.maximum(level, FLOOR_POWER, out=level)  # one array for all steps
    np.log10(level, out=level)
    level *= 10
    return np.maximum(level, FLOOR_DB, out=level)
