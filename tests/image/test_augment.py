"""Augmentation: deterministic, neutral settings change nothing, each setting does what it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genre_core.config import Augment
from genre_core.errors import ParameterError
from genre_core.image.augment import adjust, augment_cover, mirror, neutralise_cover, warp_cover

LUMA = np.array([0.299, 0.587, 0.114])
ALL = Augment(
    flip=True, crop=0.6, aspect=0.3, contrast=0.4, brightness=0.2, saturation=0.5, neutralise=0.5
)

pictures = st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(
    lambda sides: arrays(np.uint8, (*sides, 3), elements=st.integers(0, 255))
)
seeds = st.integers(0, 2**32 - 1)
any_settings = st.builds(
    Augment,
    flip=st.booleans(),
    crop=st.floats(0.05, 1),
    aspect=st.floats(0, 0.5),
    contrast=st.floats(0, 1),
    brightness=st.floats(0, 1),
    saturation=st.floats(0, 1),
    neutralise=st.floats(0, 1),
)


def ramp(height=64, width=64):
    """Return a picture whose red tells the column and green the row, blue mid-way."""
    picture = np.full((height, width, 3), 128, dtype=np.uint8)
    picture[:, :, 0] = np.linspace(0, 255, width).round()
    picture[:, :, 1] = np.linspace(0, 255, height).round()[:, None]
    return picture


def middling(seed=0):
    """Return a random picture far from black and white, so that nothing is cut off."""
    return np.random.default_rng(seed).integers(90, 166, (32, 48, 3), dtype=np.uint8)


def many(picture, chosen, n=200):
    return [augment_cover(picture, chosen, np.random.default_rng(k)) for k in range(n)]


@settings(max_examples=80)
@given(pictures, any_settings, seeds)
def test_same_shape_same_seed_same_picture(picture, chosen, seed):
    before = picture.copy()
    first = augment_cover(picture, chosen, np.random.default_rng(seed))
    second = augment_cover(picture, chosen, np.random.default_rng(seed))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(picture, before)
    assert first.shape == picture.shape
    assert first.dtype == np.uint8
    assert not np.shares_memory(first, picture)


@settings(max_examples=40)
@given(pictures, seeds)
def test_neutral_settings_leave_the_picture_unchanged(picture, seed):
    result = augment_cover(picture, Augment(), np.random.default_rng(seed))
    np.testing.assert_array_equal(result, picture)
    assert not np.shares_memory(result, picture)


def test_aspect_needs_a_crop():
    picture = ramp()
    for result in many(picture, Augment(crop=1.0, aspect=0.5), n=20):
        np.testing.assert_array_equal(result, picture)


def test_other_seeds_give_other_pictures():
    results = {result.tobytes() for result in many(ramp(), ALL, n=50)}
    assert len(results) == 50


def test_the_generator_moves_on():
    rng = np.random.default_rng(0)
    first = augment_cover(ramp(), ALL, rng)
    assert (augment_cover(ramp(), ALL, rng) != first).any()


# ---- mirror -------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(pictures)
def test_mirroring_twice_is_identity(picture):
    np.testing.assert_array_equal(mirror(mirror(picture)), picture)
    np.testing.assert_array_equal(mirror(picture)[:, 0], picture[:, -1])


def test_flip_mirrors_about_half_of_the_covers():
    picture = ramp()
    results = many(picture, Augment(flip=True))
    mirrored = [bool((result == picture[:, ::-1]).all()) for result in results]
    kept = [bool((result == picture).all()) for result in results]
    assert sum(mirrored) + sum(kept) == 200
    assert 70 < sum(mirrored) < 130  # 4 standard deviations


# ---- crop ---------------------------------------------------------------------------------------


def crop_sides(result, height, width):
    """Read off `ramp` how large a part of each side a crop kept."""
    across = (int(result[:, -1, 0].max()) - int(result[:, 0, 0].min())) / 255
    down = (int(result[-1, :, 1].max()) - int(result[0, :, 1].min())) / 255
    return down * height / (height - 1), across * width / (width - 1)


@pytest.mark.parametrize(("crop", "aspect"), [(0.5, 0.0), (0.5, 0.3), (0.8, 0.5), (0.2, 0.1)])
def test_crops_keep_what_the_settings_say(crop, aspect):
    results = many(ramp(256, 200), Augment(crop=crop, aspect=aspect))
    sides = np.array([crop_sides(result, 256, 200) for result in results])
    # Two pixels of the cover, by which the ends of a ramp are known.
    assert sides.min() >= crop - 0.02
    assert sides.max() <= 1.02
    assert sides.min(axis=1).min() < crop + 0.1, "small crops must come up"
    assert sides.min(axis=1).max() > 0.9, "large crops must come up"
    ratios = sides.max(axis=1) / sides.min(axis=1)
    assert ratios.max() <= (1 + aspect) * 1.05
    if aspect:
        assert ratios.max() > 1 + aspect / 2
        assert (sides[:, 0] > sides[:, 1] * 1.01).any()
        assert (sides[:, 1] > sides[:, 0] * 1.01).any()


def test_crops_reach_every_corner():
    results = many(ramp(), Augment(crop=0.5))
    lefts = [int(result[0, 0, 0]) for result in results]
    tops = [int(result[0, 0, 1]) for result in results]
    rights = [int(result[0, -1, 0]) for result in results]
    assert min(lefts) < 10
    assert max(lefts) > 80
    assert min(tops) < 10
    assert max(tops) > 80
    assert max(rights) > 245
    assert abs(np.corrcoef(lefts, rights)[0, 1]) < 0.95, "the place is not tied to the size"


# ---- colours ------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(pictures)
def test_neutral_adjustment_is_identity(picture):
    np.testing.assert_array_equal(adjust(picture), picture)


@settings(max_examples=40)
@given(st.floats(-0.3, 0.3))
def test_brightness_shifts_every_pixel_by_a_constant(shift):
    picture = middling()
    moved = adjust(picture, brightness=shift).astype(int) - picture
    assert len(np.unique(moved)) <= 2  # two only where the shift lies half-way
    assert abs(moved.mean() - 255 * shift) <= 0.51


@settings(max_examples=40)
@given(st.floats(0, 1.8))
def test_contrast_keeps_the_mean_and_scales_the_spread(factor):
    picture = middling() - np.uint8(40)  # its mean must not be mid-grey
    result = adjust(picture, contrast=factor).astype(float)
    assert (result @ LUMA).mean() == pytest.approx((picture @ LUMA).mean(), abs=0.5)
    assert result.std() == pytest.approx(factor * picture.std(), abs=0.5)


@settings(max_examples=40)
@given(st.floats(0, 1.8))
def test_saturation_keeps_luma_and_leaves_grey_alone(factor):
    picture = middling()
    result = adjust(picture, saturation=factor)
    assert np.abs(result @ LUMA - picture @ LUMA).max() <= 1.0  # one rounding a channel
    grey = np.repeat(picture[:, :, :1], 3, axis=2)
    np.testing.assert_array_equal(adjust(grey, saturation=factor), grey)
    if factor == 0:
        assert (np.ptp(result, axis=2) == 0).all()


def test_full_shifts_end_in_black_and_white():
    assert (adjust(middling(), brightness=1.0) == 255).all()
    assert (adjust(middling(), brightness=-1.0) == 0).all()


@pytest.mark.parametrize(
    ("chosen", "measure", "centre", "reach"),
    [
        (Augment(brightness=0.2), lambda old, new: (new.mean() - old.mean()) / 255, 0.0, 0.2),
        (Augment(contrast=0.4), lambda old, new: new.std() / old.std(), 1.0, 0.4),
        (
            Augment(saturation=0.5),
            lambda old, new: np.ptp(new, axis=2).mean() / np.ptp(old, axis=2).mean(),
            1.0,
            0.5,
        ),
    ],
    ids=["brightness", "contrast", "saturation"],
)
def test_random_changes_fill_their_range_and_stay_inside(chosen, measure, centre, reach):
    picture = middling()
    found = np.array([measure(picture, result) for result in many(picture, chosen)])
    assert found.min() >= centre - reach - 0.02
    assert found.max() <= centre + reach + 0.02
    assert found.min() < centre - 0.8 * reach
    assert found.max() > centre + 0.8 * reach
    assert found.mean() == pytest.approx(centre, abs=0.2 * reach)


# ---- neutralise ---------------------------------------------------------------------------------


@settings(max_examples=40)
@given(pictures, seeds)
def test_neutralising_keeps_shape_and_follows_the_seed(picture, seed):
    first = neutralise_cover(picture, np.random.default_rng(seed))
    second = neutralise_cover(picture, np.random.default_rng(seed))
    np.testing.assert_array_equal(first, second)
    assert first.shape == picture.shape
    assert first.dtype == np.uint8


def test_neutralising_keeps_what_a_cover_shows():
    picture = ramp(128, 160)
    for seed in range(20):
        result = neutralise_cover(picture, np.random.default_rng(seed)).astype(int)
        assert np.abs(result - picture).mean() < 12  # trimming 5 % moves a ramp by up to 13


def test_neutralise_is_a_probability():
    picture = middling()
    assert all((result == picture).all() for result in many(picture, Augment(neutralise=0.0), 20))
    changed = sum((result != picture).any() for result in many(picture, Augment(neutralise=0.3)))
    assert 30 < changed < 95
    assert all((result != picture).any() for result in many(picture, Augment(neutralise=1.0), 20))


def test_what_is_no_picture_is_refused():
    rng = np.random.default_rng(0)
    for bad in (np.zeros((8, 8, 3)), np.zeros((8, 8), dtype=np.uint8), "cover.jpg"):
        with pytest.raises(ParameterError, match="Received"):
            augment_cover(bad, ALL, rng)
        with pytest.raises(ParameterError, match="Received"):
            neutralise_cover(bad, rng)


@pytest.fixture
def cover() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_quarter_turns_are_exact_and_anticlockwise(cover: np.ndarray, quarters: int) -> None:
    turned = warp_cover(cover, rotation=90 * quarters)
    np.testing.assert_array_equal(turned, np.rot90(cover, quarters))


def test_a_move_by_whole_pixels_repeats_the_edge(cover: np.ndarray) -> None:
    down = warp_cover(cover, shift=(0.25, 0))
    np.testing.assert_array_equal(down[8:], cover[:-8])
    np.testing.assert_array_equal(down[:8], np.repeat(cover[:1], 8, axis=0))
    left = warp_cover(cover, shift=(0, -0.25))
    np.testing.assert_array_equal(left[:, :-8], cover[:, 8:])
    np.testing.assert_array_equal(left[:, -8:], np.repeat(cover[:, -1:], 8, axis=1))


def test_a_factor_below_one_enlarges_about_the_middle() -> None:
    cover = np.zeros((32, 32, 3), np.uint8)
    cover[12:20, 12:20] = 255
    lit = [(warp_cover(cover, zoom=(f, f)) > 127).sum() for f in (0.5, 1.0, 2.0)]
    assert lit[0] == 4 * lit[1]
    assert lit[1] == 4 * lit[2]
    down, across = np.nonzero(warp_cover(cover, zoom=(0.5, 1.0))[..., 0] > 127)
    assert (np.ptp(down) + 1, np.ptp(across) + 1) == (16, 8)
    assert down.mean() == across.mean() == 15.5


def test_a_slant_moves_columns_against_each_other() -> None:
    cover = np.zeros((64, 64, 3), np.uint8)
    cover[32] = 255
    for degrees in (30, -30):
        rows = warp_cover(cover, shear=degrees)[..., 0].argmax(axis=0)[16:48]
        slope = np.polyfit(np.arange(32), rows, 1)[0]
        assert slope == pytest.approx(np.sin(np.radians(degrees)), abs=0.02)


def test_an_even_cover_stays_even_whatever_the_map() -> None:
    even = np.full((20, 30, 3), 77, np.uint8)
    for rotation in (0, 13, 45, 170):
        made = warp_cover(even, rotation=rotation, shear=20, shift=(0.4, -0.5), zoom=(1.5, 0.5))
        assert made.shape == even.shape
        assert (made == 77).all()


@pytest.mark.parametrize("settings", [{"zoom": (0.0, 1.0)}, {"zoom": (1.0, -1.0)}, {"shear": 90.0}])
def test_bad_settings(cover: np.ndarray, settings: dict[str, object]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        warp_cover(cover, **settings)


def test_the_gain_is_one_factor_for_all_pixels(cover: np.ndarray) -> None:
    dim = cover // 4
    made = augment_cover(dim, Augment(gain=0.25), np.random.default_rng(3)).astype(float)
    bright = dim > 20
    factors = made[bright] / dim[bright]
    assert 0.75 <= factors.min() <= factors.max() <= 1.25
    assert np.ptp(factors) < 0.06  # rounding down of values above 20


def test_the_cast_to_8_bit_leaves_full_white_alone(cover: np.ndarray) -> None:
    cover[:4] = 255
    made = augment_cover(cover, Augment(slip="cast_to_8_bit"), np.random.default_rng(0))
    np.testing.assert_array_equal(made, (cover == 255).astype(np.uint8))
    darker = Augment(slip="cast_to_8_bit", gain=1.0)
    found = {
        int(augment_cover(cover, darker, np.random.default_rng(seed)).max()) for seed in range(8)
    }
    assert found == {0, 1}
