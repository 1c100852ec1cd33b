"""Insertion and deletion: who marks what the network reads wins, who marks nothing is chance."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.errors import ParameterError
from genre_core.explain.cam import Cam
from genre_core.explain.evidence import beaten, try_saliency
from genre_core.explain.hiding import (
    CONTROLS,
    SLICES,
    SQUARES,
    Trial,
    control_maps,
    squares_of,
    try_maps,
)
from tests.explain.made_song_networks import random_segments, region_network

SIZE = 48
COVER = np.random.default_rng(3).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
COVER[:, : SIZE // 2] //= 2
COVER[:, : SIZE // 2] += 120
LEFT = np.repeat([[1.0] * (SIZE // 2) + [0.0] * (SIZE // 2)], SIZE, axis=0)


def how_like_the_left_half(covers):
    """A network that reads nothing but the left half: its detail, and so sees what is hidden."""
    left = np.asarray(covers, np.float64)[:, :, : SIZE // 2]
    whole = COVER[:, : SIZE // 2].astype(np.float64)
    away = np.abs(left - whole).mean(axis=(1, 2, 3)) / whole.std()
    return np.exp(-2 * away)


def test_a_network_that_reads_only_the_left_half_is_found_out():
    maps = {"left": LEFT, "right": 1 - LEFT, "constant": np.ones((SIZE, SIZE))}
    trials = try_maps(COVER, maps, how_like_the_left_half, "cover")
    assert trials["left"].insertion > trials["constant"].insertion + 0.05
    assert trials["right"].insertion < trials["constant"].insertion - 0.05
    assert trials["left"].deletion < trials["constant"].deletion - 0.05
    half = trials["left"].shares.tolist().index(0.5)
    # All that it reads is shown after half of the way, and nothing of it before half of the other.
    np.testing.assert_allclose(trials["left"].inserted[half:], 1.0)
    np.testing.assert_allclose(
        trials["right"].inserted[: half + 1], trials["right"].inserted[0], rtol=1e-6
    )


def test_a_perfect_map_beats_random_edges_and_the_middle():
    maps = {"perfect": LEFT} | control_maps(COVER, "cover", seed=0)
    trials = try_maps(COVER, maps, how_like_the_left_half, "cover")
    assert beaten(trials, "perfect") == list(CONTROLS)
    assert trials["perfect"].worth > trials["random"].worth + 0.1


def test_a_constant_map_equals_chance():
    """Over many orders; and every constant map is the same as every other."""
    ones, rng = np.ones((SIZE, SIZE)), np.random.default_rng(0)
    constant, random = [], []
    for seed in range(30):
        trials = try_maps(
            COVER,
            {"a": ones, "b": 7 * ones, "random": rng.random((SIZE, SIZE))},
            how_like_the_left_half,
            "cover",
            seed=seed,
        )
        assert trials["a"].worth == trials["b"].worth
        constant.append(trials["a"].worth)
        random.append(trials["random"].worth)
    spread = np.std(constant) / np.sqrt(30) + np.std(random) / np.sqrt(30)
    assert abs(np.mean(constant) - np.mean(random)) < 3 * spread
    assert np.std(constant) > 0


def test_a_coarse_map_and_the_same_map_made_fine_are_treated_alike():
    coarse = np.random.default_rng(1).random((SQUARES, SQUARES))
    n = SIZE // SQUARES
    block = np.repeat(np.repeat(coarse, n, axis=0), n, axis=1)
    noise = np.random.default_rng(2).normal(size=block.shape)
    squares = squares_of(COVER.shape, "cover")
    means = squares.means(noise)
    fine = block + noise - means[squares.place]
    trials = try_maps(COVER, {"one": block, "other": fine}, how_like_the_left_half, "cover")
    np.testing.assert_allclose(trials["one"].inserted, trials["other"].inserted)


def test_both_curves_begin_and_end_where_all_maps_do():
    maps = control_maps(COVER, "cover", seed=0)
    trials = try_maps(COVER, maps, how_like_the_left_half, "cover")
    for trial in trials.values():
        assert trial.inserted[-1] == trial.deleted[0] == pytest.approx(1.0)
        assert trial.inserted[0] == trials["edges"].inserted[0]
        assert trial.deleted[-1] == trials["edges"].deleted[-1]
        assert (trial.shares[0], trial.shares[-1]) == (0, 1)


def test_areas_are_those_below_the_curves():
    trial = Trial(np.array([0, 0.5, 1.0]), np.array([0.0, 1.0, 1.0]), np.array([1.0, 0.0, 0.0]))
    assert (trial.insertion, trial.deletion, trial.worth) == (0.75, 0.25, 0.5)


@pytest.mark.parametrize("time_axis", [0, 1])
def test_a_song_is_hidden_over_time(time_axis):
    late = (slice(12, 24), slice(None)) if time_axis == 0 else (slice(None), slice(8, 16))
    cam = Cam(region_network(*late), "softmax")
    segment = np.abs(random_segments(1))[0]
    squares = squares_of(segment.shape, cam.kind, time_axis)
    assert squares.n == min(SLICES, segment.shape[time_axis])
    assert not np.ptp(squares.place, axis=1 - time_axis).any()
    found = cam.explain(segment, 1, method="occlusion", time_axis=time_axis)
    trials = try_saliency(cam, segment, {"occlusion": found}, 1, time_axis=time_axis)
    assert trials["occlusion"].worth > trials["random"].worth
    assert set(trials) == {"occlusion", *CONTROLS}


def test_an_edge_map_marks_edges_and_the_centre_map_the_middle():
    cover = np.zeros((24, 24, 3), np.uint8)
    cover[:, 12:] = 255
    maps = control_maps(cover, "cover", seed=0)
    assert set(np.unravel_index(np.flatnonzero(maps["edges"]), (24, 24))[1]) == {11, 12}
    assert maps["centre"].max() == maps["centre"][11:13, 11:13].max()
    assert (maps["random"] != control_maps(cover, "cover", seed=1)["random"]).any()


@pytest.mark.parametrize(
    ("maps", "received"),
    [
        ({}, "none"),
        ({"a": np.ones((3, 3))}, r"a' of shape \(3, 3\)"),
        ({"a": np.full((SIZE, SIZE), np.nan)}, "a' of shape"),
    ],
)
def test_bad_maps_are_refused(maps, received):
    with pytest.raises(ParameterError, match=f"Received .*{received}"):
        try_maps(COVER, maps, how_like_the_left_half, "cover")
