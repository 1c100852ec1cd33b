"""Train, val and test without leaks: groups and identical files are never split."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold

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
        A nameless group is called "file:" and the first 16 digits of its smallest checksum.

    Examples
    --------
    >>> merge_groups(["b", "a", "c"], ["1", "1", "2"]).tolist()
    ['a', 'a', 'c']
    """
    group = np.asarray(groups, dtype=object)
    checksum = np.asarray(checksums, dtype=object)
    n = len(group)
    if n == 0:
        return group
    edges = [np.arange(n)]
    n_nodes = n
    for names in (group, checksum):
        codes, known = pd.factorize(names)
        # A nameless item points at a node of its own.
        nodes = np.where(names == "", len(known) + np.arange(n), codes)
        edges.append(nodes + n_nodes)
        n_nodes += len(known) + n
    rows = np.concatenate([edges[0], edges[0]])
    columns = np.concatenate(edges[1:])
    graph = coo_array((np.ones(2 * n), (rows, columns)), shape=(n_nodes, n_nodes))
    _, part = connected_components(graph, directed=False)
    alone = np.asarray([f"file:{each[:16]}" for each in checksum], dtype=object)
    named = pd.DataFrame({"part": part[:n], "name": group})
    named.loc[group == "", "name"] = None
    smallest = named.groupby("part")["name"].transform("min").to_numpy(dtype=object)
    spare = pd.DataFrame({"part": part[:n], "name": alone})
    spare_name = spare.groupby("part")["name"].transform("min").to_numpy(dtype=object)
    return np.where(pd.isna(smallest), spare_name, smallest)


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
    order = np.lexsort((label, group))
    folds = np.empty(len(label), dtype=np.int64)
    if n_groups == n_folds or np.unique(label, return_counts=True)[1].max() < n_folds:
        names, index = np.unique(group, return_inverse=True)
        folds[:] = np.random.default_rng(seed).permutation(len(names))[index] % n_folds
        return folds
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

    The items are shared out into `N_FOLDS` folds (`group_folds`); folds, the largest first, then
    go to the split that they bring nearest to its part of every label:
    the sum of ((count - part * total) / total) ** 2 over splits and labels is kept smallest.

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
        Columns `group`, `checksum` and `split`; items without split, and empty groups and
        checksums, are left alone.

    Raises
    ------
    LeakError
        Every such group and file is in its `problems`.

    Examples
    --------
    >>> check_no_leak(pd.DataFrame(
    ...     {"group": ["a", "a"], "checksum": ["1", "2"], "split": ["train", "test"]}))
    Traceback (most recent call last):
        ...
    genre_core.errors.LeakError: No group and no file may stand in two splits. \
Received 1 that do, first group 'a' in test and train. Make the splits anew, by group.
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
    >>> find_leaks(pd.DataFrame({"group": ["a"], "checksum": ["1"], "split": ["train"]}))
    []
    """
    problems = []
    placed = frame[frame["split"] != ""]
    for column in ("group", "checksum"):
        named = placed.loc[placed[column] != "", [column, "split"]].drop_duplicates()
        twice = named[named.duplicated(column, keep=False)]
        for name, rows in twice.groupby(column, sort=True):
            where = f"{column} {str(name)[:40]!r}"
            problems.append(Problem(where, "in " + " and ".join(sorted(rows["split"]))))
    return problems


def _share_out(counts: np.ndarray, share: np.ndarray) -> np.ndarray:
    total = counts.sum(axis=0)
    target = np.outer(share, total)  # (3, n_labels)
    have = np.zeros_like(target)
    part_of = np.zeros(len(counts), dtype=np.int64)
    wanted = np.flatnonzero(share > 0)
    for fold in np.argsort(-counts.sum(axis=1), kind="stable"):
        # Only the split that takes the fold changes its distance from the target.
        gain = [
            float(
                (
                    (((have[k] + counts[fold] - target[k]) / total) ** 2)
                    - (((have[k] - target[k]) / total) ** 2)
                ).sum()
            )
            for k in wanted
        ]
        best = wanted[int(np.argmin(gain))]
        part_of[fold] = best
        have[best] += counts[fold]
    for k in wanted:
        if not (part_of == k).any():
            # Very large groups can starve a split: it gets the smallest fold that can be spared.
            spare = np.flatnonzero(np.bincount(part_of, minlength=3)[part_of] > 1)
            part_of[spare[np.argmin(counts[spare].sum(axis=1))]] = k
    return part_of
