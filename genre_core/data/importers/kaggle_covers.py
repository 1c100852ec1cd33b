"""Import the album covers of two Kaggle data sets: 20,000 of 20 genres, and 80,000 of none."""

from __future__ import annotations

from pathlib import Path

from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.genre_folders import import_genre_folders
from genre_core.data.importers.listing import is_shown, list_covers
from genre_core.data.importers.scan import ImportResult, finish_import, scan_covers
from genre_core.data.item import clean_text
from genre_core.errors import DatasetError, Problem
from genre_core.progress import Progress

GENRE_FOLDER = "GAID"
"""Name of the folder with the 20 genre folders."""

FLAT_FOLDER = "album_covers_512"
"""Name of the flat folder of the covers without a genre."""

GENRES = (
    "Blues",
    "Classical",
    "Country",
    "DeathMetal",
    "DoomMetal",
    "DrumNBass",
    "Electronic",
    "Folk",
    "Grime",
    "HeavyMetal",
    "HipHop",
    "Jazz",
    "LoFi",
    "Pop",
    "PsychedelicRock",
    "Punk",
    "Reggae",
    "Rock",
    "Soul",
    "Techno",
)
"""The genre folders of the first data set, 1,000 covers each, 300 x 300 px."""

GENRES_TITLE = "20k Album Covers within 20 Genres (GAID)"
GENRES_CITATION = "Kerr, M. J., 20k Album Covers within 20 Genres, kaggle.com (michaeljkerr)"
FLAT_TITLE = "Album Covers Images, 80k of 512 x 512 px"
FLAT_CITATION = "Album Covers Images, kaggle.com (greg115)"


def import_kaggle_covers(
    folder: str | Path,
    *,
    label: str = "",
    name: str = "",
    title: str = "",
    citation: str = "",
    licence: str = "unknown",
    seed: int = 0,
    verify: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Import either data set; what cannot be used is listed, the rest imports.

    Parameters
    ----------
    folder : str or Path
        Without a label: `GAID` with its genre folders, or the folder above it. With one: the
        flat folder `album_covers_512`, or a folder above it; covers at any depth are taken.
    label : str
        The one genre that every cover of the flat folder gets, for example "other": the data
        set itself names none.
    name, title, citation, licence : str
        Head of the data set; the name defaults to the folder's, title and citation to what is
        known of the data set.
    seed : int
        Of the splits; neither data set has any.
    verify : bool
        Decode every cover whole (finds truncated files) instead of its header only.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    ImportResult
        Items sorted by `item_id`, which is the path; labels are the folders' names, "HipHop".
        Artists are unknown: each cover is a group of its own, but for identical files, which
        the first data set has many of, within a genre and across. They become one group.

    Raises
    ------
    DatasetError
        Without a label: one of the genre folders is missing (all that are, are named). No cover.

    Notes
    -----
    **Source**: the names of the folders and the sizes are those that published code and write-ups
    of these data sets give. That a genre folder holds its covers directly, and that the flat
    folder's files are called by numbers, is not relied on.

    Examples
    --------
    >>> import_kaggle_covers("no-such-folder")
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: Kaggle's 20 genres of covers lie in 20 genre folders. \
Received no folder no-such-folder. Give the folder GAID, or a label for covers without a genre.
    """
    root = Path(folder)
    if not root.is_dir():
        raise _no_layout(f"no folder {root}")
    if label.strip():
        title, citation = title or FLAT_TITLE, citation or FLAT_CITATION
        problems: list[Problem] = []
        paths = list_covers(root, problems)
        checksums, broken = scan_covers(root, paths, verify=verify, progress=progress)
        problems += broken
        rows: list[dict[str, object]] = [
            {"item_id": path, "path": path, "labels": [clean_text(label)], "checksum": checksum}
            for path, checksum in checksums.items()
        ]
        head = DatasetHead(name or root.absolute().name, title, citation, licence)
        return finish_import(head, root, rows, problems, has_split=False, seed=seed)
    genre_root = find_genre_folder(root)
    if genre_root is None:
        missing = min(_missing(root), _missing(root / GENRE_FOLDER), key=len)
        few = ", ".join(missing) if len(missing) < len(GENRES) else "any of them"
        raise _no_layout(f"{root} without {few}")
    return import_genre_folders(
        genre_root,
        name=name or root.absolute().name,
        title=title or GENRES_TITLE,
        citation=citation or GENRES_CITATION,
        licence=licence,
        seed=seed,
        verify=verify,
        progress=progress,
    )


def find_genre_folder(folder: str | Path) -> Path | None:
    """Return the folder, itself or the `GAID` in it, that holds the 20 genre folders.

    Examples
    --------
    >>> find_genre_folder("no-such-folder") is None
    True
    """
    for candidate in (Path(folder), Path(folder) / GENRE_FOLDER):
        if not _missing(candidate):
            return candidate
    return None


def is_flat_folder(folder: str | Path) -> bool:
    """Tell whether a folder is the flat one, or holds nothing but it.

    Examples
    --------
    >>> is_flat_folder("no-such-folder")
    False
    """
    root = Path(folder)
    if not root.is_dir():
        return False
    if root.name == FLAT_FOLDER:
        return True
    return [each.name for each in root.iterdir() if is_shown(each.name)] == [FLAT_FOLDER]


def _missing(folder: Path) -> list[str]:
    return [genre for genre in GENRES if not (folder / genre).is_dir()]


def _no_layout(received: str) -> DatasetError:
    return DatasetError(
        "Kaggle's 20 genres of covers lie in 20 genre folders.",
        received=received,
        cure=f"Give the folder {GENRE_FOLDER}, or a label for covers without a genre.",
    )
