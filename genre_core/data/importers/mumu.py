"""Import MuMu: albums of the Million Song Dataset with Amazon's genres and covers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.listing import index_covers
from genre_core.data.importers.scan import (
    ImportResult,
    finish_import,
    leave_out_placeholders,
    scan_covers,
)
from genre_core.data.importers.tables import Row, find_table, need_columns, read_cell, read_rows
from genre_core.data.item import clean_text
from genre_core.data.splits import merge_groups
from genre_core.errors import Problem
from genre_core.progress import Progress

SINGLE_TABLE = "MuMu_dataset_single-label.csv"
MULTI_TABLE = "MuMu_dataset_multi-label.csv"

S3_GENRES = (
    "Alternative Rock",
    "Christian",
    "Classical",
    "Country",
    "Dance & Electronic",
    "Folk",
    "Jazz",
    "Latin Music",
    "Metal",
    "R&B",
    "Rap & Hip-Hop",
    "Reggae",
)
"""The 12 genres of study S3, in its order."""

COLUMN_NAMES = {
    "album": ("amazon_id",),
    "genres": ("genres", "genre"),
    "artist": ("artist_mbid",),
}

TITLE = "MuMu, Multimodal Music dataset"
CITATION = (
    "Oramas, S., Nieto, O., Barbieri, F., & Serra, X. (2017). Multi-label Music Genre "
    "Classification from Audio, Text, and Images Using Deep Features. ISMIR 2017. "
    "Oramas, S., Barbieri, F., Nieto, O., & Serra, X. (2018). Multimodal Deep Learning for Music "
    "Genre Classification. TISMIR 1(1), doi:10.5334/tismir.10"
)
LICENCE = (
    "tables: copyright 2017 Music Technology Group, Universitat Pompeu Fabra, all rights reserved; "
    "covers: not released by the authors, their rights are the owners'"
)

# "Theatrical, Incidental & Program Music" is one genre: within a name a blank follows the comma.
_BETWEEN_GENRES = re.compile(r",(?! )")


def import_mumu(
    source: str | Path,
    *,
    images: str | Path | None = None,
    multilabel: bool = False,
    genres: Sequence[str] = (),
    parts: tuple[float, float, float] = (0.8, 0.1, 0.1),
    name: str = "",
    title: str = TITLE,
    citation: str = CITATION,
    licence: str = LICENCE,
    seed: int = 0,
    verify: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Import one item an album; what cannot be used is listed, the rest imports.

    Parameters
    ----------
    source : str or Path
        `MuMu_dataset_single-label.csv`, `MuMu_dataset_multi-label.csv`, or the folder of both.
        A row is a track: the columns `amazon_id` (the album's), `artist_mbid` and `genres` are
        read, several genres with commas between them.
    images : str or Path, optional
        Folder of the covers, at any depth, each called by its album's `amazon_id`; default: the
        table's folder. The data set names only their addresses, so you fetch them yourself.
    multilabel : bool
        In a folder, take the multi-label table; an album may then have several genres. Amazon's
        genres form a tree: the table lists an album's genres of every level side by side.
    genres : sequence of str
        Keep only albums that have exactly one of these, as that one's: with `S3_GENRES` and the
        multi-label table, the covers of study S3.
    parts : tuple of float
        Parts of train, val and test; by default study S3's.
    name, title, citation, licence : str
        Head of the data set; the name defaults to the table's.
    seed : int
        Of the splits. Artists are kept together, which study S3's split by file did not do.
    verify : bool
        Decode every cover whole (finds truncated files) instead of its header only.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    ImportResult
        Items sorted by `item_id`, which is the cover's path; `artist` and `album` hold the
        identifiers. Artists that share an album are one group. Pictures of many artists are left
        out (`leave_out_placeholders`): Amazon's own picture for "no cover" is among them.

    Raises
    ------
    DatasetError
        No such table, another table, or no usable cover.

    Notes
    -----
    **Source**: Oramas et al. (`CITATION`); columns and names of the covers as published code
    that reads them (koenig125/album-artwork-classification, ibicso/album_cover_complexity) has
    them. That code also prepares train, dev and test folders with the labels in arrays beside
    the covers. Those are not read here: nothing in them says which label is which cover's, since
    the covers' order is that of their making and copying changes it. Import the table instead.

    Examples
    --------
    >>> import_mumu("no-such-folder")
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: A data set of this layout is its table or the folder that \
holds it. Received no MuMu_dataset_single-label.csv in no-such-folder. Give the table's own path.
    """
    table = find_table(source, (MULTI_TABLE if multilabel else SINGLE_TABLE,))
    root = Path(images) if images is not None else table.parent
    problems: list[Problem] = []
    albums = _read_albums(table, problems)
    index = index_covers(root, problems)
    found: dict[str, dict[str, object]] = {}
    for album, its in albums.items():
        labels = _labels_of(its, genres)
        if genres and len(labels) != 1:
            continue
        if not labels or (len(labels) > 1 and not (multilabel or table.name == MULTI_TABLE)):
            problems.append(Problem(album, f"has {len(labels)} genres, not one"))
        elif album not in index:
            problems.append(Problem(album, "has no cover of that name"))
        else:
            path, *others = index[album]
            problems += [Problem(each, f"is the same album's as {path}") for each in others]
            found[path] = {"item_id": path, "path": path, "labels": labels, "album": album}
            found[path] |= {"artist": its.artist, "group": its.group}
    checksums, broken = scan_covers(root, list(found), verify=verify, progress=progress)
    problems += broken
    usable = [row | {"checksum": checksums[key]} for key, row in found.items() if key in checksums]
    usable = leave_out_placeholders(usable, problems)
    head = DatasetHead(name or table.stem, title, citation, licence)
    return finish_import(head, root, usable, problems, has_split=False, seed=seed, parts=parts)


