"""From a path as a table gives it to the file's own name."""

from __future__ import annotations

import os
import posixpath
import unicodedata
from pathlib import Path, PurePosixPath

from genre_core.data.files import relative_posix


class TablePaths:
    """Finds the files of one folder that a table names.

    A path may be absolute and hold `..` as long as it leads into the folder, and composed where the
    file's name is decomposed, as Macs write it, or the other way round.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._bases = {root.absolute(), root.resolve()}
        self._names: dict[PurePosixPath, dict[str, str]] = {}

    def find(self, text: str) -> str:
        """Return a path relative to the folder; `ParameterError` where it leads out of it."""
        path = relative_posix(posixpath.normpath(self._relative(text).replace("\\", "/")))
        if path.isascii() or os.path.lexists(self._root / path):
            return path
        own = PurePosixPath()
        for name in path.split("/"):
            own /= self._names_in(own).get(_composed(name), name)
        return own.as_posix()

    def _relative(self, text: str) -> str:
        given = Path(text)
        if given.is_absolute():
            # Links above the file are followed, but not the file itself: its name is the item's.
            for path in (given, given.parent.resolve() / given.name):
                for base in (base.parts for base in self._bases if ".." not in path.parts):
                    if [*map(_composed, path.parts[: len(base)])] == [*map(_composed, base)]:
                        return "/".join(path.parts[len(base) :])
        return text

    def _names_in(self, folder: PurePosixPath) -> dict[str, str]:
        """Return the names in a folder by their composed form."""
        if folder not in self._names:
            try:
                names = sorted(path.name for path in (self._root / folder).iterdir())
            except OSError:
                names = []
            self._names[folder] = {_composed(name): name for name in names}
        return self._names[folder]


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)
