"""What a data set holds: items by genre and split, who stands in two splits, how long songs are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
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


def balance(frame: pd.DataFrame) -> pd.DataFrame:
    """Count the items of each label and split; an item counts for each of its labels.

    Columns label, train, val, test and none, the commonest label first; of more than
    `MAX_CATEGORIES` the rest is one row.
    """
    counts: dict[str, dict[str, int]] = {}
    for labels, split in zip(frame["labels"], frame["split"], strict=True):
        for label in labels:
            row = counts.setdefault(label, dict.fromkeys((*SPLITS, "none"), 0))
            row[split or "none"] += 1
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


def sharing(frame: pd.DataFrame, column: str) -> Sharing:
    """Find the values of a column ("artist", "album" or "group") that stand in more than one split.

    Albums are told apart by their artists too: many are called "Live".

    >>> frame = pd.DataFrame({"artist": ["Yes", "yes", ""], "split": ["train", "test", "val"]})
    >>> sharing(frame, "artist")
    Sharing(column='artist', n_known=2, n_values=1, crossing=('yes',), n_crossing_items=2)
    """
    known = frame[frame[column] != ""]
    keys = known[column].str.casefold()
    if column == "album":
        keys = keys + " \u00b7 " + known["artist"].str.casefold()
    keys = keys.rename("key")
    placed = known["split"] != ""
    n_splits = known["split"][placed].groupby(keys[placed]).nunique()
    crossing = n_splits.index[n_splits > 1]
    sizes = keys[keys.isin(crossing)].value_counts()
    names = tuple(str(name).removesuffix(" \u00b7 ") for name in sizes.index)
    return Sharing(column, len(known), int(keys.nunique()), names, int(sizes.sum()))


def durations(
    catalog: Catalog, rows: Sequence[int], *, progress: Progress | None = None
) -> NDArray[np.float64]:
    """Read how long some songs are, in seconds, from their headers; NaN where that cannot be read.

    `rows` are places in the catalog's frame.
    """
    paths = catalog.frame["path"].tolist()

    def look(row: int) -> float:
        try:
            seconds = audio.probe_clip(path_inside(catalog.root, paths[row])).duration_s
        except (GenreError, OSError):
            return float("nan")
        return float("nan") if seconds is None else float(seconds)

    values = []
    for done, value in enumerate(map_in_order(look, rows, n_threads=_N_THREADS), start=1):
        values.append(value)
        if progress is not None and (done % 100 == 0 or done == len(rows)):
            progress(done, len(rows), "songs")
    return np.asarray(values, dtype=np.float64)
