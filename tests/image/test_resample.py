"""The compiled loops give Pillow's pixels to the last bit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from assets.make.covers import make_cover
from genre_core.errors import ParameterError
from genre_core.image.resample import FILTERS, resize_square

_PILLOW = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def by_pillow(picture: np.ndarray, side: int, filter_: str) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize((side, side), _PILLOW[filter_]))


def test_every_filter_has_its_oracle() -> None:
    assert set(FILTERS) == set(_PILLOW)


@settings(max_examples=150, deadline=None)
@given(
    old=st.integers(1, 500),
    new=st.integers(1, 400),
    filter_=st.sampled_from(sorted(_PILLOW)),
    seed=st.integers(0, 2**16),
)
def test_noise_of_any_size_has_pillows_pixels(old: int, new: int, filter_: str, seed: int) -> None:
    # Only black and white: overshoot is cut at both ends.
    noise = np.random.default_rng(seed).integers(0, 2, (old, old, 3), dtype=np.uint8) * 255
    resized = resize_square(noise, new, filter_)
    np.testing.assert_array_equal(resized, by_pillow(noise, new, filter_))


@pytest.mark.parametrize("filter_", sorted(_PILLOW))
@pytest.mark.parametrize("style", ["prog", "pop", "metal"])
@pytest.mark.parametrize("size", [64, 128, 224, 260, 331])
def test_a_cover_has_pillows_pixels(style: str, size: int, filter_: str) -> None:
    cover = make_cover(style, 1, size=301)
    resized = resize_square(cover, size, filter_)
    np.testing.assert_array_equal(resized, by_pillow(cover, size, filter_))
    assert resized.std() > 1


def test_a_picture_of_the_right_size_is_copied() -> None:
    cover = make_cover("jazz", 0, size=64)
    copy = resize_square(cover, 64, "lanczos")
    np.testing.assert_array_equal(copy, cover)
    assert not np.shares_memory(copy, cover)


def test_a_turned_and_cut_view_is_read_as_it_looks() -> None:
    cover = make_cover("jazz", 0, size=96)[5:53, ::-2]
    resized = resize_square(cover, 30, "bicubic")
    np.testing.assert_array_equal(resized, by_pillow(np.ascontiguousarray(cover), 30, "bicubic"))


def test_threads_do_not_disturb_each_other() -> None:
    covers = [make_cover(style, 0, size=150) for style in ("prog", "pop", "metal", "jazz")] * 8
    alone = [resize_square(cover, 96, "bicubic") for cover in covers]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda cover: resize_square(cover, 96, "bicubic"), covers))
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(
    ("picture", "side", "filter_"),
    [
        (np.zeros((4, 4), np.uint8), 2, "bicubic"),
        (np.zeros((4, 4, 3), np.float32), 2, "bicubic"),
        (np.zeros((0, 0, 3), np.uint8), 2, "bicubic"),
        (np.zeros((4, 5, 3), np.uint8), 2, "bicubic"),
        (np.zeros((4, 4, 3), np.uint8), 0, "bicubic"),
        (np.zeros((4, 4, 3), np.uint8), 2, "nearest"),
    ],
    ids=["grey", "floats", "no pixel", "not square", "no width", "no weights"],
)
def test_bad_input(picture: np.ndarray, side: int, filter_: str) -> None:
    with pytest.raises(ParameterError, match="Received"):
        resize_square(picture, side, filter_)
