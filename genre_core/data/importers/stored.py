"""The data sets of the home folder: keeping an import, what it left out, and deleting it again."""

from __future__ import annotations

import contextlib
import json
import secrets
import shlex
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from genre_core.data.audit import check
from genre_core.data.catalog import CATALOG_FILE, HEAD_FILE, TABLE_FILE
from genre_core.data.files import atomic_write
from genre_core.data.home import home
from genre_core.data.importers.archive import (
    FILES_FOLDER,
    UNPACKED_FILE,
    remove_parts,
    remove_unpacked,
)
from genre_core.data.importers.contract import ImportResult
from genre_core.data.importers.embedded import COVERS_FOLDER, COVERS_TABLE
from genre_core.data.importers.listing import check_name
from genre_core.data.splits import find_leaks
from genre_core.errors import DatasetError, Problem

SOURCE_FILE = "source.json"
DUPLICATES_FILE = "duplicates.json"
_OWN_FILES = (CATALOG_FILE, HEAD_FILE, SOURCE_FILE, DUPLICATES_FILE)


@dataclass(frozen=True, slots=True)
class StoredDataset:
    """A data set in `GENRE_HOME/datasets`."""

    name: str
    is_complete: bool
    """Has a catalog; else its import was never finished."""
    is_unpacked: bool
    """Its files were unpacked here, and go with it; else they lie in a folder of their own."""
    source: str = ""
    """Where it came from; empty where nobody knows."""
    left_out: tuple[Problem, ...] = ()
    """What its import left out or did not understand."""
    leaks: tuple[str, ...] = ()
    """What stands in two splits, where somebody insisted on that."""


def save_import(
    result: ImportResult,
    *,
    source: str | Path = "",
    fingerprint: str = "",
    settings: Mapping[str, Any] | None = None,
) -> Path:
    """Keep an imported data set in `GENRE_HOME/datasets/<name>`, with what was left out.

    `source` is the folder or table that it came from, `fingerprint` a digest of it by which a
    change is noticed, `settings` what was asked for. What is there of another source goes. Raises
    `DatasetError` or `LeakError`: the catalog is not sound (`data.audit.check`).
    """
    catalog = check(result.catalog)
    folder = _folder(catalog.head.name)
    stored = find_stored(catalog.head.name)
    if stored is not None and stored.source and not is_source_of(stored, source):
        if not catalog.root.resolve().is_relative_to(folder.resolve()):
            remove_parts(folder, (FILES_FOLDER, UNPACKED_FILE))
        remove_parts(folder, (DUPLICATES_FILE, COVERS_FOLDER))
    catalog.save(folder)
    note = {
        "source": str(Path(source).absolute()) if source else "",
        "fingerprint": fingerprint,
        "insisted_on_leaks": [str(leak) for leak in find_leaks(catalog.frame)[:20]]
        if catalog.head.allows_leaks
        else [],
        "settings": dict(settings or {}),
        "left_out": [asdict(problem) for problem in result.problems],
    }
    text = json.dumps(note, indent=1, ensure_ascii=False, default=str)
    atomic_write(folder / SOURCE_FILE, f"{text}\n")
    return folder


def list_stored() -> tuple[StoredDataset, ...]:
    """List the data sets of the home folder, also unfinished ones, by name."""
    folders = sorted((home() / "datasets").glob("*/"))
    stored = (find_stored(path.name) for path in folders if not path.name.startswith("."))
    return tuple(dataset for dataset in stored if dataset is not None)


def find_stored(name: str) -> StoredDataset | None:
    """Find a data set of the home folder; None where there is none of that name."""
    folder = _folder(name)
    is_complete = (folder / CATALOG_FILE).is_file()
    is_unpacked = (folder / UNPACKED_FILE).is_file()
    if not (is_complete or is_unpacked):
        return None
    note = read_note(folder)
    listed, leaks = note.get("left_out"), note.get("insisted_on_leaks")
    problems = tuple(
        Problem(
            str(entry.get("where", "")), str(entry.get("what", "")), entry.get("is_note") is True
        )
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict)
    )
    return StoredDataset(
        name,
        is_complete,
        is_unpacked,
        str(note.get("source", "")),
        problems,
        tuple(map(str, leaks)) if isinstance(leaks, list) else (),
    )


def is_source_of(stored: StoredDataset, source: str | Path) -> bool:
    """Tell whether a data set came from a source, or from the table in it."""
    if not stored.source or not str(source):
        return False
    before, now = Path(stored.source).resolve(), Path(source).resolve()
    return before == now or now / TABLE_FILE == before or before / TABLE_FILE == now


def need_own_name(name: str, source: str | Path) -> None:
    """Refuse the name that a data set of another source has, proposing one that is free."""
    stored = find_stored(name)
    if stored is None or not stored.is_complete or is_source_of(stored, source):
        return
    fresh = next(free for k in count(2) if find_stored(free := f"{name}_{k}") is None)
    raise DatasetError(
        "A new data set needs a name of its own.",
        received=f"{name!r}, which a data set has that came from {stored.source or 'an upload'}",
        cure=f"Give it another name (--name {shlex.quote(fresh)}), or let the older one go "
        "(--replace).",
    )


def read_note(folder: Path) -> dict[str, Any]:
    """Read what `save_import` noted of a data set beside its catalog; empty without."""
    try:
        note = json.loads((folder / SOURCE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def delete_stored(name: str) -> None:
    """Take a data set out of the home folder: its index, and what was unpacked for it.

    Files that nobody unpacked stay, wherever they lie. Raises `DatasetError`: there is none of that
    name, or another one needs its files.
    """
    if find_stored(name) is None:
        raise DatasetError(
            "A data set must be one of the home folder.",
            received=repr(name),
            cure="Look at the names again: it may be gone already.",
        )
    if users := _users_of(name):
        raise DatasetError(
            "A data set may go when no other needs the files that were unpacked for it.",
            received=f"{name!r}, whose files {', '.join(users)} uses",
            cure="Delete that one first.",
        )
    _remove(_folder(name))


@contextlib.contextmanager
def making_way(name: str) -> Iterator[Callable[[], None]]:
    """Give a function that takes a data set out of the way; it is back where the block fails.

    Where the block ends well the data set is deleted, as `delete_stored` does.
    """
    folder = _folder(name)
    aside = folder.with_name(f".replaced-{secrets.token_hex(4)}")

    def clear() -> None:
        if folder.exists():
            folder.rename(aside)

    try:
        yield clear
    except BaseException:
        if aside.exists():
            remove_unpacked(name)
            aside.rename(folder)
        raise
    if aside.exists():
        _remove(aside)


def _users_of(name: str) -> list[str]:
    """Name the data sets, such as corrected ones, whose files lie in the folder of another."""
    folder, users = _folder(name).resolve(), []
    for head in sorted(folder.parent.glob(f"*/{HEAD_FILE}")):
        with contextlib.suppress(OSError, ValueError):
            root = tomllib.loads(head.read_text(encoding="utf-8")).get("root", "")
            if head.parent.name != name and (head.parent / str(root)).resolve().is_relative_to(
                folder
            ):
                users.append(head.parent.name)
    return users


def _remove(folder: Path) -> None:
    ours = list(_OWN_FILES)
    if (folder / COVERS_FOLDER / COVERS_TABLE).is_file():
        ours.append(COVERS_FOLDER)
    if (folder / UNPACKED_FILE).is_file():
        ours += [FILES_FOLDER, UNPACKED_FILE]
    remove_parts(folder, ours)


def _folder(name: str) -> Path:
    check_name(name)
    return home() / "datasets" / name
