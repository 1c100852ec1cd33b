"""The file of notes: what was noted on items, and kernels' groups corrected by hand."""

from __future__ import annotations

import sqlite3

from genre_core.data.sqlite_file import Database, SqliteFile

NOTES_FILE = "notes.sqlite"
"""Its name in `GENRE_HOME`."""

_TABLE = """
CREATE TABLE IF NOT EXISTS notes (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  data TEXT NOT NULL,
  checksum TEXT NOT NULL,
  item_id TEXT NOT NULL,
  text TEXT NOT NULL,
  flag INTEGER NOT NULL,
  labels TEXT NOT NULL,
  weights TEXT NOT NULL,
  who TEXT NOT NULL,
  at TEXT NOT NULL,
  stands_for INTEGER
)"""
# stands_for: of an undo, the number of the row whose state holds again, 0 for none; else empty.
_INDEX = "CREATE INDEX IF NOT EXISTS by_file ON notes (data, checksum, number)"

__all__ = [
    "INSERT",
    "NOTES_FILE",
    "Database",
    "has_notes",
    "last_change",
    "last_row",
    "reading",
    "writing",
]

INSERT = (
    "INSERT INTO notes "
    "(data, checksum, item_id, text, flag, labels, weights, who, at, stands_for) VALUES "
    "(:data, :checksum, :item_id, :text, :flag, :labels, :weights, :who, :at, :stands_for)"
)
"""Adds a row; it takes a mapping."""

_FILE = SqliteFile(NOTES_FILE, "Notes", (_TABLE, _INDEX))
reading, writing = _FILE.reading, _FILE.writing
"""Open the notes, see `SqliteFile`."""


def has_notes() -> bool:
    """Tell whether anything was ever noted."""
    return _FILE.exists


def last_change() -> tuple[str, int, int]:
    """Tell states of the notes apart: their file, and the number of its newest row."""
    path = _FILE.path
    if not has_notes():
        return str(path), 0, 0
    with reading() as db:
        (number,) = db.execute("SELECT MAX(number) FROM notes").fetchone()
    return str(path), path.stat().st_ino, number or 0


def last_row(db: Database, data: str, checksum: str, *, before: int = 2**62) -> sqlite3.Row | None:
    """Return the newest change of a file, or its newest `before` a number."""
    what = (
        "SELECT * FROM notes WHERE data = ? AND checksum = ? AND number < ? "
        "ORDER BY number DESC LIMIT 1"
    )
    row: sqlite3.Row | None = db.execute(what, (data, checksum, before)).fetchone()
    return row
