"""Tables of scores for tests: one that was made is read whole, and made ones of any length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from genre_core.data.scores_table import FIRST, column_type
from genre_core.data.table_rows import GROUP_ROWS
from genre_core.jobs.library import Scored

PROG = ("made.lstm", "made.mlp")
"""Made networks that give a prog score."""

GENRES = {"made.five": ("Jazz", "Pop", "Rock"), "made.tags": ("electronic", "guitar")}
"""Made networks that name genres."""


def whole(scored: Scored) -> pd.DataFrame:
    """All rows that were asked about."""
    frames = list(scored.frames())
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def made_scores(n: int, *, start: int = 0, seed: int = 0, folder: str = "/music") -> pa.Table:
    """Rows `start` to `start + n` of a made library, unsorted; one of 50 could not be read."""
    rng = np.random.default_rng([seed, start])
    place = np.arange(start, start + n)
    score = np.round(rng.beta(2, 5, n), 4)
    broken = place % 50 == 49

    def known(values: np.ndarray) -> pa.Array:
        return pa.array(values, mask=broken)

    columns = {
        "path": [f"{folder}/Artist {k // 20:05}/{k:07}.mp3" for k in place],
        "n_bytes": rng.integers(1_000_000, 9_000_000, n),
        "changed_ns": place,
        "models": ["made@0|none|decoder 1"] * n,
        "title": ["" if bad else f"Song {k}" for k, bad in zip(place, broken, strict=True)],
        "artist": [
            "" if bad else f"Artist {k // 20}" for k, bad in zip(place, broken, strict=True)
        ],
        "duration_s": known(np.round(rng.uniform(60, 900, n), 3)),
        "prog_score": known(score),
        "notes": [""] * n,
        "error": ["no song. Received noise." if bad else "" for bad in broken],
    }
    for name in PROG:
        columns[f"{name}:prog"] = known(np.round(np.clip(score + rng.normal(0, 0.05, n), 0, 1), 4))
        columns[f"{name}:most_prog_s"] = known(np.round(rng.uniform(0, 60, n), 3))
    for name, genres in GENRES.items():
        columns[f"{name}:genre"] = known(np.array(genres, object)[rng.integers(0, len(genres), n)])
        columns[f"{name}:prob"] = known(np.round(rng.uniform(0.3, 1, n), 4))
        columns[f"{name}:calibrated"] = known(np.ones(n, bool))
    names = [*FIRST, *(name for name in columns if name not in FIRST)]
    return pa.table({name: pa.array(columns[name], column_type(name)) for name in names})


def write_made_scores(path: Path, n: int, *, seed: int = 0, folder: str = "/music") -> Path:
    """Write a made library of `n` rows, unsorted, a row group at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(path, made_scores(0).schema) as writer:
        for start in range(0, n, GROUP_ROWS):
            rows = min(GROUP_ROWS, n - start)
            writer.write_table(made_scores(rows, start=start, seed=seed, folder=folder))
    return path
