"""What the covers and songs of a data set are compared by, computed file by file."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.decode import MAX_BYTES as MAX_SONG_BYTES
from genre_core.audio.decode import decode_clip
from genre_core.audio.fingerprint import SR, Words, fingerprint
from genre_core.data.files import MediaFile, atomic_path
from genre_core.data.home import home
from genre_core.data.room import make_room
from genre_core.errors import DecodeError, ParameterError, Problem
from genre_core.image.cover_hash import SIDE, cover_print, n_views
from genre_core.image.decode import MAX_BYTES as MAX_COVER_BYTES
from genre_core.image.decode import decode_cover

if TYPE_CHECKING:
    from genre_core.progress import Progress

MAX_CACHE_BYTES = 10**9
"""Size of all kept fingerprints together; beyond it those made first go."""

_N_THREADS = 2  # Each holds a decoded song.
_VERSION = 1  # Raise it when decoding or computing gives other fingerprints.

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CoverPrints:
    """Prints of covers, view by view.

    Parameters
    ----------
    hashes : np.ndarray [shape=(n_views, n), dtype=uint64]
    thumbs : np.ndarray [shape=(n_views, n, 48, 48), dtype=int8]
        2.3 KB a cover, 12 KB with all views.
    rows : np.ndarray [shape=(n,), dtype=int64]
        Which of the files each belongs to; broken ones are left out.
    """

    hashes: NDArray[np.uint64]
    thumbs: NDArray[np.int8]
    rows: NDArray[np.int64]


def cover_prints(
    files: Sequence[MediaFile], *, thorough: bool = False, progress: Progress | None = None
) -> tuple[CoverPrints, list[Problem]]:
    """Decode covers and compute what they are compared by, with threads.

    Parameters
    ----------
    files : sequence of MediaFile
        Where each lies; one without a checksum is taken as it is.
    thorough : bool
        As for `image.cover_hash.cover_print`.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    prints : CoverPrints
    problems : list of Problem
        Files that could not be read, or are not the ones that were imported.

    Examples
    --------
    >>> from pathlib import Path
    >>> gone = MediaFile("a.jpg", Path("no-such-folder/a.jpg"), "")
    >>> [each.where for each in cover_prints([gone])[1]]
    ['a.jpg']
    """

    def look(content: bytes, file: MediaFile) -> tuple[NDArray[np.uint64], NDArray[np.int8]]:
        made = cover_print(decode_cover(content, name=file.path.name), thorough=thorough)
        return made.hashes, made.thumbs

    found, rows, problems = _read_each(
        files, look, "covers read", progress, max_bytes=MAX_COVER_BYTES
    )
    hashes = np.empty((n_views(thorough=thorough), len(found)), np.uint64)
    thumbs = np.empty((*hashes.shape, SIDE, SIDE), np.int8)
    for place, (own_hashes, own_thumbs) in enumerate(found):
        hashes[:, place], thumbs[:, place] = own_hashes, own_thumbs
    return CoverPrints(hashes, thumbs, rows), problems


def song_words(
    files: Sequence[MediaFile], *, progress: Progress | None = None
) -> tuple[list[Words], NDArray[np.int64], list[Problem]]:
    """Return the fingerprints of songs, computing each the first time only.

    Kept in `GENRE_HOME/caches/fingerprints`, 86 bytes for each second of a song.

    Parameters
    ----------
    files : sequence of MediaFile
        Where each song lies, with its checksum.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    words : list of np.ndarray [shape=(n_words,), dtype=uint32]
    rows : np.ndarray [shape=(n,), dtype=int64]
        Which of the files each belongs to.
    problems : list of Problem
        Songs that could not be read.

    Raises
    ------
    DatasetError
        The disk has no room.
    """
    folder = home() / "caches" / "fingerprints"
    make_room(folder, ".npy", 0, max_bytes=MAX_CACHE_BYTES, what="the songs' fingerprints")

    def look(content: bytes, file: MediaFile) -> Words:
        digest = hashlib.sha256(content).hexdigest()
        kept = folder / f"{digest[:32]}-{_VERSION}.npy"
        try:
            words = np.load(kept, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            words = None  # Not there, or damaged: it is made again.
        if words is None or words.ndim != 1 or words.dtype != np.uint32:
            words = fingerprint(decode_clip(content, sr=SR, name=file.path.name).y)
            # What cannot be kept is computed again the next time.
            with contextlib.suppress(OSError), atomic_path(kept) as part:
                np.save(part, words)
        return words

    return _read_each(
        files, look, "songs read", progress, max_bytes=MAX_SONG_BYTES, n_threads=_N_THREADS
    )


def _read_each(
    files: Sequence[MediaFile],
    look: Callable[[bytes, MediaFile], _T],
    text: str,
    progress: Progress | None,
    *,
    max_bytes: int,
    n_threads: int | None = None,
) -> tuple[list[_T], NDArray[np.int64], list[Problem]]:
    from genre_core.progress import map_in_order

    def read(file: MediaFile) -> tuple[_T | None, Problem | None]:
        try:
            if (n_bytes := file.path.stat().st_size) > max_bytes:
                return None, Problem(file.item_id, f"{n_bytes:,} bytes, more than {max_bytes:,}")
            content = file.path.read_bytes()
            if file.checksum and hashlib.sha256(content).hexdigest() != file.checksum:
                return None, Problem(file.item_id, "is not the file that was imported")
            return look(content, file), None
        except OSError as error:
            return None, Problem(file.item_id, f"cannot be read: {error.strerror or error}")
        except (DecodeError, ParameterError) as error:
            return None, Problem(file.item_id, f"not readable: {error.received}")

    found, rows, problems = [], [], []
    for row, (made, problem) in enumerate(map_in_order(read, files, n_threads=n_threads)):
        if made is not None:
            found.append(made)
            rows.append(row)
        if problem is not None:
            problems.append(problem)
        if progress is not None and ((row + 1) % 50 == 0 or row + 1 == len(files)):
            progress(row + 1, len(files), text)
    return found, np.array(rows, np.int64), problems
