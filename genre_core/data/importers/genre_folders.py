"""Import covers or songs from a folder with one folder a genre."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.listing import is_shown, list_covers
from genre_core.data.importers.scan import ImportResult, finish_import
from genre_core.data.importers.songs import SONG_SUFFIXES, scan_rows
from genre_core.data.item import clean_text, read_split
from genre_core.errors import DatasetError, Problem
from genre_core.image.decode import COVER_SUFFIXES
from genre_core.progress import Progress


def import_genre_folders(
    folder: str | Path,
    *,
    name: str = "",
    title: str = "",
    citation: str = "unknown",
    licence: str = "unknown",
    seed: int = 0,
    verify: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Import `folder/<genre>/.../<file>`; what cannot be used is listed, the rest imports.

    Where every folder at the top is called by a split's name (train, val, validation, test ...),
    the layout is `folder/<split>/<genre>/.../<file>` and the splits are kept.

    Parameters
    ----------
    folder : str or Path
        Files with a suffix of `SONG_SUFFIXES` in its genre folders, at any depth, are songs; where
        there is none, those with a suffix of `COVER_SUFFIXES` are covers. Other files (as an
        album's cover beside its songs), and names that begin with a dot, are passed over.
    name, title, citation, licence : str
        Head of the data set; the name defaults to that of the folder.
    seed : int
        Of the splits, where the folders give none.
    verify : bool
        Decode every file whole (finds truncated files) instead of its header only.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    ImportResult
        Items sorted by `item_id`, which is the path. Title, artist, album and year of a song come
        from its tags, and artists are groups. Artists of covers are unknown here: each is a group
        of its own, but for identical files, which are one group.

    Raises
    ------
    DatasetError
        No folder, no genre folder in it, or no usable file.
    LeakError
        Identical files in two split folders.

    Examples
    --------
    >>> import_genre_folders("no-such-folder")
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: Covers or songs lie in a folder with one folder a genre. \
Received no folder no-such-folder. Give the folder above the genre folders.
    """
    root = Path(folder)
    if not root.is_dir():
        raise _no_layout(f"no folder {root}")
    tops = sorted(each.name for each in root.iterdir() if is_shown(each.name) and each.is_dir())
    has_split = bool(tops) and all(_is_split(top) for top in tops)
    problems: list[Problem] = []
    found: dict[str, dict[str, object]] = {}
    songs = list_covers(root, suffixes=SONG_SUFFIXES)
    for path in list_covers(root, problems, suffixes=SONG_SUFFIXES if songs else COVER_SUFFIXES):
        parts = PurePosixPath(path).parts
        if len(parts) < 2 + has_split:
            problems.append(Problem(path, "lies in no genre folder"))
            continue
        found[path] = {
            "item_id": path,
            "path": path,
            "labels": [clean_text(parts[int(has_split)])],
            "split": read_split(parts[0]) if has_split else "",
        }
    if not found:
        raise _no_layout(f"{root} without covers or songs in folders below it")
    usable, broken = scan_rows(root, found, are_songs=bool(songs), verify=verify, progress=progress)
    problems += broken
    name = name or root.absolute().name
    media = "track" if songs else "cover"
    head = DatasetHead(name, title or name, citation, licence, media)
    return finish_import(head, root, usable, problems, has_split=has_split, seed=seed)


def _is_split(name: str) -> bool:
    try:
        return bool(read_split(name))
    except ValueError:
        return False


def _no_layout(received: str) -> DatasetError:
    return DatasetError(
        "Covers or songs lie in a folder with one folder a genre.",
        received=received,
        cure="Give the folder above the genre folders.",
    )
