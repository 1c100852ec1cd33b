"""A made file of pictures of songs: prog ones move more from column to column."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from genre_core.config import SongInput

SPEC = SongInput(features="log_picture", n_frames=153, hop_frames=153, hop_length=8_535)


def write_pictures(folder: Path, n_each: int, **change: object) -> np.ndarray:
    """Write `spectrograms.npz`, prog and other songs in turn; gives the pictures."""
    rng = np.random.default_rng(0)
    noise = rng.uniform(-1, 1, (2 * n_each, 149, 153)) * np.tile([0.3, 0.2], n_each)[:, None, None]
    pictures = (0.5 + noise).astype(np.float16)
    parts = {
        "S": pictures,
        "prog": np.tile([1, 0], n_each).astype(np.int8),
        "kind": np.tile(["Prog", "NonProgOther"], n_each),
    } | change
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: part for name, part in parts.items() if part is not None}
    np.savez(folder / "spectrograms.npz", **kept)
    return pictures
