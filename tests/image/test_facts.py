"""File facts: each follows what was done to a file, and ignores what the picture shows."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageFilter

from genre_core.errors import ParameterError
from genre_core.image.decode import decode_cover
from genre_core.image.facts import FILE_FACTS, file_facts

# A blur along x alone: detail then lies along y.
SIDEWAYS = ImageFilter.Kernel((3, 3), (0, 0, 0, 1, 2, 1, 0, 0, 0))


def facts(picture, n_bytes=10_000):
    return dict(zip(FILE_FACTS, file_facts(picture, n_bytes).tolist(), strict=True))


def photo(side=128, seed=0):
    """Return soft noise around mid-grey: detail at every frequency, nothing clipped."""
    rng = np.random.default_rng(seed)
    noise = Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8))
    return np.array(noise.filter(ImageFilter.GaussianBlur(0.8)))


def as_jpeg(picture, **options):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", **options)
    return decode_cover(file.getvalue())


def test_names_are_unique_and_fit():
    assert len(set(FILE_FACTS)) == len(FILE_FACTS) == len(file_facts(photo(), 1))


@settings(max_examples=50)
@given(
    st.tuples(st.integers(8, 40), st.integers(8, 40)).flatmap(
        lambda sides: arrays(np.uint8, (*sides, 3), elements=st.integers(0, 255))
    ),
    st.integers(1, 2**31),
)
def test_always_finite(picture, n_bytes):
    found = file_facts(picture, n_bytes)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


def test_a_brighter_picture_shifts_brightness_alone():
    picture = photo() // 2 + 40
    here, there = facts(picture), facts(picture + np.uint8(50))
    for name in FILE_FACTS:
        shift = 50 if name.endswith("brightness") else 0
        assert there[name] - here[name] == pytest.approx(shift, abs=2e-3), name


def test_twice_the_contrast_doubles_the_noise():
    half = photo() // 2
    here, there = facts(half), facts(half * 2)
    assert there["noise"] == pytest.approx(2 * here["noise"], rel=1e-4)
    assert there["sharpness"] - here["sharpness"] == pytest.approx(np.log10(4), abs=0.01)
    for name in ("detail_25_50", "detail_50_75", "blockiness_x", "chroma_sharpness"):
        assert there[name] == pytest.approx(here[name], abs=0.02), name


def test_mirroring_swaps_left_and_right():
    picture = photo()
    here, there = facts(picture), facts(picture[:, ::-1])
    for kind in ("spread", "brightness", "step"):
        assert there[f"border_left_{kind}"] == pytest.approx(here[f"border_right_{kind}"])
        assert there[f"border_top_{kind}"] == pytest.approx(here[f"border_top_{kind}"])
    assert there["noise"] == pytest.approx(here["noise"], rel=1e-4)


def test_transposing_swaps_x_and_y():
    picture = as_jpeg(photo(), quality=20)
    here, there = facts(picture), facts(picture.transpose(1, 0, 2))
    assert there["blockiness_y"] == pytest.approx(here["blockiness_x"], abs=1e-4)
    assert there["blockiness_x"] == pytest.approx(here["blockiness_y"], abs=1e-4)


@pytest.mark.parametrize("width", [95, 96])
def test_detail_does_not_depend_on_which_axis_it_lies(width):
    wide = Image.fromarray(photo())
    picture = np.array(wide.resize((width, 128), Image.Resampling.BICUBIC).filter(SIDEWAYS))
    here, there = facts(picture), facts(picture.transpose(1, 0, 2))
    for name in ("detail_25_50", "detail_50_75", "detail_75_100"):
        assert there[name] == pytest.approx(here[name], abs=1e-4), name


def test_noise_of_known_strength():
    rng = np.random.default_rng(0)
    grey = np.rint(128 + rng.normal(0, 10, (256, 256, 1))).clip(0, 255).astype(np.uint8)
    assert facts(np.repeat(grey, 3, axis=2))["noise"] == pytest.approx(10, rel=0.03)


def test_blur_takes_sharpness_and_detail():
    sharp = photo()
    blurred = np.array(Image.fromarray(sharp).filter(ImageFilter.GaussianBlur(2)))
    here, there = facts(sharp), facts(blurred)
    for name in ("sharpness", "noise", "detail_50_75", "detail_75_100"):
        assert there[name] < here[name], name


def test_scaling_up_empties_the_upper_bands():
    picture = photo(64)
    large = np.array(Image.fromarray(picture).resize((128, 128), Image.Resampling.LANCZOS))
    assert facts(large)["detail_75_100"] < facts(photo(128))["detail_75_100"] - 1


def test_strong_jpeg_shows_its_blocks_and_halved_chroma():
    picture = photo()
    plain = facts(picture)
    strong = facts(as_jpeg(picture, quality=10))
    assert abs(plain["blockiness_x"]) < 0.3
    assert strong["blockiness_x"] > plain["blockiness_x"] + 0.5
    assert strong["blockiness_y"] > plain["blockiness_y"] + 0.5
    full = facts(as_jpeg(picture, quality=95, subsampling=0))
    halved = facts(as_jpeg(picture, quality=95, subsampling=2))
    assert halved["chroma_sharpness"] < full["chroma_sharpness"] - 0.05


def test_a_white_frame_shows_on_its_side_alone():
    picture = photo()
    picture[0] = 255
    named = facts(picture)
    assert named["border_top_brightness"] == 255
    assert named["border_top_spread"] == 0
    assert named["border_top_step"] > 60
    assert named["border_bottom_spread"] > 5
    assert named["border_bottom_brightness"] < 200


def test_shape_and_weight():
    named = facts(np.zeros((64, 128, 3), dtype=np.uint8), 64 * 128 * 2)
    assert named["aspect_log2"] == 1
    assert named["side_log2"] == 6.5
    assert named["bytes_per_pixel_log2"] == 1


def test_a_large_picture_is_measured_in_its_middle_on_the_block_grid():
    large = np.zeros((1500, 1200, 3), dtype=np.uint8)
    large[232 : 232 + 1024, 88 : 88 + 1024] = np.tile(photo(128), (8, 8, 1))
    alone = large[232 : 232 + 1024, 88 : 88 + 1024]
    here, there = facts(large), facts(alone)
    for name in ("sharpness", "noise", "detail_50_75", "blockiness_x", "blockiness_y"):
        assert here[name] == pytest.approx(there[name], abs=1e-4), name


@pytest.mark.parametrize("n_bytes", [0, -5])
def test_impossible_weights_are_refused(n_bytes):
    with pytest.raises(ParameterError, match="Received"):
        file_facts(photo(), n_bytes)


def test_what_is_no_picture_is_refused():
    for bad in (np.zeros((7, 9, 3), dtype=np.uint8), np.zeros((9, 9), dtype=np.uint8), "a.jpg"):
        with pytest.raises(ParameterError, match="Received"):
            file_facts(bad, 100)
