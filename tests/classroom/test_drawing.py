"""Items are drawn without repeats, every genre as often as can be, in an order of chance."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_core.classroom.drawing import draw_items
from genre_core.errors import ParameterError


@given(st.lists(st.integers(0, 4), max_size=40), st.integers(1, 30), st.integers(0, 10**6))
def test_no_item_twice_and_no_genre_twice_more_than_one_with_items_left(
    genres: list[int], n: int, seed: int
) -> None:
    drawn = draw_items(genres, n, seed=seed)
    assert len(drawn) == len(set(drawn)) == min(n, len(genres))
    assert drawn == draw_items(genres, n, seed=seed)
    counts, all_of = Counter(genres[place] for place in drawn), Counter(genres)
    left = [counts[genre] for genre in all_of if counts[genre] < all_of[genre]]
    assert not left or max(counts.values()) <= min(left) + 1


def test_other_seeds_draw_others_in_another_order() -> None:
    orders = {tuple(draw_items([0] * 10, 5, seed=seed)) for seed in range(20)}
    assert len(orders) > 15
    # Genres do not come in turn: the order would tell the next one.
    drawn = [draw_items([0, 1] * 4, 4, seed=seed) for seed in range(20)]
    genres = [[place % 2 for place in places] for places in drawn]
    assert {first for first, *_ in genres} == {0, 1}
    assert any(first == second for first, second, *_ in genres)


def test_no_questions_are_no_quiz() -> None:
    with pytest.raises(ParameterError, match=r"at least 1.*Received"):
        draw_items([0], 0, seed=0)
