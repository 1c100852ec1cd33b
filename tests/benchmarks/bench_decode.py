"""Songs from files to samples: against librosa, two rates in one pass, and what length costs."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import soundfile
from PIL import Image

from genre_core import guarded
from genre_core.audio.decode import decode_clip, decode_clips
from genre_core.image.decode import decode_cover
from tests.benchmarks.timing import interleaved, row

SR = 44_100
SECONDS = 240
KINDS = {"MP3": "mp3", "WAV": "wav", "Ogg": "ogg"}
RATES = (22_050, 16_000)
MINUTES = (1, 4, 20, 60)
ROUNDS = 7
COVER_PX = 1500


def measure() -> list[dict[str, Any]]:
    """Time decoding in three formats and at four lengths, and measure its memory."""
    with tempfile.TemporaryDirectory() as folder:
        rows: list[dict[str, Any]] = []
        for name, suffix in KINDS.items():
            song = write_song(Path(folder) / f"song.{suffix}", SECONDS)
            rows += _against_librosa(name, song)
        rows += _guarded(Path(folder) / "song.mp3")
        songs = {m: write_song(Path(folder) / f"{m}.mp3", 60 * m) for m in MINUTES}
        return rows + _lengths(songs)


def write_song(path: Path, seconds: int) -> Path:
    """Write a stereo song of chords, drums and noise that change every second."""
    t = np.arange(SR) / SR
    rng = np.random.default_rng(0)
    beat = np.exp(-12 * (t % 0.5))  # a stroke every half second
    kind = {".mp3": "MP3", ".wav": "WAV", ".ogg": "OGG"}[path.suffix]
    with soundfile.SoundFile(path, "w", SR, 2, format=kind) as file:
        for second in range(seconds):
            root = 110 * 2 ** (second % 12 / 12)
            chord = sum(np.sin(2 * np.pi * root * k * t) / k for k in (1, 2, 2.5, 3, 4, 6))
            sides = 0.1 * chord + 0.2 * beat * rng.standard_normal((2, SR))
            y = np.clip(sides.T, -1, 1).astype(np.float32)  # (SR, 2)
            for start in range(0, SR, 4_410):  # libsndfile's Ogg writer breaks on long blocks
                file.write(y[start : start + 4_410])
    return path


def _against_librosa(name: str, song: Path) -> list[dict[str, Any]]:
    sides = {
        "librosa": lambda: librosa.load(song, sr=RATES[0]),
        "ours": lambda: decode_clip(song, sr=RATES[0]),
        "librosa twice": lambda: [librosa.load(song, sr=sr) for sr in RATES],
        "ours at both": lambda: decode_clips(song, srs=RATES),
    }
    seconds = interleaved(sides, ROUNDS)
    clips = decode_clips(song, srs=RATES)
    off = max(np.abs(clip.y - librosa.load(song, sr=sr)[0]).max() for sr, clip in clips.items())
    return [
        row(f"{name}, {SECONDS} s stereo: decode_clip, s", seconds["ours"]),
        row(
            f"{name}: librosa.load / decode_clip",
            seconds["librosa"] / seconds["ours"],
            at_least=1.8 if name == "MP3" else None,
        ),
        row(
            f"{name}: librosa.load twice / decode_clips at 22,050 and 16,000 Hz",
            seconds["librosa twice"] / seconds["ours at both"],
        ),
        row(f"{name}: decode_clips / decode_clip", seconds["ours at both"] / seconds["ours"]),
        row(f"{name}: largest difference of a sample", off, at_most=0),
    ]


def _guarded(song: Path) -> list[dict[str, Any]]:
    """What it costs to decode in a process of its own what a visitor brings, which is bytes."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (24, 24, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((COVER_PX, COVER_PX), Image.Resampling.BICUBIC))
    pixels = np.clip(smooth + rng.normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    cover, content = file.getvalue(), song.read_bytes()
    songs = {
        "here": lambda: decode_clips(content),
        "guarded": lambda: guarded.decode_clips(content),
    }
    covers = {
        "here": lambda: decode_cover(cover),
        "guarded": lambda: guarded.decode_cover(cover),
    }
    rows = []
    for name, sides, rounds in (("MP3", songs, 3 * ROUNDS), (f"JPEG of {COVER_PX} px", covers, 99)):
        seconds = interleaved(sides, rounds)
        ratio = seconds["here"] / seconds["guarded"]
        rows += [
            row(f"{name}, decoded in a process of its own, s", seconds["guarded"]),
            row(f"{name}: in the server's process / in its own", ratio, at_least=0.95),
        ]
    return rows


def _lengths(songs: dict[int, Path]) -> list[dict[str, Any]]:
    calls = {str(m): (lambda path=path: decode_clip(path)) for m, path in songs.items()}
    seconds = interleaved(calls, 3)
    each = {m: seconds[str(m)] / m for m in songs}
    rows = [row(f"MP3 of {m} minutes: decode_clip, s a minute", each[m]) for m in songs]
    spread = max(each.values()) / min(each.values())
    rows.append(row("the dearest minute / the cheapest", spread))
    for m, path in songs.items():
        samples_mb = 60 * m * RATES[0] * 4 / 1e6
        rows.append(
            row(f"MP3 of {m} minutes: peak memory beyond its samples, MB", _peak(path) - samples_mb)
        )
    return rows


def _peak(song: Path) -> float:
    done = subprocess.run(
        [sys.executable, __file__, str(song)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    return float(json.loads(done.stdout.splitlines()[-1]))


def peak_of(song: Path) -> float:
    """Decode a song in this process and return how far its memory rose, in MB (Linux)."""
    short = song.with_name("short.wav")
    soundfile.write(short, np.zeros(SR), SR)
    decode_clip(short)  # what the libraries take once
    before = _memory_kb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    clip = decode_clip(song)
    return (_memory_kb("VmHWM") - before) / 1e3 if clip.n_samples else 0.0


def _memory_kb(name: str) -> int:
    """Read VmRSS (memory now) or VmHWM (its peak) of this process, on Linux."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    print(json.dumps(peak_of(Path(sys.argv[1]))))
