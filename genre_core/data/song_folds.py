"""Deal songs into folds by genre and group, and tell what a data set lacks for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genre_core.config import require
from genre_core.errors import DatasetError, ParameterError, Problem

INNER_FOLDS = 4
"""Folds of the songs that a fold learns from, by which its settings are chosen; fewer where its
rarest genre has fewer songs (or groups)."""

_SURE = 50  # Groups of the rarest genre from which on dealing leaves no part without a genre.

Dealt = list[tuple[NDArray[np.int64], NDArray[np.int64]]]
"""Rows to learn from and rows to test, a pair a fold."""


def folds(
    genre: NDArray[np.int64], groups: NDArray[np.str_] | None, n_folds: int, *, seed: int
) -> Dealt:
    """Deal songs into folds with each genre's share in each: rows (learn, test), all tested once.

    Parameters
    ----------
    genre : np.ndarray [shape=(n_songs,), dtype=int64]
    groups : np.ndarray [shape=(n_songs,)], optional
        Songs of one group stay in one fold; None deals songs at random.
    n_folds : int
        At least 2, at most the number of songs (or groups) of the rarest genre.
    seed : int
        The same seed gives the same folds.

    Notes
    -----
    **Source**: `sklearn.model_selection.StratifiedGroupKFold` and `StratifiedKFold`.

    Examples
    --------
    >>> genre = np.array([0, 0, 1, 1])
    >>> [sorted(test.tolist()) for _, test in folds(genre, None, 2, seed=0)]
    [[1, 2], [0, 3]]
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    rarest = min(count for _, count in _counts(genre, groups))
    require(
        2 <= n_folds <= rarest,
        "n_folds must lie between 2 and the songs (or groups) of the rarest genre.",
        (n_folds, rarest),
        "Take fewer folds.",
    )
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    dealt = kind(n_folds, shuffle=True, random_state=seed)
    return [
        (np.asarray(learn), np.asarray(test))
        for learn, test in dealt.split(np.zeros(len(genre)), genre, groups)
    ]


def inner_folds(genre: NDArray[np.int64], groups: NDArray[np.str_] | None) -> Dealt:
    """Deal the songs that a fold learns from once more, into `INNER_FOLDS` or what they allow."""
    rarest = min(count for _, count in _counts(genre, groups))
    return folds(genre, groups, min(INNER_FOLDS, rarest), seed=0)


def need_folds(
    genre: NDArray[np.int64],
    groups: NDArray[np.str_] | None,
    n_folds: int,
    genres: Sequence[str],
) -> None:
    """Raise `DatasetError` where songs cannot be dealt, naming the genre and what was tried.

    Every part that something is fitted on must hold every genre.

    Examples
    --------
    >>> artists = np.array(["a", "b", "c", "d", "d", "d"])
    >>> need_folds(np.array([0, 0, 0, 1, 1, 1]), artists, 3, ("Jazz", "Rock"))
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: Every fold needs songs of every genre, and other groups \
    (artists) of it to learn from: at least 3 groups a genre. Received 3 folds of Jazz (3 groups), \
    Rock (1 group). Add songs of Rock by other artists, or deal single songs: --random-folds, \
    in settings training.fold_groups = 'none'; artists then stand on both sides.
    """
    if _can_deal(genre, groups, n_folds, len(genres)):
        return
    unit = "song" if groups is None else "group"
    has = dict(_counts(genre, groups))
    counts = {name: has.get(k, 0) for k, name in enumerate(genres)}
    rarest = min(counts.values())
    fewer = sorted(range(2, rarest + 1), key=lambda n: (abs(n - n_folds), -n))
    works = next((n for n in fewer if _can_deal(genre, groups, n, len(genres))), None)
    few = [name for name, count in counts.items() if count < 3]
    add = f"Add songs of {', '.join(few) or 'the rarest genres'}"
    if works is not None:
        cure = f"Set --folds {works}."
    elif groups is None:
        cure = f"{add}."
    else:
        cure = f"{add} by other artists"
        if _can_deal(genre, None, n_folds, len(genres)):
            cure += (
                ", or deal single songs: --random-folds, in settings training.fold_groups = "
                "'none'; artists then stand on both sides"
            )
        cure += "."
    others = " (artists)" if groups is not None else ""
    raise DatasetError(
        f"Every fold needs songs of every genre, and other {unit}s{others} of it to learn from: at "
        f"least 3 {unit}s a genre.",
        received=f"{n_folds} folds of "
        + ", ".join(f"{name} ({_number(count, unit)})" for name, count in counts.items()),
        cure=cure,
        problems=tuple(
            Problem(name, f"has {_number(count, unit)}")
            for name, count in counts.items()
            if count < max(3, n_folds)
        ),
    )


def need_inner_folds(
    genre: NDArray[np.int64], groups: NDArray[np.str_], genres: Sequence[str]
) -> None:
    """Raise `DatasetError` where the songs outside the test split are of too few groups."""
    if _can_choose(genre, groups, len(genres)):
        return
    has = dict(_counts(genre, groups))
    counts = {name: _number(has.get(k, 0), "group") for k, name in enumerate(genres)}
    few = [name for k, name in enumerate(genres) if has.get(k, 0) < 2] or ["the rarest genres"]
    raise DatasetError(
        "Outside the test split every genre needs songs of at least 2 groups (artists), one to "
        "learn from and one to choose by.",
        received=", ".join(f"{name}: {count}" for name, count in counts.items()),
        cure=f"Add songs of {', '.join(few)} by other artists to the train split.",
        problems=tuple(
            Problem(name, f"has {count} outside test")
            for name, count in counts.items()
            if name in few
        ),
    )


def _can_choose(genre: NDArray[np.int64], groups: NDArray[np.str_] | None, n_genres: int) -> bool:
    has = [count for _, count in _counts(genre, groups)]
    if len(has) < n_genres or min(has) < 2:
        return False
    inner = inner_folds(genre, groups)
    return all(len(np.unique(genre[learn])) == n_genres for learn, _ in inner)


def _can_deal(
    genre: NDArray[np.int64], groups: NDArray[np.str_] | None, n_folds: int, n_genres: int
) -> bool:
    has = [count for _, count in _counts(genre, groups)]
    if len(has) < n_genres or not 2 <= n_folds <= min(has):
        return False
    if min(has) >= max(_SURE, 4 * n_folds):
        return True
    try:
        for learn, _ in folds(genre, groups, n_folds, seed=0):
            if not _can_choose(genre[learn], None if groups is None else groups[learn], n_genres):
                return False
    except ParameterError:
        return False
    return True


def _counts(genre: NDArray[np.int64], groups: NDArray[np.str_] | None) -> list[tuple[int, int]]:
    """Count the songs of each genre that is there, or their groups."""
    return [
        (
            int(g),
            int(np.count_nonzero(genre == g))
            if groups is None
            else len(np.unique(groups[genre == g])),
        )
        for g in np.unique(genre)
    ]


def _number(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"
