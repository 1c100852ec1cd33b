"""Read the rows of a delimited table, one at a time."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from genre_core.data.item import clean_text
from genre_core.errors import DatasetError, describe

Row = tuple[int, list[str]]
"""The line that a row ends on, counted from 1, and its cells."""


def read_rows(path: str | Path, *, cure: str) -> Iterator[Row]:
    """Read a table row by row: the first row whatever it holds, then those that are not blank.

    The table is in UTF-8, separated by comma, semicolon or tab, whichever its first line has most
    of. Yields the line that the row ends on, counted from 1, and its cells, not stripped. `cure` is
    what to do about a table that cannot be read, as a whole sentence.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as lines:
            yield from parse_rows(lines)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise DatasetError(
            "A table of covers must be a readable CSV file in UTF-8.",
            received=f"{path}: {reason}",
            cure=cure,
        ) from error


def parse_rows(lines: Iterable[str]) -> Iterator[Row]:
    r"""Read the rows of lines that keep their ends, as `read_rows` does.

    >>> list(parse_rows(["path;genre\n", "\n", "a.jpg;Rock\n"]))
    [(1, ['path', 'genre']), (3, ['a.jpg', 'Rock'])]
    """
    rest = iter(lines)
    first = next(rest, "")
    reader = csv.reader(itertools.chain([first], rest), delimiter=max(",;\t", key=first.count))
    for number, cells in enumerate(reader):
        if number == 0 or any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def find_columns(header: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Tell in which column of a table each thing stands, by its lower-case names, the best first.

    >>> find_columns(["File ", "GENRE"], {"path": ("path", "file"), "year": ("year",)})
    {'path': 0}
    """
    known = [cell.strip().lower() for cell in header]
    return {
        key: known.index(name)
        for key, wanted in names.items()
        for name in reversed(wanted)
        if name in known
    }


def need_columns(
    header: Sequence[str], names: Mapping[str, Sequence[str]], needed: Sequence[str], *, table: str
) -> dict[str, int]:
    """Find the columns of a known table; `DatasetError` where one of the `needed` is missing."""
    columns = find_columns(header, names)
    if not set(needed) <= set(columns):
        raise DatasetError(
            f"{table} has the columns {', '.join(names[key][0] for key in needed)}.",
            received=f"the columns {describe([cell.strip() for cell in header])}",
            cure="Give that table as it was published.",
        )
    return columns


def read_cell(cells: Sequence[str], columns: Mapping[str, int], key: str) -> str:
    """Return a cell's text, cleaned; "" where the table or the row has none."""
    place = columns.get(key)
    return clean_text(cells[place]) if place is not None and place < len(cells) else ""


def find_table(source: str | Path, names: Sequence[str]) -> Path:
    """Return the table that a source is, whatever it is called, or holds under one of the names."""
    source = Path(source)
    for candidate in (source, *(source / name for name in names)):
        if candidate.is_file():
            return candidate
    raise DatasetError(
        "A data set of this layout is its table or the folder that holds it.",
        received=f"no {' or '.join(names)} in {source}",
        cure="Give the table's own path.",
    )
