"""Room for a cache: leftovers go, then what was unused for longest, and the disk is asked."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from genre_core.data.files import PART_SUFFIX
from genre_core.errors import DatasetError

_STALE_S = 24 * 3600
_SPARE_BYTES = 10**8


def make_room(folder: Path, suffix: str, n_bytes: int, *, max_bytes: int, what: str) -> None:
    """Make room in a cache's folder for one more file.

    Parameters
    ----------
    folder : Path
        Made if need be.
    suffix : str
        How the cache's files end, with the dot; others are left alone. Their time of change is
        that of their last use.
    n_bytes : int
        Size of the file to come.
    max_bytes : int
        Of all files together with it; those unused for longest go until it fits.
    what : str
        What is cached, for the message.

    Raises
    ------
    DatasetError
        The disk has no room.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept, total = [], n_bytes
    for path in folder.glob(f"*{suffix}"):
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
        if total <= max_bytes:
            break
        path.unlink(missing_ok=True)
        total -= size
    free = shutil.disk_usage(folder).free
    if free < n_bytes + _SPARE_BYTES:
        raise DatasetError(
            f"The disk of GENRE_HOME must have room for {what}.",
            received=f"{free / 1e9:.1f} GB free, {n_bytes / 1e9:.1f} GB needed",
            cure="Free some space, or set GENRE_HOME to another disk.",
        )
