"""The short way gives the very pixels of the long one, and leaves what is odd to it."""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from assets.make.covers import make_cover
from genre_core.config import CoverInput
from genre_core.errors import DecodeError
from genre_core.image.cover import is_plain_jpeg, prepare_cover, read_cover
from genre_core.image.decode import decode_cover


def stored(image: Image.Image, file_format: str = "JPEG", **settings: object) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **settings)
    return file.getvalue()


@pytest.fixture
def kinds() -> dict[str, bytes]:
    cover = Image.fromarray(make_cover("metal", 0, size=150))
    turned = Image.Exif()
    turned[0x0112] = 6  # orientation: a quarter turn
    return {
        "plain.jpg": stored(cover, quality=90),
        "halved_chroma.jpg": stored(cover, quality=60, subsampling=2),
        "odd_sides.jpg": stored(cover.resize((141, 97)), quality=80),
        "progressive.jpg": stored(cover, progressive=True),
        "turned.jpg": stored(cover, exif=turned),
        "grey.jpg": stored(cover.convert("L")),
        "cmyk.jpg": stored(cover.convert("CMYK")),
        "picture.png": stored(cover, "PNG"),
        "named_wrongly.jpg": stored(cover, "WEBP"),
    }


@pytest.mark.parametrize(
    "spec",
    [
        CoverInput(size=64),
        CoverInput(size=200, fit="crop"),
        CoverInput(size=96, resample="nearest"),
    ],
    ids=["smaller", "larger, cropped", "nearest"],
)
def test_the_pixels_are_the_same(kinds: dict[str, bytes], spec: CoverInput) -> None:
    for name, content in kinds.items():
        expected = prepare_cover(decode_cover(content), spec)
        np.testing.assert_array_equal(read_cover(content, spec), expected, err_msg=name)
        assert expected.std() > 1


@pytest.mark.parametrize("resample", ["nearest", "bilinear", "bicubic", "lanczos"])
@pytest.mark.parametrize("size", [64, 128, 260])
def test_a_plain_jpeg_has_pillows_pixels(
    kinds: dict[str, bytes],
    size: int,
    resample: Literal["nearest", "bilinear", "bicubic", "lanczos"],
) -> None:
    for name in ("plain.jpg", "halved_chroma.jpg", "odd_sides.jpg", "progressive.jpg"):
        with Image.open(io.BytesIO(kinds[name])) as image:
            expected = image.resize((size, size), Image.Resampling[resample.upper()])
        read = read_cover(kinds[name], CoverInput(size=size, resample=resample))
        np.testing.assert_array_equal(read, np.asarray(expected), err_msg=name)


def test_what_counts_as_plain(kinds: dict[str, bytes]) -> None:
    plain = {name for name, content in kinds.items() if is_plain_jpeg(content)}
    assert plain == {"plain.jpg", "halved_chroma.jpg", "odd_sides.jpg", "progressive.jpg"}
    assert not is_plain_jpeg(kinds["plain.jpg"][:20])
    assert not is_plain_jpeg(b"\xff\xd8\xff\xe0\xff\xff")


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_a_cut_jpeg_is_an_error_with_its_name(kinds: dict[str, bytes], part: float) -> None:
    content = kinds["plain.jpg"]
    with pytest.raises(DecodeError, match=r"Received mine\.jpg"):
        read_cover(content[: int(part * len(content))], CoverInput(size=64), name="mine.jpg")
