"""When the data sets of this machine were last changed: what is remembered of them hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from genre_core.data.catalog import CATALOG_FILE, HEAD_FILE, TABLE_FILE
from genre_core.data.home import data_root, home

State = tuple[tuple[str, int], ...]
"""Files and folders with the time (ns) that each was last changed, 0 where it is not there."""


def state_of(name: str) -> State:
    """Tell what finding a data set by its name or path hangs on; it changes when that does.

    What is deep in a folder that was never imported is not looked at.
    """
    stored = home() / "datasets" / name
    root = data_root()
    sources = [Path(name), *([root / name] if root is not None else [])]
    below = (CATALOG_FILE, TABLE_FILE)
    files = [stored / CATALOG_FILE, stored / HEAD_FILE, *sources]
    return _times([*files, *(source / file for source in sources for file in below)])


def state_of_imported() -> State:
    """Tell the state of all data sets that were imported."""
    folder = home() / "datasets"
    return _times([folder, *sorted(folder.glob(f"*/{CATALOG_FILE}"))])


def _times(paths: Sequence[Path]) -> State:
    return tuple((str(path), _changed(path)) for path in paths)


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except (OSError, ValueError):  # not here, or no path at all
        return 0
