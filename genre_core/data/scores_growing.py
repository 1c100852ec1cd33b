"""A table of scores that grows: new rows are safe at once, and come into the table in one go."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from genre_core.data.files import path_text
from genre_core.data.home import home
from genre_core.data.scores_merge import merge_scores
from genre_core.data.scores_table import (
    KEY,
    Digests,
    Row,
    batches,
    digests_of,
    open_scores,
    write_part,
)
from genre_core.data.table_rows import GROUP_ROWS
from genre_core.metrics.references import References

SAVE_EVERY_S = 10.0
"""So much work at most is lost when the run is killed."""

WRITING_SHARE = 0.05
"""So much of the time at most goes into writing the whole table before the end."""


def real_path(path: Path) -> str:
    """Give what a row is found by: where a file really lies, as text."""
    return path_text(Path(os.path.realpath(path)))


class GrowingScores:
    """A table, and beside it the parts that came since it was written last."""

    def __init__(self, table: Path, references: Mapping[str, References]) -> None:
        self._table = table
        self._references = references
        self._folder = table.with_name(f".{table.name}.parts")
        name = hashlib.sha256(real_path(table).encode(errors="surrogateescape")).hexdigest()[:16]
        self._lock = home() / "caches" / f"library-{name}.lock"
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        self._rows: list[Row] = []
        self._saved = self._merged = time.monotonic()
        self._merging_s = 0.0

    def known(self) -> Digests:
        """Digest the keys of all rows but errors; what a killed run left comes in first."""
        if self._table.exists():
            open_scores(self._table).close()
        if self._parts():
            self._merge()
        digests = bytearray()
        for batch in batches(self._table, [*KEY, "error"]) if self._table.exists() else ():
            for path, *key, error in zip(*(column.to_pylist() for column in batch), strict=True):
                if not error:
                    digests += digests_of([(os.path.realpath(path), *key)])
        return Digests(bytes(digests))

    def add(self, row: Row) -> None:
        """Take a new row, and save where it is time to."""
        self._rows.append(row)
        now = time.monotonic()
        if len(self._rows) >= GROUP_ROWS or now - self._saved > SAVE_EVERY_S:
            self._save()
            if now - self._merged > max(SAVE_EVERY_S, self._merging_s / WRITING_SHARE):
                self._merge()

    def end(self, asked: Digests) -> None:
        """Bring everything into the table, without the rows of what is gone."""
        self._save()
        self._merge(is_gone=_is_gone, asked=asked)

    def _parts(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9]*.parquet"))

    def _save(self) -> None:
        if self._rows:
            # Another process may write into the same table: no part takes the place of another's.
            name = f"{time.time_ns():020}-{os.getpid()}.parquet"
            write_part(self._rows, self._folder / name)
        self._rows = []
        self._saved = time.monotonic()

    def _merge(self, **options: Any) -> None:
        started = time.monotonic()
        # Two processes that merged at once would each leave out what the other brought in.
        with FileLock(self._lock):
            parts = self._parts()
            sources = [self._table, *parts] if self._table.exists() else parts
            merge_scores(sources, self._table, references=self._references, **options)
            for part in parts:
                part.unlink()
            with contextlib.suppress(OSError):  # not there, or with another's parts
                self._folder.rmdir()
        self._merged = time.monotonic()
        self._merging_s = self._merged - started


def _is_gone(path: str) -> bool:
    # Where the folder is gone too, a disk may only not be there today.
    return not Path(path).exists() and Path(path).parent.is_dir()
