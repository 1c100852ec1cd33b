"""The table that `classify --out` writes: its columns, and how it is read a piece at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from genre_core.data.files import atomic_path
from genre_core.data.table_rows import GROUP_ROWS
from genre_core.errors import DatasetError

Row = dict[str, Any]
"""A row by its columns; what it lacks is empty."""

KEY = ("path", "n_bytes", "changed_ns", "models")
"""What a row is of: the file's real path, its size and time, and the networks that heard it."""

FIRST = (*KEY, "title", "artist", "duration_s", "prog_score", "notes", "error")
"""Columns that every table has, before those of its networks."""

ABOVE = ":above:"
"""Between a network and a genre: the share of its references there that score lower."""

_TEXTS = ("path", "models", "title", "artist", "notes", "error")
_BUFFER_BYTES = 1 << 20


def column_type(name: str) -> pa.DataType | None:
    """Give the type of a column of ours; None of one that somebody else added.

    >>> column_type("s5_lstm:prog"), column_type("mine")
    (DataType(double), None)
    """
    if name in _TEXTS or name.endswith(":genre"):
        return pa.string()
    if name in ("n_bytes", "changed_ns"):
        return pa.int64()
    if name.endswith((":majority", ":calibrated")):
        return pa.bool_()
    is_number = name in FIRST or ABOVE in name
    is_number = is_number or name.endswith((":prog", ":most_prog_s", ":share", ":prob"))
    return pa.float64() if is_number else None


def open_scores(path: Path) -> pq.ParquetFile:
    """Open a table of scores without reading a row.

    Raises
    ------
    DatasetError
        It is no table that `classify --out` wrote.
    """
    problem = ""
    try:
        # Column by column through a small buffer: a row group may hold a million rows.
        file = pq.ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False)
        missing = [name for name in (*KEY, "error", "prog_score") if name not in file.schema.names]
        if not missing:
            return file
        file.close()
        problem = f"no column {missing[0]}"
    except (OSError, pa.ArrowException, ValueError) as error:
        problem = str(error)
    raise DatasetError(
        "--out must be a new file, or a table of scores that this command wrote.",
        received=f"{path.name}: {problem[:120]}",
        cure="Give another name, or delete the file.",
    )


def batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Read a table of scores, at most `GROUP_ROWS` rows at a time; `columns` it lacks are left out.

    Columns of ours get their type: a table of before may have an empty one of another.
    """
    with open_scores(path) as file:
        names = file.schema_arrow.names
        wanted = names if columns is None else [name for name in columns if name in names]
        for batch in file.iter_batches(GROUP_ROWS, columns=wanted):
            arrays = [typed(batch.column(name), column_type(name)) for name in wanted]
            yield pa.RecordBatch.from_arrays(arrays, names=wanted)


def typed(column: pa.Array, kind: pa.DataType | None) -> pa.Array:
    """Cast a column; `DatasetError` where its values are none of that type."""
    if kind is None or column.type == kind:
        return column
    try:
        return column.cast(kind)
    except pa.ArrowException as error:
        raise DatasetError(
            "A table of scores must have the columns that classify --out writes.",
            received=str(error)[:120],
            cure="Delete the file: it is made anew.",
        ) from error


def write_part(rows: Iterable[Row], path: Path) -> None:
    """Write a few rows as a table of its own, whole or not at all; what a row lacks is empty."""
    kept = list(rows)
    names = [*FIRST, *sorted({name for row in kept for name in row} - set(FIRST))]
    arrays = [
        pa.array([_value(row, name) for row in kept], column_type(name) or pa.string())
        for name in names
    ]
    with atomic_path(path) as part:
        pq.write_table(pa.Table.from_arrays(arrays, names=names), part)


def _value(row: Row, name: str) -> Any:
    value = row.get(name)
    return "" if value is None and name in _TEXTS else value


def digests_of(keys: Iterable[object]) -> bytes:
    """Give 16 bytes for each path, or for each tuple of a path and what was heard there."""
    return b"".join(
        hashlib.blake2b(repr(key).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        for key in keys
    )


class Digests:
    """A set of digests in 24 bytes each, that tells the place of every one of them.

    Examples
    --------
    >>> of_paths = Digests(digests_of(["a.mp3", "b.mp3", "a.mp3"]))
    >>> of_paths.places(digests_of(["b.mp3", "c.mp3", "a.mp3"])).tolist()
    [1, -1, 0]
    """

    def __init__(self, digests: bytes) -> None:
        values = _array(digests)
        self._order = np.argsort(values, kind="stable")
        self._sorted = values[self._order]

    def places(self, digests: bytes) -> NDArray[np.int64]:
        """Tell where each of `digests` stood first, -1 of one that is not there [shape=(n,)]."""
        values = _array(digests)
        if not len(self._sorted):
            return np.full(len(values), -1, np.int64)
        found = np.searchsorted(self._sorted, values)
        found = np.minimum(found, len(self._sorted) - 1)
        is_there = self._sorted[found] == values
        return np.where(is_there, self._order[found], -1).astype(np.int64)


def _array(digests: bytes) -> NDArray[np.bytes_]:
    return np.frombuffer(digests, "S16")
