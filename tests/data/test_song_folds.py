"""Folds keep groups whole, come from their seed, and say what they lack."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.data.song_folds import INNER_FOLDS, folds, inner_folds, need_folds, need_inner_folds
from genre_core.errors import DatasetError, ParameterError


def dealt(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Three genres, groups of one to four songs of one genre, in no order."""
    rng = np.random.default_rng(3)
    genre = np.arange(n) % 3
    groups = np.array([f"{g}/{rng.integers(8)}" for g in genre])
    order = rng.permutation(n)
    return genre[order], groups[order]


@pytest.mark.parametrize("n_folds", [2, 3, 5])
@pytest.mark.parametrize("grouped", [False, True])
def test_folds_test_every_song_once_and_keep_groups_whole(n_folds: int, grouped: bool) -> None:
    genre, groups = dealt()
    found = folds(genre, groups if grouped else None, n_folds, seed=0)
    assert len(found) == n_folds
    assert sorted(np.concatenate([test for _, test in found])) == list(range(len(genre)))
    for learn, test in found:
        assert sorted([*learn, *test]) == list(range(len(genre)))
        assert set(genre[test]) == set(genre[learn]) == {0, 1, 2}
        if grouped:
            assert not set(groups[learn]) & set(groups[test])


def test_folds_come_from_their_seed() -> None:
    genre, groups = dealt()

    def tests(seed: int) -> list[list[int]]:
        return [test.tolist() for _, test in folds(genre, groups, 3, seed=seed)]

    assert tests(0) == tests(0)
    assert tests(0) != tests(1)


@pytest.mark.parametrize(
    ("genre", "groups", "n_folds"),
    [
        ([0, 0, 1, 1], None, 3),
        ([0, 0, 1, 1], None, 1),
        ([0, 0, 1, 1], None, 0),
        ([0, 0, 0, 1], None, 2),
        ([0, 0, 1, 1], ["a", "b", "c", "c"], 2),  # two songs, but of one artist
    ],
)
def test_too_few_for_so_many_folds(
    genre: list[int], groups: list[str] | None, n_folds: int
) -> None:
    with pytest.raises(ParameterError, match="Received"):
        folds(np.array(genre), None if groups is None else np.array(groups), n_folds, seed=0)


def test_songs_of_a_fold_are_dealt_into_fewer_where_there_are_fewer() -> None:
    genre, groups = dealt()
    assert len(inner_folds(genre, groups)) == INNER_FOLDS
    few = np.array([0, 0, 1, 1])
    assert len(inner_folds(few, np.array(["a", "b", "c", "d"]))) == 2


def by_artists(*n_artists: int) -> tuple[np.ndarray, np.ndarray]:
    """Two songs of each artist; each artist has one genre."""
    genre = np.concatenate([np.full(2 * n, k) for k, n in enumerate(n_artists)])
    groups = np.array([f"{k}/{i // 2}" for k, n in enumerate(n_artists) for i in range(2 * n)])
    return genre, groups


@pytest.mark.parametrize(
    ("n_artists", "n_folds", "said"),
    [
        ((6, 5, 4), 5, "Set --folds 4"),
        ((3, 8), 2, "Set --folds 3"),
        ((6, 2), 5, "Add songs of Pop by other artists.$"),
        ((6, 2), 3, "Add songs of Pop by other artists, or deal single songs: --random-folds"),
        ((6, 0), 2, "Add songs of Pop by other artists"),
    ],
)
def test_what_folds_lack_is_said_with_advice_that_works(
    n_artists: tuple[int, ...], n_folds: int, said: str
) -> None:
    genre, groups = by_artists(*n_artists)
    names = ("Rock", "Pop", "Jazz")[: len(n_artists)]
    with pytest.raises(DatasetError, match=said) as error:
        need_folds(genre, groups, n_folds, names)
    assert f"{n_artists[1]} group" in str(error.value)
    if said.startswith("Set"):
        need_folds(genre, groups, int(said[-1]), names)
    if "random" in said:
        need_folds(genre, None, n_folds, names)


def test_a_genre_on_one_artist_of_many_genres_is_seen_by_dealing() -> None:
    genre = np.tile([0, 1, 2], 3)
    groups = np.repeat(["a", "b", "c"], 3)  # three artists, each with every genre
    need_folds(genre, groups, 3, ("Rock", "Pop", "Jazz"))
    need_folds(genre, None, 3, ("Rock", "Pop", "Jazz"))
    with pytest.raises(DatasetError, match="Set --folds 3"):
        need_folds(genre, groups, 2, ("Rock", "Pop", "Jazz"))


def test_two_artists_of_a_genre_outside_the_test_are_enough_and_one_is_not() -> None:
    need_inner_folds(*by_artists(3, 2), ("Rock", "Pop"))
    with pytest.raises(DatasetError, match=r"Pop: 1 group\. Add songs of Pop by other artists"):
        need_inner_folds(*by_artists(3, 1), ("Rock", "Pop"))
    with pytest.raises(DatasetError, match="Pop: 0 groups"):
        need_inner_folds(*by_artists(3), ("Rock", "Pop"))
