"""Features of songs: one transform against librosa call by call, and patches all at once."""

from __future__ import annotations

from typing import Any

import librosa
import numpy as np

from genre_core.audio.frames import FAMILIES, frames_205, frames_reference
from genre_core.audio.log_mel import log_mel_96
from genre_core.audio.mel import mel_patches
from genre_core.config import SongInput
from tests.audio.made_songs import made_song
from tests.benchmarks.timing import interleaved, row

SECONDS = 240
SR, SR_LOG_MEL = 22_050, 16_000
ROUNDS = 5
SECOND = SongInput(features="mel_128", n_frames=43, hop_frames=43)


def measure() -> list[dict[str, Any]]:
    """Time the features of a made song of four minutes."""
    return _frames() + _patches() + _log_mel()


def _frames() -> list[dict[str, Any]]:
    y = made_song(SECONDS * SR, SR)
    seconds = interleaved(
        {"librosa": lambda: frames_reference(y), "ours": lambda: frames_205(y)}, ROUNDS
    )
    found, expected = frames_205(y), frames_reference(y)
    ends = np.cumsum(list(FAMILIES.values()))[:-1]
    worst = max(
        float(np.abs(here - there).max() / (np.ptp(there) or 1))
        for here, there in zip(
            np.split(found, ends, axis=1), np.split(expected, ends, axis=1), strict=True
        )
    )
    return [
        row(f"205 numbers a frame of {SECONDS} s, family by family, s", seconds["librosa"]),
        row("the same from shared transforms, s", seconds["ours"]),
        row("shared against family by family", seconds["librosa"] / seconds["ours"], at_least=2.2),
        row("worst difference, share of a family's range", worst, at_most=2e-6),
    ]


def _patches() -> list[dict[str, Any]]:
    y = made_song(SECONDS * SR, SR)
    n_samples = SECOND.n_frames * SECOND.hop_length
    starts = range(0, len(y) - n_samples + 1, n_samples)

    def one_by_one() -> np.ndarray:
        powers = (
            librosa.feature.melspectrogram(y=y[start : start + n_samples], sr=SR)
            for start in starts
        )
        return np.stack(
            [librosa.power_to_db(each, ref=1.0, amin=1e-8, top_db=None).T[:43] for each in powers]
        )

    def at_once() -> np.ndarray:
        return mel_patches(y, SECOND)

    seconds = interleaved({"librosa": one_by_one, "ours": at_once}, ROUNDS)
    difference = np.abs(at_once()[: len(starts)] - one_by_one()).max()
    return [
        row(f"mel patches of a second, {SECONDS} s, call by call, s", seconds["librosa"]),
        row("all at once against it", seconds["librosa"] / seconds["ours"], at_least=3.5),
        row("largest difference, dB", difference, at_most=1e-3),
    ]


def _log_mel() -> list[dict[str, Any]]:
    y = made_song(SECONDS * SR_LOG_MEL, SR_LOG_MEL)

    def by_librosa() -> np.ndarray:
        power = librosa.feature.melspectrogram(
            y=y, sr=SR_LOG_MEL, n_fft=512, hop_length=256, n_mels=96, pad_mode="reflect"
        )
        return np.log10(10_000 * power.T + 1)

    seconds = interleaved({"librosa": by_librosa, "ours": lambda: log_mel_96(y)}, ROUNDS)
    return [
        row(f"log-mel frames of {SECONDS} s, s", seconds["ours"]),
        row("against one call of librosa", seconds["librosa"] / seconds["ours"]),
    ]
