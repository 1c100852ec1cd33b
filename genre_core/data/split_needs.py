"""What a task needs of the splits of a data set, and how to get what is missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from genre_core.config import Task
from genre_core.data.catalog import Catalog
from genre_core.data.folds import make_strata
from genre_core.data.importers.contract import CUT_VAL, NEW_SPLITS, cut_val
from genre_core.data.item import SPLITS
from genre_core.data.splits import make_splits
from genre_core.data.taxonomy import indicator
from genre_core.errors import DatasetError, Problem


def need_every_genre(
    catalog: Catalog, frame: pd.DataFrame, task: Task, splits: Sequence[str] = SPLITS
) -> None:
    """Raise `DatasetError` where a split lacks a genre of a task, naming both and the way out.

    `frame` is what `Catalog.select` gave. Where an item may have several genres, each split needs
    items with and without each of them. What the advice says was tried on the data.
    """
    hits = _hits(frame, task)
    problems = list(_missing(frame["split"].to_numpy(), hits, task, splits))
    if not problems:
        return
    others = " and items without it" if task.head == "multilabel" else ""
    raise DatasetError(
        f"Every genre needs items{others} in each of the splits {', '.join(splits)}.",
        received="; ".join(f"{problem.where}: {problem.what}" for problem in problems[:6]),
        cure=_cure(catalog, frame, task, hits, splits),
        problems=tuple(problems),
    )


def _hits(frame: pd.DataFrame, task: Task) -> np.ndarray:
    """Tell which genres each item has (n, n_genres)."""
    if task.head == "multilabel":
        return indicator(frame["genre_indices"], len(task.genres))
    return np.eye(len(task.genres), dtype=bool)[frame["genre_index"].to_numpy()]


def _missing(
    split: np.ndarray, hits: np.ndarray, task: Task, splits: Sequence[str]
) -> list[Problem]:
    problems = []
    for name in splits:
        own = hits[split == name]
        if not len(own):
            problems.append(Problem(f"split {name}", "no item at all"))
            continue
        without = [g for g, has in zip(task.genres, own.any(axis=0), strict=True) if not has]
        if without:
            problems.append(Problem(f"split {name}", f"no {', no '.join(without)}"))
        if task.head == "multilabel":
            only = [g for g, has in zip(task.genres, own.all(axis=0), strict=True) if has]
            if only:
                problems.append(Problem(f"split {name}", f"nothing without {', '.join(only)}"))
    return problems


def _cure(
    catalog: Catalog, frame: pd.DataFrame, task: Task, hits: np.ndarray, splits: Sequence[str]
) -> str:
    """Say how to get every genre into every split: only what was tried on these items."""
    ways: list[str] = []
    whole = catalog.frame
    groups = np.where(whole["group"] == "", whole["item_id"], whole["group"]).astype(str)
    if len(np.unique(groups)) >= len(SPLITS):
        rows = whole[["labels", "group", "checksum", "split"]].to_dict("records")
        cut_val(rows, [], seed=0)
        anew = make_splits(make_strata(whole["labels"]), groups)
        for made, way in (
            ([row["split"] for row in rows], f"a val part cut off train ({CUT_VAL})"),
            (anew, f"new splits ({NEW_SPLITS})"),
        ):
            split = pd.Series(made, index=whole.index)[frame.index].to_numpy()
            if not _missing(split, hits, task, splits):
                ways.append(f"{'Or import' if ways else 'Import'} the data again with {way}.")
    own = groups[whole.index.get_indexer(frame.index)]
    few = [
        f"{genre} ({n})"
        for genre, has in zip(task.genres, hits.T, strict=True)
        if (n := len(np.unique(own[has]))) < len(splits)
    ]
    if few:
        ways.append(
            f"Each split needs a group (artist) of its own of each genre: add {', '.join(few)} of "
            f"other artists, up to {len(splits)}, and import again."
        )
    elif not ways:
        ways.append("Add items of these genres to these splits and import again.")
    split = frame["split"].to_numpy()
    kept = [
        k for k in range(len(task.genres)) if all(hits[split == name, k].any() for name in splits)
    ]
    if 2 <= len(kept) < len(task.genres) and task.head == "softmax":
        names = ", ".join(f'"{task.genres[k]}"' for k in kept)
        ways.append(f"Or learn the others alone: --set 'task.genres=[{names}]'.")
    return " ".join(ways)
