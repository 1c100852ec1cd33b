"""How many known duplicate covers a finder finds, and how many other covers it pairs falsely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.data.near_pairs import NearPairs
from genre_core.errors import ParameterError
from genre_core.evaluation.report import interval_dict
from genre_core.metrics.intervals import MIN_GROUPS, bootstrap_interval, exact_interval


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Which of some covers are known to be the same.

    groups [shape=(n,), dtype=object]: group of duplicates of each cover; a cover without known
        duplicates is alone in its own
    first, second [shape=(k,), dtype=int64]: the known pairs, first < second: all pairs of covers of
        one group
    is_other [shape=(n,), dtype=bool]: covers of no known pair, the other covers
    is_two_files [shape=(k,), dtype=bool]: whether a pair is of two files; a table may list one file
        twice
    """

    groups: NDArray[np.object_]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    is_other: NDArray[np.bool_]
    is_two_files: NDArray[np.bool_]


def known_pairs(paths: Sequence[str], groups: Sequence[str]) -> Known:
    """List the pairs that a table's groups of duplicates name.

    `paths` are the file of each cover, `groups` its group of duplicates, "" for none.

    Examples
    --------
    >>> known = known_pairs(["a", "b", "c"], ["x", "", "x"])
    >>> known.first.tolist(), known.second.tolist(), known.is_other.tolist()
    ([0], [2], [False, True, False])
    >>> known_pairs(["a", "b"], ["x", "y"])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: At least two covers must share a group of duplicates. \
    Received 2 covers, each alone. Give a table that lists known duplicates.
    """
    if len(paths) != len(groups):
        raise ParameterError(
            "Every cover needs a path and a group.",
            received=f"{len(paths)} paths, {len(groups)} groups",
            cure="Take both from one table.",
        )
    members: dict[str, list[int]] = {}
    names = np.array([each or f"alone {row}" for row, each in enumerate(groups)], dtype=object)
    for row, name in enumerate(names):
        members.setdefault(str(name), []).append(row)
    pairs = [
        (one, two)
        for rows in members.values()
        for place, one in enumerate(rows)
        for two in rows[place + 1 :]
    ]
    if not pairs:
        raise ParameterError(
            "At least two covers must share a group of duplicates.",
            received=f"{len(paths)} covers, each alone",
            cure="Give a table that lists known duplicates.",
        )
    first, second = np.array(pairs, np.int64).T
    is_other = np.array([len(members[str(name)]) == 1 for name in names])
    is_two = np.array([paths[one] != paths[two] for one, two in pairs])
    return Known(names, first, second, is_other, is_two)


