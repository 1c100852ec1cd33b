"""Data sets of made covers and songs in which some are double, on purpose."""

from __future__ import annotations

from pathlib import Path

import soundfile
from PIL import Image

from genre_core.audio.fingerprint import SR
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.files import sha256_file
from genre_core.data.item import items_frame
from tests.audio.made_tunes import made_tune
from tests.image.made_covers import made_cover

SPLITS = ("train", "train", "val", "val", "test", "train", "test")


def as_catalog(root: Path, names: list[str], media: str = "cover") -> Catalog:
    """Make a catalog of files in a folder; splits in turn, each item a group of its own."""
    rows = [
        {
            "item_id": name,
            "path": name,
            "checksum": sha256_file(root / name),
            "labels": ["Rock"],
            "group": f"artist {place}",
            "split": SPLITS[place % len(SPLITS)],
        }
        for place, name in enumerate(names)
    ]
    head = DatasetHead("doubles", "Doubles", "none", "CC0", media, ("Rock",))
    return Catalog(head, root, items_frame(rows))


def write_covers(root: Path, n: int = 8) -> list[str]:
    """Write n covers, then one again byte by byte, one as a bad JPEG, and one mirrored."""
    root.mkdir(parents=True, exist_ok=True)
    for seed in range(n):
        Image.fromarray(made_cover(seed)).save(root / f"{seed}.png")
    (root / "copy of 0.png").write_bytes((root / "0.png").read_bytes())
    Image.fromarray(made_cover(1)).resize((120, 120)).save(root / "again 1.jpg", quality=35)
    Image.fromarray(made_cover(2)[:, ::-1]).save(root / "mirrored 2.png")
    return [f"{seed}.png" for seed in range(n)] + ["copy of 0.png", "again 1.jpg", "mirrored 2.png"]


def write_tunes(root: Path, n: int = 5) -> list[str]:
    """Write n tunes of 12 s; then one byte by byte, one as MP3, and a part of one, quieter."""
    root.mkdir(parents=True, exist_ok=True)
    for seed in range(n):
        soundfile.write(root / f"{seed}.wav", made_tune(seed, 12.0), SR)
    (root / "copy of 0.wav").write_bytes((root / "0.wav").read_bytes())
    soundfile.write(root / "again 1.mp3", made_tune(1, 12.0), SR)
    part = made_tune(2, 12.0)[2 * SR + 77 : 11 * SR]
    soundfile.write(root / "part of 2.ogg", 0.2 * part, SR)
    return [f"{seed}.wav" for seed in range(n)] + ["copy of 0.wav", "again 1.mp3", "part of 2.ogg"]
