"""A training goes on with the data that it started with, or says what changed since."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from filelock import FileLock

from genre_core.data.catalog import HEAD_FILE, Catalog, load_catalog
from genre_core.data.files import sha256_file
from genre_core.data.home import home
from genre_core.data.importers import find_dataset
from genre_core.data.item import ITEM_COLUMNS, WEIGHTS
from genre_core.data.media_files import media_files
from genre_core.errors import JobError

_FOLDER = "data"  # beside the states: the catalog as it was at the start
_CLOCKS_DIFFER_S = 5.0
_NAMED = 3


def data_of_step(data: str, digest: str) -> Catalog:
    """Find the data set of a step, on whatever machine does it.

    One step on a machine imports or fetches its files, others wait and find them there. Raises
    `JobError` where it is another than the run's, whose digest this is ("" asks for none).
    """
    path = home() / "caches" / "data.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path):
        catalog = find_dataset(data)
    if digest and catalog.digest != digest:
        raise JobError(
            "Every machine must see the data set that the run was started with.",
            received=f"{catalog.head.name} with digest {catalog.digest[:12]}",
            cure="Give its files by one path on all machines, or by an address.",
        )
    return catalog


def keep_data(catalog: Catalog, states: Path) -> None:
    """Keep what a training starts with beside its states, from which it may resume."""
    if not any(states.rglob("*.npz")):
        catalog.save(states / _FOLDER)


def need_same_data(catalog: Catalog, states: Path) -> None:
    """Raise `JobError` where items or files changed since the first epoch, naming the first.

    Only files that were written since are read.
    """
    head = states / _FOLDER / HEAD_FILE
    if not head.is_file() or not any(states.rglob("*.npz")):
        return
    before = load_catalog(head.parent)
    if before.digest != catalog.digest:
        changes = _item_changes(before.frame, catalog.frame)
    else:
        changes = _file_changes(catalog, since=head.stat().st_mtime - _CLOCKS_DIFFER_S)
    if changes:
        more = f" and {len(changes) - _NAMED} more" if len(changes) > _NAMED else ""
        raise JobError(
            f"A training resumes on the data that it started with: {catalog.head.name}.",
            received=f"a change since then: {'; '.join(changes[:_NAMED])}{more}",
            cure="Bring it back as it was (and import as before), or start the training again.",
        )


def _item_changes(before: pd.DataFrame, now: pd.DataFrame) -> list[str]:
    old, new = before.set_index("item_id"), now.set_index("item_id")
    columns = [name for name in ITEM_COLUMNS if name != "item_id"]
    if WEIGHTS in old or WEIGHTS in new:
        columns.append(WEIGHTS)
        old, new = (
            own if WEIGHTS in own else own.assign(**{WEIGHTS: [[]] * len(own)})
            for own in (old, new)
        )
    changes = [f"{name} is gone" for name in old.index.difference(new.index)]
    for name in old.index.intersection(new.index):
        differs = [c for c in columns if not _is_same(old.at[name, c], new.at[name, c])]
        if "checksum" in differs:
            changes.append(f"{name} is another file")
        elif differs:
            changes.append(f"{name} has another {', '.join(differs)}")
    return changes + [f"{name} is new" for name in new.index.difference(old.index)]


def _is_same(one: object, other: object) -> bool:
    return one is other or str(one) == str(other)  # an unknown year equals another


def _file_changes(catalog: Catalog, *, since: float) -> list[str]:
    changes = []
    for file in media_files(catalog, catalog.frame)[0]:
        try:
            times = file.path.stat()
            if max(times.st_mtime, times.st_ctime) < since:
                continue
            if sha256_file(file.path) != file.checksum:
                changes.append(f"{file.item_id} is another file")
        except OSError:
            continue  # What is missing and needed is named by `need_files`.
    return changes
