"""Import MSD-I: tracks of the Million Song Dataset with a genre, a cover and a split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from genre_core.data.catalog import DatasetHead
from genre_core.data.files import relative_posix
from genre_core.data.importers.asked import asked
from genre_core.data.importers.listing import index_covers
from genre_core.data.importers.scan import (
    ImportResult,
    finish_import,
    leave_out_placeholders,
    scan_covers,
)
from genre_core.data.importers.tables import Row, find_table, need_columns, read_cell, read_rows
from genre_core.data.item import items_frame, read_split
from genre_core.data.splits import check_no_leak, merge_groups
from genre_core.errors import ParameterError, Problem
from genre_core.progress import Progress

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

TITLE = "MSD-I, Million Song Dataset with Images"
CITATION = (
    "Oramas, S., Barbieri, F., Nieto, O., & Serra, X. (2018). Multimodal Deep Learning for Music "
    "Genre Classification. TISMIR 1(1), doi:10.5334/tismir.10; data: MSD-I: Million Song Dataset "
    "with Images for Multimodal Genre Classification"
)
LICENCE = "unknown"


def import_msd_i(
    source: str | Path,
    *,
    images: str | Path | None = None,
    new_splits: bool = False,
    name: str = "",
    title: str = TITLE,
    citation: str = CITATION,
    licence: str = LICENCE,
    seed: int = 0,
    verify: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Import one item a picture; what cannot be used is listed, the rest imports.

    Parameters
    ----------
    source : str or Path
        `MSD-I_dataset.tsv` (or `msdi_mapping.csv`), or its folder. A row is a track: the columns
        `msd_track_id`, `genre`, `set` and `album_index` are needed; `msd_artist_id`,
        `image_url` and `img` (a path to the cover) are read where they are.
    images : str or Path, optional
        Folder of the covers; default: the table's folder.
    new_splits : bool
        Make splits by artist and album instead of keeping the data's own.
    name, title, citation, licence : str
        Head of the data set; the name defaults to the table's.
    seed : int
        Of new splits.
    verify : bool
        Decode every cover whole (finds truncated files) instead of its header only.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    ImportResult
        Items sorted by `item_id`, which is the cover's path. The data's 30,713 tracks belong to
        16,753 albums: covers that are called by their track are an item each, covers called by
        their album one item for its tracks. Artists that share an album are one group. Pictures
        of many artists are left out (`leave_out_placeholders`), and with the data's own splits
        every picture that stands in two of them.

    Raises
    ------
    DatasetError
        No such table, another table, or no usable cover.
    LeakError
        The table's own splits share an artist or an album.

    Notes
    -----
    **Source**: Oramas et al. (`CITATION`); study S2 used it. The columns of the `.tsv` and of
    `msdi_mapping.csv` are those that published code reads. The data names the covers' addresses
    only. How files that somebody fetched are called is our assumption: by `msd_track_id`, by
    `album_index`, or as in `image_url`, looked for in this order at any depth.

    Examples
    --------
    >>> import_msd_i("no-such.tsv")
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: A data set of this layout is its table or the folder that \
holds it. Received no MSD-I_dataset.tsv or msdi_mapping.csv in no-such.tsv. Give the table's own \
path.
    """
    table = find_table(source, TABLES)
    root = Path(images) if images is not None else table.parent
    problems: list[Problem] = []
    rows = read_rows(table, cure="Give MSD-I_dataset.tsv as it was published.")
    _, header = next(rows, (0, []))
    needed = ("track", "genre", "set", "album")
    columns = need_columns(header, COLUMN_NAMES, needed, table=TABLES[0])
    tracks = _read_tracks(rows, columns, problems)
    groups = merge_groups([row["group"] for row in tracks], [row["album"] for row in tracks])
    for row, group in zip(tracks, groups, strict=True):
        row["group"] = str(group)
    if not new_splits and not asked().allow_leaks:
        # On the whole table, before any file is looked at: a lost cover must not hide a leak.
        check_no_leak(items_frame(tracks))
    found = _join_by_cover(tracks, index_covers(root, problems), problems)
    checksums, broken = scan_covers(root, list(found), verify=verify, progress=progress)
    problems += broken
    usable = [row | {"checksum": checksums[key]} for key, row in found.items() if key in checksums]
    usable = leave_out_placeholders(usable, problems, across_splits=not new_splits)
    head = DatasetHead(name or table.stem, title, citation, licence)
    return finish_import(head, root, usable, problems, has_split=not new_splits, seed=seed)


def _read_tracks(
    rows: Iterable[Row], columns: Mapping[str, int], problems: list[Problem]
) -> list[dict[str, str]]:
    tracks: dict[str, dict[str, str]] = {}
    for line, cells in rows:
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
    tracks: list[dict[str, str]], index: Mapping[str, list[str]], problems: list[Problem]
) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    genres: dict[str, set[str]] = {}
    for row in tracks:
        try:
            path = _cover_of(row, index)
        except ParameterError as error:
            what = f"its cover's path leaves the data set's folder: {error.received}"
            problems.append(Problem(row["track"], what))
            continue
        if not path:
            problems.append(Problem(row["track"], "has no cover of its name or its album's"))
            continue
        kept = {key: row[key] for key in ("album", "artist", "group", "split")}
        found.setdefault(path, {"item_id": path, "path": path, **kept, "labels": []})
        genres.setdefault(path, set()).add(row["genre"])
    for path, names in genres.items():
        if len(names) > 1:
            problems.append(Problem(path, f"its tracks have {len(names)} genres: {sorted(names)}"))
            del found[path]
        else:
            found[path]["labels"] = sorted(names)
    return found


def _cover_of(row: Mapping[str, str], index: Mapping[str, list[str]]) -> str:
    if row["cover"]:
        return relative_posix(row["cover"])
    address = PurePosixPath(row["address"]).stem
    return next(
        (index[key][0] for key in (row["track"], row["album"], address) if key in index), ""
    )
