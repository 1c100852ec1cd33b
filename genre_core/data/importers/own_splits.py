"""Splits that a data set of songs came with: kept and completed, or refused where they leak."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from genre_core.data.folds import make_strata
from genre_core.data.importers.asked import asked
from genre_core.data.importers.songs import scan_songs
from genre_core.data.item import SPLITS, items_frame
from genre_core.data.splits import check_no_leak, make_splits, merge_groups
from genre_core.errors import LeakError, Problem
from genre_core.progress import Progress

VAL_PART = 0.15
"""Of train, where a data set has no val of its own; ours."""


def refuse_leaks(rows: list[dict[str, object]]) -> None:
    """Refuse splits of a data set's own that share an artist, and name the way out.

    Parameters
    ----------
    rows : list of dict
        Items with `item_id`, `group` and `split`; on the whole table, before any file is looked
        at: a lost file must not hide a leak.

    Raises
    ------
    LeakError
        With every such artist in its `problems`; not where somebody insists (`asked`).

    Examples
    --------
    >>> refuse_leaks([{"item_id": "x", "group": "artist:yes", "split": "train"},
    ...               {"item_id": "y", "group": "artist:yes", "split": "test"}])
    Traceback (most recent call last):
        ...
    genre_core.errors.LeakError: No group and no file may stand in two splits. Received 1 that do, \
first group 'artist:yes' in test and train (x, y). Make splits by artist instead of keeping the \
data's own (--new-splits).
    """
    if asked().allow_leaks:
        return
    try:
        check_no_leak(items_frame([{**row, "checksum": ""} for row in rows]))
    except LeakError as error:
        raise LeakError(
            error.rule,
            received=error.received,
            cure="Make splits by artist instead of keeping the data's own (--new-splits).",
            problems=error.problems,
        ) from None


def usable_songs(
    root: Path,
    found: dict[str, dict[str, object]],
    problems: list[Problem],
    *,
    new_splits: bool,
    verify: bool,
    progress: Progress | None,
) -> list[dict[str, object]]:
    """Read the files of the songs that a table names, and keep one item a good file.

    Parameters
    ----------
    root : Path
        Folder of the songs.
    found : dict of str to dict
        Path in it to its item.
    problems : list of Problem
        Gets an entry for each item that is left out.
    new_splits : bool
        Empty the items' splits.
    verify, progress
        As for `importers.songs.scan_songs`.

    Returns
    -------
    list of dict
        With checksums.
    """
    checksums, broken = scan_songs(root, list(found), verify=verify, progress=progress)
    problems += broken
    usable = [row | {"checksum": checksums[key]} for key, row in found.items() if key in checksums]
    if new_splits:
        usable = [row | {"split": ""} for row in usable]
    return leave_out_copies(usable, problems)


def leave_out_copies(
    rows: list[dict[str, object]], problems: list[Problem]
) -> list[dict[str, object]]:
    """Keep one of the items that are the same file, or none where they disagree.

    Parameters
    ----------
    rows : list of dict
        Items with `item_id`, `checksum`, `labels` and `split`.
    problems : list of Problem
        Gets an entry for each item that is left out.

    Returns
    -------
    list of dict
        One of each file: of test before one of val, of train or of none, and the first by name.
        Of a file with two labels there is none: it cannot be both.

    Examples
    --------
    >>> rows = [{"item_id": k, "checksum": "f" * 64, "labels": ["prog"], "split": split}
    ...         for k, split in (("a", "train"), ("b", "test"))]
    >>> problems = []
    >>> [row["item_id"] for row in leave_out_copies(rows, problems)], str(problems[0])
    (['b'], 'a: the same file as b')
    """
    order = {"test": 0, "val": 1, "train": 2, "": 3}
    of_file: dict[object, list[dict[str, object]]] = {}
    for row in rows:
        of_file.setdefault(row["checksum"], []).append(row)
    kept = []
    for same in of_file.values():
        first, *others = sorted(
            same, key=lambda row: (order[str(row["split"])], str(row["item_id"]))
        )
        if any(row["labels"] != first["labels"] for row in others):
            names = ", ".join(str(row["item_id"]) for row in same)
            for row in same:
                what = f"the same file under two labels ({names}): left out of both"
                problems.append(Problem(str(row["item_id"]), what))
            continue
        kept.append(first)
        problems += [
            Problem(str(row["item_id"]), f"the same file as {first['item_id']}") for row in others
        ]
    return kept


def cut_val(rows: list[dict[str, object]], problems: list[Problem], *, seed: int) -> None:
    """Cut a val part off train, by artist, where a data set has train and test alone.

    Parameters
    ----------
    rows : list of dict
        Items with `labels`, `group`, `checksum` and `split`; the split is changed in place.
    problems : list of Problem
        Gets an entry where train has too few artists.
    seed : int
        Of the cut.

    Examples
    --------
    >>> rows = [{"labels": ["Rock"], "group": f"artist:{k}", "checksum": "", "split": "train"}
    ...         for k in range(20)]
    >>> cut_val(rows, [], seed=0)
    >>> sum(row["split"] == "val" for row in rows)
    3
    """
    if any(row["split"] == "val" for row in rows):
        return
    train = [row for row in rows if row["split"] == SPLITS[0]]
    groups = merge_groups(
        [str(row["group"]) for row in train], [str(row["checksum"]) for row in train]
    )
    if len(set(groups)) < 2:
        problems.append(Problem("split", "val left empty: fewer than 2 groups in train"))
        return
    strata = make_strata(pd.Series([row["labels"] for row in train], dtype=object))
    split = make_splits(strata, groups, parts=(1 - VAL_PART, VAL_PART, 0.0), seed=seed)
    for row, name in zip(train, split, strict=True):
        row["split"] = str(name)
