"""Features of songs: against librosa call by call, and the memory of two hours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import librosa
import numpy as np

from genre_core.audio.frame_names import FAMILIES
from genre_core.audio.frames import frames_205, frames_reference
from genre_core.audio.spectrograms import log_mel_96, mel_patches
from genre_core.config import SongInput
from tests.audio.made_songs import made_song
from tests.benchmarks.memory import memory_kb
from tests.benchmarks.timing import interleaved, row

SECONDS = 240
SR, SR_LOG_MEL = 22_050, 16_000
ROUNDS = 5
AIMS = {30: {1: 10, 2: 15}, SECONDS: {1: 12, 2: 20}}
"""How many times as fast as librosa: by length of the song in seconds, by threads."""

LONG_S = 7_200
SECOND = SongInput(features="mel_128", n_frames=43, hop_frames=43)


def measure() -> list[dict[str, Any]]:
    """Time the features of a made song of half a minute and of four, and weigh two hours."""
    rows = [each for seconds, aims in AIMS.items() for each in _frames(seconds, aims)]
    return rows + _two_hours() + _patches() + _log_mel()


def _frames(length: int, aims: dict[int, int]) -> list[dict[str, Any]]:
    y = made_song(length * SR, SR)
    sides = {"librosa": lambda: frames_reference(y)}
    for n in aims:
        sides[str(n)] = lambda n=n: frames_205(y, n_threads=n)
    seconds = interleaved(sides, ROUNDS, rest_s=0.2)
    rows = [row(f"205 numbers a frame of {length} s, family by family, s", seconds["librosa"])]
    for n, aim in aims.items():
        threads = "1 thread" if n == 1 else f"{n} threads"
        ratio = seconds["librosa"] / seconds[str(n)]
        rows += [
            row(f"{length} s: ours on {threads}, s", seconds[str(n)]),
            row(f"{length} s: family by family over {threads}", ratio, at_least=aim),
        ]
    ends = np.cumsum(list(FAMILIES.values()))[:-1]
    found, expected = (
        np.split(frames, ends, axis=1) for frames in (sides["1"](), frames_reference(y))
    )
    worst = max(
        float(np.abs(here - there).max() / (np.ptp(there) or 1))
        for here, there in zip(found, expected, strict=True)
    )
    return [*rows, row(f"{length} s: worst difference, share of range", worst, at_most=1e-4)]


def _two_hours() -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, __file__],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    seconds, grown, needed = json.loads(done.stdout.splitlines()[-1])
    return [
        row("two hours, 2 threads: seconds a minute of song", seconds / (LONG_S / 60)),
        row("two hours: samples and frames, GB", needed),
        row("two hours: peak memory with both, GB", grown, at_most=1),
    ]


def weigh_alone() -> tuple[float, float, float]:
    """Compute the frames of two hours; return seconds, growth of the peak, size of both, in GB."""
    minute = made_song(60 * SR, SR)
    frames_205(minute, n_threads=2)
    before = memory_kb("VmRSS")
    y = np.empty(LONG_S * SR, np.float32)
    for k, part in enumerate(y.reshape(-1, len(minute))):
        part[:] = minute * np.float32(1 - 0.005 * k)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forgets the peak (Linux)
    start = time.perf_counter()
    frames = frames_205(y, n_threads=2)
    seconds = time.perf_counter() - start
    return seconds, (memory_kb("VmHWM") - before) / 1e6, (y.nbytes + frames.nbytes) / 1e9


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


if __name__ == "__main__":
    print(json.dumps(weigh_alone()))
