"""Slices that fail: planted ones are found, clean data flags nothing, groups are respected."""

import numpy as np
import pandas as pd
import pytest

from genre_core.analysis import slices
from genre_core.analysis.selection import select
from genre_core.analysis.slices import MIN_ITEMS, clusters, find_slices
from genre_core.errors import ParameterError
from tests.made_predictions import GENRES, PLANTED, made_errors

WHERE = {
    "source": ("source", "two", ""),
    "cell": ("source", "two", "Rock"),
    "decade": ("decade", "1970", ""),
    "cluster": ("cluster", "3", ""),
    "artist": ("artist", "artist 0", ""),
}


def finds(planted: str, seed: int) -> bool:
    """Whether the slice that was planted is flagged, and selects the items it was planted in."""
    frame, is_planted = made_errors(2_000, seed=seed, planted=planted)
    report = find_slices(frame, GENRES, n_draws=200)
    for place, row in enumerate(report.table.itertuples()):
        if planted == "fact":
            is_it = row.column == "fact_loudness" and not row.genre
        else:
            is_it = (row.column, row.value, row.genre) == WHERE[planted]
        rows = select(frame, GENRES, report.selection(place))
        assert len(rows) == row.n
        wrong = (frame["genre_index"] != frame["predicted"]).to_numpy()
        assert wrong[rows].mean() == pytest.approx(row.error)
        if is_it and row.is_flagged:
            return np.array_equal(rows, np.flatnonzero(is_planted))
    return False


def flags(seed: int, **made: float) -> bool:
    frame, _ = made_errors(seed=seed, **made)
    return bool(find_slices(frame, GENRES, n_draws=200, limit=2).table["is_flagged"].any())


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_slice_is_found(planted: str) -> None:
    assert finds(planted, seed=0)


@pytest.mark.sweep
@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_slice_is_found_in_20_of_20_seeds(planted: str) -> None:
    assert sum(finds(planted, seed) for seed in range(20)) == 20


