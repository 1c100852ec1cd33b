"""Prepared covers of a data set, decoded once and read from disk as one array."""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import PIL

from genre_core.config import CoverInput, to_dict
from genre_core.data.catalog import Catalog
from genre_core.data.disk_cache import DiskCache
from genre_core.data.media_files import MediaFile, media_files, use_file
from genre_core.errors import DatasetError, ParameterError, Problem
from genre_core.image.cover import read_cover
from genre_core.progress import Progress, map_in_order

COVERS = DiskCache("covers", ".npy", max_bytes=12 * 10**9, what="the prepared covers")
"""Each file holds the covers of one selection, prepared for one network's input."""

_VERSION = 3  # Raise it when decoding or preparing gives other pixels.
_AT_ONCE = 32


def cached_covers(
    catalog: Catalog,
    frame: pd.DataFrame,
    spec: CoverInput,
    *,
    progress: Progress | None = None,
) -> np.memmap[tuple[int, int, int, int], np.dtype[np.uint8]]:
    """Return the prepared covers of some of a catalog's rows, decoding them the first time only.

    The array [shape=(n, size, size, 3), dtype=uint8] is RGB, in the order of the rows, read-only
    and read from disk as it is used. It lies in `GENRE_HOME/caches/covers` under a key made from
    the covers' checksums in their order, `spec` and the version of the decoder, so that a changed
    file or setting can never meet old pixels. At most one decoded cover a thread is in memory
    beside the array's own pages.

    Raises `DatasetError`: covers are missing, broken, or not the files that were imported (all are
    listed), or the disk has no room. Raises `ParameterError`: no row.
    """
    n = len(frame)
    if n == 0:
        raise ParameterError(
            "frame must have at least one item.", received="0 rows", cure="Select other items."
        )
    key = _key(frame, spec)
    shape = (n, spec.size, spec.size, 3)
    ready = _open(COVERS.file(key), shape)
    if ready is not None:
        COVERS.mark_used(key)
        return ready
    with COVERS.new_file(key, n * spec.size**2 * 3) as part:
        covers = np.lib.format.open_memmap(part, mode="w+", dtype=np.uint8, shape=shape)
        files, _, problems = media_files(catalog, frame)
        # With a problem nothing is kept, but every other problem is found too.
        problems += fill_covers(covers[: len(files)], files, spec, _forgetting(covers, progress))
        covers.flush()
        del covers
        if problems:
            raise DatasetError(
                "Every cover must be readable and the one that was imported.",
                received=f"{len(problems)} of {n} that are not, first {problems[0]}",
                cure="Import the data set again; what is broken is then left out.",
                problems=tuple(problems),
            )
    made = _open(COVERS.file(key), shape)
    if made is None:
        raise DatasetError(
            "A cache that was just written must be there.",
            received=f"no {COVERS.file(key)}",
            cure="Do not empty the folder caches while it is in use; try again.",
        )
    return made


def read_rows(covers: np.ndarray, rows: np.ndarray | slice) -> np.ndarray:
    """Read some rows of an array, a memory map's from its file and not through memory.

    What a memory map has read stays in a process's memory until the system takes it back: after
    one epoch that would be the whole data set. Reading the file leaves only the rows asked for.
    `covers` [shape=(n, ...)] may also lie in memory; a slice must have no step.

    Examples
    --------
    >>> read_rows(np.arange(6).reshape(3, 2), np.array([2, 0])).tolist()
    [[4, 5], [0, 1]]
    """
    # A part of a memory map keeps the offset of the whole: only a whole one can be read by hand.
    base: object = covers.base
    if not isinstance(covers, np.memmap) or not isinstance(base, mmap.mmap):
        return covers[rows]
    path = Path(str(covers.filename))
    wanted = range(*rows.indices(len(covers))) if isinstance(rows, slice) else rows
    picked = np.empty((len(wanted), *covers.shape[1:]), covers.dtype)
    n_bytes = picked[:1].nbytes
    flat = picked.reshape(-1).view(np.uint8).data
    with path.open("rb", buffering=0) as file:
        for place, row in enumerate(wanted):
            file.seek(covers.offset + int(row) * n_bytes)
            if file.readinto(flat[place * n_bytes : (place + 1) * n_bytes]) != n_bytes:
                raise DatasetError(
                    "A cache of covers must be as long as when it was opened.",
                    received=f"{path.name} cut off at row {int(row)}",
                    cure="Do not change the folder caches while it is in use; start again.",
                )
    return picked


def cache_file(frame: pd.DataFrame, spec: CoverInput) -> Path:
    """Return where the prepared covers of these items are kept, whether or not they exist yet."""
    return COVERS.file(_key(frame, spec))


def fill_covers(
    covers: np.ndarray,
    files: Sequence[MediaFile],
    spec: CoverInput,
    progress: Progress | None = None,
) -> list[Problem]:
    """Decode and prepare covers into an array, with threads; return those that cannot be used.

    Row i of `covers` [shape=(n, size, size, 3), dtype=uint8] is filled from `files[i]`.
    """

    def read(row: int) -> Problem | None:
        def prepare(content: bytes) -> None:
            covers[row] = read_cover(content, spec, name=files[row].path.name)

        return use_file(files[row], prepare)

    def read_some(first: int) -> list[Problem | None]:
        return [read(row) for row in range(first, min(first + _AT_ONCE, len(files)))]

    problems: list[Problem] = []
    done = 0
    # A thread takes several at once: handing each over by itself would cost as much as its JPEG.
    for results in map_in_order(read_some, range(0, len(files), _AT_ONCE)):
        done += len(results)
        problems += [problem for problem in results if problem is not None]
        if progress is not None:
            progress(done, len(files), "covers prepared")
    return problems


def _key(frame: pd.DataFrame, spec: CoverInput) -> str:
    settings = json.dumps([_VERSION, PIL.__version__, to_dict(spec)], sort_keys=True)
    digest = hashlib.sha256(settings.encode())
    for checksum in frame["checksum"]:
        digest.update(checksum.encode() + b"\n")
    return digest.hexdigest()[:32]


def _forgetting(covers: np.memmap, progress: Progress | None) -> Progress:
    """Let go of what has been written so far, which would else stay in this process's memory."""
    base: object = covers.base

    def tell(done: int, total: int, text: str) -> None:
        # The system still has the pages and writes them; Windows has no such call.
        if isinstance(base, mmap.mmap) and hasattr(base, "madvise") and done % 512 < _AT_ONCE:
            base.madvise(mmap.MADV_DONTNEED)
        if progress is not None:
            progress(done, total, text)

    return tell


def _open(
    path: Path, shape: tuple[int, int, int, int]
) -> np.memmap[tuple[int, int, int, int], np.dtype[np.uint8]] | None:
    try:
        covers = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None  # Not there, or damaged: it is made again.
    return covers if covers.shape == shape and covers.dtype == np.uint8 else None
