"""A PNG's gamma and primaries count as the profile of the same colours does."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from genre_core.image.decode import decode_cover
from tests.image import icc
from tests.image.picture_files import COVER, encoded, png_chunk

WIDE = (0.3127, 0.3290, 0.73, 0.28, 0.14, 0.80, 0.15, 0.05)
SRGB = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)


def told(mode: str = "RGB", **chunks: bytes) -> bytes:
    """Put chunks behind a PNG's head."""
    content = encoded(Image.fromarray(COVER).convert(mode), "PNG")
    added = b"".join(png_chunk(name.encode(), data) for name, data in chunks.items())
    return content[:33] + added + content[33:]


def numbers(*values: float) -> bytes:
    return struct.pack(f">{len(values)}I", *(round(value * 100_000) for value in values))


@pytest.mark.parametrize("gamma", [1.0, 0.7, 0.55556, 0.35])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA", "P"])
def test_a_gamma_counts_as_the_same_profile(mode: str, gamma: float) -> None:
    found = decode_cover(told(mode, gAMA=numbers(gamma)))
    profile = icc.grey(1 / gamma) if "L" in mode else icc.rgb(icc.SRGB_PRIMARIES, 1 / gamma)
    image = Image.fromarray(COVER).convert(mode)
    expected = decode_cover(encoded(image, "PNG", icc_profile=profile))
    assert (expected != decode_cover(encoded(image, "PNG"))).any()
    np.testing.assert_allclose(found.astype(int), expected, atol=1)


def test_light_that_is_stored_as_it_is_gets_the_curve_of_srgb() -> None:
    grey = np.tile(np.arange(256, dtype=np.uint8), (8, 1))
    content = encoded(Image.fromarray(grey), "PNG")
    content = content[:33] + png_chunk(b"gAMA", numbers(1.0)) + content[33:]
    light = np.arange(256) / 255
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    found = decode_cover(content)[0, :, 0]
    np.testing.assert_allclose(found, 255 * curve, atol=10)  # LittleCMS is coarse in the dark
    np.testing.assert_allclose(found[9:], 255 * curve[9:], atol=1.5)


@pytest.mark.parametrize(
    "chunks",
    [
        {"gAMA": numbers(0.45455)},
        {"gAMA": numbers(0.45455), "cHRM": numbers(*SRGB)},
        {"cHRM": numbers(*WIDE)},
        {"sRGB": b"\0", "gAMA": numbers(1.0)},
        {"gAMA": numbers(0)},
        {"gAMA": numbers(20)},
        {"gAMA": numbers(1.0), "cHRM": numbers(*[0] * 8)},
        {"gAMA": numbers(1.0), "cHRM": numbers(*[0.3] * 8)},
    ],
    ids=str,
)
def test_what_says_nothing_changes_nothing(chunks: dict[str, bytes]) -> None:
    assert (decode_cover(told(**chunks)) == COVER).all()


def test_wide_primaries_make_colours_stronger_and_keep_greys() -> None:
    chunks = {"gAMA": numbers(0.45455), "cHRM": numbers(*WIDE)}
    content = told(**chunks)
    spread = np.ptp(decode_cover(content).astype(int), axis=2).mean()
    assert spread > 1.1 * np.ptp(COVER.astype(int), axis=2).mean()
    grey = np.full((20, 20, 3), 90, np.uint8)
    content = encoded(grey, "PNG")
    added = b"".join(png_chunk(name.encode(), data) for name, data in chunks.items())
    found = decode_cover(content[:33] + added + content[33:]).astype(int)
    assert np.ptp(found[0, 0]) <= 1
    assert abs(found[0, 0, 0] - 90) <= 3


def test_of_a_moving_png_its_own_first_frame_is_read() -> None:
    frames = [Image.fromarray(np.roll(COVER, k, axis=0)) for k in range(3)]
    for default, first in ((True, 1), (False, 0)):
        file = io.BytesIO()
        rest = {"save_all": True, "append_images": frames[1:], "default_image": default}
        frames[0].save(file, "PNG", duration=99, **rest)
        assert (decode_cover(file.getvalue()) == np.asarray(frames[first])).all()
