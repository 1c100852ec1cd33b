"""A data set whose labels are those that people noted: derived from another, without its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pandas as pd

from genre_core.data.catalog import Catalog, load_catalog
from genre_core.data.home import home
from genre_core.data.importers.contract import ImportResult
from genre_core.data.importers.stored import find_stored, need_own_name, save_import
from genre_core.data.item import WEIGHTS
from genre_core.data.notes import Note, noted_files
from genre_core.errors import DatasetError

_NOBODY = "nobody named"
_NAMED = 5
_CORRECTED = " (labels corrected"


def corrected_dataset(catalog: Catalog, name: str = "") -> Catalog:
    """Make a data set of the home folder with the labels that were noted on another's items.

    Splits, groups and all other items stay as they are. Files are not copied: it needs those of the
    other. Its head says what was changed, by whom and of which data set, and so does the card of
    every network that is trained on it.

    Parameters
    ----------
    catalog : Catalog
        The data set that the notes are on.
    name : str
        Of the new one. By default the other's with `_corrected` and, where that is taken, a number;
        where one of these has the same labels already, that is what is returned.

    Raises
    ------
    DatasetError
        No label was changed, or there is a data set of this name.
    """
    made = _corrected(catalog)
    if name:
        need_own_name(name, "")
    for k in count(1):
        own = name or f"{catalog.head.name[:80]}_corrected{f'_{k}' if k > 1 else ''}"
        stored = find_stored(own)
        if stored is None or not stored.is_complete:
            break
        known = load_catalog(home() / "datasets" / own)
        if known.head.derived == made.head.derived and known.digest == made.digest:
            return known
    made = replace(made, head=replace(made.head, name=own))
    save_import(ImportResult(made, (), has_own_splits=True))
    return made


def _corrected(catalog: Catalog) -> Catalog:
    noted, frame = noted_files(catalog.head.name), catalog.frame
    labels = [list(own) for own in frame["labels"]]
    weights = [list(own) for own in frame[WEIGHTS]] if WEIGHTS in frame else [[] for _ in labels]
    changes: list[tuple[str, Note]] = []
    for row, (checksum, split) in enumerate(zip(frame["checksum"], frame["split"], strict=True)):
        note = noted.get(checksum, Note())
        if note.labels and _shares(note.labels, note.weights) != _shares(labels[row], weights[row]):
            labels[row], weights[row] = list(note.labels), list(note.weights)
            changes.append((split, note))
    if not changes:
        raise DatasetError(
            "A corrected data set needs an item with another label than before.",
            received=f"none among the {len(frame):,} items of {catalog.head.name!r}, of which "
            f"{len(noted):,} have a note",
            cure="Note new labels first.",
        )
    made = frame.drop(columns=WEIGHTS, errors="ignore")
    made["labels"] = pd.Series(labels, index=frame.index, dtype=object)
    if any(weights):
        made[WEIGHTS] = pd.Series(weights, index=frame.index, dtype=object)
    head = replace(
        catalog.head,
        labels=tuple(sorted({label for own in labels for label in own})),
        title=f"{catalog.head.title.partition(_CORRECTED)[0]}{_CORRECTED}: {len(changes):,})",
        derived=_describe(catalog, changes),
    )
    return Catalog(head, catalog.root, made)


def _shares(labels: Sequence[str], weights: Sequence[float]) -> dict[str, float]:
    return dict(zip(labels, weights or [1.0] * len(labels), strict=True))


def _describe(catalog: Catalog, changes: list[tuple[str, Note]]) -> str:
    """Say in one line what was corrected.

    >>> from pathlib import Path
    >>> from genre_core.data.catalog import DatasetHead
    >>> from genre_core.data.item import items_frame
    >>> rows = [{"item_id": "a", "labels": ["Pop"]}, {"item_id": "b", "labels": ["Pop"]}]
    >>> head = DatasetHead("mine", "Mine", "unknown", "unknown")
    >>> mine = Catalog(head, Path("."), items_frame(rows))
    >>> _describe(mine, [("test", Note(labels=("Rock",), who="Ann"))])[:76]
    'Labels corrected by hand: 1 of 2 items of mine (digest a5c2496b7917), by Ann'
    """
    by = Counter(note.who or _NOBODY for _, note in changes).most_common()
    names = [f"{who} ({n:,})" for who, n in by[:_NAMED]]
    if len(by) > _NAMED:
        names.append(f"{len(by) - _NAMED} others ({sum(n for _, n in by[_NAMED:]):,})")
    n_test = sum(split == "test" for split, _ in changes)
    n_shared = sum(bool(note.weights) for _, note in changes)
    line = (
        f"Labels corrected by hand: {len(changes):,} of {len(catalog):,} items of "
        f"{catalog.head.name} (digest {catalog.digest[:12]}), by {', '.join(names)}; "
        f"{n_test:,} of them test items"
        + (f", {n_shared:,} several genres at once." if n_shared else ".")
    )
    return f"{line} Before that: {catalog.head.derived}" if catalog.head.derived else line
