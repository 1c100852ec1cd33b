"""Find the folder to import and its covers by name, and choose a data set's name."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from genre_core.config import require
from genre_core.data.media_walk import is_shown, list_media
from genre_core.errors import Problem

_NO_NAME = re.compile(r"[/\\:\x00-\x1f\x7f]")


def index_files(root: Path, problems: list[Problem]) -> dict[str, list[str]]:
    """Find the covers below a folder by their names without the suffix; sorted lists of paths."""
    index: dict[str, list[str]] = {}
    for path in list_media(root, problems, by_name=True):
        index.setdefault(PurePosixPath(path).stem, []).append(path)
    return index


def import_root(folder: Path) -> Path:
    """Find the folder to import in what was unpacked, below folders that hold one folder alone.

    A folder of one genre alone is not passed by: it holds files.
    """
    while True:
        top = _shown(folder)
        if len(top) != 1 or not top[0].is_dir():
            return folder
        below = _shown(top[0])
        holds_table = any(path.suffix.lower() in (".csv", ".tsv") for path in below)
        if not holds_table and not any(path.is_dir() for path in below):
            return folder
        folder = top[0]


def _shown(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if is_shown(path.name)]
    except OSError:
        return []


def plain_name(text: str) -> str:
    r"""Make a data set's name of a file's.

    Examples
    --------
    >>> plain_name(" .my: covers\n"), plain_name("...")
    ('my_ covers', 'imported')
    """
    return _NO_NAME.sub("_", text.strip()).strip(". _")[:80] or "imported"


def check_name(name: str) -> None:
    """Raise `ParameterError` where a data set cannot be called so.

    Examples
    --------
    >>> check_name("../mine")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A data set's name must be plain, at most 100 characters. \
Received '../mine' (str). Leave out slashes, colons and a dot at the start.
    """
    is_plain = 0 < len(name) <= 100 and not name.startswith(".") and not _NO_NAME.search(name)
    require(
        is_plain and name == name.strip(),
        "A data set's name must be plain, at most 100 characters.",
        name,
        "Leave out slashes, colons and a dot at the start.",
    )
