"""Look at the song files of a data set: their checksum, and whether they can be decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from genre_core import audio
from genre_core.data.files import path_inside, sha256_file
from genre_core.data.importers.asked import asked
from genre_core.data.importers.memory import Known
from genre_core.data.importers.scan import scan_covers, scan_with
from genre_core.data.item import clean_text
from genre_core.errors import DecodeError, ParameterError, Problem
from genre_core.progress import Progress

SONG_SUFFIXES = (
    ".wav",
    ".flac",
    ".ogg",
    ".oga",
    ".opus",
    ".mp3",
    ".aif",
    ".aiff",
    ".m4a",
    ".mp4",
    ".aac",
    ".webm",
)
"""Names by which songs are found in a folder; what they hold is told by their content."""

NOBODY = ("", "various artists", "various", "unknown artist", "unknown")
"""What a tag says that names no artist."""

_N_THREADS = 2  # Each may hold a whole song while it is verified.


def scan_songs(
    root: Path,
    relative_paths: Sequence[str],
    *,
    verify: bool = False,
    progress: Progress | None = None,
    tags: dict[str, audio.Tags] | None = None,
) -> tuple[dict[str, str], list[Problem]]:
    """Read song files: their checksum, and whether they are sound.

    Parameters
    ----------
    root : Path
        Folder of the data set.
    relative_paths : sequence of str
        Paths in it.
    verify : bool
        Decode every song whole instead of reading only its header; much slower.
    progress : callable, optional
        `progress(done, total, text)`.
    tags : dict, optional
        Gets every good file's tags, without its cover.

    Returns
    -------
    checksums : dict of str to str
        Path to SHA-256, for every good file.
    problems : list of Problem
        Every other path, with the reason.

    Examples
    --------
    >>> scan_songs(Path("."), ["no-such.ogg"])[1]
    [Problem(where='no-such.ogg', what='no such file')]
    """

    def look(relative: str) -> tuple[str, str]:
        try:
            path = path_inside(root, relative)
            if not path.is_file():
                return "", "no such file"
            audio.probe_clip(path)
            if verify:
                audio.decode_clip(path)
            if tags is not None:
                # Thousands of covers would fill the memory.
                tags[relative] = replace(audio.read_tags(path), cover=None)
            return sha256_file(path), ""
        except DecodeError as error:
            return "", f"not a readable song: {error.received}"
        except ParameterError as error:
            return "", f"path leaves the data set's folder: {error.received}"
        except OSError as error:
            return "", f"cannot be read: {error.strerror or error}"

    def note(relative: str) -> object:
        return None if tags is None else asdict(tags[relative])

    def take(relative: str, noted: object) -> bool:
        if tags is None:
            return True
        if isinstance(noted, dict):
            tags[relative] = audio.Tags(**noted | {"notes": tuple(noted["notes"])})
        return isinstance(noted, dict)

    memory = asked().memory
    kind = "song-verified" if verify else "song"
    known = None if memory is None else Known(memory, root, kind, note=note, take=take)
    return scan_with(look, relative_paths, progress=progress, n_threads=_N_THREADS, known=known)


def fill_from_tags(row: dict[str, object], tags: audio.Tags) -> dict[str, object]:
    """Give an item what its file's tags say where nothing else does; its artist is its group.

    Parameters
    ----------
    row : dict
        An item; what it has stays.
    tags : Tags
        Of its file.

    Returns
    -------
    dict
        With title, artist, album, year and group.

    Examples
    --------
    >>> tags = audio.Tags(title="Starless", artist="King Crimson", year=1974)
    >>> filled = fill_from_tags({"title": "Starless (live)"}, tags)
    >>> filled["title"], filled["artist"], filled["group"], filled["year"]
    ('Starless (live)', 'King Crimson', 'artist:king crimson', 1974)
    """
    artist = "" if tags.artist.casefold() in NOBODY else tags.artist
    found = {"title": tags.title, "artist": artist, "album": tags.album}
    filled = dict(row)
    for key, text in found.items():
        filled[key] = row.get(key) or clean_text(text)
    filled["year"] = tags.year if row.get("year") is None else row["year"]
    if not row.get("group") and filled["artist"]:
        filled["group"] = f"artist:{str(filled['artist']).casefold()}"
    return filled


def scan_rows(
    root: Path,
    rows: dict[str, dict[str, Any]],
    *,
    are_songs: bool,
    verify: bool = False,
    progress: Progress | None = None,
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Look at the files of rows; give those that can be used their checksum, songs their tags.

    Parameters
    ----------
    root : Path
        Folder of the data set.
    rows : dict of str to dict
        Columns of each item by its relative path.
    are_songs : bool
        Songs, or covers.
    verify, progress
        As for `scan_songs` and `scan_covers`.

    Returns
    -------
    usable : list of dict
        Rows with the column checksum; of songs, what tags say where a row says nothing.
    problems : list of Problem
        Files that cannot be used, and why.
    """
    tags: dict[str, audio.Tags] = {}
    if are_songs:
        checksums, broken = scan_songs(
            root, list(rows), verify=verify, progress=progress, tags=tags
        )
        rows = {key: fill_from_tags(row, tags.get(key, audio.Tags())) for key, row in rows.items()}
    else:
        checksums, broken = scan_covers(root, list(rows), verify=verify, progress=progress)
    return [row | {"checksum": checksums[k]} for k, row in rows.items() if k in checksums], broken
