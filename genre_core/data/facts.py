"""What a data set holds: items by genre and split, who stands in two splits, how long songs are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from genre_core import audio
from genre_core.data.catalog import Catalog
from genre_core.data.files import path_inside
from genre_core.data.item import SPLITS
from genre_core.errors import GenreError
from genre_core.progress import Progress, map_in_order

MAX_CATEGORIES = 40
"""Labels that are counted one by one; the rest is one row."""

OTHERS = "(all others)"
_N_THREADS = 4
_BETWEEN = " \u00b7 "  # an album and its artist


@dataclass(frozen=True, slots=True)
class Sharing:
    """How splits share the values of a column ("artist", "album" or "group")."""

    column: str
    n_known: int
    """Items that have a value."""
    n_values: int
    """Different values."""
    crossing: tuple[str, ...]
    """Values that stand in more than one split, the commonest first."""
    n_crossing_items: int
    """Items of those values."""


def balance(items: pa.Table) -> pd.DataFrame:
    """Count the items of each label and split; an item counts for each of its labels.

    `items` has the columns labels and split, as `Catalog.table` gives them. Columns label, train,
    val, test and none, the commonest label first; of more than `MAX_CATEGORIES` the rest is one
    row.
    """
    whole = items.combine_chunks()
    of_label = whole["labels"].combine_chunks()
    pairs = pa.table(
        {
            "label": pc.list_flatten(of_label),
            "split": whole["split"].take(pc.list_parent_indices(of_label)),
        }
    )
    counts: dict[str, dict[str, int]] = {}
    for row in pairs.group_by(["label", "split"]).aggregate([([], "count_all")]).to_pylist():
        of_split = counts.setdefault(row["label"], dict.fromkeys((*SPLITS, "none"), 0))
        of_split[row["split"] or "none"] += row["count_all"]
    return balance_of(counts)


def balance_of(counts: Mapping[str, Mapping[str, int]]) -> pd.DataFrame:
    """Make the table of `balance` of counts by label and split."""
    names = (*SPLITS, "none")
    rows: list[list[object]] = [
        [label, *(int(row.get(name, 0)) for name in names)]
        for label, row in sorted(counts.items(), key=lambda pair: (-sum(pair[1].values()), pair[0]))
    ]
    if len(rows) > MAX_CATEGORIES:
        rest = np.asarray([row[1:] for row in rows[MAX_CATEGORIES:]], dtype=np.int64).sum(axis=0)
        rows = [*rows[:MAX_CATEGORIES], [OTHERS, *rest.tolist()]]
    return pd.DataFrame(rows, columns=["label", *names])


def sharing(items: pa.Table, column: str) -> Sharing:
    """Find the values of a column ("artist", "album" or "group") that stand in more than one split.

    `items` has the columns `column`, artist and split, as `Catalog.table` gives them. Albums are
    told apart by their artists too: many are called "Live". Whatever its capitals, a name is one.

    >>> items = pa.table({"artist": ["Yes", "yes", ""], "split": ["train", "test", "val"]})
    >>> sharing(items, "artist")
    Sharing(column='artist', n_known=2, n_values=1, crossing=('yes',), n_crossing_items=2)
    """
    codes, names = _folded(items[column])
    is_known = np.array([name != "" for name in names], bool)[codes]
    codes, (of_split, splits) = codes[is_known], _folded(items["split"])
    if column == "album":
        of_artist, artists = _folded(items["artist"])
        keys = codes * len(artists) + of_artist[is_known]
    else:
        keys = codes
    values, keys = np.unique(keys, return_inverse=True)
    stands_in = np.zeros((len(values), len(splits)), bool)
    stands_in[keys, of_split[is_known]] = True
    is_split = np.array([split != "" for split in splits], bool)
    crosses = np.flatnonzero(stands_in[:, is_split].sum(axis=1) > 1)
    sizes = np.bincount(keys, minlength=len(values))[crosses]
    order = np.argsort(-sizes, kind="stable")
    crossing = [int(value) for value in values[crosses[order]]]
    if column == "album":
        pairs = [divmod(value, len(artists)) for value in crossing]
        found = [f"{names[album]}{_BETWEEN}{artists[artist]}" for album, artist in pairs]
    else:
        found = [names[value] for value in crossing]
    shown = tuple(name.removesuffix(_BETWEEN) for name in found)
    return Sharing(column, len(codes), len(values), shown, int(sizes.sum()))


def _folded(texts: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Give each text the number of its value, whatever its capitals, and the values."""
    if not pa.types.is_dictionary(texts.type):
        texts = texts.dictionary_encode()
    coded = texts.unify_dictionaries()
    if not coded.num_chunks or not len(coded):
        return np.empty(0, np.int64), []
    numbers: dict[str, int] = {}
    known = coded.chunk(0).dictionary.to_pylist()
    places = np.array([numbers.setdefault(text.casefold(), len(numbers)) for text in known])
    indices = np.concatenate([part.indices.to_numpy() for part in coded.chunks])
    return places[indices], list(numbers)


def durations(
    catalog: Catalog, rows: Sequence[int], *, progress: Progress | None = None
) -> NDArray[np.float64]:
    """Read how long some songs are, in seconds, from their headers; NaN where that cannot be read.

    `rows` are places in the catalog.
    """
    of_all = catalog.table(("path",))["path"]
    paths = of_all.take(pa.array(rows, pa.int64())).to_pylist()

    def look(path: str) -> float:
        try:
            seconds = audio.probe_clip(path_inside(catalog.root, path)).duration_s
        except (GenreError, OSError):
            return float("nan")
        return float("nan") if seconds is None else float(seconds)

    values = []
    for done, value in enumerate(map_in_order(look, paths, n_threads=_N_THREADS), start=1):
        values.append(value)
        if progress is not None and (done % 100 == 0 or done == len(paths)):
            progress(done, len(paths), "songs")
    return np.asarray(values, dtype=np.float64)
