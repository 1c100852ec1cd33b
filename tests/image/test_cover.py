"""Resizing to the network's square: laws that hold for any picture and any settings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genre_core.config import CoverInput
from genre_core.errors import ParameterError
from genre_core.image.cover import prepare_cover

FILTERS = ("bicubic", "bilinear", "lanczos", "nearest")
FITS = ("stretch", "crop")
SPECS = [CoverInput(size=48, fit=fit, resample=name) for fit in FITS for name in FILTERS]

pictures = st.tuples(st.integers(1, 90), st.integers(1, 90)).flatmap(
    lambda sides: arrays(np.uint8, (*sides, 3), elements=st.integers(0, 255))
)
specs = st.builds(
    CoverInput,
    size=st.integers(32, 80),
    fit=st.sampled_from(FITS),
    resample=st.sampled_from(FILTERS),
)


@settings(max_examples=60)
@given(pictures, specs)
def test_the_size_is_always_right(picture, spec):
    before = picture.copy()
    cover = prepare_cover(picture, spec)
    assert cover.shape == (spec.size, spec.size, 3)
    assert cover.dtype == np.uint8
    np.testing.assert_array_equal(picture, before)


@settings(max_examples=60)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 255), specs)
def test_a_flat_picture_stays_flat(height, width, level, spec):
    cover = prepare_cover(np.full((height, width, 3), level, dtype=np.uint8), spec)
    assert (cover == level).all()


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_a_picture_that_fits_is_only_copied(spec):
    picture = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    cover = prepare_cover(picture, spec)
    np.testing.assert_array_equal(cover, picture)
    cover[:] = 0
    assert picture.any(), "the result must not share memory with the picture"


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.resample != "nearest"], ids=str)
@pytest.mark.parametrize("sides", [(100, 100), (31, 31), (64, 90), (90, 64)])
def test_mirroring_before_or_after_is_the_same(spec, sides):
    picture = np.random.default_rng(1).integers(0, 256, (*sides, 3), dtype=np.uint8)
    before = prepare_cover(np.ascontiguousarray(picture[:, ::-1]), spec).astype(int)
    after = prepare_cover(picture, spec)[:, ::-1]
    assert np.abs(before - after).max() <= 1  # fixed-point weights round one level


@pytest.mark.parametrize("name", FILTERS)
def test_crop_is_the_stretch_of_the_middle_square(name):
    picture = np.random.default_rng(2).integers(0, 256, (60, 101, 3), dtype=np.uint8)
    crop = CoverInput(size=40, fit="crop", resample=name)
    stretch = CoverInput(size=40, fit="stretch", resample=name)
    middle = picture[:, 20:80]
    np.testing.assert_array_equal(prepare_cover(picture, crop), prepare_cover(middle, stretch))
    turned = picture.transpose(1, 0, 2)
    np.testing.assert_array_equal(
        prepare_cover(turned, crop), prepare_cover(turned[20:80], stretch)
    )


def test_nearest_by_a_whole_factor_repeats_pixels():
    picture = np.random.default_rng(3).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    cover = prepare_cover(picture, CoverInput(size=60, resample="nearest"))
    np.testing.assert_array_equal(cover, picture.repeat(3, axis=0).repeat(3, axis=1))


def test_scaling_down_averages_instead_of_picking():
    board = np.zeros((320, 320, 3), dtype=np.uint8)
    board[::2, ::2] = board[1::2, 1::2] = 255
    cover = prepare_cover(board, CoverInput(size=32, resample="bilinear"))
    assert np.abs(cover.astype(int) - 128).max() <= 2  # a point filter gives 0 or 255


BAD = {
    "floats": np.zeros((8, 8, 3)),
    "grey": np.zeros((8, 8), dtype=np.uint8),
    "four channels": np.zeros((8, 8, 4), dtype=np.uint8),
    "a batch": np.zeros((1, 8, 8, 3), dtype=np.uint8),
    "channels first": np.zeros((3, 8, 8), dtype=np.uint8),
    "no rows": np.zeros((0, 8, 3), dtype=np.uint8),
    "a list": [[[0, 0, 0]]],
    "a path": "cover.jpg",
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_picture_is_refused(case):
    with pytest.raises(ParameterError, match="Received"):
        prepare_cover(BAD[case], CoverInput(size=32))
