"""Train, val and test without leaks: groups and identical files are never split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from genre_core.config import require
from genre_core.data.folds import codes_of, group_folds
from genre_core.data.item import SPLITS
from genre_core.errors import LeakError, Problem

N_FOLDS = 20
"""Folds that `make_splits` shares out among the splits: parts are met in steps of about 5 %."""

_MAX_NAMED = 200


def merge_groups(
    groups: Sequence[str] | pd.Series[str], checksums: Sequence[str] | pd.Series[str]
) -> np.ndarray:
    """Join groups that hold the same file, directly or through other groups.

    An item whose group is "" is a group of its own; a checksum "" is the same as no other. Joined
    groups get the smallest of their names; groups that share nothing keep theirs. A nameless group
    is called "file:" and the first 16 digits of its smallest checksum; items that have neither are
    one group, since nothing tells them apart.

    >>> merge_groups(["b", "a", "c"], ["1", "1", "2"]).tolist()
    ['a', 'a', 'c']
    """
    names = [str(group) for group in groups]
    files = [str(checksum) for checksum in checksums]
    first: dict[tuple[str, str], int] = {}
    pairs = [
        (first.setdefault((kind, key), item), item)
        for item, keys in enumerate(zip(names, files, strict=True))
        for kind, key in zip(("group", "file"), keys, strict=True)
        if key
    ]
    parts = connected_parts(len(names), pairs)
    joined: dict[int, str] = {}
    for part, name, file in zip(parts, names, files, strict=True):
        # The sign before the name makes every given name come before every made one.
        candidate = f"0{name}" if name else f"1file:{file[:16]}"
        joined[part] = min(candidate, joined.get(part, candidate))
    return np.asarray([joined[part][1:] for part in parts], dtype=object)


def connected_parts(n_items: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Return the part of each item: pairs tie their items together, also through other items."""
    ends = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n_items, n_items))
    return [int(part) for part in connected_components(graph, directed=False)[1]]


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

    Raises `ParameterError`: lengths differ, wrong parts, or fewer groups than wanted splits.

    `labels` are what is balanced. Join groups that share files first (`merge_groups`). `parts` are
    those of train, val and test, each >= 0 (train above 0), summing to 1, met as nearly as the
    groups allow. Another seed gives another, equally good division.

    Returns "train", "val" or "test" of each item [shape=(n,), dtype=object], which depends on the
    items, not on their order.

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
    n_folds = min(N_FOLDS, n_groups)
    folds = group_folds(labels, groups, n_folds, seed)
    label, names = codes_of(labels)
    counts = np.bincount(folds * len(names) + label, minlength=n_folds * len(names))
    counts = counts.reshape(n_folds, len(names))  # (n_folds, n_labels)
    part_of = _share_out(counts.astype(np.float64), share)  # (n_folds,)
    return np.asarray(SPLITS, dtype=object)[part_of[folds]]


def check_no_leak(frame: pd.DataFrame) -> None:
    """Raise `LeakError` where a group or a checksum stands in two splits, naming every such one.

    Items without a split, group or checksum do not count.
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
    """List every group and every checksum that stands in two splits."""
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
