"""Pairs of covers or songs that are nearly the same: prints are made file by file and compared."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.decode import MAX_BYTES as MAX_SONG_BYTES
from genre_core.audio.decode import decode_clip
from genre_core.audio.fingerprint import SR, Words, best_alignment, fingerprint
from genre_core.data.disk_cache import DiskCache
from genre_core.data.files import atomic_path
from genre_core.data.media_files import MediaFile, use_file
from genre_core.errors import Problem
from genre_core.image.cover_hash import (
    SIDE,
    close_hashes,
    correlations,
    cover_print,
    n_views,
    score,
)
from genre_core.image.decode import MAX_BYTES as MAX_COVER_BYTES
from genre_core.image.decode import decode_cover
from genre_core.progress import Progress, map_in_order

MIN_SCORE = 0.6
"""Score of two covers from which on they count as the same: measured, see models/lessons."""

MIN_AGREEMENT = 0.3
"""Agreement of two songs from which on they count as the same: ours, in the middle of a gap."""

FINGERPRINTS = DiskCache("fingerprints", ".npy", max_bytes=10**9, what="the songs' fingerprints")
"""Each file holds one song's, 86 bytes a second."""

_VERSION = 1  # Raise it when decoding or computing gives other fingerprints.
_N_THREADS = 2  # Each holds a decoded song.
_PARTNERS = 5  # Songs that each song may propose.
_NEXT = 20  # Songs with the same word that are told of each other.
_MAX_WORDS = 1 << 23  # Looked up at once; of more, the same part of every song.

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CoverPrints:
    """Prints of covers, view by view: 2.3 KB a cover, 12 KB with all views.

    hashes [shape=(n_views, n)], thumbs [shape=(n_views, n, 48, 48)], and in rows [shape=(n,)] which
    of the files each belongs to; broken ones are left out.
    """

    hashes: NDArray[np.uint64]
    thumbs: NDArray[np.int8]
    rows: NDArray[np.int64]


def cover_prints(
    files: Sequence[MediaFile], *, thorough: bool = False, progress: Progress | None = None
) -> tuple[CoverPrints, list[Problem]]:
    """Decode covers and compute what they are compared by, with threads; list the rest.

    `thorough` as for `image.cover_hash.cover_print`.
    """

    def look(content: bytes, file: MediaFile) -> tuple[NDArray[np.uint64], NDArray[np.int8]]:
        made = cover_print(decode_cover(content, name=file.path.name), thorough=thorough)
        return made.hashes, made.thumbs

    prints, rows, problems = _read_each(
        files, look, "covers read", progress, max_bytes=MAX_COVER_BYTES
    )
    hashes = np.empty((n_views(thorough=thorough), len(prints)), np.uint64)
    thumbs = np.empty((*hashes.shape, SIDE, SIDE), np.int8)
    for place, (own_hashes, own_thumbs) in enumerate(prints):
        hashes[:, place], thumbs[:, place] = own_hashes, own_thumbs
    return CoverPrints(hashes, thumbs, rows), problems


