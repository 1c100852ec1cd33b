"""Where a network fails most: slices of an evaluation that are wrong more often than the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from genre_core.analysis.beyond_chance import (
    holm,
    largest_of_all,
    slice_excess,
    unusual_rates,
)
from genre_core.analysis.columns import DECADE, column_of, groups_of, true_and_predicted
from genre_core.analysis.embedding_map import directions, principal_components
from genre_core.analysis.selection import Selection, Slice
from genre_core.config import require
from genre_core.metrics.intervals import (
    MIN_GROUPS,
    Interval,
    NoIntervalError,
    bootstrap_interval,
    exact_interval,
)
from genre_core.metrics.resampling import group_codes

CLUSTER = "cluster"
"""Column of `clusters`, to be added to the predictions."""

LEVEL = 0.05
"""A slice is flagged where its corrected p-value is at most this."""

MIN_ITEMS = 20
"""Items that a slice needs, and the rest; an artist `MIN_ARTIST`."""

MIN_ARTIST = 5

_COLUMNS = (
    *("column", "value", "low", "high", "genre", "n", "n_groups"),
    *("error", "ci_low", "ci_high", "rest_error", "p", "is_flagged"),
)
_ARTIST = "artist"
_VALUES = ("source", DECADE, CLUSTER)
_MAX_VALUES = 30  # The commonest of a column.
_N_BOOTSTRAP = 500
_N_COMPONENTS = 32


@dataclass(frozen=True, slots=True, eq=False)
class SliceReport:
    """The slices that are wrong most beyond chance.

    table: one row a slice, the clearest first: `column`; `value`, or `low` and `high` of a range;
        `genre`, the true genre within which it is a slice, "" for all; `n` items in `n_groups`;
        `error`, its share of wrong items, between `ci_low` and `ci_high` (95 %, nan below 5
        groups); `rest_error` of the other items (of that genre); `p`, corrected; `is_flagged`
    n_tried: slices that were tried, which `p` is corrected for
    n, error: items, and their share of wrong ones
    """

    table: pd.DataFrame
    n_tried: int
    n: int
    error: float

    def selection(self, place: int) -> Selection:
        """Give the selection that holds the items of a row of the table, for `select`."""
        row = self.table.iloc[place]
        is_range = bool(np.isfinite(row["low"]))
        own = (
            Slice(row["column"], low=float(row["low"]), high=float(row["high"]))
            if is_range
            else Slice(row["column"], row["value"])
        )
        return Selection(true=(row["genre"],) if row["genre"] else (), slice=own)


@dataclass(frozen=True, slots=True, eq=False)
class _Slice:
    column: str
    members: NDArray[np.bool_]
    value: str = ""
    low: float = np.nan
    high: float = np.nan
    genre: str = ""


def find_slices(
    predictions: pd.DataFrame,
    genres: Sequence[str],
    *,
    n_draws: int = 1000,
    seed: int = 0,
    limit: int = 20,
) -> SliceReport:
    """Try slices of an evaluation and list those that are wrong more often than the rest.

    Tried are the values of `source`, `decade` (from `year`) and `cluster` (`clusters`), the thirds
    of every column `fact_<name>`, and `artist`; all but artists among all items and within each
    true genre, against the other items of it: so a hard genre does not put all its slices on the
    list. Genres alone are not tried: the confusion matrix shows them. A slice and its rest need
    `MIN_ITEMS` items each in 5 groups, an artist `MIN_ARTIST` items.

    Parameters
    ----------
    predictions : pd.DataFrame
        As `EvaluationRecord.predictions`, of items that the network did not learn from.
    genres : sequence of str
        In the order of `prob_<k>`.
    n_draws : int
        Draws of the test, at least 100: no corrected p-value is below 2 / (n_draws + 1).
    seed : int
        The same seed gives the same p-values.
    limit : int
        Rows of the table.

    Notes
    -----
    **The tests respect groups** (`beyond_chance`): items of one artist tend to be wrong together,
    which a test by items takes for a pattern. Slices are compared with draws in which groups differ
    as much as here and slices do not, by the largest excess of all slices tried; artists, each of
    whom is one group, with how far the other artists differ, by Holm's correction. Both p-values
    are doubled, since there are these two families. So where nothing is to be found, at most one
    report in 20 flags something; a slice of few groups is flagged only where its excess is large,
    and an artist of 20 items among 200 only where nearly all of them are wrong.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = pd.DataFrame({"item_id": [f"{k}" for k in range(400)], "genre_index": 0,
    ...                      "predicted": rng.random(400) < 0.2, "source": ["a", "b"] * 200})
    >>> rows.loc[rows["source"] == "b", "predicted"] = rng.random(200) < 0.5
    >>> report = find_slices(rows, ["Rock", "Pop"])
    >>> report.table[["column", "value", "genre", "n", "is_flagged"]].values.tolist()[0]
    ['source', 'b', '', 200, True]
    >>> report.selection(0).slice
    Slice(column='source', value='b', low=None, high=None)
    """
    true, predicted = true_and_predicted(predictions)
    require(len(true) > 0, "Slices need items.", len(true), "Choose a split that has some.")
    require(n_draws >= 100, "n_draws must be at least 100.", n_draws, "Leave it at 1000.")
    codes, _ = group_codes(groups_of(predictions))
    wrong = (true != predicted).astype(np.float64)
    slices, z, largest = [], np.zeros(0), np.full(n_draws, -np.inf)
    by_column = list(_attributes(predictions))
    for genre in ("", *genres):
        base = np.ones(len(true), bool) if not genre else true == list(genres).index(genre)
        if genre and base.all():
            continue  # the same as among all items
        own = [one for one in by_column if _is_large(one.members[base], codes[base])]
        slices += [replace(one, genre=genre, members=one.members & base) for one in own]
        if own:
            members = np.stack([one.members[base] for one in own], axis=1)
            own_z, drawn = slice_excess(
                members, wrong[base], codes[base], n_draws=n_draws, seed=seed
            )
            z, largest = np.r_[z, own_z], np.maximum(largest, drawn)
    p = largest_of_all(z, largest)
    artists, artist_z, artist_p = _artists(predictions, wrong)
    n_families = (len(slices) > 0) + (len(artists) > 0)
    z, p = np.r_[z, artist_z], np.minimum(np.r_[p, holm(artist_p)] * n_families, 1)
    slices += artists
    order = np.lexsort((-z, p))[:limit]
    rows = [_row(slices[k], float(p[k]), true, wrong, codes, list(genres), seed) for k in order]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return SliceReport(table, n_tried=len(slices), n=len(true), error=float(wrong.mean()))


def clusters(
    embeddings: NDArray[np.floating[Any]], *, n_clusters: int = 12, seed: int = 0
) -> NDArray[np.int64]:
    """Put items whose embeddings point the same way into one of at most 12 clusters [shape=(n,)].

    k-means (scikit-learn, three starts) of the embeddings at length 1, on their first 32 principal
    components; fewer clusters where there would be fewer than 50 items each. Numbered from 0, the
    largest first; the same seed gives the same ones. Add them to the predictions as the column
    `CLUSTER`.

    Examples
    --------
    >>> ends = np.repeat([[1.0, 0.0], [0.0, 1.0]], [60, 50], axis=0)
    >>> clusters(ends)[[0, 59, 60, 109]].tolist()
    [0, 0, 1, 1]
    """
    from sklearn.cluster import KMeans  # not before it is needed: loading takes a second

    flat = principal_components(directions(embeddings), _N_COMPONENTS)
    n_clusters = max(1, min(n_clusters, len(flat) // 50, len(np.unique(flat, axis=0))))
    with threadpool_limits(1):
        labels = KMeans(n_clusters, n_init=3, random_state=seed).fit(flat).labels_
    rank = np.argsort(np.argsort(-np.bincount(labels), kind="stable"))
    return np.asarray(rank[labels], np.int64)


def _attributes(predictions: pd.DataFrame) -> Iterator[_Slice]:
    """All slices by one column but artists."""
    for name in _VALUES:
        column = column_of(predictions, name)
        if column is None:
            continue
        texts = column.astype("str").where(column.notna(), "").to_numpy(str)
        values, counts = np.unique(texts[texts != ""], return_counts=True)
        for value in values[np.argsort(-counts, kind="stable")][:_MAX_VALUES]:
            yield _Slice(name, texts == value, value=str(value))
    for name in predictions.columns:
        if str(name).startswith("fact_") and pd.api.types.is_numeric_dtype(predictions[name]):
            numbers = predictions[name].to_numpy(np.float64, na_value=np.nan)
            yield from _thirds(str(name), numbers)


def _thirds(name: str, numbers: NDArray[np.float64]) -> Iterator[_Slice]:
    known = numbers[np.isfinite(numbers)]
    if not len(known) or known.min() == known.max():
        return
    part = np.searchsorted(np.quantile(known, [1 / 3, 2 / 3]), numbers)  # ties stay together
    for third in range(3):
        members = np.isfinite(numbers) & (part == third)
        if members.any():
            own = numbers[members]
            yield _Slice(name, members, low=float(own.min()), high=float(own.max()))


def _is_large(members: NDArray[np.bool_], codes: NDArray[np.int64]) -> bool:
    n = int(members.sum())
    if not MIN_ITEMS <= n <= len(members) - MIN_ITEMS:
        return False
    return min(len(np.unique(codes[members])), len(np.unique(codes[~members]))) >= MIN_GROUPS


def _artists(
    predictions: pd.DataFrame, wrong: NDArray[np.float64]
) -> tuple[list[_Slice], NDArray[np.float64], NDArray[np.float64]]:
    """Give the artists of enough items, and how far and how surely each is wrong too often."""
    column = column_of(predictions, _ARTIST)
    texts = np.zeros(len(wrong), str) if column is None else column.fillna("").to_numpy(str)
    is_known = texts != ""
    names, codes, n = np.unique(texts[is_known], return_inverse=True, return_counts=True)
    n_wrong = np.bincount(codes, weights=wrong[is_known], minlength=len(names)).astype(np.int64)
    large = np.flatnonzero((n >= MIN_ARTIST) & (n <= len(wrong) - MIN_ITEMS))
    z, p = unusual_rates(n_wrong, n, large)
    made = [_Slice(_ARTIST, texts == names[k], value=str(names[k])) for k in large]
    return made, z, p


def _row(
    own: _Slice,
    p: float,
    true: NDArray[np.int64],
    wrong: NDArray[np.float64],
    codes: NDArray[np.int64],
    genres: list[str],
    seed: int,
) -> tuple[Any, ...]:
    hits = wrong[own.members]
    is_rest = ~own.members
    if own.genre:
        is_rest &= true == genres.index(own.genre)
    # Of one artist the items are what is drawn again.
    groups = np.arange(len(hits)) if own.column == _ARTIST else codes[own.members]
    interval = _interval(hits, groups, seed)
    return (
        own.column,
        own.value,
        own.low,
        own.high,
        own.genre,
        len(hits),
        len(np.unique(codes[own.members])),
        float(hits.mean()),
        interval.low if interval else np.nan,
        interval.high if interval else np.nan,
        float(wrong[is_rest].mean()),
        p,
        p <= LEVEL,
    )


def _interval(hits: NDArray[np.float64], groups: NDArray[np.int64], seed: int) -> Interval | None:
    n_groups = len(np.unique(groups))
    try:
        if hits.min() == hits.max():  # drawing again would give no width
            return exact_interval(int(hits[0]) * n_groups, n_groups)
        return bootstrap_interval(
            lambda index: float(hits[index].mean()), groups, n_resamples=_N_BOOTSTRAP, seed=seed
        )
    except NoIntervalError:
        return None
