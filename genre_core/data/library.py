"""Look into a table of scores without reading it: which rows a filter leaves, and a few of them."""

from __future__ import annotations

import functools
import operator
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from numpy.typing import NDArray

from genre_core.config import require
from genre_core.data.home import home
from genre_core.data.scores_table import ABOVE, FIRST, column_type, open_scores
from genre_core.data.table_rows import rows_at, scan
from genre_core.errors import DatasetError

FOLDER = "libraries"
"""Of `GENRE_HOME`: tables in it are libraries."""

SUFFIX = ".parquet"

ORDERS = ("score", "lowest", "genre", "artist", "title", "longest")
"""Ways to sort: by the prog score from above or below, by a network's genre and then the score, by
name, by length."""


@dataclass(frozen=True, slots=True)
class Library:
    """A table of scores.

    name: how links and menus call it
    path: the table
    n_songs: its rows
    prog: networks that give prog scores
    genres: networks that name genres
    above: columns that place songs among others, `<network>:above:<genre>`
    changed: time (ns) and size of the table, by which caches tell it from a later one
    root: folder that relative paths of songs are below; absolute ones lie where they say
    """

    name: str
    path: Path
    n_songs: int
    prog: tuple[str, ...]
    genres: tuple[str, ...]
    above: tuple[str, ...]
    changed: tuple[int, int]
    root: Path = Path("/")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which songs of a library are wanted.

    text: words, all of which stand in title, artist or, with `in_paths`, path, in any case
    network, genre: the answer of a network; any without a genre
    low, high: prog scores, both included; songs without a score count where all scores do
    place, at_least: a column of `above`, and the share that it must reach
    unread: the files that could not be read in place of songs
    order: one of `ORDERS`; `genre` is by `network`'s
    """

    text: str = ""
    network: str = ""
    genre: str = ""
    low: float = 0.0
    high: float = 1.0
    place: str = ""
    at_least: float = 0.0
    unread: bool = False
    order: str = "score"
    in_paths: bool = True


def open_library(path: Path, name: str = "", *, root: Path = Path("/")) -> Library:
    """Read what a table is, and none of its rows.

    Raises `DatasetError`: no table of `classify --out`.
    """
    with open_scores(path) as file:
        names, n_songs = file.schema_arrow.names, file.metadata.num_rows
    if missing := [name for name in FIRST if name not in names]:
        raise DatasetError(
            "A library is a table that `classify --out` wrote.",
            received=f"{path.name} without the columns {', '.join(missing)}",
            cure="Write it again: python -m genre_core classify FOLDER --out TABLE.",
        )
    status = path.stat()

    def networks(end: str) -> tuple[str, ...]:
        return tuple(name.removesuffix(end) for name in names if name.endswith(end))

    above = tuple(name for name in names if ABOVE in name)
    changed = (status.st_mtime_ns, status.st_size)
    named = name or path.name.removesuffix(SUFFIX)
    genres = tuple(one for one in networks(":genre") if f"{one}:prob" in names)
    return Library(named, path, n_songs, networks(":prog"), genres, above, changed, root)


def list_libraries(folders: Sequence[Path] | None = None) -> list[Library]:
    """List the tables of scores in folders, by default `GENRE_HOME/libraries`, sorted by name.

    A table must lie in its folder itself: links that lead elsewhere, hidden files and what is no
    table of scores are passed over, and of two with one name the first counts.
    """
    found: dict[str, Library] = {}
    for folder in [home() / FOLDER] if folders is None else folders:
        real = os.path.realpath(folder)
        for path in sorted(folder.glob(f"[!.]*{SUFFIX}")) if folder.is_dir() else ():
            is_inside = os.path.dirname(os.path.realpath(path)) == real  # noqa: PTH120
            name = path.name.removesuffix(SUFFIX)
            if name in found or not is_inside or not path.is_file():
                continue
            try:
                found[name] = open_library(path)
            except (DatasetError, OSError):
                continue
    return sorted(found.values(), key=lambda library: library.name.lower())


def find_rows(library: Library, wanted: Wanted) -> NDArray[np.int32]:
    """Find the rows that are wanted, in their order [shape=(n,)].

    Only the columns that decide are read, a piece at a time. What has no value for the order comes
    last, and among equals the highest prog score first.

    Raises `ParameterError`: no such order, network or column.

    Examples
    --------
    >>> find_rows(open_library(EXAMPLE), Wanted(text="no such song")).tolist()
    []
    """
    require(wanted.order in ORDERS, "order must be one of ORDERS.", wanted.order, "Give score.")
    asks_genre = bool(wanted.genre) or wanted.order == "genre"
    require(
        not asks_genre or wanted.network in library.genres,
        "network must be one that named genres for this library.",
        wanted.network,
        f"Give one of {', '.join(library.genres) or '(none)'}.",
    )
    require(
        not wanted.place or wanted.place in library.above,
        "place must be one of the library's columns.",
        wanted.place,
        f"Give one of {', '.join(library.above) or '(none)'}.",
    )
    sort = {
        "genre": f"{wanted.network}:genre",
        "artist": "artist",
        "title": "title",
        "longest": "duration_s",
    }.get(wanted.order)
    columns = {"is_kept": _condition(wanted), "score": _typed("prog_score")}
    if sort is not None:
        columns["sort"] = _typed(sort)
    rows, scores, keys, start = [], [], [], 0
    for batch in scan(library.path, columns):
        kept = np.flatnonzero(batch.column("is_kept").fill_null(False).to_numpy(False))
        rows.append((start + kept).astype(np.int32))
        scores.append(batch.column("score").to_numpy(False)[kept])
        if sort is not None:
            keys.append(batch.column("sort").take(pa.array(kept)))
        start += len(batch)
    found = np.concatenate(rows) if rows else np.empty(0, np.int32)
    if not len(found):
        return found
    score = np.concatenate(scores)
    if wanted.order == "lowest":
        return found[np.argsort(score, kind="stable")]
    order = np.argsort(-score, kind="stable")
    if sort is None:
        return found[order]
    values = pa.chunked_array(keys).combine_chunks().take(pa.array(order))
    if not pa.types.is_floating(values.type):  # a text: pandas writes a type of its own
        lowered = pc.utf8_lower(values)
        values = pc.if_else(pc.equal(lowered, ""), None, lowered)
    way = "descending" if wanted.order == "longest" else "ascending"
    # Its ties have no order of their own: the place among scores is the second key.
    table = pa.table({"sort": values, "place": np.arange(len(order))})
    keys_of_order = [("sort", way), ("place", "ascending")]
    return found[order[pc.sort_indices(table, sort_keys=keys_of_order).to_numpy()]]


def read_rows(
    library: Library, rows: Sequence[int] | NDArray[np.int32], columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Read some rows, in the order that they are given; one row group at a time is in memory."""
    wanted = np.asarray(rows, np.int64)
    if not len(wanted):
        return pd.DataFrame(columns=list(columns or ()))
    with open_scores(library.path) as file:
        names = list(columns) if columns is not None else file.schema_arrow.names
        return rows_at(file, wanted, names).to_pandas()


