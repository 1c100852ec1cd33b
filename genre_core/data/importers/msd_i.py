"""MSD-I: tracks of the Million Song Dataset with a genre, a cover and a split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.contract import Layout, Listing
from genre_core.data.importers.listing import index_files
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.rows import Row, leave_out_placeholders
from genre_core.data.importers.table_paths import TablePaths
from genre_core.data.importers.tables import need_columns, read_cell, read_rows
from genre_core.data.item import read_split
from genre_core.data.splits import merge_groups
from genre_core.errors import ParameterError, Problem

TABLES = ("MSD-I_dataset.tsv", "msdi_mapping.csv")
"""The table as published, and the one of a copy that comes with its covers."""

COLUMN_NAMES = {
    "track": ("msd_track_id",),
    "genre": ("genre",),
    "set": ("set",),
    "album": ("album_index",),
    "artist": ("msd_artist_id",),
    "cover": ("img",),
    "address": ("image_url",),
}

HEAD = DatasetHead(
    name="",
    title="MSD-I, Million Song Dataset with Images",
    citation="Oramas, S., Barbieri, F., Nieto, O., & Serra, X. (2018). Multimodal Deep Learning "
    "for Music Genre Classification. TISMIR 1(1), doi:10.5334/tismir.10; data: MSD-I: Million Song "
    "Dataset with Images for Multimodal Genre Classification",
    licence="unknown",
)


def read_msd_i(table: Path, options: ImportOptions, problems: list[Problem]) -> Listing:
    """List one item a cover.

    A row is a track: the columns `msd_track_id`, `genre`, `set` and `album_index` are needed;
    `msd_artist_id`, `image_url` and `img` (a path to the cover) are read where they are. The data's
    30,713 tracks belong to 16,753 albums: covers that are called by their track are an item each,
    covers called by their album one item for its tracks. Artists that share an album are one group.

    **Source**: Oramas et al. (`HEAD`); study S2 used it. The columns are those that published code
    reads. The data names the covers' addresses only. How files that somebody fetched are called is
    our assumption: by `msd_track_id`, by `album_index`, or as in `image_url`, looked for in this
    order at any depth.
    """
    root = Path(options.images) if options.images is not None else table.parent
    tracks = _read_tracks(table, problems)
    groups = merge_groups([row["group"] for row in tracks], [row["album"] for row in tracks])
    for row, group in zip(tracks, groups, strict=True):
        row["group"] = str(group)
    rows = _join_by_cover(tracks, index_files(root, problems), TablePaths(root), problems)
    return Listing(root, replace(HEAD, name=table.stem), rows, table=tracks)


MSD_I = Layout(
    text="MSD-I with its own splits",
    read=read_msd_i,
    options=("images",),
    tables=TABLES,
    clean=leave_out_placeholders,
)


def _read_tracks(table: Path, problems: list[Problem]) -> list[dict[str, str]]:
    lines = read_rows(table, cure="Give MSD-I_dataset.tsv as it was published.", problems=problems)
    _, header = next(lines, (0, []))
    needed = ("track", "genre", "set", "album")
    columns = need_columns(header, COLUMN_NAMES, needed, table=TABLES[0])
    tracks: dict[str, dict[str, str]] = {}
    for line, cells in lines:
        row = {key: read_cell(cells, columns, key) for key in COLUMN_NAMES}
        try:
            row["split"] = read_split(row.pop("set"))
        except ValueError as error:
            problems.append(Problem(f"row {line}", f"left out: {error}"))
            continue
        lacking = [COLUMN_NAMES[key][0] for key in ("track", "genre", "album") if not row[key]]
        if lacking:
            problems.append(Problem(f"row {line}", f"has no {' and no '.join(lacking)}"))
        elif row["track"] in tracks:
            problems.append(Problem(f"row {line}", f"repeats {row['track']}; the first is kept"))
        else:
            row["group"] = f"artist:{row['artist']}" if row["artist"] else ""
            tracks[row["track"]] = row | {"item_id": row["track"]}
    return list(tracks.values())


def _join_by_cover(
    tracks: list[dict[str, str]],
    index: Mapping[str, list[str]],
    paths: TablePaths,
    problems: list[Problem],
) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    genres: dict[str, set[str]] = {}
    for row in tracks:
        try:
            path = paths.find(row["cover"]) if row["cover"] else _cover_of(row, index)
        except ParameterError:
            what = f"its cover's path leaves the data set's folder: {row['cover']!r}"
            problems.append(Problem(row["track"], what))
            continue
        if not path:
            problems.append(Problem(row["track"], "has no cover of its name or its album's"))
            continue
        kept = {key: row[key] for key in ("album", "artist", "group", "split")}
        rows.setdefault(path, {"item_id": path, "path": path, **kept, "labels": []})
        genres.setdefault(path, set()).add(row["genre"])
    for path, names in genres.items():
        if len(names) > 1:
            problems.append(Problem(path, f"its tracks have {len(names)} genres: {sorted(names)}"))
            del rows[path]
        else:
            rows[path]["labels"] = sorted(names)
    return rows


def _cover_of(row: Mapping[str, str], index: Mapping[str, list[str]]) -> str:
    address = PurePosixPath(row["address"]).stem
    return next(
        (index[key][0] for key in (row["track"], row["album"], address) if key in index), ""
    )
