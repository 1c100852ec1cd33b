"""Import covers or songs listed in a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from genre_core.data.catalog import DatasetHead
from genre_core.data.files import relative_posix
from genre_core.data.importers.scan import ImportResult, finish_import
from genre_core.data.importers.songs import SONG_SUFFIXES, scan_rows
from genre_core.data.importers.tables import find_columns, parse_rows, read_cell, read_rows
from genre_core.data.item import read_split, read_year
from genre_core.data.taxonomy import split_labels
from genre_core.errors import DatasetError, ParameterError, Problem, describe
from genre_core.image.decode import COVER_SUFFIXES
from genre_core.progress import Progress

COLUMN_NAMES: Mapping[str, tuple[str, ...]] = {
    "path": ("path", "file", "filename"),
    "labels": ("genre", "genres", "label", "labels"),
    "prog": ("prog",),
    "title": ("title",),
    "artist": ("artist",),
    "album": ("album",),
    "year": ("year",),
    "source": ("source", "source_set", "dataset"),
    "group": ("group",),
    "split": ("split",),
}
"""Names that a column of the CSV may have, for each thing that is read; others are ignored."""

PROG_LABELS = {
    "1": "prog",
    "1.0": "prog",
    "prog": "prog",
    "0": "non-prog",
    "0.0": "non-prog",
    "non-prog": "non-prog",
    "non-prog (presumed)": "non-prog (presumed)",
    "prog-leaning": "prog-leaning",
    "unknown": "",
    "": "",
}
"""The further label that a value of the column `prog` gives; empty gives none."""

_MAX_LINE = 65_536  # Bytes read of a line of a table that may be none.


def import_csv(
    csv_path: str | Path,
    *,
    images: str | Path | None = None,
    name: str = "",
    title: str = "",
    citation: str = "unknown",
    licence: str = "unknown",
    seed: int = 0,
    verify: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Import what a CSV file lists; what cannot be used is named with its reason.

    A table whose first file is named like a song lists songs, any other covers.

    Parameters
    ----------
    csv_path : str or Path
        UTF-8, separated by comma, semicolon or tab, first row = names of `COLUMN_NAMES`, in any
        order and case. A path and a genre (or `prog`) are needed, the rest is optional. Several
        genres stand in one cell with `|` or `;` between them.
    images : str or Path, optional
        Folder that the paths are relative to; default: the folder of the CSV.
    name, title, citation, licence : str
        Head of the data set; the name defaults to that of the folder.
    seed : int
        Of the splits, where the table has none.
    verify : bool
        Decode every file whole (finds truncated ones) instead of its header only.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    ImportResult
        Items sorted by `item_id`, which is the path; every problem with its row or file.
        What the table does not say of a song (title, artist, album, year), its tags do. Without a
        group column, items of one artist are one group, others stand alone.

    Raises
    ------
    DatasetError
        Not a CSV, no path or no genre column, or no usable row.
    LeakError
        The table's own splits share a group or a file.

    Examples
    --------
    >>> import_csv("no-such.csv")
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: A table of covers must be a readable CSV file in UTF-8. \
Received no-such.csv: No such file or directory. Give a CSV with the columns path and genre.
    """
    csv_path = Path(csv_path)
    root = Path(images) if images is not None else csv_path.parent
    rows = read_rows(csv_path, cure="Give a CSV with the columns path and genre.")
    _, header = next(rows, (0, []))
    columns = _find_columns(header)
    problems: list[Problem] = []
    found: dict[str, dict[str, object]] = {}
    for line, cells in rows:
        row = _read_row(line, cells, columns, problems)
        if row is None:
            continue
        item_id = str(row["item_id"])
        if item_id in found:
            problems.append(Problem(f"row {line}", f"repeats {item_id}; the first row is kept"))
        else:
            found[item_id] = row
    is_songs = next(iter(found), "").lower().endswith(SONG_SUFFIXES)
    usable, broken = scan_rows(root, found, are_songs=is_songs, verify=verify, progress=progress)
    problems += broken
    name = name or csv_path.absolute().parent.name
    media = "track" if is_songs else "cover"
    head = DatasetHead(name, title or name, citation, licence, media)
    has_split = any(row["split"] for row in usable)
    return finish_import(head, root, usable, problems, has_split=has_split, seed=seed)


def lists_media(csv_path: Path) -> bool:
    """Tell by a table's first rows whether it lists covers or songs (and not, say, numbers).

    Examples
    --------
    >>> lists_media(Path("no-such.csv"))
    False
    """
    try:
        with csv_path.open("rb") as file:
            start = b"".join(file.readline(_MAX_LINE) for _ in range(2))
        lines = start.decode("utf-8-sig").splitlines(keepends=True)
        (_, header), *rows = parse_rows(lines)
        place = _find_columns(header)["path"]
    except (OSError, ValueError, csv.Error, DatasetError):
        return False
    return any(
        len(row) > place and row[place].strip().lower().endswith((*COVER_SUFFIXES, *SONG_SUFFIXES))
        for _, row in rows
    )


def _find_columns(header: list[str]) -> dict[str, int]:
    columns = find_columns(header, COLUMN_NAMES)
    if "path" not in columns or not {"labels", "prog"} & set(columns):
        raise DatasetError(
            "A table of covers or songs needs a column for the path and one for the genre.",
            received=f"the columns {describe([cell.strip().lower() for cell in header])}",
            cure="Name them path and genre in the first row.",
        )
    return columns


def _read_row(
    line: int, cells: list[str], columns: dict[str, int], problems: list[Problem]
) -> dict[str, object] | None:
    def cell(key: str) -> str:
        return read_cell(cells, columns, key)

    where = f"row {line}"
    try:
        # The path is not brought into composed form: it must be the file's own name.
        raw = cells[columns["path"]].strip() if columns["path"] < len(cells) else ""
        path = relative_posix(raw)
    except ParameterError as error:
        problems.append(Problem(where, f"path leaves the data set's folder: {error.received}"))
        return None
    labels = split_labels(cell("labels"))
    extra = PROG_LABELS.get(cell("prog"))
    if extra is None:
        problems.append(Problem(where, f"prog is {cell('prog')!r}, not 1, 0 or empty"))
    elif extra and extra not in labels:
        labels.append(extra)
    if not labels:
        problems.append(Problem(where, f"{path} has no genre"))
        return None
    row: dict[str, object] = {"item_id": path, "path": path, "labels": labels}
    row |= {key: cell(key) for key in ("title", "artist", "album", "source", "group")}
    for key, read in (("year", read_year), ("split", read_split)):
        try:
            row[key] = read(cell(key))
        except ValueError as error:
            problems.append(Problem(where, f"{key} left empty: {error}"))
            row[key] = None if key == "year" else ""
    if not row["group"] and row["artist"]:
        row["group"] = f"artist:{str(row['artist']).casefold()}"
    return row
