"""The covers and songs of a catalog as files that are read only if they are the imported ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.data.catalog import Catalog
from genre_core.data.files import relative_posix
from genre_core.errors import DatasetError, DecodeError, ParameterError, Problem
from genre_core.progress import map_in_order

Each = Callable[[str], None]
"""Called with an item's id for each row that is done; raises where a stop is wanted."""

_MAX_NAMED = 200

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class MediaFile:
    """Where a cover or a song lies."""

    item_id: str
    """Name of the item, for messages."""
    path: Path
    """The file."""
    checksum: str
    """SHA-256 that the file must have, 64 hexadecimal digits; "" where any will do."""


def media_files(
    catalog: Catalog, frame: pd.DataFrame
) -> tuple[list[MediaFile], list[int], list[Problem]]:
    """Return the files of a catalog's rows, the places of these rows, and what is wrong elsewhere.

    Where a symbolic link leads does not matter: only the imported content is taken.
    """
    files, places, problems = [], [], []
    columns = frame[["item_id", "path", "checksum"]].itertuples(index=False)
    for place, (item_id, path, checksum) in enumerate(columns):
        try:
            files.append(MediaFile(item_id, catalog.root / relative_posix(path), checksum))
            places.append(place)
        except ParameterError as error:
            problems.append(Problem(item_id, f"leaves the data set's folder: {error.received}"))
    return files, places, problems


def need_files(catalog: Catalog, frame: pd.DataFrame) -> None:
    """Raise `DatasetError` where a file of these rows is gone since the import; none is opened."""
    files, _, problems = media_files(catalog, frame)
    problems += [
        Problem(file.item_id, "is not there any more")
        for file in files
        # A picture of many in a file lies below it.
        if not (file.path.is_file() or file.path.parent.is_file())
    ]
    if problems:
        raise DatasetError(
            f"Every file of the data set {catalog.head.name!r} must be where it was imported.",
            received=f"{len(problems)} of {len(frame)} that are not, first {problems[0]}",
            cure=f"Put it back under {catalog.root}, or import again: what is gone is left out.",
            problems=tuple(problems[:_MAX_NAMED]),
        )


def use_file(
    file: MediaFile, use: Callable[[bytes], _T], *, max_bytes: int | None = None
) -> _T | Problem:
    """Give a file's content to `use`, or return why it cannot be used.

    >>> str(use_file(MediaFile("a.jpg", Path("no-such-folder/a.jpg"), ""), len))
    'a.jpg: cannot be read: No such file or directory'
    """
    try:
        if max_bytes is not None and (n_bytes := file.path.stat().st_size) > max_bytes:
            return Problem(file.item_id, f"{n_bytes:,} bytes, more than {max_bytes:,}")
        content = file.path.read_bytes()
        if file.checksum and hashlib.sha256(content).hexdigest() != file.checksum:
            return Problem(file.item_id, "is not the file that was imported")
        return use(content)
    except OSError as error:
        return Problem(file.item_id, f"cannot be read: {error.strerror or error}")
    except (DecodeError, ParameterError) as error:
        return Problem(file.item_id, f"not readable: {error.received}")


def each_file(
    look: Callable[[MediaFile], _T | Problem],
    catalog: Catalog,
    frame: pd.DataFrame,
    each: Each,
    n_threads: int | None = None,
) -> tuple[NDArray[np.int64], list[_T], NDArray[np.str_]]:
    """Look at the files of a catalog's rows with threads (`progress.map_in_order`), in order.

    Returns the places of the rows whose file could be read, what `look` made of each, and what was
    left out: item and reason [shape=(k, 2), dtype=str].
    """
    files, rows, problems = media_files(catalog, frame)
    for problem in problems:
        each(problem.where)
    places, seen = [], []
    for row, file, result in zip(
        rows, files, map_in_order(look, files, n_threads=n_threads), strict=True
    ):
        each(file.item_id)
        if isinstance(result, Problem):
            problems.append(result)
        else:
            places.append(row)
            seen.append(result)
    left_out = np.array([(own.where, own.what) for own in problems], str).reshape(-1, 2)
    return np.array(places, np.int64), seen, left_out
