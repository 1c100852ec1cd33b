"""The scores of songs people know, stored with the network that gave them: numbers only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genre_core.config import require
from genre_core.data.files import atomic_write
from genre_core.metrics.references import References
from genre_core.runs.bundle import REFERENCES_FILE, Bundle
from genre_core.runs.measured import load_measured

_DTYPES = {
    "scores": np.float64,
    "genres": np.str_,
    "artists": np.int64,
    "prog": np.int64,
    "heard": np.bool_,
    "rendered": np.bool_,
}


@dataclass(frozen=True, slots=True, eq=False)
class StoredReferences:
    """A network's references with where they come from.

    songs: scores, genres, artists' numbers
    data: of the data set: name, title, digest; which songs were taken (`rule`), whether it is known
        what the network learned from, shortest and longest song (`seconds`)
    high: genres that score high on this network's scale: genre, value, low, high
    told_apart: chance that a known prog song scores above another: value, low and high where there
        is an interval; empty without both kinds
    """

    songs: References
    data: dict[str, Any]
    high: tuple[dict[str, Any], ...]
    told_apart: dict[str, Any]


def save_references(
    stored: StoredReferences, model_sha256: str, command: str, folder: Path
) -> Path:
    """Write `references.json` into a bundle's folder, whole or not at all."""
    songs = {
        "scores": [round(float(score), 4) for score in stored.songs.scores],
        **{name: getattr(stored.songs, name).tolist() for name in list(_DTYPES)[1:]},
    }
    plain = {
        "model_sha256": model_sha256,
        "command": command,
        "data": stored.data,
        "high": list(stored.high),
        "told_apart": stored.told_apart,
        # A column a line: thousands of lines of one number each help nobody.
        "songs": songs,
    }
    lines = ",\n".join(
        f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in plain.items()
    )
    path = folder / REFERENCES_FILE
    atomic_write(path, f"{{\n{lines}\n}}\n")
    return path


def load_references(bundle: Bundle) -> StoredReferences | None:
    """Read a bundle's references; None without any, or where they are another network's.

    Raises `CheckpointError`: a file that cannot be read.
    """
    return load_measured(
        bundle,
        REFERENCES_FILE,
        _references,
        what="The references of a bundle",
        command="references",
    )


def _references(plain: dict[str, Any]) -> StoredReferences:
    columns: dict[str, Any] = {
        name: np.asarray(plain["songs"][name], kind) for name, kind in _DTYPES.items()
    }
    require(isinstance(plain["data"], dict), "data must be a table.", plain["data"], "")
    return StoredReferences(
        References(**columns), plain["data"], tuple(plain["high"]), dict(plain["told_apart"])
    )
