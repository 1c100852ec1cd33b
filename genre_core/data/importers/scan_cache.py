"""The scan cache: a file of the same path, size and time is not read again."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from genre_core.data.home import home

Look = Callable[[str], tuple[str, str]]
"""From a file's relative path to its checksum and "", or "" and what is wrong with it."""

MAX_ROWS = 1_000_000
"""Files remembered, some 200 MB; beyond it the folders unused for longest are forgotten."""

_VERSION = 3  # Raise it when looking finds other faults.
_SAVE_EVERY_S = 2.0
_FRESH_NS = 2 * 10**9
_PASSING = ("no such file", "cannot be read")  # True of a moment, not of the file.
_PASSED_OVER = (sqlite3.Error, OSError, UnicodeError)  # Nothing depends on the cache.
_TABLES = """
CREATE TABLE IF NOT EXISTS roots(
    id INTEGER PRIMARY KEY, root TEXT, kind TEXT, used REAL, UNIQUE(root, kind));
CREATE TABLE IF NOT EXISTS seen(
    root INTEGER, path TEXT, size INTEGER, changed INTEGER, checksum TEXT, reason TEXT, note TEXT,
    PRIMARY KEY(root, path)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found out of a file of this size in bytes and time of change in ns.

    `checksum` and `reason` are as `Look` returns them; `note` is what else, as JSON, "" for none.
    """

    stamp: tuple[int, int]
    checksum: str
    reason: str
    note: str = ""


@dataclass
class ScanCache:
    """Keeps, in one SQLite file, what was found out of each file.

    One that cannot be used is as good as none: everything is read. `n_recalled` and `n_read` count
    the files that needed not be read, and that were, since it was made.
    """

    path: Path
    n_recalled: int = field(default=0, init=False)
    n_read: int = field(default=0, init=False)

    def load(self, root: str, kind: str) -> dict[str, Seen]:
        """Return what is known of a folder's files, by relative path."""
        with contextlib.suppress(*_PASSED_OVER), self._connected() as base:
            rows = base.execute(
                "SELECT path, size, changed, checksum, reason, note FROM seen WHERE root = "
                "(SELECT id FROM roots WHERE root = ? AND kind = ?)",
                (root, kind),
            )
            return {row[0]: Seen((row[1], row[2]), *row[3:]) for row in rows}
        return {}

    def save(self, root: str, kind: str, scans: dict[str, Seen]) -> None:
        """Add what was found out of a folder's files."""
        with contextlib.suppress(*_PASSED_OVER), self._connected() as base:
            base.execute(
                "INSERT INTO roots(root, kind, used) VALUES(?, ?, ?) "
                "ON CONFLICT(root, kind) DO UPDATE SET used = excluded.used",
                (root, kind, time.time()),
            )
            query = "SELECT id FROM roots WHERE root = ? AND kind = ?"
            (place,) = base.execute(query, (root, kind)).fetchone()
            base.executemany(
                "INSERT OR REPLACE INTO seen VALUES(?, ?, ?, ?, ?, ?, ?)",
                [
                    (place, path, *seen.stamp, seen.checksum, seen.reason, seen.note)
                    for path, seen in scans.items()
                ],
            )
            _forget(base, place)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(self.path, timeout=10)) as base, base:
            base.executescript(_TABLES)
            yield base


class FolderScans:
    """What is known of one folder's files while they are looked at in one way, `kind`.

    `note(path)` gives what else to keep of a file that was just looked at; `take(path, note)` gets
    it back, and returns False where it does not do.
    """

    def __init__(
        self,
        cache: ScanCache,
        root: Path,
        kind: str,
        *,
        note: Callable[[str], object] | None = None,
        take: Callable[[str, object], bool] | None = None,
    ) -> None:
        self._cache, self._root, self._note, self._take = cache, root.resolve(), note, take
        self._key = (str(self._root), f"{kind}-{_VERSION}")
        self._rows = cache.load(*self._key)
        self._new: dict[str, Seen] = {}
        self._saved_at = time.monotonic()

    def __enter__(self) -> FolderScans:
        """Begin; what was found out is saved at the end, also of a stop."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Save."""
        self.save()

    def wrap(self, look: Look) -> Look:
        """Make a way of looking that reads only what is not known."""

        def looked(relative: str) -> tuple[str, str]:
            stamp = self._stamp(relative)
            seen = self._rows.get(relative)
            if stamp is not None and seen is not None and seen.stamp == stamp:
                note = json.loads(seen.note) if seen.note else None
                if self._take is None or seen.reason or self._take(relative, note):
                    self._cache.n_recalled += 1
                    return seen.checksum, seen.reason
            checksum, reason = look(relative)
            self._cache.n_read += 1
            is_passing = reason.startswith(_PASSING)
            # A file that changes right now may change again within the same tick of its clock.
            if stamp is None or is_passing or time.time_ns() - stamp[1] < _FRESH_NS:
                return checksum, reason
            if stamp == self._stamp(relative):
                noted = self._note(relative) if self._note is not None and not reason else None
                kept = json.dumps(noted, ensure_ascii=False) if noted is not None else ""
                self._new[relative] = Seen(stamp, checksum, reason, kept)
            return checksum, reason

        return looked

    def save(self, *, if_due: bool = False) -> None:
        """Save what was found out since the last time; `if_due` not more often than every 2 s."""
        if if_due and time.monotonic() - self._saved_at < _SAVE_EVERY_S:
            return
        new, self._new = self._new, {}
        self._saved_at = time.monotonic()
        self._cache.save(*self._key, new)

    def _stamp(self, relative: str) -> tuple[int, int] | None:
        try:
            real = (self._root / relative).resolve()
            # A link out of the folder is refused by whoever looks, whatever it led to before.
            if not real.is_relative_to(self._root):
                return None
            status = real.stat()
        except (OSError, RuntimeError, ValueError):
            return None
        return status.st_size, status.st_mtime_ns


def home_scans() -> ScanCache:
    """Return the scan cache of the home folder, `GENRE_HOME/caches/scans.sqlite`."""
    return ScanCache(home() / "caches" / "scans.sqlite")


def _forget(base: sqlite3.Connection, kept: int) -> None:
    (n_rows,) = base.execute("SELECT COUNT(*) FROM seen").fetchone()
    oldest = base.execute("SELECT id FROM roots WHERE id != ? ORDER BY used", (kept,)).fetchall()
    for (place,) in oldest:
        if n_rows <= MAX_ROWS:
            break
        n_rows -= base.execute("DELETE FROM seen WHERE root = ?", (place,)).rowcount
        base.execute("DELETE FROM roots WHERE id = ?", (place,))
