"""MuMu: albums of the Million Song Dataset with Amazon's genres and covers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.contract import Layout, Listing
from genre_core.data.importers.listing import index_files
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.rows import Row, leave_out_placeholders, new_row
from genre_core.data.importers.tables import need_columns, read_cell, read_rows
from genre_core.data.item import clean_text
from genre_core.data.splits import merge_groups
from genre_core.errors import Problem

SINGLE_TABLE = "MuMu_dataset_single-label.csv"
MULTI_TABLE = "MuMu_dataset_multi-label.csv"

S3_GENRES = (
    "Alternative Rock", "Christian", "Classical", "Country", "Dance & Electronic", "Folk", "Jazz",
    "Latin Music", "Metal", "R&B", "Rap & Hip-Hop", "Reggae",
)  # fmt: skip
"""The 12 genres of study S3, in its order."""

COLUMN_NAMES = {
    "album": ("amazon_id",),
    "genres": ("genres", "genre"),
    "artist": ("artist_mbid",),
}

HEAD = DatasetHead(
    name="",
    title="MuMu, Multimodal Music dataset",
    citation="Oramas, S., Nieto, O., Barbieri, F., & Serra, X. (2017). Multi-label Music Genre "
    "Classification from Audio, Text, and Images Using Deep Features. ISMIR 2017. "
    "Oramas, S., Barbieri, F., Nieto, O., & Serra, X. (2018). Multimodal Deep Learning for Music "
    "Genre Classification. TISMIR 1(1), doi:10.5334/tismir.10",
    licence="tables: copyright 2017 Music Technology Group, Universitat Pompeu Fabra, all rights "
    "reserved; covers: not released by the authors, their rights are the owners'",
)

# "Theatrical, Incidental & Program Music" is one genre: within a name a blank follows the comma.
_BETWEEN_GENRES = re.compile(r",(?! )")


def read_mumu(
    table: Path,
    options: ImportOptions,
    problems: list[Problem],
    *,
    multilabel: bool = False,
    one_of: Sequence[str] = (),
) -> Listing:
    """List one item an album: its cover, called by its `amazon_id`, at any depth below the table.

    A row is a track: the columns `amazon_id`, `artist_mbid` and `genres` are read, several genres
    with commas between them. In the multi-label table Amazon's genres form a tree, and those of
    every level stand side by side; in the other an album must have one. With `one_of` only albums
    that have exactly one of these genres are kept, as that one's. Artists that share an album are
    one group, which study S3's split by file did not do.

    **Source**: Oramas et al. (`HEAD`); columns and names of the covers as published code that reads
    them (koenig125/album-artwork-classification, ibicso/album_cover_complexity) has them. That code
    also prepares train, dev and test folders with the labels in arrays beside the covers. Those are
    not read here: the covers' order is that of their making, and copying changes it.
    """
    root = Path(options.images) if options.images is not None else table.parent
    genres = one_of or options.genres
    several = multilabel or table.name == MULTI_TABLE
    albums = _read_albums(table, problems)
    index = index_files(root, problems)
    rows: dict[str, Row] = {}
    for album, its in albums.items():
        labels = _labels_of(its, genres)
        if genres and len(labels) != 1:
            continue
        if not labels or (len(labels) > 1 and not several):
            problems.append(Problem(album, f"has {len(labels)} genres, not one"))
        elif album not in index:
            problems.append(Problem(album, "has no cover of that name"))
        else:
            path, *others = index[album]
            problems += [Problem(other, f"is the same album's as {path}") for other in others]
            rows[path] = new_row(path, labels, album=album, artist=its.artist, group=its.group)
    return Listing(root, replace(HEAD, name=table.stem), rows)


MUMU = Layout(
    text="MuMu, one genre an album",
    read=read_mumu,
    options=("images", "genres"),
    tables=(SINGLE_TABLE,),
    clean=leave_out_placeholders,
    parts=(0.8, 0.1, 0.1),  # Study S3's.
)

MUMU_MULTILABEL = replace(
    MUMU,
    text="MuMu, several genres an album",
    read=partial(read_mumu, multilabel=True),
    tables=(MULTI_TABLE,),
)

MUMU_S3 = replace(
    MUMU_MULTILABEL,
    text="MuMu's albums of exactly one of study S3's 12 genres",
    read=partial(read_mumu, multilabel=True, one_of=S3_GENRES),
    options=("images",),
)


@dataclass(slots=True)
class _Album:
    line: int
    text: str
    artist: str
    group: str = ""


def _read_albums(table: Path, problems: list[Problem]) -> dict[str, _Album]:
    lines = read_rows(table, cure="Give MuMu's table as it was published.", problems=problems)
    _, header = next(lines, (0, []))
    columns = need_columns(header, COLUMN_NAMES, ("album", "genres"), table="MuMu's table")
    albums: dict[str, _Album] = {}
    of_track: list[str] = []
    artists: list[str] = []
    for line, cells in lines:
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
    # An album of two artists joins them, so that neither is split: albums tie as files do.
    for album, group in zip(of_track, merge_groups(artists, of_track), strict=True):
        albums[album].group = str(group)
    return albums


def _labels_of(album: _Album, genres: Sequence[str]) -> list[str]:
    parts = dict.fromkeys(clean_text(part) for part in _BETWEEN_GENRES.split(album.text))
    return [part for part in parts if part and (not genres or part in genres)]
