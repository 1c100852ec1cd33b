"""Pairs of covers or of songs that are nearly the same: proposed cheaply, then confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.fingerprint import Words, best_alignment
from genre_core.data.duplicate_prints import CoverPrints
from genre_core.image.cover_hash import close_hashes, correlations, score

if TYPE_CHECKING:
    from genre_core.progress import Progress

MIN_SCORE = 0.6
"""Score of two covers from which on they count as the same: measured, see models/lessons."""

MIN_AGREEMENT = 0.3
"""Agreement of two songs from which on they count as the same: ours, in the middle of a gap."""

_PARTNERS = 5  # Songs that each song may propose.
_NEXT = 20  # Songs with the same word that are told of each other.
_MAX_WORDS = 1 << 23  # Looked up at once; of more, the same part of every song.


@dataclass(frozen=True, slots=True)
class NearPairs:
    """Rows that are nearly the same, two by two.

    Parameters
    ----------
    first, second : np.ndarray [shape=(k,), dtype=int64]
        Rows, first < second; each pair once.
    score : np.ndarray [shape=(k,), dtype=float32]
        How surely, 1 at most.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    score: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.score)


def cover_pairs(prints: CoverPrints, *, min_score: float = MIN_SCORE) -> NearPairs:
    """Find the covers that show the same: hashes propose, small pictures confirm.

    Parameters
    ----------
    prints : CoverPrints
        Each whole cover is compared with every view of all others; plain covers with none.
    min_score : float
        Lowest score of a pair (`image.cover_hash.score`).

    Returns
    -------
    NearPairs
        Rows of the files; a pair's score is its best of all views.
    """
    shows = np.flatnonzero(prints.thumbs[0].any(axis=(1, 2)))
    hashes = prints.hashes[:, shows]
    thumbs = prints.thumbs if len(shows) == prints.thumbs.shape[1] else prints.thumbs[:, shows]
    n = len(prints.rows)
    keys, scores = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    for view in range(len(hashes)):
        # Block by block: only what is confirmed is kept.
        for first, second, distance in close_hashes(hashes[0], hashes[view] if view else None):
            each = score(correlations(thumbs[0], thumbs[view], first, second), distance)
            keep = each >= min_score
            one, other = shows[first[keep]], shows[second[keep]]
            keys.append(np.minimum(one, other) * n + np.maximum(one, other))
            scores.append(each[keep])
    return _best_of_each(np.concatenate(keys), np.concatenate(scores), prints.rows)


def song_pairs(
    words: Sequence[Words],
    rows: NDArray[np.int64] | None = None,
    *,
    min_agreement: float = MIN_AGREEMENT,
    progress: Progress | None = None,
) -> NearPairs:
    """Find the songs that sound the same: shared words propose, the best alignment confirms.

    Parameters
    ----------
    words : sequence of np.ndarray [shape=(n_words,), dtype=uint32]
        Fingerprints.
    rows : np.ndarray [shape=(n,), dtype=int64], optional
        What each is called; its place by default.
    min_agreement : float
        Lowest agreement of a pair (`audio.fingerprint.best_alignment`).
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    NearPairs

    Notes
    -----
    Each song is aligned with at most the 5 that share most words with it, so that the work grows
    with the number of songs and not with its square.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> song, other = rng.integers(1, 2**32, (2, 600), dtype=np.uint32)
    >>> found = song_pairs([song, other, song[100:400]])
    >>> found.first.tolist(), found.second.tolist(), found.score.round(2).tolist()
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
    for song, each in enumerate(words):
        # Of very many words only some, but the same ones of every song.
        own = np.unique(each[(each != 0) & (each % max(part, 1) == 0)])
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
