"""The built-in covers and songs, and where the drawn covers for a first training lie.

All of it lies in `assets/` and was made by `assets.make` from seeds: titles and artists are
invented, and nothing was downloaded.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from genre_core.errors import DatasetError

ASSETS_DIR = Path(__file__).resolve().parents[2] / "assets"
COVERS_DIR = ASSETS_DIR / "covers"
SONGS_DIR = ASSETS_DIR / "songs"

DRAWN_COVERS = ASSETS_DIR / "drawn-covers.zip"
"""Zip of 240 covers for a first training, 24 of 96 px in each of ten styles."""


@dataclass(frozen=True, slots=True)
class DemoItem:
    """One built-in cover or song.

    name: Short and unique, also the file's stem.
    title, artist: Invented, as painted on the cover or in the song's tags.
    style: What its maker aimed at, not a label to be measured against.
    seed: `assets.make` makes it again from style and seed.
    """

    name: str
    title: str
    artist: str
    style: str
    path: Path
    seed: int


@dataclass(frozen=True, slots=True)
class DemoCover(DemoItem):
    """One built-in cover; `alt` says what the picture shows."""

    alt: str


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a built-in song; each begins where the one before ends.

    beats, unit: The metre: beats a bar, and what one beat is (4 a quarter note, 8 an eighth).
    tempo_bpm: Quarter notes a minute.
    """

    name: str
    start_s: float
    end_s: float
    beats: int
    unit: int
    tempo_bpm: float

    @property
    def metre(self) -> str:
        """The metre as musicians write it, for example "7/8"."""
        return f"{self.beats}/{self.unit}"

    @property
    def bar_s(self) -> float:
        """Length of a bar in seconds."""
        return self.beats * 4 / self.unit * 60 / self.tempo_bpm


@dataclass(frozen=True, slots=True)
class DemoSong(DemoItem):
    """One built-in song; `about` says what one hears, and its sections tile it in order."""

    about: str
    sections: tuple[Section, ...]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.sections[-1].end_s


def demo_covers(folder: str | Path = COVERS_DIR) -> tuple[DemoCover, ...]:
    """List the built-in covers, in the order in which they are shown.

    >>> len(demo_covers())
    12
    """
    return _read_list(Path(folder), "covers", lambda entry: DemoCover(**entry))


def demo_songs(folder: str | Path = SONGS_DIR) -> tuple[DemoSong, ...]:
    """List the built-in songs, in the order in which they are shown."""

    def song(entry: dict[str, Any]) -> DemoSong:
        sections = tuple(Section(**section) for section in entry.pop("sections"))
        return DemoSong(sections=sections, **entry)

    return _read_list(Path(folder), "songs", song)


_Item = TypeVar("_Item", DemoCover, DemoSong)


def _read_list(
    folder: Path, kind: str, make: Callable[[dict[str, Any]], _Item]
) -> tuple[_Item, ...]:
    cure = f"Run `python -m assets.make.{kind}` to make them again."
    try:
        entries = json.loads((folder / f"{kind}.json").read_text(encoding="utf-8"))[kind]
        items = tuple(make({"path": folder / entry.pop("file"), **entry}) for entry in entries)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(
            f"The built-in {kind} need their list {kind}.json.", received=str(error), cure=cure
        ) from error
    missing = [item.path.name for item in items if not item.path.is_file()]
    if missing:
        raise DatasetError(
            f"Each of the {kind} in {kind}.json must lie beside it.",
            received=f"a folder without {', '.join(missing)}",
            cure=cure,
        )
    return items
