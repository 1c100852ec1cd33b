"""Make one table of scores of several, the highest score first, without holding it in memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from genre_core.data.files import atomic_path
from genre_core.data.scores_table import (
    ABOVE,
    FIRST,
    Digests,
    batches,
    column_type,
    digests_of,
    typed,
)
from genre_core.data.table_rows import GROUP_ROWS
from genre_core.metrics.references import References, genre_shares_below

_MAX_OPEN = 64
_RANK = ":rank:"  # no column of anybody's


def merge_scores(
    sources: Sequence[Path],
    out: Path,
    *,
    references: Mapping[str, References] | None = None,
    is_gone: Callable[[str], bool] | None = None,
    asked: Digests | None = None,
) -> None:
    """Write one row a path, of the last source that has it, sorted by score, unread songs last.

    Rows are dealt by their rank into at most 64 files, each of which is then sorted alone: two
    passes over the rows, some 200 bytes a row and one such file in memory.

    Parameters
    ----------
    sources : sequence of Path
        Tables of scores; `out` may be one of them.
    out : Path
        Appears whole or not at all, in row groups of `GROUP_ROWS` rows.
    references : mapping, optional
        From names of networks to their references, for the columns `above`, all of which are made
        anew; without one there are none.
    is_gone : callable, optional
        Tells of a path whether its row is dropped. With it paths are brought to their real one,
        which may take some 10 µs each.
    asked : Digests, optional
        Of real paths, whose rows stay without a question.

    Raises
    ------
    DatasetError
        A source is no table of scores.
    """
    rank, renamed = _ranks(sources, is_gone, asked)
    n_rows = int((rank >= 0).sum())
    n_files = max(1, min(_MAX_OPEN, -(-n_rows // GROUP_ROWS)))
    size = max(1, -(-n_rows // n_files))
    known = {} if references is None else references
    with tempfile.TemporaryDirectory(prefix="scores-") as folder, atomic_path(out) as part:
        dealt = _deal(sources, rank, renamed, size, Path(folder))
        schema = _schema(dealt, known)
        with pq.ParquetWriter(part, schema) as writer:
            for file in dealt.files:
                table = _placed(_sorted(file, dealt.schema), known)
                table = table.select(schema.names).cast(schema)
                writer.write_table(table, row_group_size=GROUP_ROWS)


def _ranks(
    sources: Sequence[Path], is_gone: Callable[[str], bool] | None, asked: Digests | None
) -> tuple[NDArray[np.int64], dict[int, str]]:
    """Give each row's place in the table to come, -1 of one that is left out, and real paths."""
    digests, scores, gone = bytearray(), [np.empty(0)], [np.empty(0, bool)]
    renamed: dict[int, str] = {}
    for source in sources:
        for batch in batches(source, ["path", "prog_score"]):
            paths = batch.column("path").to_pylist()
            for k, path in enumerate(paths) if is_gone is not None else ():
                paths[k] = os.path.realpath(path)
                if paths[k] != path:
                    renamed[len(digests) // 16 + k] = paths[k]
            own = digests_of(paths)
            digests += own
            scores.append(batch.column("prog_score").to_numpy(zero_copy_only=False))
            is_asked = np.zeros(len(paths), bool) if asked is None else asked.places(own) >= 0
            dropped = np.zeros(len(paths), bool)
            if is_gone is not None:
                dropped = np.array(
                    [not stays and is_gone(p) for p, stays in zip(paths, is_asked, strict=True)],
                    bool,
                )
            gone.append(dropped)
    score = np.concatenate(scores).astype(np.float64)
    n = len(score)
    rank = np.full(n, -1, np.int64)
    if not n:
        return rank, renamed
    _, first, group = np.unique(
        np.frombuffer(digests, "S16"), return_index=True, return_inverse=True
    )
    last = np.empty(len(first), np.int64)
    last[group] = np.arange(n)  # of equal places the last stays
    stays = ~np.concatenate(gone)[last]
    first, last = first[stays], last[stays]
    key = np.where(np.isnan(score[last]), np.inf, -score[last])
    rank[last[np.lexsort((first, key))]] = np.arange(len(last))
    return rank, renamed


@dataclass(frozen=True, slots=True)
class _Dealt:
    """Rows by their rank: files of some of them each, and how many values a column has."""

    files: list[Path | list[pa.RecordBatch]]
    schema: pa.Schema
    n_values: dict[str, int]


def _deal(
    sources: Sequence[Path],
    rank: NDArray[np.int64],
    renamed: Mapping[int, str],
    size: int,
    folder: Path,
) -> _Dealt:
    """Deal the rows into files of `size` ranks each; a short table stays in memory."""
    schema = _schema_of(sources)
    n_files = max(1, -(-int((rank >= 0).sum()) // size))
    n_values = dict.fromkeys(schema.names, 0)
    alone: list[pa.RecordBatch] = []
    paths = [folder / f"{k}.arrow" for k in range(n_files)] if n_files > 1 else []
    with ExitStack() as stack:
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        writers = [
            stack.enter_context(pa.ipc.new_stream(path, schema, options=options)) for path in paths
        ]
        for batch, ranks in _rows(sources, rank, renamed, schema):
            for name in schema.names:
                column = batch.column(name)
                n_values[name] += len(column) - column.null_count
            if not writers:
                alone.append(batch)
                continue
            files = ranks // size
            batch = batch.take(pa.array(np.argsort(files, kind="stable")))
            ends = np.cumsum(np.bincount(files))
            for k in np.unique(files):
                first = ends[k - 1] if k else 0
                writers[k].write_batch(batch.slice(first, ends[k] - first))
    return _Dealt([*paths] or [alone], schema, n_values)


def _rows(
    sources: Sequence[Path],
    rank: NDArray[np.int64],
    renamed: Mapping[int, str],
    schema: pa.Schema,
) -> Iterator[tuple[pa.RecordBatch, NDArray[np.int64]]]:
    """Read the rows that stay, in the columns of `schema`, with their ranks."""
    start = 0
    for source in sources:
        for batch in batches(source):
            ranks = rank[start : start + len(batch)]
            arrays = [
                typed(batch.column(field.name), field.type)
                if field.name in batch.schema.names
                else pa.nulls(len(batch), field.type)
                for field in schema
            ]
            other = [k for k in range(start, start + len(batch)) if k in renamed] if renamed else []
            if other:
                texts = batch.column("path").to_pylist()
                for k in other:
                    texts[k - start] = renamed[k]
                arrays[schema.get_field_index("path")] = pa.array(texts, pa.string())
            arrays[schema.get_field_index(_RANK)] = pa.array(ranks)
            start += len(batch)
            stays = np.flatnonzero(ranks >= 0)
            if len(stays):
                whole = pa.RecordBatch.from_arrays(arrays, schema=schema)
                yield whole.take(pa.array(stays)), ranks[stays]


def _schema_of(sources: Sequence[Path]) -> pa.Schema:
    """Name the columns of all sources but for the places, which are made anew."""
    kinds: dict[str, pa.DataType] = {name: column_type(name) for name in FIRST}
    for source in sources:
        for field in pq.read_schema(source):
            kind = column_type(field.name) or field.type
            if ABOVE not in field.name and kinds.get(field.name, pa.null()) == pa.null():
                kinds[field.name] = kind
    return pa.schema([*kinds.items(), (_RANK, pa.int64())])


def _schema(dealt: _Dealt, references: Mapping[str, References]) -> pa.Schema:
    """Name the columns of the table to come; those without a value go, unless every table has them.

    A network that gives scores has its verdicts too: without a threshold nothing is judged.
    """
    kinds = {field.name: field.type for field in dealt.schema}
    full = {name for name, n in dealt.n_values.items() if n and name not in (*FIRST, _RANK)}
    scored = {name for name in full if name.endswith(":prog")}
    full |= {name.removesuffix("prog") + what for name in scored for what in ("share", "majority")}
    names = [*FIRST, *sorted(full)]
    for model, songs in references.items():
        if f"{model}:prog" in full:
            names += [f"{model}{ABOVE}{genre}" for genre in genre_shares_below(songs, np.empty(0))]
    return pa.schema([(name, column_type(name) or kinds[name]) for name in names])


def _sorted(file: Path | list[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    if isinstance(file, list):
        table = pa.Table.from_batches(file, schema=schema)
    else:
        with pa.ipc.open_stream(file) as reader:
            table = reader.read_all()
    order = np.argsort(table.column(_RANK).to_numpy(), kind="stable")
    return table.take(pa.array(order)).drop_columns([_RANK])


def _placed(table: pa.Table, references: Mapping[str, References]) -> pa.Table:
    """Add each network's places, and verdicts where a table of before has none."""
    for model, songs in references.items():
        if f"{model}:prog" not in table.schema.names:
            continue
        scores = table.column(f"{model}:prog").to_numpy()
        for genre, share in genre_shares_below(songs, scores).items():
            column = pa.array(share, pa.float64(), from_pandas=True)
            table = table.append_column(f"{model}{ABOVE}{genre}", column)
    for name in [name for name in table.schema.names if name.endswith(":prog")]:
        for what in ("share", "majority"):
            beside = name.removesuffix("prog") + what
            if beside not in table.schema.names:
                kind = column_type(beside)
                table = table.append_column(beside, pa.nulls(len(table), kind))
    return table
