"""A cover or a song that a page can show: built in, uploaded or recorded."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pages.ui.frame import ROOT


class Upload(Protocol):
    """What Streamlit gives for an uploaded file."""

    name: str

    def getvalue(self) -> bytes:
        """Give the whole content."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A cover or a song.

    label: What the picker and the link call it; unique on the page.
    note: One line under it.
    source: The file or its content.
    checksum: SHA-256 of the content.
    alt: What a picture shows, for somebody who cannot see it.
    is_own: True for the visitor's own.
    """

    label: str
    note: str
    source: Path | bytes
    checksum: str
    alt: str = ""
    is_own: bool = False

    @property
    def file(self) -> str:
        """Name for messages and for the command line."""
        return self.source.name if isinstance(self.source, Path) else self.label

    @property
    def shell_path(self) -> str:
        """The file as an argument of a command; of an upload its name alone."""
        return shlex.quote(
            self.source.relative_to(ROOT).as_posix()
            if isinstance(self.source, Path) and self.source.is_relative_to(ROOT)
            else self.file
        )


def own(label: str, content: bytes, *, note: str = "", alt: str = "") -> Choice:
    """Make a choice of a visitor's own content."""
    checksum = hashlib.sha256(content).hexdigest()
    return Choice(label, note or label, content, checksum, alt, is_own=True)


def uploaded(files: Iterable[Upload], medium: str) -> list[Choice]:
    """Make choices of uploaded files; two of one name are told apart by their content."""
    choices: dict[str, Choice] = {}
    for file in files:
        content = file.getvalue()
        checksum = hashlib.sha256(content).hexdigest()
        name = file.name
        if name in choices and choices[name].checksum != checksum:
            name = f"{name} ({checksum[:4]})"
        choices[name] = own(name, content, alt=f"Your {medium} {name}")
    return list(choices.values())
