"""Embedded colour profiles count as in browsers; what Chromium drew is the second source."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageCms

from genre_core.config import CoverInput
from genre_core.image.cover import is_plain_jpeg, prepare_cover, read_cover
from genre_core.image.decode import decode_cover
from genre_core.image.profiles import transform_of
from tests.image import icc
from tests.image.picture_files import COVER, encoded

ADOBE, P3 = icc.rgb(icc.ADOBE_PRIMARIES), icc.rgb(icc.P3_PRIMARIES)
SWAPPED = icc.rgb((icc.SRGB_PRIMARIES[1], icc.SRGB_PRIMARIES[0], icc.SRGB_PRIMARIES[2]))
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
FORMATS = {"PNG": {}, "JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}


@pytest.mark.parametrize("kind", FORMATS)
def test_primaries_that_are_exchanged_exchange_the_colours(kind: str) -> None:
    content = encoded(COVER, kind, icc_profile=SWAPPED, **FORMATS[kind])
    plain = decode_cover(encoded(COVER, kind, **FORMATS[kind]))
    # Gamma 2.2 and sRGB's curve differ by a few levels in the dark.
    np.testing.assert_allclose(
        decode_cover(content).astype(int), plain[..., [1, 0, 2]].astype(int), atol=8
    )


@pytest.mark.parametrize("profile", [P3, ADOBE], ids=["P3", "Adobe RGB"])
@pytest.mark.parametrize("kind", FORMATS)
def test_wide_colours_become_stronger_and_grey_stays(kind: str, profile: bytes) -> None:
    level = (160, 120, 100)
    content = encoded(Image.new("RGB", (16, 16), level), kind, icc_profile=profile, **FORMATS[kind])
    red, _, blue = decode_cover(content)[8, 8].astype(int)
    assert red > 160
    assert red - blue > 60
    content = encoded(Image.new("RGB", (16, 16), (90,) * 3), kind, icc_profile=profile)
    assert np.ptp(decode_cover(content)[8, 8]) <= 2


@pytest.mark.parametrize(
    "profile",
    [
        SRGB,
        P3[:300],
        b"no profile" * 20,
        bytes(200),
        icc.grey(1.0),
        P3[:12] + b"link" + P3[16:],
        P3[:12] + bytes(4) + P3[16:],
    ],
    ids=["sRGB", "cut", "junk", "zeros", "of grey", "a device link", "of no device"],
)
@pytest.mark.parametrize("kind", FORMATS)
def test_pixels_stay_with_srgb_and_with_a_profile_that_is_broken_or_another_space_s(
    kind: str, profile: bytes
) -> None:
    content = encoded(COVER, kind, icc_profile=profile, **FORMATS[kind])
    assert (decode_cover(content) == decode_cover(encoded(COVER, kind, **FORMATS[kind]))).all()


@pytest.mark.parametrize("mode", ["L", "LA", "1"])
def test_a_grey_profile_changes_grey_alone(mode: str) -> None:
    image = Image.fromarray(COVER).convert("L").convert(mode)
    found = decode_cover(encoded(image, "PNG", icc_profile=icc.grey(1.0)))
    plain = decode_cover(encoded(image, "PNG"))
    assert (np.ptp(found, axis=2) == 0).all()
    if mode == "1":
        assert (found == plain).all()  # black and white stay
    else:  # linear light looks brighter
        assert (found >= plain).all()
        assert (found > plain).any()


def test_palettes_and_clear_pixels_have_their_profile_before_they_are_laid_on_white() -> None:
    image = Image.fromarray(COVER)
    whole = decode_cover(encoded(image.quantize(256), "PNG", icc_profile=SWAPPED))
    plain = decode_cover(encoded(image.quantize(256), "PNG"))
    np.testing.assert_allclose(whole.astype(int), plain[..., [1, 0, 2]].astype(int), atol=8)
    image.putalpha(0)
    assert (decode_cover(encoded(image, "PNG", icc_profile=SWAPPED)) == 255).all()


def test_inks_by_their_profile() -> None:
    corners = bytearray(16 * 3)
    for place in range(16):
        has_black = place & 1
        corners[3 * place : 3 * place + 3] = (0 if has_black else 255, 128, 128)  # no colour at all
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    content = encoded(image, "JPEG", quality=98, icc_profile=icc.cmyk(bytes(corners)))
    assert decode_cover(content).min() > 245  # this printer's red is white
    assert transform_of(icc.cmyk(bytes(corners)), "RGB") is None


def test_the_short_way_of_plain_jpegs_gives_the_same_pixels() -> None:
    spec = CoverInput(size=32)
    for profile, is_plain in ((SRGB, True), (bytes(200), True), (P3, False)):
        content = encoded(COVER, "JPEG", quality=95, icc_profile=profile)
        assert is_plain_jpeg(content) is is_plain
        assert (read_cover(content, spec) == prepare_cover(decode_cover(content), spec)).all()
