"""A song from its file to the complete timeline: against the straight way, and by its length."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import librosa
import numpy as np

from tests.benchmarks.bench_decode import write_song
from tests.benchmarks.timing import interleaved, row

SECONDS = 240
MINUTES = (1, 4, 20, 60)
ROUNDS = 3


def measure() -> list[dict[str, Any]]:
    """Time a warm upload of four minutes, the straight way to the same scores, and four lengths."""
    with tempfile.TemporaryDirectory() as folder:
        song = write_song(Path(folder) / "song.mp3", SECONDS)
        ours = _reader()
        seconds = interleaved({"ours": lambda: ours(song)}, ROUNDS)["ours"]
        start = time.perf_counter()
        scores = straight_way(song)
        straight = time.perf_counter() - start
        off = max(
            float(np.abs(scores[name] - found.logits).max())
            for name, found in ours(song).predictions.items()
        )
        rows = [
            row("MP3 of 240 s to the complete timeline, warm, seconds", seconds),
            row("networks that read it", len(scores)),
            row("straight way against it (one round)", straight / seconds),
            row("largest difference of a logit", off, at_most=1e-2),
        ]
        return rows + _lengths({m: write_song(Path(folder) / f"{m}.mp3", 60 * m) for m in MINUTES})


def _reader() -> Any:
    from genre_core.audio.overview import envelope, spectrogram_picture
    from genre_core.inference.song_reading import read_song
    from genre_core.inference.songs import SongClassifier
    from genre_core.runs.bundle import list_bundles

    classifiers = [
        SongClassifier.load(bundle) for bundle in list_bundles(media="song", need_network=True)
    ]

    def read(path: Path) -> Any:
        return read_song(
            path,
            classifiers,
            look=lambda clip: (envelope(clip.y, 4_800), spectrogram_picture(clip.y, clip.sr)),
        )[0]

    return read


def straight_way(song: Path) -> dict[str, np.ndarray]:
    """Load by librosa, compute family by family, ask `predict` segment by segment."""
    import keras

    from genre_core.audio.clip import Clip
    from genre_core.audio.features import segments_of, skipped_samples, song_segments
    from genre_core.audio.frames import frames_reference
    from genre_core.config import song_input
    from genre_core.inference.checkpoint import load_network
    from genre_core.runs.bundle import list_bundles

    keras.config.disable_interactive_logging()
    logits = {}
    for bundle in list_bundles(media="song", need_network=True):
        network, spec = load_network(bundle), song_input(bundle.card.input)
        y, _ = librosa.load(song, sr=spec.sr)
        if spec.features in ("frames_205", "statistics_423"):
            frames = frames_reference(y[skipped_samples(len(y), spec) :])
            inputs = segments_of(frames, spec, len(y)).inputs
        else:
            inputs = song_segments(Clip(y, spec.sr), spec).inputs
        logits[bundle.name] = np.concatenate(
            [network.predict(inputs[i : i + 1], verbose=0) for i in range(len(inputs))]
        )
    return logits


def _lengths(songs: dict[int, Path]) -> list[dict[str, Any]]:
    rows, each = [], {}
    for minutes, song in songs.items():
        seconds, grown = _alone(song)
        each[minutes] = seconds / minutes
        rows += [
            row(f"{minutes} min: seconds a minute of song", seconds / minutes),
            row(f"{minutes} min: peak memory over the loaded networks, GB", grown),
        ]
    spread = max(each.values()) / min(each.values())
    return [*rows, row("dearest minute over cheapest", spread, at_most=1.5)]


def _alone(song: Path) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, __file__, str(song)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    seconds, grown = json.loads(done.stdout.splitlines()[-1])
    return seconds, grown


def read_alone(song: Path) -> tuple[float, float]:
    """Read a song in this process after a warm-up; return seconds and growth of the peak in GB."""
    from tests.benchmarks.memory import memory_kb

    read = _reader()
    with tempfile.TemporaryDirectory() as folder:
        read(write_song(Path(folder) / "warm.mp3", 60))
    before = memory_kb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forgets the peak (Linux)
    start = time.perf_counter()
    read(song)
    return time.perf_counter() - start, (memory_kb("VmHWM") - before) / 1e6


if __name__ == "__main__":
    print(json.dumps(read_alone(Path(sys.argv[1]))))
