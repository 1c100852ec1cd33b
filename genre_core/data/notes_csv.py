"""Notes as a CSV table, out and in again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genre_core.data.catalog import Catalog
from genre_core.data.files import atomic_write
from genre_core.data.item import clean_text
from genre_core.data.notes import (
    NOTE_COLUMNS,
    Note,
    noted_files,
    notes_of,
    write_notes,
)
from genre_core.data.notes_file import writing
from genre_core.data.taxonomy import split_labels
from genre_core.errors import DatasetError, GenreError, Problem, describe

_FLAGS = {
    **dict.fromkeys(("1", "true", "yes", "x"), True),
    **dict.fromkeys(("0", "false", "no", ""), False),
}
_READ: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "flag": lambda cell: _FLAGS[cell.strip().lower()],
    "labels": split_labels,
    "weights": lambda cell: [float(part) for part in cell.split("|") if part.strip()],
    "who": str,
    "at": lambda cell: _read_time(cell) if cell.strip() else None,
}
_SHOULD_BE = {
    "flag": "is not 1, 0 or empty",
    "weights": "is no list of shares such as 0.7|0.3",
    "at": "is no time such as 2026-01-31T12:00:00+00:00",
}


def export_csv(catalog: Catalog, file: str | Path) -> int:
    """Write the notes on a data set's items as a table and count them.

    A row an item, columns `NOTE_COLUMNS`; labels and their weights with `|` between them.
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, NOTE_COLUMNS)
    writer.writeheader()
    notes = notes_of(catalog)
    for row in notes.to_dict("records"):
        weights = "|".join(map(repr, row["weights"]))
        labels = _write_labels(row["labels"])
        writer.writerow(row | {"flag": int(row["flag"]), "labels": labels, "weights": weights})
    # Spreadsheets take a table for UTF-8 only where it says so.
    atomic_write(file, "\ufeff" + text.getvalue())
    return len(notes)


def import_csv(catalog: Catalog, file: str | Path, *, who: str = "") -> int:
    """Note what a table says on a data set's items, all of it or nothing, and count the changes.

    The columns are some of `NOTE_COLUMNS`: an item is told by `checksum`, or else by `item_id`; of
    the rest, what the table has no column for stays as it was noted. Rows that say what is noted
    already change nothing. Who and when are kept where an item had no note yet; a change of one
    that has is made now, by the table's `who` or else `who`.

    Raises
    ------
    DatasetError
        No such table, a column that is not known, or rows that cannot be noted: each is named.
    """
    rows = _read_table(Path(file))
    ids = dict(zip(catalog.frame["item_id"], catalog.frame["checksum"], strict=True))
    # Of copies of one file the first, whose note they share.
    files = {checksum: item_id for item_id, checksum in reversed(ids.items())}
    problems: list[Problem] = []
    changes: dict[str, tuple[str, str, Note]] = {}
    with writing() as db:
        noted = noted_files(catalog.head.name)
        for line, cells in rows:
            checksum = cells.pop("checksum", "").strip() or ids.get(cells.get("item_id", ""), "")
            item_id = cells.pop("item_id", "")
            try:
                if checksum not in files:
                    raise ValueError(f"{checksum or item_id!r} is no item of the data set")
                if checksum in changes:
                    raise ValueError(f"{files[checksum]} has a row above")
                old = noted.get(checksum, Note())
                new = _read_row(cells, old, catalog.head.labels, who)
            except ValueError as error:
                problems.append(Problem(f"line {line}", _reason(error)))
                continue
            changes[checksum] = (checksum, files[checksum], new)
        if problems:
            raise DatasetError(
                "Every row of a table of notes must hold: nothing of it was noted.",
                received=f"{len(problems):,} that do not, first {problems[0]}",
                cure="Correct these rows, or leave them out.",
                problems=tuple(problems),
            )
        changed = [row for row in changes.values() if not row[2].is_same(noted.get(row[0], Note()))]
        write_notes(db, catalog.head.name, changed)
    return len(changed)


def _read_row(cells: dict[str, str], old: Note, known: tuple[str, ...], who: str) -> Note:
    values: dict[str, Any] = {}
    for name, cell in cells.items():
        try:
            values[name] = _READ[name](cell)
        except (ValueError, KeyError):
            raise ValueError(f"{name} {cell!r} {_SHOULD_BE[name]}") from None
    at = values.pop("at", None)
    if shares := values.pop("weights", None):
        labels = values.get("labels", ())
        if len(shares) != len(labels):
            raise ValueError(f"has {len(shares)} weights for {len(labels)} labels")
        values["weights"] = dict(zip(labels, shares, strict=True))
    elif "weights" not in cells and tuple(values.get("labels", ())) == old.labels:
        values.pop("labels", None)  # They are what is noted already, with their weights.
    values["who"] = clean_text(values.get("who", "")) or who
    new = old.changed(known=known, **values)
    if at is not None and old.is_empty:
        return replace(new, at=at.isoformat(timespec="milliseconds"))
    return new


def _read_table(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Read a table whole: the line each row ends on, and its cells by their columns."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        separator = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        lines = [(reader.line_num, row) for row in reader if any(row)]
    except (OSError, UnicodeError, csv.Error) as error:
        is_text = not isinstance(error, UnicodeError)
        reason = getattr(error, "strerror", None) or str(error) if is_text else "no UTF-8 text"
        raise _no_table(f"{path.name}: {reason}") from error
    header = [cell.strip().lower() for cell in lines[0][1]] if lines else []
    strange = [name for name in header if name not in NOTE_COLUMNS or header.count(name) > 1]
    if strange or not {"item_id", "checksum"} & set(header):
        raise _no_table(f"the columns {describe(header)}")
    for line, row in lines[1:]:
        if len(row) != len(header):
            raise _no_table(f"{len(row)} cells in line {line}, and {len(header)} columns")
    return [(line, dict(zip(header, row, strict=True))) for line, row in lines[1:]]


def _no_table(received: str) -> DatasetError:
    return DatasetError(
        f"A table of notes is a CSV file (UTF-8) with the columns {', '.join(NOTE_COLUMNS)}, "
        "item_id or checksum among them.",
        received=received,
        cure="Export the notes, and change that table.",
    )


def _read_time(cell: str) -> datetime:
    time = datetime.fromisoformat(cell)
    if time.tzinfo is None:
        raise ValueError("a time without its zone")
    return time.astimezone(UTC)


def _reason(error: ValueError) -> str:
    return (
        f"{error.rule} Received {error.received}." if isinstance(error, GenreError) else str(error)
    )


def _write_labels(labels: tuple[str, ...]) -> str:
    plain = "|".join(labels)
    return plain if split_labels(plain) == list(labels) else json.dumps(list(labels))
