"""Overlays: the hottest cell is hottest, at its own place; flat maps change nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genre_core.errors import ParameterError
from genre_core.image.overlay import COLOURS, heat_picture, is_flat, scale_map, superimpose

COVER = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)
SPOT = np.zeros((7, 7), dtype=np.float32)
SPOT[1, 5] = 3.0

maps = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: arrays(
        np.float32, shape, elements=st.floats(-(2.0**99), 2.0**99, width=32, allow_subnormal=False)
    )
)


@settings(max_examples=80)
@given(maps)
def test_scaled_maps_run_from_0_to_1(heat):
    scaled = scale_map(heat)
    assert scaled.dtype == np.float32
    assert scaled.shape == heat.shape
    assert scaled.min() == 0
    assert scaled.max() == (0 if is_flat(heat) else 1)


@settings(max_examples=40)
@given(maps, st.integers(1, 64), st.sampled_from(COLOURS))
def test_the_picture_has_the_asked_size(heat, size, colours):
    picture = heat_picture(heat, size, colours)
    assert picture.shape == (size, size, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize("factor", [2.0, 1e-20, 1e20])
def test_gain_and_shift_of_a_map_change_nothing(factor):
    heat = np.random.default_rng(1).random((7, 7)).astype(np.float32)
    np.testing.assert_array_equal(heat_picture(heat, 50), heat_picture(heat * factor, 50))
    shifted = heat_picture(heat + 1, 50).astype(int)
    assert np.abs(shifted - heat_picture(heat, 50)).max() <= 6  # one step of the scale


def test_mirroring_the_map_mirrors_the_picture():
    heat = np.random.default_rng(2).random((7, 5)).astype(np.float32)
    np.testing.assert_array_equal(
        heat_picture(heat[:, ::-1].copy(), 70), heat_picture(heat, 70)[:, ::-1]
    )
    np.testing.assert_array_equal(heat_picture(heat[::-1].copy(), 70), heat_picture(heat, 70)[::-1])


def test_the_hottest_place_of_the_picture_is_the_hottest_cell():
    picture = heat_picture(SPOT, 140, colours="grey")[:, :, 0]
    rows, columns = np.nonzero(picture == picture.max())
    assert rows.mean() == pytest.approx(29.5, abs=0.6)  # the middle of row 1 of 7, 20 px each
    assert columns.mean() == pytest.approx(109.5, abs=0.6)
    assert picture.max() >= 242  # 0.975 squared: an even size has no pixel in the very middle
    assert picture.min() == 0


def test_between_two_cells_the_colour_changes_evenly():
    line = heat_picture(np.array([[0.0, 1.0]], dtype=np.float32), 64, colours="grey")[0, :, 0]
    steps = np.diff(line.astype(int))
    assert (line[:16] == 0).all()  # up to the middle of the first cell, and from the last's on
    assert (line[48:] == 255).all()
    assert steps[16:47].min() >= 7  # 255 levels over 32 px
    assert steps.max() <= 9


def test_a_map_of_the_picture_s_size_is_drawn_cell_by_cell():
    heat = np.arange(16, dtype=np.float32).reshape(4, 4)
    np.testing.assert_array_equal(
        heat_picture(heat, 4, colours="grey")[:, :, 0], np.rint(heat / 15 * 255)
    )


def test_turbo_runs_from_blue_to_red():
    line = heat_picture(np.linspace(0, 1, 256, dtype=np.float32)[None, :].repeat(256, 0), 256)[0]
    assert tuple(line[0]) == (0x30, 0x12, 0x3B)
    assert tuple(line[-1]) == (0xD9, 0x38, 0x06)
    assert line[-1].max() > 200, "what a map marks most is seen on a dark cover too"
    assert line[50].argmax() == 2
    assert line[128].argmax() == 1
    assert line[220].argmax() == 0
    assert np.abs(np.diff(line.astype(int), axis=0)).max() <= 8, "no jump for the eye"


@pytest.mark.parametrize("colours", ["inferno", "viridis", "grey"])
def test_the_other_scales_grow_ever_lighter(colours):
    line = heat_picture(
        np.linspace(0, 1, 256, dtype=np.float32)[None, :].repeat(2, 0), 256, colours
    )
    light = line[0] @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(light) >= -0.5).all()
    assert light[-1] - light[0] > 150


# ---- superimpose --------------------------------------------------------------------------------


def test_opacity_0_is_the_picture_and_1_the_map():
    np.testing.assert_array_equal(superimpose(COVER, SPOT, opacity=0.0), COVER)
    square = COVER[:60, :60]
    np.testing.assert_array_equal(superimpose(square, SPOT, opacity=1.0), heat_picture(SPOT, 60))


def test_between_lies_the_blend():
    square = COVER[:60, :60]
    want = 0.3 * heat_picture(SPOT, 60).astype(float) + 0.7 * square
    result = superimpose(square, SPOT, opacity=0.3)
    assert np.abs(result - want).max() <= 0.51
    assert result.dtype == np.uint8


@pytest.mark.parametrize("opacity", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("level", [0.0, 0.7, -3e8])
@pytest.mark.parametrize("shape", [(1, 1), (7, 7)])
def test_a_flat_map_leaves_the_picture_unchanged(shape, level, opacity):
    heat = np.full(shape, level, dtype=np.float32)
    assert is_flat(heat)
    result = superimpose(COVER, heat, opacity=opacity)
    np.testing.assert_array_equal(result, COVER)
    assert not np.shares_memory(result, COVER)


def test_float32_rounding_is_no_place():
    heat = np.full((7, 7), 0.7, dtype=np.float32)
    heat[3, 3] = np.nextafter(np.float32(0.7), np.float32(1))
    assert is_flat(heat)
    heat[3, 3] = 0.701
    assert not is_flat(heat)


@pytest.mark.parametrize("shape", [(1, 1, 3), (8, 8, 3), (33, 7, 3)])
def test_the_picture_keeps_its_shape(shape):
    picture = np.zeros(shape, dtype=np.uint8)
    before = picture.copy()
    assert superimpose(picture, SPOT, opacity=0.5).shape == shape
    np.testing.assert_array_equal(picture, before)


# ---- bad input ----------------------------------------------------------------------------------

BAD_MAPS = {
    "nan": np.array([[0.0, np.nan]]),
    "infinite": np.array([[0.0, np.inf]]),
    "too large for float32": np.array([[0.0, 1e300]]),
    "one axis": np.zeros(7),
    "three axes": np.zeros((7, 7, 1)),
    "empty": np.zeros((0, 7)),
    "complex": np.zeros((7, 7), dtype=complex),
    "a list": [[0.0, 1.0]],
    "nothing": None,
}


@pytest.mark.parametrize("case", BAD_MAPS)
def test_what_is_no_map_is_refused(case):
    for call in (
        lambda heat: heat_picture(heat, 10),
        lambda heat: superimpose(COVER, heat, opacity=0.5),
        is_flat,
        scale_map,
    ):
        with pytest.raises(ParameterError, match="Received"):
            call(BAD_MAPS[case])


@pytest.mark.parametrize("opacity", [-0.1, 1.1, float("nan")])
def test_impossible_opacities_are_refused(opacity):
    with pytest.raises(ParameterError, match="Received"):
        superimpose(COVER, SPOT, opacity=opacity)


def test_other_bad_settings_are_refused():
    with pytest.raises(ParameterError, match="Received 'jet'"):
        heat_picture(SPOT, 10, colours="jet")
    with pytest.raises(ParameterError, match="Received 'jet'"):
        superimpose(COVER, np.zeros((7, 7)), opacity=0.5, colours="jet")
    with pytest.raises(ParameterError, match="Received 0"):
        heat_picture(SPOT, 0)
    with pytest.raises(ParameterError, match="Received"):
        superimpose(np.zeros((8, 8)), SPOT, opacity=0.5)
