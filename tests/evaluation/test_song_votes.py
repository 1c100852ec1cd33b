"""Songs judged from their segments: by majority, and segments apart from songs."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.evaluation.songs import by_majority, segment_report


def test_of_two_genres_the_one_of_more_than_half_wins() -> None:
    rng = np.random.default_rng(0)
    for n_segments in (1, 3, 7, 19):
        prog = rng.random(n_segments)
        said = by_majority(np.column_stack([1 - prog, prog]))
        assert said == int(np.count_nonzero(prog > 0.5) > n_segments / 2)


def test_confidence_never_outvotes_a_segment() -> None:
    assert by_majority(np.array([[0.51, 0.49], [0.51, 0.49], [0.0, 1.0]])) == 0


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_tie_goes_to_the_higher_mean(order: list[int]) -> None:
    assert by_majority(np.array([[0.9, 0.1], [0.4, 0.6]])[order]) == 0


def test_long_songs_count_once_as_songs_and_often_as_segments() -> None:
    right, wrong = [0.2, 0.8], [0.7, 0.3]
    said = [np.array([right] * 8), np.array([wrong])]
    report = segment_report(np.array([1, 1]), said)
    assert report["segments"]["n"] == 9
    assert report["segments"]["accuracy"] == pytest.approx(8 / 9, abs=1e-4)
    assert report["by_majority"]["n"] == 2
    assert report["by_majority"]["accuracy"] == 0.5
