"""Covers that a frame gives away: a shortcut that an audit has to name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from genre_core.data.catalog import Catalog
from genre_core.data.importers import find_dataset


def write_framed_covers(root: Path, n: int = 40) -> Catalog:
    """Store noise covers of two genres, those of Red with a plain frame."""
    rng = np.random.default_rng(0)
    for place in range(n):
        genre = ("Blue", "Red")[place % 2]
        pixels = rng.integers(0, 256, (48, 48, 3), dtype=np.uint8)
        if genre == "Red":
            pixels[:3] = pixels[-3:] = pixels[:, :3] = pixels[:, -3:] = 30
        path = root / genre / f"{place:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return find_dataset(root)
