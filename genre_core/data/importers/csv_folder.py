"""Covers or songs listed in a CSV file."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

from genre_core.audio.containers import SONG_SUFFIXES
from genre_core.data.catalog import TABLE_FILE, DatasetHead
from genre_core.data.importers.contract import Layout, Listing
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.rows import (
    NOBODY,
    Row,
    fill_from_tags,
    new_row,
    read_year_and_split,
)
from genre_core.data.importers.table_paths import TablePaths
from genre_core.data.importers.tables import find_columns, read_cell, read_rows
from genre_core.data.item import WEIGHTS, is_empty_word
from genre_core.data.taxonomy import split_labels
from genre_core.errors import DatasetError, ParameterError, Problem, describe
from genre_core.image.decode import COVER_SUFFIXES

COLUMN_NAMES: Mapping[str, tuple[str, ...]] = {
    "path": ("path", "file", "filename"),
    "labels": ("genre", "genres", "label", "labels"),
    "prog": ("prog",),
    "weights": ("weights", "shares"),
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
"""The further label that a value of the column `prog` gives; empty gives none. A number between 0
and 1, how prog an item is, gives it shares of `prog` and `non-prog`."""

_CURE = "Give a CSV with the columns path and genre."


def read_csv(table: Path, options: ImportOptions, problems: list[Problem]) -> Listing:
    r"""List what a CSV file names; one whose first file is named like a song lists songs.

    The first row (`read_rows`) holds names of `COLUMN_NAMES`, in any order and case. A path and a
    genre (or `prog`) are needed, the rest is optional. A path is relative to the files' folder, or
    absolute in it, with `/` or `\`, and composed or decomposed whatever the file's own name is.
    Several genres stand in one cell (`split_labels`). What the table does not say of a song, its
    tags do. Without a group column, items of one artist are one group; an artist called unknown or
    various is none.
    """
    root = Path(options.images) if options.images is not None else table.parent
    lines = read_rows(table, cure=_CURE, problems=problems)
    _, header = next(lines, (0, []))
    columns = _find_columns(header)
    paths = TablePaths(root)
    rows: dict[str, Row] = {}
    first: dict[str, int] = {}
    for line, cells in lines:
        row = _read_row(line, cells, columns, len(header), paths, problems)
        if row is None:
            continue
        path = row["item_id"]
        if path not in rows:
            rows[path], first[path] = row, line
            continue
        kept, labels = rows[path]["labels"], row["labels"]
        what = f"repeats {path}; the first row is kept"
        if set(labels) != set(kept):
            what = (
                f"{path} is {' and '.join(labels)} here but {' and '.join(kept)} in row "
                f"{first[path]}, which is kept (several genres stand in one cell: Rock|Pop)"
            )
        problems.append(Problem(f"row {line}", what))
    if not rows and not problems:
        raise DatasetError(
            "A table of covers or songs needs a row for each of them below its first.",
            received=f"{table.name} with a first row alone",
            cure="Add a row for each file: its path and its genre.",
        )
    media = "track" if next(iter(rows), "").lower().endswith(SONG_SUFFIXES) else "cover"
    name = table.absolute().parent.name
    return Listing(root, DatasetHead(name, "", "unknown", "unknown", media), rows)


def lists_media(csv_path: Path) -> bool:
    """Tell by a table's first rows whether it lists covers or songs (and not, say, numbers)."""
    try:
        (_, header), *rows = itertools.islice(read_rows(csv_path, cure=_CURE), 2)
        place = _find_columns(header)["path"]
    except (ValueError, DatasetError):
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
    line: int,
    cells: list[str],
    columns: dict[str, int],
    n_columns: int,
    paths: TablePaths,
    problems: list[Problem],
) -> Row | None:
    def cell(key: str) -> str:
        return read_cell(cells, columns, key)

    where = f"row {line}"
    if any(text.strip() for text in cells[n_columns:]):
        what = f"has {len(cells)} cells and the first row {n_columns}: is a text not in quotes?"
        problems.append(Problem(where, what))
        return None
    raw = cells[columns["path"]].strip() if columns["path"] < len(cells) else ""
    if is_empty_word(raw):
        problems.append(Problem(where, "has no path"))
        return None
    try:
        path = paths.find(raw)
    except ParameterError:
        problems.append(Problem(where, f"path leaves the data set's folder: {raw!r}"))
        return None
    labels = split_labels(cell("labels"))
    try:
        shares = _read_shares(labels, cell("weights"), cell("prog"))
    except ValueError as error:
        problems.append(Problem(where, str(error)))
        shares = dict.fromkeys(labels, 1.0)
    if not shares:
        problems.append(Problem(where, f"{path} has no genre"))
        return None
    row = new_row(path, list(shares))
    if any(share != 1 for share in shares.values()):
        row[WEIGHTS] = list(shares.values())
    row |= {key: cell(key) for key in ("title", "artist", "album", "source", "group")}
    read_year_and_split(row, cell("year"), cell("split"), where, problems)
    if (artist := str(row["artist"])) and artist.casefold() in NOBODY:
        row["artist"] = ""
        problems.append(Problem(where, f"artist left empty: {artist!r} names nobody", is_note=True))
    elif artist and not row["group"]:
        row["group"] = f"artist:{artist.casefold()}"
    return row


def _read_shares(labels: list[str], weights: str, prog: str) -> dict[str, float]:
    """Give the share of each label of a row: 1 where nothing says less.

    >>> _read_shares(["Metal"], "", "0.7"), _read_shares(["Rock", "Pop"], ".75|.25", "")
    ({'Metal': 1.0, 'prog': 0.7, 'non-prog': 0.3}, {'Rock': 0.75, 'Pop': 0.25})
    """
    shares = dict.fromkeys(labels, 1.0)
    if weights:
        numbers = [_read_number(part) for part in weights.split("|")]
        if len(numbers) != len(labels) or None in numbers:
            raise ValueError(f"weights is {weights!r}, not a share in 0 to 1 for each genre")
        shares = {label: n or 0.0 for label, n in zip(labels, numbers, strict=True)}
    extra, how_prog = PROG_LABELS.get(prog), _read_number(prog)
    if extra:
        shares.setdefault(extra, 1.0)
    elif extra is None and how_prog is None:
        raise ValueError(f"prog is {prog!r}, not 1, 0, between them or empty")
    elif how_prog is not None:
        parts = {"prog": how_prog, "non-prog": round(1 - how_prog, 9)}
        shares |= {name: parts[name] for name in sorted(parts, key=lambda n: -parts[n])}
    return {label: share for label, share in shares.items() if share}


def _read_number(text: str) -> float | None:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None


CSV = Layout(
    text="a table with path and genre",
    read=read_csv,
    options=("images",),
    tables=(TABLE_FILE,),
    fill=fill_from_tags,
)
