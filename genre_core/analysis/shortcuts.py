"""How far facts of files alone tell the genres: what a network could go by instead of the music."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from genre_core.analysis.beyond_chance import largest_of_all
from genre_core.analysis.columns import groups_of
from genre_core.analysis.fact_model import (
    N_FOLDS,
    by_chance,
    design,
    fold_auc,
    out_of_fold,
    shuffled,
    with_mean,
)
from genre_core.config import require
from genre_core.data.folds import group_folds
from genre_core.metrics.intervals import MIN_GROUPS, NoIntervalError, bootstrap_interval
from genre_core.metrics.resampling import group_codes
from genre_core.runs.evaluations import EvaluationRecord

LEVEL = 0.05
"""A kind is named a shortcut where its corrected p-value is at most this, and by `MARGIN`."""

MARGIN = 0.05
"""By so much its AUC must also lie above that of chance, 0.5: less is no help to a network."""

KINDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "cover": {
        "size": ("width", "height", "aspect_log2"),
        "compression": ("n_bytes", "bytes_per_pixel_log2", "blockiness_x", "blockiness_y"),
        "sharpness": (
            *("sharpness", "chroma_sharpness", "noise"),
            *("detail_25_50", "detail_50_75", "detail_75_100"),
        ),
        "border": (
            "border",
            *(
                f"border_{side}_{what}"
                for what in ("spread", "brightness", "step")
                for side in ("top", "bottom", "left", "right")
            ),
        ),
        "colour": (
            *("brightness", "colourfulness", "saturation_mean", "lab_a_mean", "lab_b_mean"),
        ),
    },
    "song": {
        "length": ("duration_s",),
        "loudness": ("loudness",),
        "bandwidth": ("bandwidth",),
        "silence": ("silence",),
    },
}
"""Facts of each kind, by medium; those that a table does not have are left out."""

MAX_ITEMS = 2_000
"""Of more, so many are drawn by whole groups."""

_MIN_ITEMS = 10  # of a genre
_FACT = "fact_"

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ShortcutReport:
    """How far each kind of facts alone tells the genres, the farthest first.

    table: one row a kind: `kind`; `facts`, which ones; `auc`, 0 to 1, the mean over genres, by
        folds of whole groups, between `low` and `high` (95 % over groups; nan where none can be
        given); `random_folds`, the same without the artist filter; `by_chance`, below which it is
        for 95 % of the shuffled labels; `genre` that is told best, its `genre_auc` between
        `genre_low` and `genre_high`; `p`, corrected for all kinds and genres; `is_named`
    genres: that were told apart; those of few items or groups are left out
    n, n_groups: items, and their groups (artists or duplicates)
    n_all: items before genres were left out and items drawn
    """

    table: pd.DataFrame
    genres: tuple[str, ...]
    n: int
    n_groups: int
    n_all: int

    @property
    def named(self) -> tuple[str, ...]:
        """The kinds that are shortcuts."""
        return tuple(self.table.loc[self.table["is_named"], "kind"])

    def to_dict(self) -> dict[str, Any]:
        """Write it as JSON holds it: `kinds` are the rows; numbers have 4 digits, nan is None."""
        kinds = [
            {name: _plain(value) for name, value in row.items()}
            for row in self.table.to_dict("records")
        ]
        about = {name: getattr(self, name) for name in ("n", "n_groups", "n_all")}
        return {"kinds": kinds, "named": list(self.named), **about, "genres": list(self.genres)}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> ShortcutReport:
        """Read what `to_dict` wrote; `KeyError`, `TypeError` or `ValueError` where it did not."""
        table = pd.DataFrame(kept["kinds"])
        numbers = ["auc", "low", "high", "random_folds", "by_chance", "p"]
        numbers += ["genre_auc", "genre_low", "genre_high"]
        table[numbers] = table[numbers].astype(np.float64)
        table["is_named"] = table["is_named"].astype(bool)
        about = {name: int(kept[name]) for name in ("n", "n_groups", "n_all")}
        return cls(table=table, genres=tuple(map(str, kept["genres"])), **about)


def find_shortcuts(
    facts: pd.DataFrame,
    labels: ArrayLike,
    groups: ArrayLike,
    kinds: Mapping[str, Sequence[str]],
    *,
    n_draws: int = 300,
    n_resamples: int = 200,
    seed: int = 0,
) -> ShortcutReport:
    """Tell the genres by each kind of facts alone, and test whether chance explains how well.

    Of each kind a ridge regression on the genres is fitted in 5 folds of whole groups, on broken
    lines over the ranks of each fact, on values that 5 % of the items share, and on what is
    missing. Its figure is the area under the ROC curve of each genre against the rest, a mean over
    folds; chance is 0.5. A kind is **named** where its corrected p is at most `LEVEL` and its AUC,
    of a genre or as the mean of all, at least 0.5 + `MARGIN`.

    Parameters
    ----------
    facts : pd.DataFrame
        Numbers, one row an item, nan where unknown.
    labels : array-like [shape=(n,), dtype=str]
        The genre of each.
    groups : array-like [shape=(n,), dtype=str]
        Artist or duplicates of each; one without has its own id.
    kinds : mapping
        Facts of each kind, such as `KINDS["cover"]`; a kind without a fact that varies is left out.
    n_draws : int
        Shufflings of the labels; no p is below 1 / (n_draws + 1).
    n_resamples : int
        Of the intervals, at least 100; 0 for none.
    seed : int
        The same seed gives the same report.

    Raises
    ------
    ParameterError
        Fewer than two genres of 10 items in 5 groups, or no fact that varies.

    Notes
    -----
    **The test**: labels are shuffled between whole groups, since facts and labels of one artist's
    items go together without saying anything of genres. A group gets the labels of another one, in
    turn where the sizes differ. All kinds see the same shufflings. A kind's excess is the largest,
    over the genres and their mean, of its AUC's distance from chance in standard deviations; p
    compares it with the largest of all kinds in each shuffling.
    **Source**: ridge regression as `sklearn.linear_model.Ridge`; the correction is that of Westfall
    and Young (1993). Facts are measured on what is given: a named kind may also be what the music
    does (long songs are prog), so a person has to judge.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels = np.array(["Pop", "Rock"])[np.arange(200) % 2]
    >>> facts = pd.DataFrame({"duration_s": rng.normal(200, 30, 200), "loudness": rng.random(200)})
    >>> facts["duration_s"] += 40 * (labels == "Rock")
    >>> report = find_shortcuts(facts, labels, np.arange(200) // 2, KINDS["song"], n_resamples=0)
    >>> report.named, report.table["kind"].tolist()
    (('length',), ['length', 'loudness'])
    """
    rows, names, codes, group = _chosen(np.asarray(labels, str), np.asarray(groups), seed)
    truth = np.eye(len(names))[codes]  # (n, n_genres)
    designs, used = {}, {}
    for kind, wanted in kinds.items():
        own = [name for name in wanted if name in facts and facts[name].iloc[rows].nunique() > 1]
        if own:
            designs[kind], used[kind] = design(facts[own].iloc[rows]), ", ".join(own)
    require(
        bool(designs),
        "An audit needs a fact that differs between items.",
        ", ".join(map(str, facts.columns)) or "none",
        "Measure the facts of the files first.",
    )
    folds = group_folds(codes, group, N_FOLDS, seed)
    single = group_folds(codes, np.arange(len(codes)), N_FOLDS, seed)
    drawn = shuffled(codes, group, n_draws, np.random.default_rng(seed))
    lines, z, largest = [], [], np.full(n_draws, -np.inf)
    with threadpool_limits(1):
        for kind, x in designs.items():
            scores = out_of_fold(x, truth, folds)
            auc = with_mean(fold_auc(scores, truth, folds))  # (n_genres + 1,), the mean last
            random = fold_auc(out_of_fold(x, truth, single), truth, single).mean()
            chance = by_chance(x, drawn, len(names), folds)  # (n_draws, n_genres + 1)
            mean, spread = chance.mean(axis=0), np.maximum(chance.std(axis=0), 1e-9)
            z.append(((auc - mean) / spread).max())
            largest = np.maximum(largest, ((chance - mean) / spread).max(axis=1))
            best = int(auc[:-1].argmax())
            ends = [
                _interval(scores[:, own], truth[:, own], folds, group, n_resamples, seed)
                for own in (slice(None), [best])
            ]
            below = np.quantile(chance[:, -1], 0.95)
            of_all = (auc[-1], *ends[0], random, below)
            lines.append((kind, used[kind], *of_all, names[best], auc[best], *ends[1]))
    columns = ["kind", "facts", "auc", "low", "high", "random_folds", "by_chance"]
    columns += ["genre", "genre_auc", "genre_low", "genre_high"]
    table = pd.DataFrame(lines, columns=columns)
    table["p"] = largest_of_all(np.array(z), largest)
    table["is_named"] = (table["p"] <= LEVEL) & (
        table[["auc", "genre_auc"]].max(axis=1) >= 0.5 + MARGIN
    )
    return ShortcutReport(
        table=table.sort_values("auc", ascending=False, ignore_index=True),
        genres=names,
        n=len(rows),
        n_groups=len(np.unique(group)),
        n_all=len(facts),
    )


def shortcuts_of(record: EvaluationRecord, **options: int) -> ShortcutReport:
    """Tell the genres of an evaluation's items by the facts of their files that it holds.

    `options` as for `find_shortcuts`, which raises where it holds none, as a model's own does.
    """
    rows = record.predictions()
    facts = rows[[name for name in rows if name.startswith(_FACT)]]
    labels = np.array(record.genres)[rows["genre_index"].to_numpy(np.int64)]
    facts = facts.rename(columns=lambda name: name.removeprefix(_FACT))
    groups = groups_of(rows).astype(str)
    return find_shortcuts(facts, labels, groups, KINDS[record.media], **options)


def _chosen(
    labels: NDArray[np.str_], groups: NDArray[Any], seed: int
) -> tuple[NDArray[np.int64], tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]:
    """Choose the items: rows, genres' names, and each item's genre and group as numbers."""
    group, _ = group_codes(groups)
    names = [
        name
        for name in np.unique(labels)
        if (labels == name).sum() >= _MIN_ITEMS
        and len(np.unique(group[labels == name])) >= MIN_GROUPS
    ]
    require(
        len(names) > 1,
        f"An audit needs two genres of {_MIN_ITEMS} items in {MIN_GROUPS} groups.",
        f"{len(names)} such of {len(np.unique(labels))}",
        "Give more items of each genre.",
    )
    rows = np.flatnonzero(np.isin(labels, names))
    if len(rows) > MAX_ITEMS:
        # Groups in an order that is drawn, as many as fit.
        place = np.random.default_rng(seed).permutation(group.max() + 1)[group[rows]]
        ordered = rows[np.argsort(place, kind="stable")][:MAX_ITEMS]
        rows = np.sort(ordered)
    codes = np.searchsorted(names, labels[rows])
    return rows, tuple(map(str, names)), codes.astype(np.int64), group[rows]


def _interval(
    scores: Array,
    truth: Array,
    folds: NDArray[np.int64],
    group: NDArray[np.int64],
    n_resamples: int,
    seed: int,
) -> tuple[float, float]:
    if not n_resamples:
        return np.nan, np.nan
    try:
        interval = bootstrap_interval(
            lambda i: float(fold_auc(scores[i], truth[i], folds[i]).mean()),
            group,
            n_resamples=n_resamples,
            seed=seed,
        )
    except NoIntervalError:
        return np.nan, np.nan
    return interval.low, interval.high


def _plain(value: object) -> object:
    if isinstance(value, float):
        return None if pd.isna(value) else round(value, 4)
    return value
