"""The album covers of two Kaggle data sets: 20,000 of 20 genres, and 80,000 of none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.contract import Layout, Listing
from genre_core.data.importers.genre_folders import read_genre_folders
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.rows import new_row
from genre_core.data.item import clean_text
from genre_core.data.media_walk import is_shown, list_media
from genre_core.errors import DatasetError, Problem

GENRE_FOLDER = "GAID"
"""Name of the folder with the 20 genre folders."""

FLAT_FOLDER = "album_covers_512"
"""Name of the flat folder of the covers without a genre."""

GENRES = (
    "Blues", "Classical", "Country", "DeathMetal", "DoomMetal", "DrumNBass", "Electronic", "Folk",
    "Grime", "HeavyMetal", "HipHop", "Jazz", "LoFi", "Pop", "PsychedelicRock", "Punk", "Reggae",
    "Rock", "Soul", "Techno",
)  # fmt: skip
"""The genre folders of the first data set, 1,000 covers each, 300 x 300 px."""

GENRES_HEAD = DatasetHead(
    name="",
    title="20k Album Covers within 20 Genres (GAID)",
    citation="Kerr, M. J., 20k Album Covers within 20 Genres, kaggle.com (michaeljkerr)",
    licence="unknown",
)
FLAT_HEAD = DatasetHead(
    name="",
    title="Album Covers Images, 80k of 512 x 512 px",
    citation="Album Covers Images, kaggle.com (greg115)",
    licence="unknown",
)


def read_kaggle_covers(root: Path, options: ImportOptions, problems: list[Problem]) -> Listing:
    """List either data set.

    Without a label: `GAID` with its genre folders, or the folder above it; labels are the folders'
    names, "HipHop". With one: the flat folder, or one above it; covers at any depth get that label,
    for example "other", since the data set names none. Artists are unknown: each cover is a group
    of its own, but for identical files, which the first data set has many of.

    **Source**: the names of the folders and the sizes are those that published code and write-ups
    of these data sets give. That a genre folder holds its covers directly, and that the flat
    folder's files are called by numbers, is not relied on.
    """
    if not root.is_dir():
        raise _no_layout(f"no folder {root}")
    name = root.absolute().name
    label = clean_text(options.label)
    if label:
        paths = list_media(root, problems)
        rows = {path: new_row(path, [label]) for path in paths}
        return Listing(root, replace(FLAT_HEAD, name=name), rows)
    genre_root = find_genre_folder(root)
    if genre_root is None:
        missing = min(_missing(root), _missing(root / GENRE_FOLDER), key=len)
        few = ", ".join(missing) if len(missing) < len(GENRES) else "any of them"
        raise _no_layout(f"{root} without {few}")
    listing = read_genre_folders(genre_root, options, problems)
    return replace(listing, head=replace(GENRES_HEAD, name=name, media=listing.head.media))


KAGGLE = Layout(
    text="Kaggle's 20 genres, or with a label its 80k covers",
    read=read_kaggle_covers,
    options=("label",),
)


def find_genre_folder(folder: str | Path) -> Path | None:
    """Return the folder, itself or the `GAID` in it, that holds the 20 genre folders."""
    for candidate in (Path(folder), Path(folder) / GENRE_FOLDER):
        if not _missing(candidate):
            return candidate
    return None


def is_flat_folder(folder: str | Path) -> bool:
    """Tell whether a folder is the flat one, or holds nothing but it."""
    root = Path(folder)
    if not root.is_dir():
        return False
    if root.name == FLAT_FOLDER:
        return True
    return [path.name for path in root.iterdir() if is_shown(path.name)] == [FLAT_FOLDER]


def _missing(folder: Path) -> list[str]:
    return [genre for genre in GENRES if not (folder / genre).is_dir()]


def _no_layout(received: str) -> DatasetError:
    return DatasetError(
        "Kaggle's 20 genres of covers lie in 20 genre folders.",
        received=received,
        cure=f"Give the folder {GENRE_FOLDER}, or a label for covers without a genre (--label).",
    )