def genre_counts(library: Library, network: str) -> dict[str, int]:
    """Count what a network answered, the commonest genre first."""
    counts: Counter[str] = Counter()
    for batch in scan(library.path, {"genre": ds.field(f"{network}:genre")}):
        for pair in pc.value_counts(batch.column("genre")).to_pylist():
            if pair["values"] is not None:
                counts[pair["values"]] += pair["counts"]
    return dict(counts.most_common())


def file_of(library: Library, path: str) -> Path:
    """Tell where a song of the table lies."""
    return library.root / path


def row_of_digest(library: Library, digest: str) -> int | None:
    """Find the row whose path has a digest, as `scores_table.digests_of` gives it, in hexadecimal.

    Links name songs by it: a path does not travel.
    """
    from genre_core.data.scores_table import Digests, digests_of

    try:
        wanted = bytes.fromhex(digest)
    except ValueError:
        return None
    if len(wanted) != 16:
        return None
    start = 0
    for batch in scan(library.path, {"path": ds.field("path")}):
        place = Digests(digests_of(batch.column("path").to_pylist())).places(wanted)[0]
        if place >= 0:
            return start + int(place)
        start += len(batch)
    return None


def _typed(name: str) -> ds.Expression:
    """Read a column as what it is: one without a single value is of no type in older tables."""
    return ds.field(name).cast(column_type(name))


def _condition(wanted: Wanted) -> ds.Expression:
    is_read = ds.field("error") == ""
    conditions = [~is_read if wanted.unread else is_read]
    columns = ("title", "artist", "path") if wanted.in_paths else ("title", "artist")
    for word in wanted.text.split():
        matches = [pc.match_substring(ds.field(name), word, ignore_case=True) for name in columns]
        conditions.append(functools.reduce(operator.or_, matches))
    if wanted.genre:
        conditions.append(ds.field(f"{wanted.network}:genre") == wanted.genre)
    score = _typed("prog_score")
    if wanted.low > 0:
        conditions.append(score >= wanted.low)
    if wanted.high < 1:
        conditions.append(score <= wanted.high)
    if wanted.place:
        conditions.append(ds.field(wanted.place) >= wanted.at_least)
    return functools.reduce(operator.and_, conditions)


EXAMPLE = Path(__file__).resolve().parents[2] / "assets" / "library" / "example.parquet"
"""The library of the built-in songs, made by `python -m assets.make.library`."""


def example_library() -> Library:
    """Open the example; its songs' paths are below the project's folder."""
    return open_library(EXAMPLE, "example", root=EXAMPLE.parents[2])
