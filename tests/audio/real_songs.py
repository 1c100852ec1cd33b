"""A few real songs under GENRE_DATA, for the tests marked `realdata`."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import librosa
import numpy as np


def real_songs(
    data_folder: Path, sr: int, seconds: float = 20.0, n_songs: int = 3
) -> list[np.ndarray]:
    """Return the first seconds of songs of different data sets in turn, mono float32 at `sr`."""
    table = data_folder / "audio" / "labels.csv"
    paths: dict[str, list[Path]] = {}
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            paths.setdefault(row["dataset"], []).append(table.parent / row["path"])
    in_turn = itertools.zip_longest(*(reversed(paths[name]) for name in sorted(paths)))
    chosen = [path for turn in in_turn for path in turn if path][:n_songs]
    assert len(chosen) == n_songs
    return [librosa.load(path, sr=sr, duration=seconds)[0] for path in chosen]
