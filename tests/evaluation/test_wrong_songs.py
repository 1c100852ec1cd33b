"""Lists of wrong songs, false alarms and the worst piece: bad input, order, and a second way."""

import numpy as np
import pandas as pd
import pytest

from genre_core.errors import ParameterError
from genre_core.evaluation.stored_predictions import (
    highest_scores,
    items_labelled,
    worst_segment,
    wrong_songs,
)
from genre_core.inference.songs import SongPrediction
from genre_core.runs.bundle import SHIPPED_DIR, open_bundle

GENRES = ("Jazz", "Metal", "Pop")


def made(n: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    probs = rng.dirichlet(np.ones(3), n)
    return pd.DataFrame(
        {
            "item_id": [f"song {k}" for k in range(n)],
            "title": "",
            "split": ["test"] * (n - 2) + ["train"] * 2,
            "genre_index": rng.integers(0, 3, n),
            "predicted": probs.argmax(axis=1),
            **{f"prob_{k}": probs[:, k] for k in range(3)},
        }
    )


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
        lambda: wrong_songs(made().drop(columns="prob_2"), GENRES),
        lambda: wrong_songs(made(), (*GENRES, "Rock")),
        lambda: wrong_songs(made().drop(columns="genre_index"), GENRES),
        lambda: highest_scores(made()),
        lambda: worst_segment(prediction(np.full((2, 3), 1 / 3)), "Rock"),
        lambda: worst_segment(prediction(np.full((2, 3), 1 / 3)), ""),
        # Only a network with a prog score can be asked for it.
        lambda: worst_segment(prediction(np.full((2, 3), 1 / 3)), "prog"),
    ],
)
def test_bad_input_is_refused(bad: object) -> None:
    with pytest.raises(ParameterError, match="Received"):
        bad()  # type: ignore[operator]


def test_exactly_the_wrong_test_songs_are_listed_the_surest_first() -> None:
    rows = made()
    found = wrong_songs(rows, GENRES)
    expected = {
        row["item_id"]: row
        for row in rows.to_dict("records")
        if row["split"] == "test" and row["genre_index"] != row["predicted"]
    }
    assert set(found["item_id"]) == set(expected)
    assert len(found) > 10
    assert found["probability"].is_monotonic_decreasing
    for row in found.to_dict("records"):
        own = expected[row["item_id"]]
        assert row["true"] == GENRES[own["genre_index"]]
        assert row["said"] == GENRES[own["predicted"]]
        assert row["probability"] == own[f"prob_{own['predicted']}"]
        assert row["true_probability"] == own[f"prob_{own['genre_index']}"]
        assert row["probability"] >= row["true_probability"]


def test_equally_sure_ones_stand_in_one_order_whatever_the_table_s() -> None:
    rows = made()
    rows[["prob_0", "prob_1", "prob_2"]] = 1 / 3
    turned = rows.sample(frac=1.0, random_state=2)
    assert wrong_songs(turned, GENRES)["item_id"].tolist() == (
        wrong_songs(rows, GENRES)["item_id"].tolist()
    )


def test_nothing_wrong_is_an_empty_list() -> None:
    rows = made().assign(predicted=lambda frame: frame["genre_index"])
    assert wrong_songs(rows, GENRES).empty


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


def test_the_shipped_head_s_list_is_what_its_matrix_counts() -> None:
    bundle = open_bundle(SHIPPED_DIR / "msd_musicnn.emotify4")
    found = wrong_songs(bundle.predictions(), bundle.card.genres)
    confusion = np.array(bundle.metrics()["confusion"])
    assert len(found) == confusion.sum() - confusion.trace()
    counted = found.groupby(["true", "said"]).size()
    names = bundle.card.genres
    for (true, said), n in counted.items():
        assert confusion[names.index(true), names.index(said)] == n
