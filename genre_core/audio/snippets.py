"""The snippets of ten seconds that networks of real prog songs read, and their 43 rows."""

from __future__ import annotations

import librosa
import numpy as np
from numpy.typing import NDArray

from genre_core.audio.clip import Clip, Samples
from genre_core.audio.segments import Segments
from genre_core.audio.spectral import HOP, N_FFT, SR, chroma_of, decibels, mfcc_basis
from genre_core.audio.stft import Centred, blocks_of_power, into_mel_bands
from genre_core.audio.tuning import Pitches
from genre_core.config import require

SNIPPET_SAMPLES = 10 * SR
SNIPPET_FRAMES = 1 + SNIPPET_SAMPLES // HOP
ROWS = {"mfcc": 20, "mel": 10, "chroma": 12, "onset": 1}
"""Families of rows in their order, and how many each has: 43."""

_N_MELS = 128
_RANGE_DB = np.float32(80)
_ONSET_DELAY = 1 + N_FFT // (2 * HOP)  # frames: a step, and half a window
_TINY = np.finfo(np.float32).tiny


def song_snippets(clip: Clip) -> Segments:
    """Cut a song at 22,050 Hz into snippets of ten seconds, each by 43 rows.

    Silence at both ends is left out (60 dB below the loudest, `librosa.effects.trim`); then
    snippets follow end to end, and a rest below ten seconds is left out. A song shorter than ten
    seconds is one snippet with silence after it (ours: the source has none).

    Returns
    -------
    Segments
        `inputs` [shape=(n, 431, 43)], a row of `snippet_rows` a frame; `start_s` and `end_s` count
        from the clip's start, with the silence there; `n_valid` is 431 but for a short song.

    Notes
    -----
    **Source**: type-null/progrock (MIT licence), `Save_Signal.py` of its fork
    ZhiyuZhang803/progrock.

    Examples
    --------
    >>> tone = np.sin(np.arange(25 * SR) * 0.05).astype(np.float32)
    >>> snippets = song_snippets(Clip(np.concatenate([np.zeros(2 * SR, np.float32), tone]), SR))
    >>> snippets.inputs.shape, snippets.start_s.round(1).tolist()
    ((2, 431, 43), [2.0, 12.0])
    >>> song_snippets(Clip(tone, 16_000))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Snippets are cut at 22,050 Hz. Received 16000 (int). Decode \
the file at that rate.
    """
    require(
        clip.sr == SR, "Snippets are cut at 22,050 Hz.", clip.sr, "Decode the file at that rate."
    )
    trimmed, (first, end) = librosa.effects.trim(clip.y)
    if not len(trimmed):
        trimmed, first, end = clip.y, 0, clip.n_samples
    n = max(1, len(trimmed) // SNIPPET_SAMPLES)
    inputs = np.empty((n, SNIPPET_FRAMES, sum(ROWS.values())), np.float32)
    for place in range(n):
        part = trimmed[place * SNIPPET_SAMPLES : (place + 1) * SNIPPET_SAMPLES]
        inputs[place] = snippet_rows(np.pad(part, (0, SNIPPET_SAMPLES - len(part))))
    starts = first + np.arange(n, dtype=np.int64) * SNIPPET_SAMPLES
    ends = np.minimum(starts + SNIPPET_SAMPLES, end)
    n_valid = np.minimum(1 + (ends - starts) // HOP, SNIPPET_FRAMES)
    return Segments(inputs, starts / SR, ends / SR, n_valid)


def snippet_rows(y: Samples) -> NDArray[np.float32]:
    """Compute the 43 rows of one snippet of sound at 22,050 Hz, frame by frame.

    20 mfcc, each frame divided by its largest absolute value; 10 mel bands in dB below the
    snippet's loudest (at least -80); 12 pitch classes (chroma_stft), each frame divided by its
    largest; onset strength divided by its largest. Returns [shape=(1 + n_samples // 512, 43)].

    Notes
    -----
    **Source**: as `song_snippets`; librosa's values (mfcc, melspectrogram, power_to_db,
    chroma_stft, onset_strength, util.normalize with their defaults) from one transform for all:
    see `snippet_reference`.

    Examples
    --------
    >>> snippet_rows(np.zeros(SNIPPET_SAMPLES, np.float32)).shape
    (431, 43)
    """
    centred = Centred(y, n_fft=N_FFT, hop_length=HOP)
    power = np.concatenate([block for _, block in blocks_of_power(centred)])
    mel = decibels(into_mel_bands(power, sr=SR, n_fft=N_FFT, n_mels=_N_MELS))
    np.maximum(mel, mel.max() - _RANGE_DB, out=mel)
    ten = decibels(into_mel_bands(power, sr=SR, n_fft=N_FFT, n_mels=ROWS["mel"]))
    pitches = Pitches(SR, N_FFT, 12)
    pitches.add(*pitches.peaks(power))
    weights = librosa.filters.chroma(sr=SR, n_fft=N_FFT, tuning=pitches.tuning())
    onset = np.zeros((len(power), 1), np.float32)
    risen = np.maximum(np.diff(mel, axis=0), 0).mean(axis=1)
    onset[_ONSET_DELAY:, 0] = risen[: max(0, len(power) - _ONSET_DELAY)]
    return np.concatenate(
        [
            _over_largest(mel @ mfcc_basis(), axis=1),
            np.maximum(ten - ten.max(), -_RANGE_DB),
            chroma_of(power, weights),
            _over_largest(onset, axis=0),
        ],
        axis=1,
    )


def snippet_reference(y: Samples) -> NDArray[np.float32]:
    """Compute the same with a call of librosa for each family, as the source does: slow."""
    mel = librosa.feature.melspectrogram(y=y, sr=SR, n_mels=ROWS["mel"])
    families = (
        librosa.util.normalize(librosa.feature.mfcc(y=y, sr=SR, n_mfcc=ROWS["mfcc"])),
        librosa.power_to_db(mel, ref=np.max),
        librosa.feature.chroma_stft(y=y, sr=SR),
        librosa.util.normalize(librosa.onset.onset_strength(y=y, sr=SR))[np.newaxis],
    )
    return np.concatenate(families).T.astype(np.float32)


def _over_largest(values: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Divide by the largest absolute value along an axis; where that is 0, leave it."""
    largest = np.abs(values).max(axis=axis, keepdims=True)
    return np.asarray(values / np.where(largest > _TINY, largest, 1))
