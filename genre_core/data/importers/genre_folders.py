"""Covers or songs in a folder with one folder a genre."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from genre_core.audio.containers import SONG_SUFFIXES
from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.contract import Layout, Listing
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.rows import Row, fill_from_tags, new_row
from genre_core.data.item import clean_text, read_split
from genre_core.data.media_walk import is_shown, list_media, medium_of
from genre_core.errors import DatasetError, Problem
from genre_core.image.decode import COVER_SUFFIXES


def read_genre_folders(root: Path, _: ImportOptions, problems: list[Problem]) -> Listing:
    """List `root/<genre>/.../<file>`.

    Where every folder at the top is called by a split's name (train, val, validation, test ...),
    the layout is `root/<split>/<genre>/.../<file>` and the splits are kept. Songs count where there
    are any, else covers; other files (as an album's cover beside its songs), and names that begin
    with a dot, are passed over. Artists of covers are unknown here: each is a group of its own.
    """
    if not root.is_dir():
        raise _no_layout(f"no folder {root}")
    tops = sorted(path.name for path in root.iterdir() if is_shown(path.name) and path.is_dir())
    has_split = bool(tops) and all(_is_split(top) for top in tops)
    rows: dict[str, Row] = {}
    songs = _holds_songs(root)
    for path in list_media(root, problems, suffixes=SONG_SUFFIXES if songs else COVER_SUFFIXES):
        parts = PurePosixPath(path).parts
        if len(parts) < 2 + has_split:
            problems.append(Problem(path, "lies in no genre folder"))
            continue
        split = read_split(parts[0]) if has_split else ""
        rows[path] = new_row(path, [clean_text(parts[int(has_split)])], split=split)
    if not rows:
        raise _no_layout(f"{root} without covers or songs in folders below it")
    media = "track" if songs else "cover"
    return Listing(root, DatasetHead(root.absolute().name, "", "unknown", "unknown", media), rows)


FOLDERS = Layout(
    text="one folder a genre",
    read=read_genre_folders,
    files=(*COVER_SUFFIXES, *SONG_SUFFIXES),
    fill=fill_from_tags,
)


def _holds_songs(root: Path) -> bool:
    named = list_media(root, suffixes=SONG_SUFFIXES)
    is_any = any(medium_of(root / path)[0] == "song" for path in named)
    return is_any or (bool(named) and not list_media(root))


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
