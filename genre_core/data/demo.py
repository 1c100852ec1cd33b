"""The built-in covers and songs, and the small set of drawn covers for a first training.

All of it lies in `assets/` and was made by `assets.make` from seeds: titles and artists are
invented, and nothing was downloaded.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from genre_core.data.catalog import CATALOG_FILE, Catalog
from genre_core.data.home import home
from genre_core.data.importers import ImportOptions, find_dataset, import_source, save_import
from genre_core.errors import DatasetError

ASSETS_DIR = Path(__file__).resolve().parents[2] / "assets"
COVERS_DIR = ASSETS_DIR / "covers"
SONGS_DIR = ASSETS_DIR / "songs"

DRAWN_COVERS = "drawn-covers"
"""Name of the data set of drawn covers; its zip is `assets/drawn-covers.zip`."""


@dataclass(frozen=True, slots=True)
class DemoCover:
    """One built-in cover.

    name : str
        Short and unique, also the file's stem.
    title, artist : str
        Invented, as painted on the cover.
    style : str
        What the painter aimed at, not a label to be measured against.
    seed : int
        `assets.make.covers.make_cover(style, seed)` paints it again.
    alt : str
        What the picture shows, in words.
    """

    name: str
    title: str
    artist: str
    style: str
    path: Path
    seed: int
    alt: str


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a built-in song; each begins where the one before ends.

    beats, unit : int
        The metre: beats a bar, and what one beat is (4 a quarter note, 8 an eighth).
    tempo_bpm : float
        Quarter notes a minute.
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
class DemoSong:
    """One built-in song.

    name : str
        Short and unique, also the file's stem.
    title, artist : str
        As in the file's tags.
    style : str
        What the generator aimed at, not a label to be measured against.
    seed : int
        `assets.make.songs.make_song(style, seed)` plays it again.
    about : str
        What one hears, in words.
    sections : tuple of Section
        In order; they tile the song.
    """

    name: str
    title: str
    artist: str
    style: str
    path: Path
    seed: int
    about: str
    sections: tuple[Section, ...]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.sections[-1].end_s


def demo_covers(folder: str | Path = COVERS_DIR) -> tuple[DemoCover, ...]:
    """List the built-in covers, in the order in which they are shown.

    Raises
    ------
    DatasetError
        The folder's list `covers.json`, or a file that it names, is missing or damaged.

    Examples
    --------
    >>> len(demo_covers())
    12
    """
    return _read_list(Path(folder), "covers", lambda entry: DemoCover(**entry))


def demo_songs(folder: str | Path = SONGS_DIR) -> tuple[DemoSong, ...]:
    """List the built-in songs, in the order in which they are shown.

    Raises
    ------
    DatasetError
        The folder's list `songs.json`, or a file that it names, is missing or damaged.

    Examples
    --------
    >>> [song.style for song in demo_songs()]
    ['prog', 'pop', 'metal', 'ambient']
    """

    def song(entry: dict[str, Any]) -> DemoSong:
        sections = tuple(Section(**section) for section in entry.pop("sections"))
        return DemoSong(sections=sections, **entry)

    return _read_list(Path(folder), "songs", song)


def drawn_covers() -> Catalog:
    """Import the drawn covers of `assets/drawn-covers.zip`, or find those imported before.

    Returns
    -------
    Catalog
        Named `drawn-covers`: 24 covers of 96 px in each of ten styles, the styles its genres. They
        show how a training goes; what a network learns from them says nothing of real covers.
    """
    if (home() / "datasets" / DRAWN_COVERS / CATALOG_FILE).is_file():
        return find_dataset(DRAWN_COVERS)
    archive = ASSETS_DIR / f"{DRAWN_COVERS}.zip"
    result = import_source(
        "folders",
        archive,
        ImportOptions(
            name=DRAWN_COVERS,
            title="Covers drawn by this program",
            citation="Genre Explorer",
            licence="CC0",
        ),
    )
    save_import(result, source=archive)
    return result.catalog


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
