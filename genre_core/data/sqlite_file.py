"""A SQLite database in the home folder that many may read and write at once."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from genre_core.data.home import home
from genre_core.errors import JobError

_WAIT_S = 30.0  # for others who write
_REASONS = {
    "SQLITE_BUSY": "others have been writing to it all the time",
    "SQLITE_NOTADB": "it is no file of {what}",
    "SQLITE_CORRUPT": "it is damaged",
    "SQLITE_READONLY": "no right to write there",
    "SQLITE_CANTOPEN": "it cannot be opened there",
    "SQLITE_FULL": "the disk is full",
}

Database = sqlite3.Connection


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """One database of `GENRE_HOME`, in WAL mode: readers never wait for writers.

    A write that has returned outlives the end of the process, whatever ends it.

    name: Of the file.
    what: It holds, as messages call it: "Notes".
    layout: Statements that make its tables and indices `IF NOT EXISTS`.
    version: Of the layout; a file of a later one is refused.

    Examples
    --------
    >>> import os, tempfile
    >>> from unittest import mock
    >>> table = "CREATE TABLE IF NOT EXISTS n (value INTEGER)"
    >>> counts = SqliteFile("counts.sqlite", "Counts", (table,))
    >>> with tempfile.TemporaryDirectory() as folder, mock.patch.dict(
    ...     os.environ, {"GENRE_HOME": folder}
    ... ):
    ...     with counts.writing() as db:
    ...         _ = db.execute("INSERT INTO n VALUES (3)")
    ...     with counts.reading() as db:
    ...         db.execute("SELECT value FROM n").fetchone()["value"]
    3
    """

    name: str
    what: str
    layout: tuple[str, ...]
    version: int = 1

    @property
    def path(self) -> Path:
        """Where it lies."""
        return home() / self.name

    @property
    def exists(self) -> bool:
        """Whether anything was ever written."""
        return self.path.exists()

    @contextlib.contextmanager
    def writing(self) -> Iterator[Database]:
        """Open it to read and write with nobody between; an error leaves it as it was."""
        with self.reading() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")

    @contextlib.contextmanager
    def reading(self) -> Iterator[Database]:
        """Open it, made where there is none; `JobError` where it cannot be used."""
        path = self.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(
                sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
            ) as db:  # Closing takes back what was not committed.
                self._lay_out(db)
                db.row_factory = sqlite3.Row
                yield db
        except (sqlite3.Error, OSError) as error:
            code = getattr(error, "sqlite_errorname", "")
            plain = next((text for name, text in _REASONS.items() if code.startswith(name)), "")
            reason = plain.format(what=self.what.lower()) or getattr(error, "strerror", None)
            raise JobError(
                f"{self.what} must lie in a file {self.name} that can be read and written.",
                received=f"{path}: {reason or 'it cannot be used'}",
                cure="Make room, free it, or move it away: a new one is made then.",
            ) from error

    def _lay_out(self, db: Database) -> None:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == self.version:
            return
        if version > self.version:
            raise JobError(
                f"{self.what} must be of version {self.version}.",
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
        for statement in self.layout:
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {self.version}")
        db.execute("COMMIT")
