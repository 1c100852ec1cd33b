"""Small made covers and songs, and a home folder of their own, for the tests of the data floor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

WriteCover = Callable[..., Path]
WriteSong = Callable[..., Path]


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point GENRE_HOME to an empty folder, and GENRE_DATA to nothing."""
    monkeypatch.setenv("GENRE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("GENRE_DATA", raising=False)
    return tmp_path / "home"


@pytest.fixture
def write_cover() -> WriteCover:
    """Give a function that writes a PNG of noise; another seed gives another checksum."""

    def write(path: Path, seed: int = 0, side: int = 24) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path, "PNG")
        return path

    return write


@pytest.fixture
def write_song() -> WriteSong:
    """Give a function that writes a tenth of a second of noise; another seed, another checksum.

    The same seed gives the same file as FLAC, WAV or MP3; an Ogg gets a number of its own.
    """

    def write(path: Path, seed: int = 0, **tags: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(seed).uniform(-0.1, 0.1, 800).astype(np.float32)
        kind = "MP3" if path.suffix == ".mp3" else path.suffix[1:].upper()
        with soundfile.SoundFile(path, "w", 8_000, 1, format=kind) as song:
            for name, text in tags.items():
                setattr(song, name, text)
            song.write(noise)
        return path

    return write
