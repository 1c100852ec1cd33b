"""Results of the lessons that train something: written by a command, read by a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genre_core.config import require
from genre_core.data.files import atomic_write
from genre_core.data.home import home
from genre_core.errors import CheckpointError
from genre_core.runs.bundle import SHIPPED_DIR

LESSONS: Mapping[str, str] = {
    "near_duplicates": "duplicates",
    "scaling_question": "scaling",
    "song_length": "song-length",
    "song_votes": "song-votes",
}
"""The lessons with a stored result, and the command that makes each."""

FOLDER = "lessons"
SHIPPED_LESSONS = SHIPPED_DIR / FOLDER


def save_lesson(name: str, result: dict[str, Any], folder: Path | None = None) -> Path:
    """Store a lesson's result as JSON, in the home folder if no other is given; return the file."""
    _check(name)
    path = (folder or home() / FOLDER) / f"{name}.json"
    atomic_write(path, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    return path


def load_lesson(name: str) -> dict[str, Any]:
    """Read a lesson's result: one's own, else the shipped one; empty without any.

    Raises `CheckpointError`: a file that cannot be read.

    Examples
    --------
    >>> load_lesson("no_such_lesson")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A lesson must be one of near_duplicates, \
    scaling_question, song_length, song_votes. Received 'no_such_lesson' (str). Choose one.
    """
    _check(name)
    for folder in (home() / FOLDER, SHIPPED_LESSONS):
        path = folder / f"{name}.json"
        if path.is_file():
            try:
                return dict(json.loads(path.read_text(encoding="utf-8")))
            except (ValueError, TypeError) as error:
                raise CheckpointError(
                    "A lesson's result must be a readable JSON file.",
                    received=f"{path.name}: {error}",
                    cure=f"Remove it, or run: python -m genre_core {LESSONS[name]}.",
                ) from error
    return {}


def _check(name: str) -> None:
    require(name in LESSONS, f"A lesson must be one of {', '.join(LESSONS)}.", name, "Choose one.")