def song_words(
    files: Sequence[MediaFile], *, progress: Progress | None = None
) -> tuple[list[Words], NDArray[np.int64], list[Problem]]:
    """Return the fingerprints of songs, which of the files each belongs to, and the rest.

    They are kept under the content's checksum in `GENRE_HOME/caches/fingerprints`.

    Raises `DatasetError`: the disk has no room.
    """
    FINGERPRINTS.make_room(0)

    def look(content: bytes, file: MediaFile) -> Words:
        key = f"{hashlib.sha256(content).hexdigest()[:32]}-{_VERSION}"
        try:
            words = np.load(FINGERPRINTS.file(key), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            words = None  # Not there, or damaged: it is made again.
        if words is None or words.ndim != 1 or words.dtype != np.uint32:
            words = fingerprint(decode_clip(content, sr=SR, name=file.path.name).y)
            # What cannot be kept is computed again the next time.
            with contextlib.suppress(OSError), atomic_path(FINGERPRINTS.file(key)) as part:
                np.save(part, words)
        return words

    return _read_each(
        files, look, "songs read", progress, max_bytes=MAX_SONG_BYTES, n_threads=_N_THREADS
    )


@dataclass(frozen=True, slots=True)
class NearPairs:
    """Rows that are nearly the same: first < second, each pair once, score 1 at most."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    score: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.score)


def cover_pairs(prints: CoverPrints, *, min_score: float = MIN_SCORE) -> NearPairs:
    """Find the covers that show the same: hashes propose, small pictures confirm.

    Each whole cover is compared with every view of all others, plain covers with none. A pair's
    score (`image.cover_hash.score`) is its best of all views.
    """
    shows = np.flatnonzero(prints.thumbs[0].any(axis=(1, 2)))
    hashes = prints.hashes[:, shows]
    thumbs = prints.thumbs if len(shows) == prints.thumbs.shape[1] else prints.thumbs[:, shows]
    n = len(prints.rows)
    keys, scores = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    for view in range(len(hashes)):
        # Block by block: only what is confirmed is kept.
        for first, second, distance in close_hashes(hashes[0], hashes[view] if view else None):
            scored = score(correlations(thumbs[0], thumbs[view], first, second), distance)
            keep = scored >= min_score
            one, other = shows[first[keep]], shows[second[keep]]
            keys.append(np.minimum(one, other) * n + np.maximum(one, other))
            scores.append(scored[keep])
    return _best_of_each(np.concatenate(keys), np.concatenate(scores), prints.rows)


def song_pairs(
    words: Sequence[Words],
    rows: NDArray[np.int64] | None = None,
    *,
    min_agreement: float = MIN_AGREEMENT,
    progress: Progress | None = None,
) -> NearPairs:
    """Find the songs that sound the same: shared words propose, the best alignment confirms.

    Each song is aligned with at most the 5 that share most words with it, so that the work grows
    with the number of songs and not with its square. `rows` says what each is called, its place by
    default.

    >>> rng = np.random.default_rng(0)
    >>> song, other = rng.integers(1, 2**32, (2, 600), dtype=np.uint32)
    >>> pairs = song_pairs([song, other, song[100:400]])
    >>> pairs.first.tolist(), pairs.second.tolist(), pairs.score.round(2).tolist()
    ([0], [2], [1.0])
    """
    names = np.arange(len(words)) if rows is None else rows
    proposed = _sharing_words(words)
    scores = np.zeros(len(proposed), np.float32)
    for done, (one, other) in enumerate(zip(*np.divmod(proposed, len(words) or 1), strict=True)):
        scores[done] = best_alignment(words[one], words[other])[0]
        if progress is not None and (done % 50 == 0 or done + 1 == len(proposed)):
            progress(done + 1, len(proposed), "pairs of songs aligned")
    keep = scores >= min_agreement
    return _best_of_each(proposed[keep], scores[keep], names)


def _sharing_words(words: Sequence[Words]) -> NDArray[np.int64]:
    """Propose pairs of songs, as first * n + second."""
    n = len(words)
    part = -(-sum(map(len, words)) // _MAX_WORDS)
    listed = []
    for song, its in enumerate(words):
        # Of very many words only some, but the same ones of every song.
        own = np.unique(its[(its != 0) & (its % max(part, 1) == 0)])
        listed.append((own.astype(np.uint64) << np.uint64(32)) | np.uint64(song))
    ordered = np.sort(np.concatenate([np.zeros(0, np.uint64), *listed]))
    words_in_order = ordered >> np.uint64(32)
    songs = (ordered & np.uint64(0xFFFFFFFF)).astype(np.int64)
    keys = [np.zeros(0, np.int64)]
    for step in range(1, min(_NEXT, len(words_in_order) - 1) + 1):
        shared = words_in_order[step:] == words_in_order[:-step]
        keys.append(songs[:-step][shared] * n + songs[step:][shared])  # sorted: first < second
    pairs, n_shared = np.unique(np.concatenate(keys), return_counts=True)
    # Both songs propose: the strongest pairs of each are kept.
    keep = np.zeros(len(pairs), bool)
    for own in np.divmod(pairs, max(n, 1)):
        order = np.lexsort((-n_shared, own))
        ranks = np.arange(len(own)) - np.searchsorted(own[order], own[order])
        keep[order[ranks < _PARTNERS]] = True
    return pairs[keep]


def _best_of_each(
    keys: NDArray[np.int64], scores: NDArray[np.float32], rows: NDArray[np.int64]
) -> NearPairs:
    order = np.lexsort((-scores, keys))
    keys, scores = keys[order], scores[order]
    is_first = np.ones(len(keys), bool)
    is_first[1:] = keys[1:] != keys[:-1]
    first, second = np.divmod(keys[is_first], max(len(rows), 1))
    return NearPairs(rows[first], rows[second], scores[is_first])


def _read_each(
    files: Sequence[MediaFile],
    look: Callable[[bytes, MediaFile], _T],
    text: str,
    progress: Progress | None,
    *,
    max_bytes: int,
    n_threads: int | None = None,
) -> tuple[list[_T], NDArray[np.int64], list[Problem]]:
    def read(file: MediaFile) -> _T | Problem:
        return use_file(file, lambda content: look(content, file), max_bytes=max_bytes)

    prints, rows, problems = [], [], []
    for row, made in enumerate(map_in_order(read, files, n_threads=n_threads)):
        if isinstance(made, Problem):
            problems.append(made)
        else:
            prints.append(made)
            rows.append(row)
        if progress is not None and ((row + 1) % 50 == 0 or row + 1 == len(files)):
            progress(row + 1, len(files), text)
    return prints, np.array(rows, np.int64), problems
