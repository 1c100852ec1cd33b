"""Train, val and test without leaks: groups and identical files are never split."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from genre_core.config import require
from genre_core.data.item import SPLITS
from genre_core.errors import LeakError, Problem

N_FOLDS = 20
"""Folds that `make_splits` shares out among the splits: parts are met in steps of about 5 %."""

_MAX_NAMED = 200


def merge_groups(
    groups: Sequence[str] | pd.Series[str], checksums: Sequence[str] | pd.Series[str]
) -> np.ndarray:
    """Join groups that hold the same file, directly or through other groups.

    Parameters
    ----------
    groups : sequence of str [length n]
        Group of every item; an item whose group is "" is a group of its own.
    checksums : sequence of str [length n]
        Checksum of every item; "" is the same as no other.

    Returns
    -------
    numpy.ndarray [shape=(n,), dtype=object]
        The smallest name of the joined groups; groups that share nothing keep their name.
        A nameless group is called "file:" and the first 16 digits of its smallest checksum;
        items that have neither are one group, since nothing tells them apart.

    Examples
    --------
    >>> merge_groups(["b", "a", "c"], ["1", "1", "2"]).tolist()
    ['a', 'a', 'c']
    """
    names = [str(group) for group in groups]
    files = [str(checksum) for checksum in checksums]
    parent = list(range(len(names)))  # Union-find: items of one part share a root.

    def root_of(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    first: dict[tuple[str, str], int] = {}
    for item, keys in enumerate(zip(names, files, strict=True)):
        for kind, key in zip(("group", "file"), keys, strict=True):
            if key:
                parent[root_of(item)] = root_of(first.setdefault((kind, key), item))
    roots = [root_of(item) for item in range(len(names))]
    joined: dict[int, str] = {}
    for root, name, file in zip(roots, names, files, strict=True):
        # The sign before the name makes every given name come before every made one.
        candidate = f"0{name}" if name else f"1file:{file[:16]}"
        joined[root] = min(candidate, joined.get(root, candidate))
    return np.asarray([joined[root][1:] for root in roots], dtype=object)


def group_folds(
    labels: Sequence[object] | np.ndarray | pd.Series[str],
    groups: Sequence[object] | np.ndarray | pd.Series[str],
    n_folds: int,
    seed: int = 0,
) -> np.ndarray:
    """Share items out into folds of like label counts, whole groups at a time.

    Parameters
    ----------
    labels : sequence [length n]
        What to balance (genre index or label).
    groups : sequence [length n]
        Items of one group come into one fold.
    n_folds : int
        At least 2, at most the number of groups.
    seed : int
        Seed of the order in which groups of like counts are taken.

    Returns
    -------
    numpy.ndarray [shape=(n,), dtype=int64]
        The fold of every item, 0 to n_folds - 1. It depends on the items, not on their order.

    Raises
    ------
    ParameterError
        Lengths differ, or there are fewer groups than folds.

    Notes
    -----
    **Source**: scikit-learn's `StratifiedGroupKFold`. With as many groups as folds, a fold is
    a group.

    Examples
    --------
    >>> group_folds(["Rock", "Pop"] * 4, [0, 0, 1, 1, 2, 2, 3, 3], n_folds=2).tolist()
    [1, 1, 0, 0, 0, 0, 1, 1]
    """
    label = np.asarray(labels, dtype=object).astype(str)
    group = np.asarray(groups, dtype=object).astype(str)
    require(
        label.shape == group.shape and label.ndim == 1,
        "labels and groups must be two sequences of one length.",
        f"{label.shape} and {group.shape}",
        "Give one label and one group an item.",
    )
    n_groups = len(np.unique(group))
    require(
        2 <= n_folds <= n_groups,
        f"n_folds must lie in [2, {n_groups}], the number of groups.",
        n_folds,
        "Use fewer folds, or data with more artists.",
    )
    # Within a group, items of one label are interchangeable: this order is all there is to know.
    # scikit-learn sorts as well today, but does not promise to.
    order = np.lexsort((label, group))
    folds = np.empty(len(label), dtype=np.int64)
    if n_groups == n_folds or np.unique(label, return_counts=True)[1].max() < n_folds:
        names, index = np.unique(group, return_inverse=True)
        folds[:] = np.random.default_rng(seed).permutation(len(names))[index] % n_folds
        return folds
    # Here, since it takes 1.5 s to load and the pages that read a catalog never split one.
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(n_splits=n_folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A label with fewer items than folds cannot be in every fold; that is no fault here.
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        parts = splitter.split(np.zeros(len(label)), label[order], group[order])
        for fold, (_, held_out) in enumerate(parts):
            folds[order[held_out]] = fold
    return folds


def make_splits(
    labels: Sequence[object] | np.ndarray | pd.Series[str],
    groups: Sequence[object] | np.ndarray | pd.Series[str],
    *,
    parts: tuple[float, float, float] = (0.7, 0.15, 0.15),
    seed: int = 0,
) -> np.ndarray:
    """Give every item a split, stratified by label, whole groups at a time.

    The items are shared out into `N_FOLDS` folds (`group_folds`); the folds, the largest first,
    go to the splits, and are then moved and exchanged as long as that makes the sum of
    (count / total - part) ** 2 over splits and labels, plus 1 for every label that a split
    lacks, smaller. No wanted split stays empty.

    Parameters
    ----------
    labels : sequence [length n]
        What to balance (genre index or label).
    groups : sequence [length n]
        Items of one group come into one split. Join groups that share files first
        (`merge_groups`).
    parts : tuple of float
        Parts of train, val and test, each >= 0 (train above 0), summing to 1. They are met as
        nearly as the groups allow.
    seed : int
        Another seed gives another, equally good division.

    Returns
    -------
    numpy.ndarray [shape=(n,), dtype=object]
        "train", "val" or "test"; no wanted split is empty. It depends on the items, not on
        their order.

    Raises
    ------
    ParameterError
        Lengths differ, wrong parts, or fewer groups than wanted splits.

    Examples
    --------
    >>> split = make_splits(["Rock", "Pop"] * 50, range(100), seed=1)
    >>> {name: int((split == name).sum()) for name in ("train", "val", "test")}
    {'train': 70, 'val': 15, 'test': 15}
    """
    share = np.asarray(parts, dtype=np.float64)
    require(
        share.shape == (3,)
        and bool((share >= 0).all())
        and abs(share.sum() - 1) < 1e-6
        and bool(share[0] > 0),
        "parts must be three numbers >= 0 for train, val and test, summing to 1.",
        parts,
        "Give for example (0.7, 0.15, 0.15).",
    )
    wanted = np.flatnonzero(share > 0)
    n_groups = len(set(map(str, groups)))
    require(
        n_groups >= len(wanted),
        f"{len(wanted)} splits need at least {len(wanted)} groups.",
        n_groups,
        "Add covers of other artists.",
    )
    if len(wanted) == 1:
        return np.full(len(labels), SPLITS[0], dtype=object)
    folds = group_folds(labels, groups, min(N_FOLDS, n_groups), seed)
    counts = pd.crosstab(folds, np.asarray(labels, dtype=object).astype(str)).to_numpy()
    part_of = _share_out(counts.astype(np.float64), share)  # (n_folds,)
    return np.asarray(SPLITS, dtype=object)[part_of[folds]]


def check_no_leak(frame: pd.DataFrame) -> None:
    """Refuse a frame in which a group or a file stands in two splits.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns `item_id`, `group`, `checksum` and `split`; items without split, and
        empty groups and checksums, are left alone.

    Raises
    ------
    LeakError
        Every such group and file is in its `problems`.

    Examples
    --------
    >>> from genre_core.data.item import items_frame
    >>> rows = [{"item_id": "x", "group": "a", "split": "train"},
    ...         {"item_id": "y", "group": "a", "split": "test"}]
    >>> check_no_leak(items_frame(rows))
    Traceback (most recent call last):
        ...
    genre_core.errors.LeakError: No group and no file may stand in two splits. Received \
