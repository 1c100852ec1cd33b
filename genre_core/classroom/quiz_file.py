"""The file of quiz rooms: a database that a whole class writes to at once."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from genre_core.data.sqlite_file import Database, SqliteFile

QUIZ_FILE = "quiz.sqlite"
"""Its name in `GENRE_HOME`."""

_LAYOUT = (
    """
CREATE TABLE IF NOT EXISTS rooms (
  code TEXT PRIMARY KEY,
  key_hash TEXT NOT NULL,
  title TEXT NOT NULL,
  media TEXT NOT NULL,
  data TEXT NOT NULL,
  network TEXT NOT NULL,
  network_title TEXT NOT NULL,
  genres TEXT NOT NULL,
  address TEXT NOT NULL,
  phase TEXT NOT NULL,
  question INTEGER NOT NULL,
  n_questions INTEGER NOT NULL,
  version INTEGER NOT NULL,
  made_at TEXT NOT NULL,
  changed_at TEXT NOT NULL
)""",
    """
CREATE TABLE IF NOT EXISTS questions (
  room TEXT NOT NULL,
  number INTEGER NOT NULL,
  item TEXT NOT NULL,
  title TEXT NOT NULL,
  truth INTEGER,
  network INTEGER NOT NULL,
  PRIMARY KEY (room, number)
)""",
    """
CREATE TABLE IF NOT EXISTS students (
  room TEXT NOT NULL,
  number INTEGER NOT NULL,
  nickname TEXT NOT NULL,
  folded TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  PRIMARY KEY (room, number),
  UNIQUE (room, folded)
)""",
    """
CREATE TABLE IF NOT EXISTS answers (
  room TEXT NOT NULL,
  question INTEGER NOT NULL,
  student INTEGER NOT NULL,
  genre INTEGER NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (room, question, student)
)""",
)
# folded: the nickname as it is compared with others. Keys and tokens are kept as hashes, so that
# who reads the file cannot take a teacher's or a student's part.

_FILE = SqliteFile(QUIZ_FILE, "Quiz rooms", _LAYOUT)
reading = _FILE.reading
"""Open the rooms to read, see `SqliteFile`."""


@contextlib.contextmanager
def writing() -> Iterator[Database]:
    """Open the rooms to write; what is deleted is overwritten, so that no nickname is left."""
    with _FILE.reading() as db:
        db.execute("PRAGMA secure_delete = ON")
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")


def has_rooms() -> bool:
    """Tell whether a room was ever opened here."""
    return _FILE.exists


def hash_of(secret: str) -> str:
    """Return what is kept of a key or a token, which are random and so need no salt."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def now() -> str:
    """Return the time as it is kept: ISO 8601, UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
