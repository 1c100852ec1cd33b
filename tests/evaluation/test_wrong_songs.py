"""Lists of wrong songs, false alarms and the worst piece: bad input, order, and a second way."""

import numpy as np
import pandas as pd
import pytest

from genre_core.errors import ParameterError
from genre_core.evaluation.stored_predictions import (
    highest_scores,
    items_labelled,
    worst_segment,
)
from genre_core.inference.songs import SongPrediction

GENRES = ("Jazz", "Metal", "Pop")


def prediction(
    probs: np.ndarray, scores: np.ndarray | None = None, genres: tuple[str, ...] = GENRES
) -> SongPrediction:
    n = len(probs)
    starts = np.arange(n, dtype=float)
    return SongPrediction(
        "made.song", genres, "softmax", starts, starts + 1, np.log(probs), probs, scores
    )


@pytest.mark.parametrize(
    "bad",
    [
        lambda: highest_scores(pd.DataFrame({"item_id": ["a"]})),
        lambda: worst_segment(prediction(np.full((2, 3), 1 / 3)), "Rock"),
        lambda: worst_segment(prediction(np.full((2, 3), 1 / 3)), ""),
        # Only a network with a prog score can be asked for it.
        lambda: worst_segment(prediction(np.full((2, 3), 1 / 3)), "prog"),
    ],
)
def test_bad_input_is_refused(bad: object) -> None:
    with pytest.raises(ParameterError, match="Received"):
        bad()  # type: ignore[operator]


def test_only_songs_known_not_to_be_prog_are_alarms() -> None:
    rows = pd.DataFrame({"item_id": list("abcd"), "prog_score": [0.2, 0.9, 0.6, 0.6]})
    labels = pd.DataFrame(
        {
            "item_id": list("abcd"),
            "labels": [("non-prog",), (), ["non-prog"], ("non-prog (presumed)",)],
        }
    )
    known = items_labelled(labels, "non-prog")
    assert known == {"a", "c"}
    assert highest_scores(rows, known)["item_id"].tolist() == ["c", "a"]
    assert highest_scores(rows)["item_id"].tolist() == ["b", "c", "d", "a"]
    assert highest_scores(rows, set()).empty


def test_the_worst_piece_speaks_most_for_the_wrong_genre() -> None:
    probs = np.array([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1], [0.05, 0.8, 0.15], [0.6, 0.2, 0.2]])
    said = prediction(probs)
    assert worst_segment(said, "Metal") == 1  # the first of two
    assert worst_segment(said, "Jazz") == 3
    assert worst_segment(said, "Pop") == 0


def test_on_the_wrong_side_is_furthest_for_scores() -> None:
    scores = np.array([0.4, 0.9, 0.1])
    probs = np.stack([1 - scores, scores], axis=1)
    said = prediction(probs, scores, ("non-prog", "prog"))
    assert worst_segment(said, "prog") == 1
    assert worst_segment(said, "not prog") == 2
    assert worst_segment(said, "non-prog") == 2


def test_the_worst_piece_speaks_against_the_true_genre_where_it_is_known() -> None:
    probs = np.array([[0.45, 0.5, 0.05], [0.01, 0.48, 0.51]])
    said = prediction(probs)
    assert worst_segment(said, "Metal") == 0
    assert worst_segment(said, "Metal", "Jazz") == 1
    assert worst_segment(said, "Metal", "Polka") == 0  # no genre of this network
