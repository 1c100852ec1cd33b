"""The file of notes: a SQLite database that many may read and write at once."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator

from genre_core.data.home import home
from genre_core.errors import JobError

NOTES_FILE = "notes.sqlite"
"""Its name in `GENRE_HOME`."""

_VERSION = 1
_WAIT_S = 30.0  # for others who write
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

INSERT = (
    "INSERT INTO notes "
    "(data, checksum, item_id, text, flag, labels, weights, who, at, stands_for) VALUES "
    "(:data, :checksum, :item_id, :text, :flag, :labels, :weights, :who, :at, :stands_for)"
)
"""Adds a row; it takes a mapping."""

_REASONS = {
    "SQLITE_BUSY": "others have been writing to it all the time",
    "SQLITE_NOTADB": "it is no file of notes",
    "SQLITE_CORRUPT": "it is damaged",
    "SQLITE_READONLY": "no right to write there",
    "SQLITE_CANTOPEN": "it cannot be opened there",
    "SQLITE_FULL": "the disk is full",
}

Database = sqlite3.Connection


def has_notes() -> bool:
    """Tell whether anything was ever noted."""
    return (home() / NOTES_FILE).exists()


def last_change() -> tuple[str, int, int]:
    """Tell states of the notes apart: their file, and the number of its newest row."""
    path = home() / NOTES_FILE
    if not has_notes():
        return str(path), 0, 0
    with reading() as db:
        (number,) = db.execute("SELECT MAX(number) FROM notes").fetchone()
    return str(path), path.stat().st_ino, number or 0


@contextlib.contextmanager
def writing() -> Iterator[Database]:
    """Open the notes to read and write with nobody between; an error leaves them as they were."""
    with reading() as db:
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")


@contextlib.contextmanager
def reading() -> Iterator[Database]:
    """Open the notes, made where there are none; `JobError` where they cannot be used."""
    path = home() / NOTES_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(
            sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
        ) as db:  # Closing takes back what was not committed.
            _lay_out(db)
            db.row_factory = sqlite3.Row
            yield db
    except (sqlite3.Error, OSError) as error:
        code = getattr(error, "sqlite_errorname", "")
        plain = next((text for name, text in _REASONS.items() if code.startswith(name)), "")
        raise JobError(
            f"Notes must lie in a file {NOTES_FILE} that can be read and written.",
            received=f"{path}: {plain or getattr(error, 'strerror', None) or 'it cannot be used'}",
            cure="Make room, free it, or move it away: a new one is made then.",
        ) from error


def _lay_out(db: Database) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == _VERSION:
        return
    if version > _VERSION:
        raise JobError(
            f"Notes must be of version {_VERSION}.",
            received=f"version {version}",
            cure="Use the newer program that wrote them.",
        )
    until = time.monotonic() + _WAIT_S
    while True:
        try:
            # Readers never wait for writers then. Others who do this too are not waited for.
            db.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
    db.execute("BEGIN IMMEDIATE")
    db.execute(_TABLE)
    db.execute("CREATE INDEX IF NOT EXISTS by_file ON notes (data, checksum, number)")
    db.execute(f"PRAGMA user_version = {_VERSION}")
    db.execute("COMMIT")


def last_row(db: Database, data: str, checksum: str, *, before: int = 2**62) -> sqlite3.Row | None:
    """Return the newest change of a file, or its newest `before` a number."""
    what = (
        "SELECT * FROM notes WHERE data = ? AND checksum = ? AND number < ? "
        "ORDER BY number DESC LIMIT 1"
    )
    row: sqlite3.Row | None = db.execute(what, (data, checksum, before)).fetchone()
    return row