@dataclass(slots=True)
class _Album:
    line: int
    text: str
    artist: str
    group: str = ""
    genres: list[str] = field(default_factory=list)


def _read_albums(table: Path, problems: list[Problem]) -> dict[str, _Album]:
    rows = read_rows(table, cure="Give MuMu's table as it was published.")
    _, header = next(rows, (0, []))
    columns = need_columns(header, COLUMN_NAMES, ("album", "genres"), table="MuMu's table")
    albums: dict[str, _Album] = {}
    of_track, artists = _collect(rows, columns, albums, problems)
    # An album of two artists joins them, so that neither is split: albums tie as files do.
    groups = merge_groups(artists, of_track)
    for album, group in zip(of_track, groups, strict=True):
        albums[album].group = str(group)
    return albums


def _collect(
    rows: Iterable[Row],
    columns: dict[str, int],
    albums: dict[str, _Album],
    problems: list[Problem],
) -> tuple[list[str], list[str]]:
    """Fill `albums`; return the album and the artist of every track."""
    of_track: list[str] = []
    artists: list[str] = []
    for line, cells in rows:
        album, text, artist = (
            read_cell(cells, columns, key) for key in ("album", "genres", "artist")
        )
        if not album or not text:
            lacks = "amazon_id" if not album else "genres"
            problems.append(Problem(f"row {line}", f"has no {lacks}"))
            continue
        first = albums.setdefault(album, _Album(line, text, artist))
        if first.text != text:
            what = f"gives {album} other genres than row {first.line}, whose are kept"
            problems.append(Problem(f"row {line}", what))
        of_track.append(album)
        artists.append(f"artist:{artist}" if artist else "")
    return of_track, artists


def _labels_of(album: _Album, genres: Sequence[str]) -> list[str]:
    parts = dict.fromkeys(clean_text(part) for part in _BETWEEN_GENRES.split(album.text))
    return [part for part in parts if part and (not genres or part in genres)]
