"""Prepared covers of a data set, decoded once and read from disk as one array."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import PIL

from genre_core.config import CoverInput, to_dict
from genre_core.data.catalog import Catalog
from genre_core.data.files import MediaFile, atomic_path, relative_posix
from genre_core.data.home import home
from genre_core.data.room import make_room
from genre_core.errors import DatasetError, DecodeError, ParameterError, Problem
from genre_core.image.jpeg import read_cover
from genre_core.progress import Progress, map_in_order

MAX_CACHE_BYTES = 12 * 10**9
"""Size of all caches of covers together; beyond it those unused for longest go."""

_VERSION = 1  # Raise it when decoding or preparing gives other pixels.
_AT_ONCE = 32


def cached_covers(
    catalog: Catalog,
    frame: pd.DataFrame,
    spec: CoverInput,
    *,
    progress: Progress | None = None,
) -> np.memmap[tuple[int, int, int, int], np.dtype[np.uint8]]:
    """Return the prepared covers of some items, decoding them the first time only.

    The array lies in `GENRE_HOME/caches/covers` under a name made from the covers' checksums in
    their order, `spec` and the version of the decoder, so that a changed file or setting can never
    meet old pixels. It appears there whole or not at all.

    Parameters
    ----------
    catalog : Catalog
        Tells where the files lie.
    frame : pandas.DataFrame [shape=(n, ...)]
        Rows of the catalog, in the order wanted (columns item_id, path and checksum).
    spec : CoverInput
        How a cover becomes an input.
    progress : callable, optional
        `progress(done, total, text)`; not called where the cache exists.

    Returns
    -------
    numpy.memmap [shape=(n, size, size, 3), dtype=uint8]
        RGB, row i belonging to row i of `frame`; read-only, read from disk as it is used.

    Raises
    ------
    DatasetError
        Covers are missing, broken, or not the files that were imported: all are listed. Or the
        disk has no room.
    ParameterError
        `frame` is empty.

    Notes
    -----
    At most one decoded cover a thread is in memory beside the pages of the array itself.
    """
    n = len(frame)
    if n == 0:
        raise ParameterError(
            "frame must have at least one item.", received="0 rows", cure="Select other items."
        )
    target = cache_file(frame, spec)
    shape = (n, spec.size, spec.size, 3)
    ready = _open(target, shape)
    if ready is not None:
        os.utime(target)  # Marks it as used, for `make_room`.
        return ready
    make_room(
        target.parent,
        ".npy",
        n * spec.size**2 * 3,
        max_bytes=MAX_CACHE_BYTES,
        what="the prepared covers",
    )
    with atomic_path(target) as part:
        covers = np.lib.format.open_memmap(part, mode="w+", dtype=np.uint8, shape=shape)
        files, problems = _files(catalog.root, frame)
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
    made = _open(target, shape)
    if made is None:
        raise DatasetError(
            "A cache that was just written must be there.",
            received=f"no {target.name} in {target.parent}",
            cure="Do not empty the folder caches while it is in use; try again.",
        )
    return made


def read_rows(covers: np.ndarray, rows: np.ndarray | slice) -> np.ndarray:
    """Read some rows of an array, a memory map's from its file and not through memory.

    What a memory map has read stays in a process's memory until the system takes it back: after
    one epoch that would be the whole data set. Reading the file leaves only the rows asked for.

    Parameters
    ----------
    covers : np.ndarray [shape=(n, ...)]
        In memory, or a C-ordered memory map as `cached_covers` gives it.
    rows : np.ndarray [shape=(k,), dtype=int] or slice
        Which; a slice without a step.

    Returns
    -------
    np.ndarray [shape=(k, ...)]
        Own memory for a memory map.

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
    """Return where the prepared covers of these items are kept, whether or not they exist yet.

    Examples
    --------
    >>> frame = pd.DataFrame({"checksum": ["0" * 64]})
    >>> cache_file(frame, CoverInput(size=64)) == cache_file(frame, CoverInput(size=65))
    False
    """
    settings = json.dumps([_VERSION, PIL.__version__, to_dict(spec)], sort_keys=True)
    digest = hashlib.sha256(settings.encode())
    for checksum in frame["checksum"]:
        digest.update(checksum.encode() + b"\n")
    return home() / "caches" / "covers" / f"{digest.hexdigest()[:32]}.npy"


def fill_covers(
    covers: np.ndarray,
    files: Sequence[MediaFile],
    spec: CoverInput,
    progress: Progress | None = None,
) -> list[Problem]:
    """Decode and prepare covers into an array, with threads.

    Parameters
    ----------
    covers : np.ndarray [shape=(n, size, size, 3), dtype=uint8]
        Is filled; row i belongs to `files[i]`.
    files : sequence of MediaFile
        Where each cover lies, and its checksum.
    spec : CoverInput
        How a cover becomes an input.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    list of Problem
        Covers that could not be read or are not the file that was imported.

    Examples
    --------
    >>> gone = MediaFile("a.jpg", Path("no-such-folder/a.jpg"), "0" * 64)
    >>> covers = np.empty((1, 32, 32, 3), dtype=np.uint8)
    >>> [each.where for each in fill_covers(covers, [gone], CoverInput(size=32))]
    ['a.jpg']
    """

    def read(row: int) -> Problem | None:
        file = files[row]
        try:
            content = file.path.read_bytes()
            if hashlib.sha256(content).hexdigest() != file.checksum:
                return Problem(file.item_id, "is not the file that was imported")
            covers[row] = read_cover(content, spec, name=file.path.name)
        except OSError as error:
            return Problem(file.item_id, f"cannot be read: {error.strerror or error}")
        except (DecodeError, ParameterError) as error:
            return Problem(file.item_id, f"not a readable cover: {error.received}")
        return None

    def read_some(first: int) -> list[Problem | None]:
        return [read(row) for row in range(first, min(first + _AT_ONCE, len(files)))]

    problems: list[Problem] = []
    done = 0
    # A thread takes several at once: handing each over by itself would cost as much as its JPEG.
    for found in map_in_order(read_some, range(0, len(files), _AT_ONCE)):
        done += len(found)
        problems += [each for each in found if each is not None]
        if progress is not None:
            progress(done, len(files), "covers prepared")
    return problems


def _files(root: Path, frame: pd.DataFrame) -> tuple[list[MediaFile], list[Problem]]:
    files, problems = [], []
    for item_id, path, checksum in zip(
        frame["item_id"], frame["path"], frame["checksum"], strict=True
    ):
        try:
            # Where a link leads does not matter: only the imported content is taken.
            files.append(MediaFile(item_id, root / relative_posix(path), checksum))
        except ParameterError as error:
            problems.append(Problem(item_id, f"not a readable cover: {error.received}"))
    return files, problems


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