1 that do, first group 'a' in test and train (x, y). Make the splits anew, by group.
    """
    problems = find_leaks(frame)
    if problems:
        raise LeakError(
            "No group and no file may stand in two splits.",
            received=f"{len(problems)} that do, first {problems[0].where} {problems[0].what}",
            cure="Make the splits anew, by group.",
            problems=tuple(problems[:_MAX_NAMED]),
        )


def find_leaks(frame: pd.DataFrame) -> list[Problem]:
    """List every group and every checksum that stands in two splits.

    Examples
    --------
    >>> from genre_core.data.item import items_frame
    >>> find_leaks(items_frame([{"item_id": "x", "group": "a", "split": "train"}]))
    []
    """
    problems = []
    placed = frame[frame["split"] != ""]
    for column, n_shown in (("group", 60), ("checksum", 16)):
        named = placed[placed[column] != ""]
        pairs = named[[column, "split"]].drop_duplicates()
        crossing = pairs.loc[pairs.duplicated(column), column]
        for name, rows in named[named[column].isin(crossing)].groupby(column, sort=True):
            splits = " and ".join(sorted(set(rows["split"])))
            items = ", ".join(rows["item_id"][:4]) + (", ..." if len(rows) > 4 else "")
            problems.append(Problem(f"{column} {str(name)[:n_shown]!r}", f"in {splits} ({items})"))
    return problems


def _share_out(counts: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Choose a split for every fold: fill up greedily, then exchange while that helps."""
    total = counts.sum(axis=0)
    target = np.outer(share, np.ones_like(total))  # (3, n_labels), as parts of each label
    parts = counts / total  # (n_folds, n_labels)
    wanted = [int(k) for k in np.flatnonzero(share > 0)]

    def cost(part_of: np.ndarray) -> float:
        have = np.stack([parts[part_of == k].sum(axis=0) for k in range(len(SPLITS))])
        n_starved = sum(not (part_of == k).any() for k in wanted)
        # A label that a split lacks cannot be judged there: worse than parts that are off.
        n_absent = int((have[wanted] < 1e-12).sum())
        return float(((have - target) ** 2).sum()) + n_absent + 1e6 * n_starved

    part_of = np.full(len(counts), -1)
    for fold in np.argsort(-counts.sum(axis=1), kind="stable"):
        part_of[fold] = min(wanted, key=lambda k: cost(_put(part_of, {fold: k})))
    while True:
        moves = [{i: k} for i in range(len(counts)) for k in wanted if k != part_of[i]]
        moves += [
            {i: part_of[j], j: part_of[i]}
            for i in range(len(counts))
            for j in range(i)
            if part_of[i] != part_of[j]
        ]
        costs = [cost(_put(part_of, move)) for move in moves]
        best = int(np.argmin(costs))
        # Each round must gain more than rounding could: so it ends.
        if costs[best] > cost(part_of) - 1e-9:
            return part_of
        part_of = _put(part_of, moves[best])


def _put(part_of: np.ndarray, move: Mapping[int, int]) -> np.ndarray:
    changed = part_of.copy()
    for fold, part in move.items():
        changed[fold] = part
    return changed
