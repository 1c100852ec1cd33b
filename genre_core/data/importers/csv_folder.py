"""Covers or songs listed in a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from genre_core.audio.containers import SONG_SUFFIXES
from genre_core.data.catalog import DatasetHead
from genre_core.data.files import relative_posix
from genre_core.data.importers.contract import Layout, Listing
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.rows import Row, fill_from_tags, new_row, read_year_and_split
from genre_core.data.importers.tables import find_columns, parse_rows, read_cell, read_rows
from genre_core.data.taxonomy import split_labels
from genre_core.errors import DatasetError, ParameterError, Problem, describe
from genre_core.image.decode import COVER_SUFFIXES

TABLE_FILE = "labels.csv"
"""Name of a table of covers or songs in a folder."""

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
    **dict.fromkeys(("1", "1.0", "prog"), "prog"),
    **dict.fromkeys(("0", "0.0", "non-prog"), "non-prog"),
    "non-prog (presumed)": "non-prog (presumed)",
    "prog-leaning": "prog-leaning",
    **dict.fromkeys(("unknown", ""), ""),
}
"""The further label that a value of the column `prog` gives; empty gives none."""

_MAX_LINE = 65_536  # Bytes read of a line of a table that may be none.


def read_csv(table: Path, options: ImportOptions, problems: list[Problem]) -> Listing:
    """List what a CSV file names; one whose first file is named like a song lists songs.

    UTF-8, separated by comma, semicolon or tab; the first row holds names of `COLUMN_NAMES`, in any
    order and case. A path and a genre (or `prog`) are needed, the rest is optional. Several genres
    stand in one cell with `|` or `;` between them. What the table does not say of a song, its tags
    do. Without a group column, items of one artist are one group.
    """
    root = Path(options.images) if options.images is not None else table.parent
    lines = read_rows(table, cure="Give a CSV with the columns path and genre.")
    _, header = next(lines, (0, []))
    columns = _find_columns(header)
    rows: dict[str, Row] = {}
    for line, cells in lines:
        row = _read_row(line, cells, columns, problems)
        if row is None:
            continue
        if row["item_id"] in rows:
            what = f"repeats {row['item_id']}; the first row is kept"
            problems.append(Problem(f"row {line}", what))
        else:
            rows[row["item_id"]] = row
    media = "track" if next(iter(rows), "").lower().endswith(SONG_SUFFIXES) else "cover"
    name = table.absolute().parent.name
    return Listing(root, DatasetHead(name, "", "unknown", "unknown", media), rows)


def lists_media(csv_path: Path) -> bool:
    """Tell by a table's first rows whether it lists covers or songs (and not, say, numbers)."""
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
) -> Row | None:
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
    row = new_row(path, labels)
    row |= {key: cell(key) for key in ("title", "artist", "album", "source", "group")}
    read_year_and_split(row, cell("year"), cell("split"), where, problems)
    if not row["group"] and row["artist"]:
        row["group"] = f"artist:{str(row['artist']).casefold()}"
    return row


CSV = Layout(
    text="a table with path and genre",
    read=read_csv,
    options=("images",),
    tables=(TABLE_FILE,),
    fill=fill_from_tags,
)
