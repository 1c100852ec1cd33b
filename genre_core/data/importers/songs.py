"""Look at the song files of a data set: their checksum, and whether they can be decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from genre_core import audio
from genre_core.data.files import path_inside, sha256_file
from genre_core.data.importers.scan import Progress, scan_with
from genre_core.errors import DecodeError, ParameterError, Problem

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

    return scan_with(look, relative_paths, progress=progress, n_threads=_N_THREADS)
