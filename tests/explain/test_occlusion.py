"""Occlusion: the map is what hiding costs, at the right place and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.architectures import build
from genre_core.explain.cam import Cam
from genre_core.explain.occlusion import BATCH, CELLS, SLICES, edges, occlusion_map
from tests.explain.made_song_networks import N_BANDS, N_FRAMES, random_segments, region_network


def test_what_reads_nothing_loses_nothing_and_few_inputs_are_changed_at_once():
    sizes = []

    def score(covers):
        sizes.append(len(covers))
        return np.zeros(len(covers))

    cover = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    assert not occlusion_map(cover, score, "cover").any()
    assert sum(sizes) == 1 + (CELLS - 1) ** 2
    assert max(sizes) <= BATCH


def test_a_linear_score_loses_what_lay_below_the_patches():
    weights = np.zeros((40, 40, 3))
    weights[12:16, 20:24] = 1  # cell (3, 5) alone
    cover = np.zeros((40, 40, 3), np.uint8)
    cover[12:16, 20:24] = 200
    mean = cover.mean(axis=(0, 1))
    heat = occlusion_map(cover, lambda x: (x * weights).sum(axis=(1, 2, 3)), "cover")
    lost = (weights * (cover - mean)).sum()
    # All four patches that cover it take all of it away; of its neighbours half of theirs do.
    assert heat[3, 5] == pytest.approx(lost, rel=1e-5)
    np.testing.assert_allclose([heat[3, 4], heat[4, 5]], lost / 2, rtol=1e-5)
    assert np.unravel_index(heat.argmax(), heat.shape) == (3, 5)
    assert not heat[6:].any()


@pytest.mark.parametrize(("time_axis", "size"), [(0, (20, 1)), (1, (1, 16))])
def test_a_segment_is_silenced_slice_by_slice_over_its_whole_spectrum(time_axis, size):
    """A network that reads the last third of the time, which is either axis."""
    late = (slice(16, 24), slice(None)) if time_axis == 0 else (slice(None), slice(10, 16))
    cam = Cam(region_network(*late), "softmax")
    [found] = cam.explain_all(
        np.abs(random_segments(1)), 1, method="occlusion", time_axis=time_axis
    )
    assert found.map.shape == size
    heat = found.heat.ravel()
    assert heat[-len(heat) // 4 :].min() > 0.1
    assert not heat[: len(heat) // 2].any()
    assert (N_FRAMES, N_BANDS) == (24, 16)
    assert min(SLICES, 16) == 16


def test_a_network_of_frames_is_explained_over_time():
    cam = Cam(build("s5_lstm", input_shape=(30, 205)), "softmax")
    frames = random_segments(1, (30, 205))[0]
    for method, size in (("occlusion", (20, 1)), ("integrated-gradients", (30, 1))):
        found = cam.explain(frames, 1, method=method)
        assert (found.method, found.stage, found.map.shape) == (method, "", size)
        assert found.is_located


def test_cells_cover_an_axis_without_a_gap():
    for length in (7, 43, 260):
        found = edges(length, 7)
        assert (found[0], found[-1]) == (0, length)
        assert (np.diff(found) >= 1).all()
