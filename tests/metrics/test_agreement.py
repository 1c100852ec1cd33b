"""Agreement: votes counted by name, never across genres that a network does not know."""

from types import SimpleNamespace

import numpy as np
import pytest

from genre_core.errors import ParameterError
from genre_core.metrics.agreement import compare_answers

FIVE = ("Country", "Electronic", "Hip-Hop", "Pop", "Rock")


def said(model: str, genres: tuple[str, ...], *probs: float) -> SimpleNamespace:
    return SimpleNamespace(model=model, genres=genres, probs=np.array(probs))


@pytest.mark.parametrize(
    "answers",
    [
        [said("a", ("x", "y"), 0.5, 0.5), said("a", ("x", "y"), 0.4, 0.6)],
        [said("a", ("x", "y"), 0.5)],
        [said("a", ("x", "y"), 0.5, np.nan)],
        [said("a", ("x", "y"), 1.5, -0.5)],
        [SimpleNamespace(model="a", genres=("x", "y"), probs=np.ones((1, 2)))],
    ],
)
def test_bad_answers(answers: list) -> None:
    with pytest.raises(ParameterError, match="Received"):
        compare_answers(answers)


def test_nobody_is_compared_with_nobody() -> None:
    assert compare_answers([]) == ()
    assert compare_answers([said("a", FIVE, 0.2, 0.2, 0.2, 0.2, 0.2)]) == ()


def test_other_genres_are_not_compared_even_where_one_name_is_the_same() -> None:
    five = said("five", FIVE, 0.1, 0.1, 0.1, 0.1, 0.6)
    prog = said("prog", ("other", "prog"), 0.3, 0.7)
    jazz = said("jazz", ("Jazz", "Rock"), 0.9, 0.1)
    assert compare_answers([five, prog, jazz]) == ()


def test_votes_follow_the_names_and_not_the_places() -> None:
    one = said("one", ("Rock", "Pop", "Hip-Hop"), 0.5, 0.3, 0.2)
    two = said("two", ("hip hop", "ROCK", "pop"), 0.1, 0.8, 0.1)
    three = said("three", ("Pop", "Hip-Hop", "Rock"), 0.6, 0.2, 0.2)
    [found] = compare_answers([one, two, three])
    assert found.is_whole
    assert found.genres == ("Rock", "Pop", "Hip-Hop")
    assert found.votes == (("Rock", ("one", "two")), ("Pop", ("three",)))
    assert not found.is_unanimous
    assert found.range_of("Rock") == (0.2, 0.8)
    np.testing.assert_allclose(found.mean, [0.5, 1 / 3, 1 / 6])
    [pair] = compare_answers([one, two])
    assert pair.is_unanimous
    assert pair.votes == (("Rock", ("one", "two")),)


def test_shared_genres_are_compared_on_their_own_shares_alone() -> None:
    one = said("one", FIVE, 0.7, 0.1, 0.0, 0.05, 0.15)
    two = said("two", ("Metal", "Pop", "Rock"), 0.9, 0.08, 0.02)
    [found] = compare_answers([one, two])
    assert not found.is_whole
    assert found.genres == ("Pop", "Rock")
    np.testing.assert_allclose(found.probs, [[0.25, 0.75], [0.8, 0.2]])
    assert found.votes == (("Pop", ("two",)), ("Rock", ("one",)))


def test_whole_lists_come_before_shared_ones_and_all_of_a_list_stand_together() -> None:
    ones = [said(f"one{k}", ("Pop", "Rock", "Jazz"), 0.2, 0.5, 0.3) for k in range(2)]
    other = said("other", ("Pop", "Rock"), 0.1, 0.9)
    whole, shared = compare_answers([ones[0], other, ones[1]])
    assert (whole.models, whole.is_whole) == (("one0", "one1"), True)
    assert (shared.models, shared.is_whole) == (("one0", "one1", "other"), False)
    assert shared.is_unanimous


def test_a_network_that_gives_the_shared_genres_nothing_has_no_favourite() -> None:
    one = said("one", FIVE, 1.0, 0.0, 0.0, 0.0, 0.0)
    two = said("two", ("Pop", "Rock"), 0.1, 0.9)
    assert compare_answers([one, two]) == ()