@pytest.fixture
def without_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks at the intervals of what is flagged: they take ten times as long as the test."""
    monkeypatch.setattr(slices, "_interval", lambda *_: None)


@pytest.mark.parametrize(
    ("made", "n_sets"),
    [
        # Artists differ much here: a test by items flags most of these.
        ({"n": 400, "per_artist": 8, "artists_differ": 1.5}, 20),
        # So few that nobody knows how much they differ: 7 of a genre, within which slices are too.
        ({"n": 600, "per_artist": 30, "artists_differ": 1.5}, 60),
    ],
    ids=str,
)
def test_clean_data_flags_next_to_nothing(
    without_intervals: None, made: dict[str, float], n_sets: int
) -> None:
    assert sum(flags(1_000 + seed, **made) for seed in range(n_sets)) <= n_sets // 20


@pytest.mark.sweep
@pytest.mark.parametrize(
    "made",
    [
        {"n": 300, "per_artist": 1, "artists_differ": 0},
        {"n": 2_000, "per_artist": 1, "artists_differ": 0},
        {"n": 2_000, "per_artist": 4, "artists_differ": 1},
        {"n": 2_000, "per_artist": 20, "artists_differ": 1.5},
        {"n": 300, "per_artist": 15, "artists_differ": 1},
        {"n": 600, "per_artist": 30, "artists_differ": 1.5},
        {"n": 600, "per_artist": 30, "artists_differ": 3},
        {"n": 1_200, "per_artist": 60, "artists_differ": 1.5},
    ],
    ids=str,
)
def test_clean_data_flags_at_most_1_in_20(without_intervals: None, made: dict[str, float]) -> None:
    assert sum(flags(seed, **made) for seed in range(400)) <= 20


def test_a_pattern_of_few_groups_is_no_evidence_that_a_pattern_of_many_is() -> None:
    # 200 items, half of them in a source that is wrong twice as often: of 100 artists, or of 10.
    rng = np.random.default_rng(0)
    wrong = np.r_[rng.random(100) < 0.6, rng.random(100) < 0.3]
    frame = pd.DataFrame(
        {
            "item_id": [f"item {k}" for k in range(200)],
            "source": ["a"] * 100 + ["b"] * 100,
            "genre_index": 0,
            "predicted": wrong.astype(int),
        }
    )
    alone = find_slices(frame, GENRES).table
    assert alone["is_flagged"].tolist() == [True, False]
    # Whole artists right or wrong, in the same numbers.
    in_groups = frame.assign(predicted=np.r_[np.repeat([1] * 6 + [0] * 4, 10),
                                             np.repeat([1] * 3 + [0] * 7, 10)])  # fmt: skip
    in_groups["group"] = [f"artist {k // 10}" for k in range(200)]
    table = find_slices(in_groups, GENRES).table
    assert not table["is_flagged"].any()
    assert table["n_groups"].tolist() == [10, 10]
    # And what a slice's share could be is known less well.
    assert table["ci_high"][0] - table["ci_low"][0] > 2 * (alone["ci_high"] - alone["ci_low"])[0]


def test_slices_too_small_and_values_unknown_are_not_tried() -> None:
    frame, _ = made_errors(400, seed=0)
    frame["source"] = np.where(np.arange(400) < 200, frame["item_id"], "")
    frame["cluster"] = (np.arange(400) >= MIN_ITEMS - 1).astype(int)
    frame["year"] = pd.NA
    frame["fact_loudness"] = np.nan
    frame["fact_silence"] = 1.0
    frame = frame.drop(columns="artist")
    report = find_slices(frame, GENRES)
    assert set(report.table["column"]) == {"fact_bandwidth", "fact_duration_s"}
    assert report.n_tried == 2 * 3 * (1 + len(GENRES))
    bounds = report.table[report.table["genre"] == ""].sort_values(["column", "low"])
    assert (bounds["n"] // 10 == 13).all()
    assert (bounds["low"].to_numpy()[1:3] > bounds["high"].to_numpy()[:2]).all()


def test_within_a_genre_the_rest_is_of_that_genre() -> None:
    frame, _ = made_errors(1_000, seed=0, planted="cell")
    wrong = (frame["genre_index"] != frame["predicted"]).to_numpy()
    table = find_slices(frame, GENRES).table
    row = table[(table["column"] == "source") & (table["genre"] == "Rock")].iloc[0]
    rest = (frame["genre_index"] == 1) & (frame["source"] != row["value"])
    assert row["rest_error"] == pytest.approx(wrong[rest].mean())
    assert row["ci_low"] < row["error"] < row["ci_high"]


def test_nothing_to_find_where_all_is_right_or_wrong_or_nothing_can_be_tried() -> None:
    frame, _ = made_errors(300, seed=0)
    for predicted in (frame["genre_index"], (frame["genre_index"] + 1) % 3):
        report = find_slices(frame.assign(predicted=predicted), GENRES)
        assert not report.table["is_flagged"].any()
        assert report.error in (0, 1)
    bare = frame[["item_id", "genre_index", "predicted"]]
    report = find_slices(bare, GENRES)
    assert (report.n_tried, len(report.table)) == (0, 0)
    with pytest.raises(ParameterError, match="Received"):
        find_slices(bare.iloc[:0], GENRES)
    with pytest.raises(ParameterError, match="Received"):
        find_slices(bare, GENRES, n_draws=10)


def test_clusters_part_what_points_apart_whatever_its_length() -> None:
    rng = np.random.default_rng(0)
    ends = np.eye(5)[np.repeat([0, 1, 2], [60, 100, 200])]
    rows = (ends + 0.05 * rng.normal(size=ends.shape)) * rng.uniform(1, 50, (360, 1))
    labels = clusters(rows.astype(np.float16), n_clusters=3)
    np.testing.assert_array_equal(labels, np.repeat([2, 1, 0], [60, 100, 200]))
    sizes = np.bincount(clusters(rng.normal(size=(600, 4)), n_clusters=8))
    assert len(sizes) == 8
    assert (np.diff(sizes) <= 0).all()
    assert set(clusters(rows[:40])) == {0}
