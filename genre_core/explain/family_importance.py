"""Permutation importance of families of features: what a network loses without one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.config import PAD, SongInput, require
from genre_core.data.folds import group_folds
from genre_core.explain.feature_families import family_columns
from genre_core.progress import Progress

AT_ONCE = 128
"""Segments that are changed at once: bounds memory."""


@dataclass(frozen=True, slots=True, eq=False)
class FamilyScores:
    """What a network says of some songs, and what it says with one family from other songs.

    names: The families.
    whole [shape=(n_songs, n_genres)]: Probabilities, the mean over each song's segments.
    permuted [shape=(n_repeats, n_families, n_songs, n_genres)]: The same with that family taken
        from another song.
    """

    names: tuple[str, ...]
    whole: NDArray[np.float64]
    permuted: NDArray[np.float64]


def permute_families(
    songs: Sequence[NDArray[np.float32]],
    spec: SongInput,
    donors: NDArray[np.int64],
    score: Callable[[NDArray[np.float32]], NDArray[np.float64]],
    *,
    progress: Progress = lambda done, total, text: None,
) -> FamilyScores:
    """Ask a network about songs, each time with one family of features from another song.

    A song's k-th segment gets the family's columns of its donor's k-th segment, from the first on
    again where the donor has fewer; all other columns stay. Frames of padding, of either, stay as
    they are. The same donors serve every family.

    Parameters
    ----------
    songs : sequence of ndarray [shape=(n_segments, *spec.shape), dtype=float32]
        Standardized segments, at least one of each song.
    donors : ndarray [shape=(n_repeats, n_songs)]
        From which song each takes a family, see `deal_donors`.
    score : callable
        Turns segments [shape=(n, *spec.shape)] into probabilities (n, n_genres).
    progress : callable
        Told of after each family of each repeat.

    Raises
    ------
    ParameterError
        Features without families, or donors that are not songs.

    Notes
    -----
    **Source**: Breiman, Machine Learning 45 (2001), by families in place of single columns, which
    would say little where columns tell nearly the same (Strobl et al., BMC Bioinformatics 9, 307).
    Nothing is trained again. A family exchanged against the others makes songs that no song is.

    Examples
    --------
    >>> spec = SongInput(
    ...     features="statistics_423", n_frames=430, hop_frames=215, offsets=(0.0,) * 423,
    ...     scales=(1.0,) * 423,
    ... )
    >>> songs = [np.full((1, 423), k, np.float32) for k in (0, 1)]
    >>> first = lambda segments: segments[:, :1].astype(float)
    >>> found = permute_families(songs, spec, np.array([[1, 0]]), first)
    >>> found.whole[:, 0].tolist(), found.permuted[0, :2, :, 0].tolist()  # mfcc, then chroma
    ([0.0, 1.0], [[1.0, 0.0], [0.0, 1.0]])
    """
    names, family = family_columns(spec)
    n_songs = len(songs)
    require(
        donors.ndim == 2 and donors.shape[1] == n_songs > 0 and bool((donors < n_songs).all()),
        f"donors must name one of {n_songs} songs for each.",
        donors,
        "Use deal_donors.",
    )

    whole = _means(songs, score)
    rows = []
    for repeat, own in enumerate(donors):
        for k, name in enumerate(names):
            changed = (
                _exchange(song, songs[donor], family == k)
                for song, donor in zip(songs, own, strict=True)
            )
            rows.append(_means(changed, score))
            progress(repeat * len(names) + k + 1, len(donors) * len(names), name)
    permuted = np.stack(rows).reshape(len(donors), len(names), *whole.shape)
    return FamilyScores(names, whole, permuted)


def deal_folds(
    labels: NDArray[np.int64], groups: NDArray[np.str_], n_folds: int
) -> NDArray[np.int64]:
    """Share songs out into folds in which no group is more than half (n,); groups stay whole.

    As many as `n_folds`, fewer where a group is large: each song of a fold must find a donor of
    another group in it.

    Raises `ParameterError`: fewer than 1 fold is asked for, or one group is more than half of all.

    Examples
    --------
    >>> deal_folds(np.array([0, 1, 0, 1]), np.array(["a", "b", "c", "d"]), 2).tolist()
    [1, 0, 0, 1]
    >>> deal_folds(np.array([0, 0, 1]), np.array(["a", "a", "b"]), 2)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: No group may hold more than half of the songs: its songs \
    need donors of others. Received '2 songs of 3 in one group' (str). Use data of more artists.
    """
    require(n_folds >= 1, "n_folds must be at least 1.", n_folds, "Use 5.")
    _, group = np.unique(groups, return_inverse=True)
    largest = int(np.bincount(group).max())
    require(
        2 * largest <= len(groups),
        "No group may hold more than half of the songs: its songs need donors of others.",
        f"{largest} songs of {len(groups)} in one group",
        "Use data of more artists.",
    )
    for n in range(min(n_folds, int(group.max()) + 1), 1, -1):
        fold = group_folds(labels, groups, n)
        if all(2 * np.bincount(group[fold == k]).max() <= (fold == k).sum() for k in range(n)):
            return fold
    return np.zeros(len(groups), np.int64)


def deal_donors(
    groups: NDArray[np.str_], fold: NDArray[np.int64], *, n_repeats: int, seed: int = 0
) -> NDArray[np.int64]:
    """Draw from which song each takes a family: a permutation in each fold, never its own group.

    The songs of a fold stand in a ring, group beside group in an order that is drawn, and each
    takes from the one so many places further on, at least as many as the largest group has.

    Returns
    -------
    ndarray [shape=(n_repeats, n), dtype=int64]
        Within a fold every song gives once.

    Examples
    --------
    >>> groups, fold = np.array(["a", "a", "b", "c"]), np.zeros(4, np.int64)
    >>> donors = deal_donors(groups, fold, n_repeats=5)
    >>> bool((groups[donors] != groups).all()), np.sort(donors[0]).tolist()
    (True, [0, 1, 2, 3])
    """
    require(n_repeats >= 1, "n_repeats must be at least 1.", n_repeats, "Use 5.")
    rng = np.random.default_rng(seed)
    _, group = np.unique(groups, return_inverse=True)
    donors = np.empty((n_repeats, len(groups)), np.int64)
    for row in donors:
        place = rng.permutation(int(group.max()) + 1)[group]
        among = rng.permutation(len(groups))  # songs of one group change places too
        for k in np.unique(fold):
            own = np.flatnonzero(fold == k)
            ring = own[np.lexsort((among[own], place[own]))]
            largest = int(np.bincount(group[own]).max())
            step = int(rng.integers(largest, len(own) - largest + 1))
            row[ring] = np.roll(ring, -step)
    return donors


def _exchange(
    song: NDArray[np.float32], donor: NDArray[np.float32], columns: NDArray[np.bool_]
) -> NDArray[np.float32]:
    theirs = donor[np.arange(len(song)) % len(donor)]
    is_padding = (song == np.float32(PAD)) | (theirs == np.float32(PAD))
    return np.where(columns & ~is_padding, theirs, song)


def _means(
    songs: Iterable[NDArray[np.float32]], score: Callable[[NDArray[np.float32]], NDArray[Any]]
) -> NDArray[np.float64]:
    """Score songs, some of them at once, and average over each one's segments (n, n_genres)."""
    means: list[NDArray[np.float64]] = []
    waiting: list[NDArray[np.float32]] = []

    def ask() -> None:
        ends = np.cumsum([len(song) for song in waiting])[:-1]
        every = np.asarray(score(np.concatenate(waiting)), np.float64)
        means.extend(part.mean(axis=0) for part in np.split(every, ends))
        waiting.clear()

    for song in songs:
        waiting.append(song)
        if sum(map(len, waiting)) >= AT_ONCE:
            ask()
    if waiting:
        ask()
    return np.stack(means)
