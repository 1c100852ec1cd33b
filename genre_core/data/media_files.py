"""The covers and songs of a catalog as files that are read only if they are the imported ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pandas as pd

from genre_core.data.catalog import Catalog
from genre_core.data.files import relative_posix
from genre_core.errors import DatasetError, DecodeError, ParameterError, Problem

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
