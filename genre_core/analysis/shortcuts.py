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
from genre_core.config import require
from genre_core.data.folds import group_folds
from genre_core.metrics.intervals import MIN_GROUPS, NoIntervalError, bootstrap_interval
from genre_core.metrics.resampling import group_codes

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

MAX_ITEMS = 3_000
"""Of more, so many are drawn by whole groups."""

_N_FOLDS = 5
_MIN_ITEMS = 10  # of a genre
_N_KNOTS = 7
_COMMON, _N_COMMON = 0.05, 8  # share of a value that is told apart by itself, and how many
_PENALTY = 0.2  # times the number of items
_AT_ONCE = 4_000_000  # numbers of a block of draws

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
            designs[kind], used[kind] = _design(facts[own].iloc[rows]), ", ".join(own)
    require(
        bool(designs),
        "An audit needs a fact that differs between items.",
        ", ".join(map(str, facts.columns)) or "none",
        "Measure the facts of the files first.",
    )
    folds = group_folds(codes, group, _N_FOLDS, seed)
    single = group_folds(codes, np.arange(len(codes)), _N_FOLDS, seed)
    drawn = _shuffled(codes, group, n_draws, np.random.default_rng(seed))
    lines, z, largest = [], [], np.full(n_draws, -np.inf)
    with threadpool_limits(1):
        for kind, x in designs.items():
            scores = _out_of_fold(x, truth, folds)
            auc = _with_mean(_fold_auc(scores, truth, folds))  # (n_genres + 1,), the mean last
            random = _fold_auc(_out_of_fold(x, truth, single), truth, single).mean()
            chance = _by_chance(x, drawn, len(names), folds)  # (n_draws, n_genres + 1)
            mean, spread = chance.mean(axis=0), np.maximum(chance.std(axis=0), 1e-9)
            z.append(((auc - mean) / spread).max())
            largest = np.maximum(largest, ((chance - mean) / spread).max(axis=1))
            best = int(auc[:-1].argmax())
            ends = [
                _interval(scores[:, own], truth[:, own], folds, group, n_resamples, seed)
                for own in (slice(None), [best])
            ]
            by_chance = np.quantile(chance[:, -1], 0.95)
            of_all = (auc[-1], *ends[0], random, by_chance)
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


def _design(facts: pd.DataFrame) -> Array:
    """Lay facts out for a linear model: hats over ranks, common values, what is missing."""
    columns = []
    for name in facts:
        values = facts[name].to_numpy(np.float64, na_value=np.nan)
        is_known = np.isfinite(values)
        ranks = pd.Series(values[is_known]).rank().to_numpy() / max(is_known.sum(), 1)
        u = np.full(len(values), -1.0)
        u[is_known] = ranks * (_N_KNOTS - 1)
        # A hat is 1 at its knot and falls to 0 at its neighbours: their sums are any broken line.
        hats = [np.maximum(1 - np.abs(u - knot), 0) for knot in range(_N_KNOTS)]
        columns += [np.where(is_known, u, 0), *(np.where(is_known, hat, 0) for hat in hats)]
        own, n = np.unique(values[is_known], return_counts=True)
        common = own[np.argsort(-n, kind="stable")][:_N_COMMON]
        columns += [values == value for value in common if (values == value).mean() >= _COMMON]
        columns.append(~is_known)
    made = np.stack(columns, axis=1).astype(np.float64)  # (n, n_columns)
    made -= made.mean(axis=0)
    spread = made.std(axis=0)
    return np.asarray(made[:, spread > 0] / spread[spread > 0])


def _out_of_fold(x: Array, y: Array, folds: NDArray[np.int64]) -> Array:
    """Score each item by the ridge regression of the other folds [shape=(n, n_targets)]."""
    scores = np.empty(y.shape)
    for fold in range(_N_FOLDS):
        own = folds == fold
        train = x[~own]
        gram = train.T @ train + _PENALTY * len(train) * np.eye(x.shape[1])
        centred = y[~own] - y[~own].mean(axis=0)
        scores[own] = x[own] @ np.linalg.solve(gram, train.T @ centred)
    return scores


def _fold_auc(scores: Array, y: Array, folds: NDArray[np.int64]) -> Array:
    """Give each column's AUC, as a mean over the folds that have both [shape=(n_targets,)].

    0.5 where no fold has. Ties count half.
    """
    total, n_folds = np.zeros(y.shape[1]), np.zeros(y.shape[1])
    for fold in range(_N_FOLDS):
        own = folds == fold
        # Rounded: equal rows must stay equal whatever order their products were summed in.
        values = np.round(scores[own], 6).astype(np.float32)
        order = np.argsort(values, axis=0, kind="stable")
        values = np.take_along_axis(values, order, axis=0)
        hits = np.take_along_axis(y[own], order, axis=0)
        n_hits = hits.sum(axis=0)
        pairs = n_hits * (len(hits) - n_hits)
        is_new = np.vstack([np.ones((1, y.shape[1]), bool), values[1:] != values[:-1]])
        place = np.arange(len(hits))[:, np.newaxis]
        first = np.maximum.accumulate(np.where(is_new, place, 0), axis=0)
        is_last = np.vstack([is_new[1:], np.ones((1, y.shape[1]), bool)])
        last = np.where(is_last, place, len(hits) - 1)[::-1]
        last = np.minimum.accumulate(last, axis=0)[::-1]
        ranks = ((first + last) / 2 * hits).sum(axis=0) - n_hits * (n_hits - 1) / 2
        total += np.divide(ranks, pairs, out=np.zeros_like(total), where=pairs > 0)
        n_folds += pairs > 0
    return np.divide(total, n_folds, out=np.full_like(total, 0.5), where=n_folds > 0)


def _by_chance(
    x: Array, drawn: NDArray[np.int64], n_genres: int, folds: NDArray[np.int64]
) -> Array:
    """Give the AUCs of each draw of labels, the mean last [shape=(n_draws, n_genres + 1)]."""
    size = max(1, _AT_ONCE // (len(x) * n_genres))
    made = []
    for start in range(0, len(drawn), size):
        block = drawn[start : start + size]
        y = np.eye(n_genres)[block.T].reshape(len(x), -1)  # (n, n_block * n_genres)
        auc = _fold_auc(_out_of_fold(x, y, folds), y, folds)
        made.append(_with_mean(auc.reshape(len(block), n_genres)))
    return np.concatenate(made)


def _with_mean(aucs: Array) -> Array:
    return np.concatenate([aucs, aucs.mean(axis=-1, keepdims=True)], axis=-1)


def _shuffled(
    codes: NDArray[np.int64], group: NDArray[np.int64], n_draws: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Give groups the labels of other groups, in turn where sizes differ [shape=(n_draws, n)]."""
    _, owner, n_of = np.unique(group, return_inverse=True, return_counts=True)
    order = np.argsort(owner, kind="stable")
    starts = np.cumsum(n_of) - n_of
    place = np.empty(len(codes), np.int64)
    place[order] = np.arange(len(codes)) - starts[owner[order]]  # of each item in its group
    drawn = np.empty((n_draws, len(codes)), np.int64)
    for draw in range(n_draws):
        giver = rng.permutation(len(n_of))
        turn = place + rng.integers(0, n_of.max(), len(n_of))[owner]
        drawn[draw] = codes[order[starts[giver[owner]] + turn % n_of[giver[owner]]]]
    return drawn


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
            lambda i: float(_fold_auc(scores[i], truth[i], folds[i]).mean()),
            group,
            n_resamples=n_resamples,
            seed=seed,
        )
    except NoIntervalError:
        return np.nan, np.nan
    return interval.low, interval.high
