"""Read some rows, or some columns, of a long Parquet table without reading the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from numpy.typing import NDArray

GROUP_ROWS = 20_000
"""Rows of a row group, some 10 MB in memory: as much of a table as is held at once."""


def rows_at(
    file: pq.ParquetFile, rows: Sequence[int] | NDArray[np.integer], columns: Sequence[str]
) -> pa.Table:
    """Read some rows in the order that they are given; one row group at a time is in memory.

    Raises `IndexError`: a row that the table does not have.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pq.write_table(pa.table({"n": range(9)}), f"{folder}/a.parquet", row_group_size=4)
    ...     with pq.ParquetFile(f"{folder}/a.parquet") as file:
    ...         rows_at(file, [7, 0, 7], ["n"])["n"].to_pylist()
    [7, 0, 7]
    """
    names = list(columns)
    wanted = np.asarray(rows, np.int64)
    if not len(wanted):
        return file.schema_arrow.empty_table().select(names)
    if wanted.min() < 0 or wanted.max() >= file.metadata.num_rows:
        raise IndexError(f"rows {wanted.min()} to {wanted.max()} of {file.metadata.num_rows}")
    starts = _group_starts(file)
    ordered = np.sort(wanted)
    group = np.searchsorted(starts, ordered, side="right") - 1
    parts: list[pa.Table] = []
    for k in np.unique(group):
        own = ordered[group == k] - starts[k]
        parts += _picked(file, int(k), own, names)
    back = np.argsort(np.argsort(wanted, kind="stable"))
    return pa.concat_tables(parts).take(pa.array(back))


def scan(path: Path, columns: Mapping[str, ds.Expression]) -> Iterator[pa.RecordBatch]:
    """Compute columns of a table in its order, a piece at a time."""
    scanner = ds.dataset(path, format="parquet").scanner(
        columns=dict(columns), batch_size=GROUP_ROWS, batch_readahead=4, fragment_readahead=1
    )
    yield from scanner.to_batches()


def _group_starts(file: pq.ParquetFile) -> NDArray[np.int64]:
    sizes = [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)]
    return np.cumsum([0, *sizes[:-1]])


def _picked(
    file: pq.ParquetFile, group: int, rows: NDArray[np.int64], names: Sequence[str]
) -> Iterator[pa.Table]:
    """Read a row group up to the last row that is wanted: another program may write long ones."""
    start = 0
    for batch in file.iter_batches(GROUP_ROWS, row_groups=[group], columns=list(names)):
        own = rows[(rows >= start) & (rows < start + len(batch))] - start
        if len(own):
            yield pa.Table.from_batches([batch.take(pa.array(own))]).select(list(names))
        start += len(batch)
        if start > rows[-1]:
            return
