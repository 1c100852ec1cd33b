"""Places among references: laws, artists kept together, thin evidence, and which genre is high."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from genre_core.errors import ParameterError
from genre_core.metrics.intervals import Interval, bootstrap_interval
from genre_core.metrics.references import (
    MIN_SONGS,
    References,
    high_genres,
    places,
    told_apart,
)
from tests.made_references import KINDS, made_references

scores = st.floats(0, 1)


def one_genre(
    values: list[float] | np.ndarray, *, songs_an_artist: int = 1, unknown: bool = False
) -> References:
    n = len(values)
    artists = -1 - np.arange(n) if unknown else np.arange(n) // songs_an_artist
    nothing = np.zeros(n, bool)
    return References(
        np.asarray(values, float), np.full(n, "Jazz"), artists, np.zeros(n, int), nothing, nothing
    )


@given(st.lists(scores, min_size=MIN_SONGS, max_size=40), scores)
def test_a_place_is_the_share_below_with_ties_counting_half(
    values: list[float], own: float
) -> None:
    [place] = places(one_genre(values), own)
    assert place.higher_than == pytest.approx(
        stats.percentileofscore(values, own, kind="mean") / 100, abs=1e-4
    )
    assert 0 <= place.low <= place.higher_than <= place.high <= 1


def test_a_place_s_side_is_told_only_where_its_interval_leaves_the_middle_out() -> None:
    values = np.linspace(0, 1, 41)
    sides = [places(one_genre(values), own)[0].side for own in (0.1, 0.48, 0.52, 0.9)]
    assert sides == [-1, 0, 0, 1]
    assert places(one_genre(values[:3]), 0.5)[0].side is None


@given(scores, scores)
def test_a_higher_score_never_stands_lower(one: float, other: float) -> None:
    low, high = sorted((one, other))
    made = made_references()
    for below, above in zip(places(made, low), places(made, high), strict=True):
        if below.higher_than is not None:
            assert below.higher_than <= above.higher_than


def test_rock_and_pop_stand_first_then_genres_and_nothing_rendered() -> None:
    names = [place.genre for place in places(made_references(), 0.3)]
    assert names[0] == "Rock and Pop"
    assert set(names) == {"Rock and Pop", "Rock", "Pop", "Classical", "Jazz"}
    assert names[-1] == "Jazz"
    without_pop = made_references(KINDS[:1] + KINDS[2:])
    assert places(without_pop, 0.3)[0].genre in ("Rock", "Classical")


@pytest.mark.parametrize(
    ("n", "songs_an_artist", "unknown", "is_thin"),
    [
        (9, 1, False, True),
        (10, 1, False, False),
        (20, 5, False, True),  # four artists
        (20, 4, False, False),
        (10, 1, True, False),  # artists unknown: each for itself
    ],
)
def test_few_songs_or_artists_give_no_share(
    n: int, songs_an_artist: int, unknown: bool, is_thin: bool
) -> None:
    made = one_genre(np.linspace(0, 1, n), songs_an_artist=songs_an_artist, unknown=unknown)
    [place] = places(made, 0.5)
    assert (place.higher_than is None) == is_thin
    assert (place.n_songs, place.n_unknown) == (n, n if unknown else 0)
    assert place.n_artists == (0 if unknown else -(-n // songs_an_artist))


def test_the_ends_are_those_of_the_bootstrap() -> None:
    draw = np.random.default_rng(0)
    made = one_genre(draw.random(60), songs_an_artist=3)
    [place] = places(made, 0.4)
    same = bootstrap_interval(lambda i: float((made.scores[i] < 0.4).mean()), made.artists)
    assert (place.low, place.high) == pytest.approx((same.low, same.high), abs=0.03)


def test_artists_are_drawn_whole_so_many_songs_of_few_are_less_sure() -> None:
    values = np.repeat(np.linspace(0, 1, 8), 5)
    [many] = places(one_genre(values), 0.5)
    [few] = places(one_genre(values, songs_an_artist=5), 0.5)
    assert few.higher_than == many.higher_than
    assert few.high - few.low > many.high - many.low


def test_songs_it_learned_from_count_only_where_others_are_too_few() -> None:
    made = one_genre(np.r_[np.zeros(12), np.ones(12)])
    heard = np.arange(24) >= 12
    learned = References(
        *(getattr(made, name) for name in made.__slots__[:4]), heard, made.rendered
    )
    [place] = places(learned, 0.5)
    assert (place.higher_than, place.n_songs, place.n_heard) == (1.0, 12, 0)
    nearly = References(
        *(getattr(made, name) for name in made.__slots__[:4]), np.arange(24) >= 5, made.rendered
    )
    [place] = places(nearly, 0.5)
    assert (place.higher_than, place.n_songs, place.n_heard) == (0.5, 24, 19)


def test_the_genre_that_scores_high_is_computed() -> None:
    [(genre, chance)] = high_genres(made_references())
    assert genre == "Classical"
    assert chance.low > 0.5
    # Every Classical score lies above nearly every other one's.
    made = made_references()
    own = made.scores[made.genres == "Classical"]
    others = made.scores[np.isin(made.genres, ["Rock", "Pop"])]
    auc = stats.mannwhitneyu(own, others).statistic / (len(own) * len(others))
    assert chance.value == pytest.approx(auc)
    level = made_references(tuple((g, n, 0.1, 0.5, p, r) for g, n, _, _, p, r in KINDS))
    assert high_genres(level) == []
    assert high_genres(one_genre(np.linspace(0, 1, 20))) == []


def test_prog_is_compared_with_what_the_same_synthesizer_played() -> None:
    made = made_references()
    chance = told_apart(made)
    assert isinstance(chance, Interval)
    prog, other = (made.scores[made.rendered & (made.prog == kind)] for kind in (1, 0))
    auc = stats.mannwhitneyu(prog, other).statistic / (len(prog) * len(other))
    assert chance.value == pytest.approx(auc)
    few = References(
        *(getattr(made, name) for name in ("scores", "genres")),
        np.where(made.prog == 1, 99, made.artists),
        made.prog,
        made.heard,
        made.rendered,
    )
    assert told_apart(few) == pytest.approx(auc)  # one artist: no interval
    assert told_apart(made.take(made.prog != 1)) is None


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_a_score_outside_has_no_place(score: float) -> None:
    with pytest.raises(ParameterError, match="Received"):
        places(made_references(), score)


@pytest.mark.parametrize("values", [[0.5, 1.2], [float("nan")], []])
def test_references_are_scores(values: list[float]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        one_genre(values)


def test_columns_of_other_lengths_are_refused() -> None:
    made = made_references()
    with pytest.raises(ParameterError, match="Received"):
        References(made.scores[:-1], *(getattr(made, name) for name in made.__slots__[1:]))