class Judged:
    """Pairs that a finder scored, against those that are known.

    known: what is known
    scored: pairs with their scores; a pair that is not among them was not proposed
    same: further pairs, first < second, that somebody looked at and found to be the same: they
        count as falsely paired in `falsely`, which knows only what is listed, and not in
        `falsely_looked_at`
    """

    def __init__(
        self, known: Known, scored: NearPairs, same: frozenset[tuple[int, int]] = frozenset()
    ) -> None:
        self.known = known
        n = len(known.groups)
        keys = scored.first * n + scored.second
        order = np.argsort(keys)
        wanted = known.first * n + known.second
        places = np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)
        self.scores = np.full(len(wanted), -np.inf)
        self.lowest = float(scored.score.min(initial=0))
        if len(keys):
            hit = keys[order[places]] == wanted
            self.scores[hit] = scored.score[order[places[hit]]]
        is_false = known.groups[scored.first] != known.groups[scored.second]
        looked = {one * n + two for one, two in same}
        is_same = np.isin(keys, np.fromiter(looked, np.int64, len(looked)))
        self.highest_false = self._highest(scored, is_false)
        self.highest_wrong = self._highest(scored, is_false & ~is_same)
        self.unlisted = np.sort(scored.score[is_false & is_same].astype(np.float64))

    def _highest(self, scored: NearPairs, which: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return for each other cover the score of its surest false pair [shape=(n_others,)]."""
        highest = np.full(len(self.known.groups), -np.inf)
        for rows in (scored.first, scored.second):
            np.maximum.at(highest, rows[which], scored.score[which])
        return highest[self.known.is_other]

    def at(self, threshold: float) -> dict[str, float]:
        """Tell recall and false pairs from a score on.

        `recall` of the known pairs, `recall_two_files` of those of two files, `falsely`: the share
        of the other covers that are paired with any cover not of their group, `falsely_looked_at`:
        the same without pairs that somebody found to be the same.
        """
        is_found = self.scores >= threshold
        two = self.known.is_two_files
        return {
            "threshold": float(threshold),
            "recall": float(is_found.mean()),
            "recall_two_files": float(is_found[two].mean()) if two.any() else float("nan"),
            "falsely": float((self.highest_false >= threshold).mean()),
            "falsely_looked_at": float((self.highest_wrong >= threshold).mean()),
        }

    def lowest_threshold(self, limit: float, others: NDArray[np.bool_] | None = None) -> float:
        """Return the lowest score at which at most a share `limit` of others is falsely paired.

        Only `others` count, where they are given [shape=(n_others,), dtype=bool]; at least the
        lowest score of all pairs.
        """
        highest = self.highest_false if others is None else self.highest_false[others]
        ordered = np.sort(highest)[::-1]
        allowed = int(limit * len(ordered) + 1e-9)
        # Where all others may be paired, or are never, every pair that was scored counts.
        last = ordered[allowed] if allowed < len(ordered) else -np.inf
        return max(float(np.nextafter(last, np.inf)), self.lowest)

    def with_intervals(self, threshold: float) -> dict[str, Any]:
        """Tell the same as `at` with 95 % intervals.

        Recall: bootstrap over groups of duplicates; false pairs: exact. Fewer than 5 groups or
        covers have none.
        """
        is_found = self.scores >= threshold
        two = np.flatnonzero(self.known.is_two_files)
        groups = self.known.groups[self.known.first]
        figures: dict[str, Any] = {"threshold": float(threshold)}
        for name, rows in (("recall", np.arange(len(is_found))), ("recall_two_files", two)):
            figures[name] = _recall(is_found[rows], groups[rows]) | {"n_pairs": len(rows)}
        for name, highest in (
            ("falsely", self.highest_false),
            ("falsely_looked_at", self.highest_wrong),
        ):
            n_false = int((highest >= threshold).sum())
            figures[name] = _share(n_false, len(highest)) | {"n_covers": n_false}
        figures["n_unlisted"] = int((self.unlisted >= threshold).sum())
        return figures


def on_halves(judged: Judged, limit: float, *, seed: int = 0) -> dict[str, float]:
    """Choose the threshold on one half of groups and others, and measure it on the other half.

    At most a share `limit` of others may be falsely paired in the first half; `seed` is of the
    division. Gives `threshold`, and `recall` and `falsely` of the half that had no part in it.
    """
    rng = np.random.default_rng(seed)
    groups = np.unique(judged.known.groups[judged.known.first].astype(str))
    chosen = rng.permutation(groups)[: len(groups) // 2]
    others = np.zeros(len(judged.highest_false), bool)
    others[rng.permutation(len(others))[: len(others) // 2]] = True
    threshold = judged.lowest_threshold(limit, others)
    is_held_out = ~np.isin(judged.known.groups[judged.known.first].astype(str), chosen)
    return {
        "threshold": threshold,
        "recall": float((judged.scores[is_held_out] >= threshold).mean()),
        "falsely": float((judged.highest_false[~others] >= threshold).mean()),
    }


def _recall(is_found: NDArray[np.bool_], groups: NDArray[np.object_]) -> dict[str, float | None]:
    if len(np.unique(groups.astype(str))) < MIN_GROUPS:
        return _alone(float(is_found.mean()) if len(is_found) else None)
    return {**interval_dict(bootstrap_interval(lambda rows: float(is_found[rows].mean()), groups))}


def _share(k: int, n: int) -> dict[str, float | None]:
    if n < MIN_GROUPS:
        return _alone(k / n if n else None)
    return {**interval_dict(exact_interval(k, n))}


def _alone(value: float | None) -> dict[str, float | None]:
    return {"value": value if value is None else round(value, 4), "low": None, "high": None}
