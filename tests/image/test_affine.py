"""One affine map: known turns and moves to the pixel, edges drawn outwards, the middle kept."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.config import Augment
from genre_core.errors import ParameterError
from genre_core.image.affine import warp_cover
from genre_core.image.augment import augment_cover


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
