"""Which libraries a visitor sees, and which of their files may be played: never any file there is.

A link names a library and a song by a digest; no path ever comes from a visitor.
"""

from __future__ import annotations

import os
from pathlib import Path

from genre_core.data.library import Library, example_library, file_of, list_libraries
from genre_core.data.media_walk import medium_by_name, medium_of
from pages.ui.permission import may_name_folders

TABLES = "GENRE_LIBRARIES"
"""Setting: folders whose tables every visitor sees, parted as in PATH."""

MUSIC = "GENRE_LIBRARY_MUSIC"
"""Setting: folders whose songs every visitor may play where a library lists them."""

EXAMPLE = "example"


def libraries() -> list[Library]:
    """List what this visitor sees, the example last.

    Tables in `GENRE_HOME/libraries` name the files of whoever runs the server: they are for
    somebody at this machine. What all others see too lies in the folders of `TABLES`.
    """
    shared = list_libraries(folders(TABLES))
    own = list_libraries() if may_name_folders() else []
    by_name = {one.name: one for one in [*shared, *own] if one.name != EXAMPLE}
    ordered = sorted(by_name.values(), key=lambda one: one.name.lower())
    return [*ordered, example_library()]


def library(name: str) -> Library | None:
    """Find a library by its name among those that this visitor sees."""
    return next((one for one in libraries() if one.name == name), None)


def playable(shown: Library, path: str) -> Path | None:
    """Find the file of a song that this visitor may hear; None where there is none.

    It must be a song by its name and by its content. Somebody at this machine hears what the table
    lists, others what really lies below a folder of `MUSIC`; everybody the built-in songs.
    """
    file = file_of(shown, path)
    try:
        if shown.name != EXAMPLE and not may_name_folders():
            real = Path(os.path.realpath(file))
            allowed = [Path(os.path.realpath(folder)) for folder in folders(MUSIC)]
            if not any(real.is_relative_to(folder) for folder in allowed):
                return None
        is_song = medium_by_name(file.name) == "song" and file.is_file()
        return file if is_song and medium_of(file)[0] == "song" else None
    except (OSError, ValueError):  # ValueError: no name of a file at all
        return None


def folders(setting: str) -> list[Path]:
    """Read a setting that names folders; what is no absolute path is passed over."""
    texts = os.environ.get(setting, "").split(os.pathsep)
    return [Path(text) for text in map(str.strip, texts) if text and Path(text).is_absolute()]
