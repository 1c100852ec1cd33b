"""Import a folder of prog covers beside a folder of other covers, as study S1 put them together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from genre_core.config import require
from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.listing import list_covers
from genre_core.data.importers.scan import ImportResult, finish_import, scan_covers
from genre_core.errors import DatasetError, Problem
from genre_core.progress import Progress

LABELS = ("prog", "non-prog")

S1_LIMITS: Mapping[str, int] = {"prog": 2_316, "non-prog": 80_000}
"""Study S1's class sizes: 97.2 % are not prog (the study says "80k" of the second)."""

TITLE = "Prog covers and others"


def import_prog_folder(
    prog: str | Path,
    *,
    others: str | Path,
    limits: Mapping[str, int] | None = None,
    name: str = "",
    title: str = TITLE,
    citation: str = "unknown",
    licence: str = "unknown",
    seed: int = 0,
    verify: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Import two folders as the labels `prog` and `non-prog`; what cannot be used is listed.

    Parameters
    ----------
    prog : str or Path
        Its covers, at any depth, are prog.
    others : str or Path
        Its covers are not. Both folders lie below one folder, neither in the other.
    limits : mapping of str to int, optional
        At most how many covers of a label are taken, 1 or more: `S1_LIMITS` rebuilds the
        study's majority. Which ones, the seed draws among all names like covers; of a smaller
        limit's covers all are among a larger one's.
    name, title, citation, licence : str
        Head of the data set; the name defaults to that of the prog folder.
    seed : int
        Of the draw and of the splits.
    verify : bool
        Decode every cover whole (finds truncated files) instead of its header only.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    ImportResult
        Items sorted by `item_id`, which is the path below the common folder. The source is the
        folder that a cover comes from: label and source say the same here, and whatever else
        sets two collections apart (size, scaling, compression) is mixed into the label. That is
        study S1's confound, and the column is there so that it can be shown. A file that lies in
        both folders is left out of both.

    Raises
    ------
    DatasetError
        No such folder, no cover in one of them, or folders that lie in each other or have no
        folder in common.
    ParameterError
        A limit for another label, or below 1.

    Notes
    -----
    **Source**: study S1 (2,316 prog covers of 260 px and about 80,000 of 512 px, two Kaggle data
    sets). What the first is called and how its files lie was not found: a folder of pictures is
    our assumption. The second is `genre_core.data.importers.kaggle_covers`'s flat folder.

    Examples
    --------
    >>> import_prog_folder("no-such-folder", others="neither")
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: Prog covers and others lie in two folders below one. \
Received no folder no-such-folder. Give two folders side by side.
    """
    limits = {} if limits is None else limits
    for label, limit in limits.items():
        require(
            label in LABELS and limit >= 1,
            f"limits must name {' or '.join(LABELS)}, 1 or more covers each.",
            {label: limit},
            'Give for example {"prog": 2316, "non-prog": 80000}.',
        )
    folders = (Path(prog), Path(others))
    root = _common_folder(folders)
    sources = [each.resolve().relative_to(root).as_posix() for each in folders]
    problems: list[Problem] = []
    found: dict[str, dict[str, object]] = {}
    for label, folder, source in zip(LABELS, folders, sources, strict=True):
        listed = list_covers(folder.resolve(), problems)
        if not listed:
            raise _no_layout(f"no cover in {folder}")
        for path in _draw(listed, limits.get(label, len(listed)), seed):
            item = f"{source}/{path}"
            found[item] = {"item_id": item, "path": item, "labels": [label], "source": source}
    checksums, broken = scan_covers(root, list(found), verify=verify, progress=progress)
    problems += broken
    usable = [row | {"checksum": checksums[key]} for key, row in found.items() if key in checksums]
    usable = _leave_out_both(usable, problems)
    head = DatasetHead(name or folders[0].absolute().name, title, citation, licence)
    return finish_import(head, root, usable, problems, has_split=False, seed=seed)


def _common_folder(folders: tuple[Path, Path]) -> Path:
    for folder in folders:
        if not folder.is_dir():
            raise _no_layout(f"no folder {folder}")
    first, second = (folder.resolve() for folder in folders)
    if first.is_relative_to(second) or second.is_relative_to(first):
        raise _no_layout(f"{folders[0]} and {folders[1]}, one in the other")
    # On Windows, two drives have nothing in common; `anchor` is the whole disk elsewhere.
    same = first.anchor == second.anchor
    root = Path(os.path.commonpath([first, second])) if same else Path(first.anchor)
    if root == Path(root.anchor):
        raise _no_layout(f"{folders[0]} and {folders[1]}, with no folder in common")
    return root


def _draw(paths: list[str], limit: int, seed: int) -> list[str]:
    if limit >= len(paths):
        return paths
    # The start of one shuffled order, so that a larger limit only adds covers.
    order = np.random.default_rng(seed).permutation(len(paths))
    return [paths[k] for k in sorted(order[:limit])]


def _leave_out_both(
    rows: list[dict[str, object]], problems: list[Problem]
) -> list[dict[str, object]]:
    """Leave out files of both labels: one picture cannot be prog and not be it."""
    labels_of: dict[object, set[object]] = {}
    for row in rows:
        labels_of.setdefault(row["checksum"], set()).add(row["source"])
    both = {checksum for checksum, sources in labels_of.items() if len(sources) > 1}
    problems += [
        Problem(str(row["item_id"]), "the same picture lies in both folders")
        for row in rows
        if row["checksum"] in both
    ]
    return [row for row in rows if row["checksum"] not in both]


def _no_layout(received: str) -> DatasetError:
    return DatasetError(
        "Prog covers and others lie in two folders below one.",
        received=received,
        cure="Give two folders side by side.",
    )
