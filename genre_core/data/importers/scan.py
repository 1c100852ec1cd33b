"""Read the files of a data set: their checksums, and whether they can be used."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from genre_core import audio
from genre_core.data.files import path_inside, sha256_file
from genre_core.data.importers.scan_cache import FolderScans, Look, ScanCache
from genre_core.errors import DecodeError, ParameterError, Problem
from genre_core.image.decode import MAX_BYTES, decode_cover
from genre_core.progress import Progress, map_in_order

NO_FILE = "no such file"
"""What is said of a file that is not there."""

_TELL_EVERY_S = 0.5  # A song may take a second to decode, and a stop shall be heard.
_N_SONG_THREADS = 2  # Each may hold a whole song while it is verified.


def scan_covers(
    root: Path,
    paths: Sequence[str],
    *,
    scans: ScanCache | None = None,
    progress: Progress | None = None,
) -> tuple[dict[str, str], list[Problem]]:
    """Return the checksums of the covers that can be used by their relative paths, and the rest.

    Every picture is decoded whole, as a training will: what is cut short is found here.
    """

    def look(path: Path, relative: str) -> tuple[str, str]:
        n_bytes = path.stat().st_size
        if n_bytes > MAX_BYTES:
            return "", f"{n_bytes:,} bytes, more than {MAX_BYTES:,}"
        content = path.read_bytes()
        decode_cover(content, name=relative)
        return hashlib.sha256(content).hexdigest(), ""

    known = None if scans is None else FolderScans(scans, root, "cover-verified")
    return scan_with(_guarded(look, root, "picture"), paths, progress=progress, known=known)


def scan_songs(
    root: Path,
    paths: Sequence[str],
    *,
    verify: bool = False,
    scans: ScanCache | None = None,
    progress: Progress | None = None,
    tags: dict[str, audio.Tags] | None = None,
) -> tuple[dict[str, str], list[Problem]]:
    """Return the checksums of the songs that can be used by their relative paths, and the rest.

    `verify` decodes every song whole instead of its header: much slower. A dict given as `tags`
    gets every good file's tags, without its cover.
    """

    def look(path: Path, relative: str) -> tuple[str, str]:
        audio.probe_clip(path)
        if verify:
            audio.decode_clip(path)
        if tags is not None:
            # Thousands of covers would fill the memory.
            tags[relative] = replace(audio.read_tags(path), cover=None)
        return sha256_file(path), ""

    def note(relative: str) -> object:
        return None if tags is None else asdict(tags[relative])

    def take(relative: str, noted: object) -> bool:
        if tags is None:
            return True
        if isinstance(noted, dict):
            tags[relative] = audio.Tags(**noted | {"notes": tuple(noted["notes"])})
        return isinstance(noted, dict)

    known = None
    if scans is not None:
        kind = "song-verified" if verify else "song"  # A header that was read is no whole song.
        known = FolderScans(scans, root, kind, note=note, take=take)
    return scan_with(
        _guarded(look, root, "song"),
        paths,
        progress=progress,
        n_threads=_N_SONG_THREADS,
        known=known,
    )


def scan_with(
    look: Look,
    paths: Sequence[str],
    *,
    progress: Progress | None = None,
    n_threads: int | None = None,
    known: FolderScans | None = None,
) -> tuple[dict[str, str], list[Problem]]:
    """Look at every file of a list, with threads; `progress` may raise to stop.

    >>> scan_with(lambda path: ("", "no such file"), ["a.ogg"])[1]
    [Problem(where='a.ogg', what='no such file')]
    """
    checksums: dict[str, str] = {}
    problems: list[Problem] = []
    total, told_at = len(paths), time.monotonic()
    with contextlib.ExitStack() as held:
        if known is not None:
            look = held.enter_context(known).wrap(look)
        # Closed at once after a stop: what waits for its turn is not read any more.
        results = held.enter_context(
            contextlib.closing(map_in_order(look, paths, n_threads=n_threads))
        )
        for done, (relative, (checksum, reason)) in enumerate(
            zip(paths, results, strict=True), start=1
        ):
            if reason:
                problems.append(Problem(relative, reason))
            else:
                checksums[relative] = checksum
            if known is not None:
                known.save(if_due=True)
            is_due = done % 50 == 0 or time.monotonic() - told_at >= _TELL_EVERY_S
            if progress is not None and (is_due or done == total):
                told_at = time.monotonic()
                progress(done, total, relative)
    return checksums, problems


def _guarded(look: Callable[[Path, str], tuple[str, str]], root: Path, what: str) -> Look:
    """Turn every way in which a file cannot be read into its reason."""

    def guarded(relative: str) -> tuple[str, str]:
        try:
            path = path_inside(root, relative)
            return look(path, relative) if path.is_file() else ("", NO_FILE)
        except DecodeError as error:
            received = error.received.removeprefix(f"{relative}: ")
            return "", f"not a readable {what}: {received} ({error.cure.rstrip('.')})"
        except ParameterError as error:
            return "", f"path leaves the data set's folder: {error.received}"
        except OSError as error:
            return "", f"cannot be read: {error.strerror or error}"

    return guarded
