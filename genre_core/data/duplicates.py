"""Items of a data set that are the same or nearly so, and groups that keep them together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from genre_core.config import require
from genre_core.data.catalog import Catalog
from genre_core.data.media_files import media_files
from genre_core.data.near_pairs import (
    MIN_AGREEMENT,
    MIN_SCORE,
    cover_pairs,
    cover_prints,
    song_pairs,
    song_words,
)
from genre_core.data.splits import connected_parts, merge_groups
from genre_core.errors import ParameterError, Problem
from genre_core.progress import Progress


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two items, in the catalog's order, that are the same file or the same cover or recording.

    `score` is 1 for the same file; else how sure that is (`data.near_pairs`), 1 at most.
    """

    first: str
    second: str
    kind: Literal["exact", "near"]
    score: float


@dataclass(frozen=True, slots=True)
class DuplicateReport:
    """What is the same in a data set of `n_items` items."""

    n_items: int
    pairs: tuple[DuplicatePair, ...]
    """Same files first, then the surest. Of several copies of one file each is paired with the
    first one, and only the first one with other files."""
    groups: tuple[tuple[str, ...], ...]
    """Items that hang together by pairs, two or more each, in the catalog's order."""
    crossing: tuple[tuple[str, ...], ...]
    """Those of `groups` that stand in more than one split: a leak."""
    problems: tuple[Problem, ...]
    """Files that could not be looked at."""

    def n_pairs(self, kind: Literal["exact", "near"]) -> int:
        """Count the pairs of one kind."""
        return sum(pair.kind == kind for pair in self.pairs)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "n_items": self.n_items,
            "n_exact": self.n_pairs("exact"),
            "n_near": self.n_pairs("near"),
            "n_groups": len(self.groups),
            "n_crossing": len(self.crossing),
            "pairs": [
                {"first": p.first, "second": p.second, "kind": p.kind, "score": round(p.score, 4)}
                for p in self.pairs
            ],
            "groups": [list(group) for group in self.groups],
            "crossing": [list(group) for group in self.crossing],
            "broken": [
                {"item_id": problem.where, "reason": problem.what} for problem in self.problems
            ],
        }


def find_duplicates(
    catalog: Catalog,
    *,
    thorough: bool = False,
    min_score: float | None = None,
    progress: Progress | None = None,
) -> DuplicateReport:
    """Find items that are the same file, cover or recording.

    `thorough` also finds covers that are mirrored or cut by up to 15 % of a side, in some four
    times the time. From `min_score` on, -2 to 1, two items count as the same; by default 0.6 for
    covers, 0.3 for songs: lower finds more, and more that are not.

    Memory: 2.3 KB a cover (12 KB if thorough) or 86 bytes a second of song, whatever the files.

    Examples
    --------
    >>> from pathlib import Path
    >>> from genre_core.data.catalog import DatasetHead
    >>> from genre_core.data.item import items_frame
    >>> rows = [{"item_id": name, "path": name, "checksum": "0" * 64} for name in ("a", "b")]
    >>> head = DatasetHead("mine", "Mine", "unknown", "unknown")
    >>> report = find_duplicates(Catalog(head, Path("no-such-folder"), items_frame(rows)))
    >>> report.groups, report.pairs[0].kind, len(report.problems)
    ((('a', 'b'),), 'exact', 1)
    """
    default = MIN_SCORE if catalog.head.media == "cover" else MIN_AGREEMENT
    limit = default if min_score is None else min_score
    require(-2 <= limit <= 1, "min_score must lie in -2 to 1.", min_score, f"Give {default}.")
    frame = catalog.frame.reset_index(drop=True)
    ids = frame["item_id"].tolist()
    copies, originals = _same_files(frame["checksum"].tolist())
    files, places, problems = media_files(catalog, frame.iloc[originals])
    if catalog.head.media == "cover":
        prints, broken = cover_prints(files, thorough=thorough, progress=progress)
        near = cover_pairs(prints, min_score=limit)
    else:
        words, rows, broken = song_words(files, progress=progress)
        near = song_pairs(words, rows, min_agreement=limit, progress=progress)
    pairs = [DuplicatePair(ids[one], ids[two], "exact", 1.0) for one, two in copies]
    file_ids = [ids[originals[place]] for place in places]
    pairs += [
        DuplicatePair(
            file_ids[near.first[k]], file_ids[near.second[k]], "near", float(near.score[k])
        )
        for k in np.argsort(-near.score, kind="stable")
    ]
    return _report(frame, pairs, (*problems, *broken))


def regroup(frame: pd.DataFrame, report: DuplicateReport) -> np.ndarray:
    """Join the groups of items that are duplicates, so that no split parts them.

    `frame` has the columns item_id, checksum and group. Each item gets the smallest name of the
    joined groups, as `data.splits.merge_groups` gives it.

    Raises `ParameterError`: the report names items that the frame has not.

    >>> frame = pd.DataFrame({"item_id": ["x", "y", "z"], "checksum": "", "group": ["b", "a", "c"]})
    >>> report = DuplicateReport(3, (), (("x", "y"),), (), ())
    >>> regroup(frame, report).tolist()
    ['a', 'a', 'c']
    >>> regroup(frame[:1], report)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: The report must be of this frame. Received 1 item that it \
    has not, first 'y'. Find the duplicates anew.
    """
    ids = frame["item_id"].tolist()
    known = set(ids)
    strange = [item for group in report.groups for item in group if item not in known]
    if strange:
        raise ParameterError(
            "The report must be of this frame.",
            received=f"{len(strange)} item{'s' * (len(strange) > 1)} that it has not, "
            f"first {strange[0]!r}",
            cure="Find the duplicates anew.",
        )
    first_of = {item: group[0] for group in report.groups for item in group}
    checksum_of = dict(zip(ids, frame["checksum"], strict=True))
    keys = []
    for item in ids:
        first = first_of.get(item, item)
        # Every item needs a key of its own, or all without one would be joined.
        keys.append(checksum_of[first] or hashlib.sha256(first.encode()).hexdigest())
    return merge_groups(frame["group"], keys)


def _same_files(checksums: Sequence[str]) -> tuple[list[tuple[int, int]], list[int]]:
    """Pair each further copy with the first, and list the rows that are no further copy."""
    first: dict[str, int] = {}
    copies, originals = [], []
    for row, checksum in enumerate(checksums):
        if checksum and checksum in first:
            copies.append((first[checksum], row))
        else:
            first[checksum] = row
            originals.append(row)
    return copies, originals


def _report(
    frame: pd.DataFrame, pairs: Sequence[DuplicatePair], problems: tuple[Problem, ...]
) -> DuplicateReport:
    ids = frame["item_id"].tolist()
    row_of = {item: row for row, item in enumerate(ids)}
    parts = connected_parts(len(ids), [(row_of[p.first], row_of[p.second]) for p in pairs])
    members: dict[int, list[str]] = {}
    splits: dict[int, set[str]] = {}
    for item, split, part in zip(ids, frame["split"], parts, strict=True):
        members.setdefault(part, []).append(item)
        splits.setdefault(part, set()).add(split)
    groups = {part: tuple(items) for part, items in members.items() if len(items) > 1}
    crossing = tuple(items for part, items in groups.items() if len(splits[part] - {""}) > 1)
    return DuplicateReport(len(frame), tuple(pairs), tuple(groups.values()), crossing, problems)
