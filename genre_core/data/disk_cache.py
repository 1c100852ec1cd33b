"""Files that are computed once and kept under a key, in folders that never grow without end."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from genre_core.data.files import PART_SUFFIX, atomic_path
from genre_core.data.home import home
from genre_core.errors import DatasetError

_STALE_S = 24 * 3600
_SPARE_BYTES = 10**8


@dataclass(frozen=True, slots=True)
class DiskCache:
    """One folder of `GENRE_HOME/caches`."""

    name: str
    """The folder's."""
    suffix: str
    """How its files end, with the dot; others are left alone."""
    max_bytes: int
    """Size of all files together; beyond it those unused for longest go."""
    what: str
    """What is cached, for the message of a full disk."""

    def file(self, key: str) -> Path:
        """Return where the file of a key is kept, whether or not it exists yet."""
        return home() / "caches" / self.name / f"{key}{self.suffix}"

    @contextlib.contextmanager
    def new_file(self, key: str, n_bytes: int) -> Iterator[Path]:
        """Make room and give a path to write to: the file appears under its key whole or never.

        Raises `DatasetError`: the disk has no room.
        """
        self.make_room(n_bytes)
        with atomic_path(self.file(key)) as part:
            yield part

    def mark_used(self, key: str) -> None:
        """Set a file's time of change to now: eviction goes by it."""
        with contextlib.suppress(OSError):  # Another process may just have removed it.
            os.utime(self.file(key))

    def make_room(self, n_bytes: int) -> None:
        """Remove leftovers and what was unused for longest until `n_bytes` more fit.

        Raises `DatasetError`: the disk has no room.
        """
        folder = self.file("").parent
        folder.mkdir(parents=True, exist_ok=True)
        kept, total = [], n_bytes
        for path in folder.glob(f"*{self.suffix}"):
            try:
                status = path.stat()
            except OSError:
                continue  # Another process removed it meanwhile.
            if PART_SUFFIX not in path.name:
                kept.append((status.st_mtime, status.st_size, path))
                total += status.st_size
            elif time.time() - status.st_mtime > _STALE_S:
                path.unlink(missing_ok=True)
        for _, size, path in sorted(kept):
            if total <= self.max_bytes:
                break
            path.unlink(missing_ok=True)
            total -= size
        free = shutil.disk_usage(folder).free
        if free < n_bytes + _SPARE_BYTES:
            raise DatasetError(
                f"The disk of GENRE_HOME must have room for {self.what}.",
                received=f"{free / 1e9:.1f} GB free, {n_bytes / 1e9:.1f} GB needed",
                cure="Free some space, or set GENRE_HOME to another disk.",
            )
