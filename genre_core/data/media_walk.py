"""Walk through folders for covers and songs, and account for every file that is left out."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from genre_core.audio.containers import SONG_SUFFIXES, sniff
from genre_core.audio.source import open_sound
from genre_core.errors import DecodeError, Problem
from genre_core.image.decode import COVER_SUFFIXES, cover_format
from genre_core.plain_files import name_content

SUFFIXES = {"cover": COVER_SUFFIXES, "song": SONG_SUFFIXES}
"""How the files of a medium are called, in lower case."""

_SYSTEM_NAMES = (
    "__macosx", "@eadir", "@recycle", "#recycle", "#snapshot", "$recycle.bin",
    "system volume information", "lost+found", "thumbs.db", "desktop.ini", "icon\r",
)  # fmt: skip
_HEAD = 4096
_MAX_NAMED = 20


def is_shown(name: str) -> bool:
    """Tell whether a file or a folder is meant to be seen: no dot file, none of a system's own.

    Examples
    --------
    >>> [is_shown(name) for name in ("a.jpg", "._a.jpg", "@eaDir", "Thumbs.db")]
    [True, False, False, False]
    """
    return not name.startswith(".") and name.lower() not in _SYSTEM_NAMES


def medium_by_name(name: str) -> str:
    """Tell by its name whether a file is a "cover" or a "song"; "" where the name says nothing."""
    lower = name.lower()
    return next((medium for medium, ends in SUFFIXES.items() if lower.endswith(ends)), "")


def medium_of(source: Path | bytes) -> tuple[str, str]:
    """Tell by its content whether a file is a "cover" or a "song", or else "" and what it is.

    `source` is the file or its first bytes.

    >>> medium_of(Path(__file__))
    ('', 'text')
    """
    try:
        with open_sound(source) as file:
            head = file.peek(0, _HEAD)
            if cover_format(head):
                return "cover", ""
            with suppress(DecodeError):
                sniff(file)
                return "song", ""
            return "", name_content(head) or "content of no known format"
    except DecodeError as error:
        return "", error.received.split(": ", 1)[-1]


def walk(root: Path) -> tuple[list[str], list[Problem]]:
    """List the files below a folder, relative and `/` between names, sorted; and what is not.

    Hidden files and folders and a system's own are left out. Links are followed, each place once:
    what is there twice is listed where it lies, or else under the first link to it. A link that
    leads nowhere or to a folder around the walked one, and a folder that cannot be opened, is left
    out too; all these are named.
    """
    walked = _Walked(root, os.path.realpath(root))
    walked.enter("", walked.real_root)
    while walked.links:
        walked.follow(walked.links.pop(0))
    return sorted(walked.files), walked.left_out


def list_media(
    root: Path,
    problems: list[Problem] | None = None,
    *,
    suffixes: Sequence[str] = COVER_SUFFIXES,
    by_name: bool = False,
) -> list[str]:
    """List the files below a folder whose names end in one of `suffixes`, as `walk` does.

    Where these are a medium's, the content decides on files that are called otherwise. What is left
    out is added to `problems`, one note a reason. `by_name` is for folders beside a table that says
    what counts: only the names decide, and no other file is told of.
    """
    files, left_out = walk(root)
    wanted = [] if by_name else [medium for medium, ends in SUFFIXES.items() if ends[0] in suffixes]
    kept = []
    for path in files:
        if fault := _name_fault(path):
            left_out.append(Problem(path, f"its name {fault}: rename it"))
        elif path.lower().endswith(tuple(suffixes)):
            kept.append(path)
        elif wanted:
            medium, what = medium_of(root / path)
            if medium in wanted:
                kept.append(path)
            else:
                left_out.append(Problem(path, what or beside(medium), is_note=True))
    if problems is not None:
        problems += grouped(one for one in left_out if not (by_name and one.is_note))
    return kept


def _name_fault(path: str) -> str:
    """Say why a catalog cannot hold a name; "" of nearly all."""
    if path.isprintable() and "\\" not in path:
        return ""
    kinds = {unicodedata.category(sign) for sign in path}
    if "Cs" in kinds:  # what Python makes of bytes that are no text
        return "is no text in UTF-8"
    return "holds a control character or a backslash" if "Cc" in kinds or "\\" in path else ""


def beside(medium: str) -> str:
    """Say why a file of one medium is left out where the other is read."""
    return "a cover, and songs are read" if medium == "cover" else "a song, and covers are read"


def grouped(left_out: Iterable[Problem]) -> list[Problem]:
    """Put the notes of one reason into one, with the first names; what went wrong stays as it is.

    >>> grouped([Problem(name, "text", is_note=True) for name in ("a.txt", "b.txt")])
    [Problem(where='a.txt, b.txt', what='left out (text)')]
    """
    names: dict[str, list[str]] = {}
    problems = []
    for problem in left_out:
        if problem.is_note:
            names.setdefault(problem.what, []).append(problem.where)
        else:
            problems.append(problem)
    for what, where in names.items():
        more = f" and {len(where) - _MAX_NAMED:,} more" if len(where) > _MAX_NAMED else ""
        problems.append(
            Problem(", ".join(where[:_MAX_NAMED]) + more, f"left out ({what})", is_note=True)
        )
    return problems


@dataclass(slots=True)
class _Walked:
    """What a walk met so far; folders by where they really lie, with the name they are shown by."""

    root: Path
    real_root: str
    files: list[str] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    folders: dict[str, str] = field(default_factory=dict)
    linked: dict[str, str] = field(default_factory=dict)

    def enter(self, folder: str, real: str) -> None:
        """List a folder and those below it; links wait until all real files are known."""
        waiting = [(folder, real)]
        while waiting:
            folder, real = waiting.pop()
            if real in self.folders:
                self._leave(folder, f"a link leads to {self.folders[real]}, which is read there")
                continue
            self.folders[real] = folder or "."
            prefix = f"{folder}/" if folder else ""
            try:
                with os.scandir(real) as entries:
                    for entry in entries:
                        # Text, not paths: of 100,000 files that is most of the time.
                        path = f"{prefix}{entry.name}"
                        if not is_shown(entry.name):
                            self._leave(path, "hidden, or a system's own", is_note=True)
                        elif entry.is_symlink():
                            self.links.append(path)
                        elif entry.is_dir():
                            waiting.append((path, entry.path))
                        elif entry.is_file():
                            self.files.append(path)
                        else:
                            self._leave(path, "not a plain file", is_note=True)
            except OSError as error:
                self._leave(
                    folder or str(self.root.absolute()), f"cannot be opened: {error.strerror}"
                )
        self.links.sort()

    def follow(self, link: str) -> None:
        """Follow one link, to a place that was not read before."""
        try:
            real = os.path.realpath(self.root / link, strict=True)
        except OSError as error:
            self._leave(link, f"a link that leads nowhere: {error.strerror}")
            return
        parent, name = os.path.split(real)
        if parent in self.folders and is_shown(name) and Path(real).is_file():
            at = f"{self.folders[parent]}/{name}".removeprefix("./")
        else:
            at = self.folders.get(real) or self.linked.get(real, "")
        if at:
            self._leave(link, f"a link to {at}, which is read there", is_note=True)
        elif Path(real).is_dir():
            if f"{self.real_root}{os.sep}".startswith(f"{real.rstrip(os.sep)}{os.sep}"):
                self._leave(link, "a link to a folder around this one, not entered")
            else:
                self.enter(link, real)
        elif Path(real).is_file():
            self.linked[real] = link
            self.files.append(link)
        else:
            self._leave(link, "a link to what is not a plain file", is_note=True)

    def _leave(self, path: str, what: str, *, is_note: bool = False) -> None:
        self.left_out.append(Problem(path, what, is_note))
