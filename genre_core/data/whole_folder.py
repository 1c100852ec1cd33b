"""Folders that take their place whole or not at all, and that a crash cannot lose."""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from genre_core.data.files import PART_SUFFIX

_REPLACED = re.compile(r"\.(?P<name>.+)-[0-9a-f]{8}\.replaced")
"""An older folder while a newer one takes its place."""


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give a path for a new folder, which takes the place of `target` when the block ends well.

    The block makes it. Whenever the process ends, `find_folders` knows the older folder or the new
    one: the older one steps aside under a name of its own until the new one stands.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as root:
    ...     for _ in range(2):
    ...         with whole_folder(Path(root) / "mine") as new:
    ...             new.mkdir()
    ...             _ = (new / "a.txt").write_text("whole")
    ...     [(name, path.name) for name, path in find_folders(Path(root), "a.txt")]
    [('mine', 'mine')]
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(4)
    new = target.with_name(f".{target.name}-{token}{PART_SUFFIX}")
    old = target.with_name(f".{target.name}-{token}.replaced")
    try:
        yield new
        if target.exists():
            target.rename(old)
        new.rename(target)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    for replaced in _replaced(target):  # of an earlier crash too
        shutil.rmtree(replaced, ignore_errors=True)


def find_folders(root: Path, holds: str) -> list[tuple[str, Path]]:
    """Name every folder of `root` that holds a file of that name, with its path, by name.

    An older one that a crash left aside comes before the new one of its name, which so wins.
    """
    folders = []
    for path in sorted(root.glob(f"*/{holds}")):
        replaced = _REPLACED.fullmatch(path.parent.name)
        if replaced or not path.parent.name.startswith("."):
            folders.append((replaced["name"] if replaced else path.parent.name, path.parent))
    return folders


def remove_folder(folder: Path) -> None:
    """Remove a folder, and what a crash left of older ones: at once out of sight, then for good."""
    hidden = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}{PART_SUFFIX}")
    if folder.exists():
        folder.rename(hidden)
    for path in (hidden, *_replaced(folder)):
        shutil.rmtree(path, ignore_errors=True)


def _replaced(target: Path) -> list[Path]:
    matches = ((path, _REPLACED.fullmatch(path.name)) for path in target.parent.glob(".*.replaced"))
    return [path for path, match in matches if match and match["name"] == target.name]
