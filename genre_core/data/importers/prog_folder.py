"""A folder of prog covers beside a folder of other covers, as study S1 put them together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from genre_core.config import require
from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.contract import Layout, Listing
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.rows import Row, leave_out_both, new_row
from genre_core.data.media_walk import list_media
from genre_core.errors import DatasetError, Problem

LABELS = ("prog", "non-prog")

S1_LIMITS: Mapping[str, int] = {"prog": 2_316, "non-prog": 80_000}
"""Study S1's class sizes: 97.2 % are not prog (the study says "80k" of the second)."""

HEAD = DatasetHead("", "Prog covers and others", "unknown", "unknown")


def read_prog_folder(prog: Path, options: ImportOptions, problems: list[Problem]) -> Listing:
    """List the covers of two folders as the labels `prog` and `non-prog`.

    The options' `limits` say how many of a label are taken at most: `S1_LIMITS` rebuilds study S1's
    majority. Which ones, the seed draws; of a smaller limit's covers all are among a larger one's.

    The source is the folder that a cover comes from: label and source say the same here, and
    whatever else sets two collections apart (size, scaling, compression) is mixed into the label.
    That is study S1's confound, and the column is there so that it can be shown.

    **Source**: study S1 (2,316 prog covers of 260 px and about 80,000 of 512 px, two Kaggle data
    sets). What the first is called and how its files lie was not found: a folder of pictures is
    our assumption. The second is `kaggle_covers`'s flat folder.
    """
    require(
        options.others is not None,
        "The layout 'prog' needs a second folder, of covers that are not prog.",
        None,
        "Give it as others (--others).",
    )
    for label, limit in options.limits.items():
        require(
            label in LABELS and limit >= 1,
            f"limits must name {' or '.join(LABELS)}, 1 or more covers each.",
            {label: limit},
            'Give for example {"prog": 2316, "non-prog": 80000}.',
        )
    folders = (prog, Path(str(options.others)))
    root = _common_folder(folders)
    rows: dict[str, Row] = {}
    for label, folder in zip(LABELS, folders, strict=True):
        listed = list_media(folder.resolve(), problems)
        if not listed:
            raise _no_layout(f"no cover in {folder}")
        source = folder.resolve().relative_to(root).as_posix()
        for path in _draw(listed, options.limits.get(label, len(listed)), options.seed):
            item = f"{source}/{path}"
            rows[item] = new_row(item, [label], source=source)
    return Listing(root, replace(HEAD, name=prog.absolute().name), rows)


PROG_FOLDER = Layout(
    text="prog covers beside other covers",
    read=read_prog_folder,
    options=("others", "limits"),
    clean=leave_out_both,
)


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


def _no_layout(received: str) -> DatasetError:
    return DatasetError(
        "Prog covers and others lie in two folders below one.",
        received=received,
        cure="Give two folders side by side.",
    )
