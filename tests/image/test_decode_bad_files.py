"""Decoding: every bad file gives one clear error, at no cost, and nothing else escapes."""

import io
import os
import struct
import sys
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from genre_core.errors import DecodeError, ParameterError
from genre_core.image import decode
from genre_core.image.decode import MAX_BYTES, decode_cover
from tests.image.picture_files import (
    COVER,
    HEIGHT,
    LOSSLESS,
    LOSSY,
    WIDTH,
    encoded,
    png,
    png_bomb,
    png_chunk,
    webp_bomb,
)

BAD_BYTES = {
    "empty": (b"", "0 bytes"),
    "text": (b"I am no picture, I am text.\n" * 20, "text"),
    "text in Greek, cut inside a letter": (b"!" + "αβγδ".encode() * 600, "text"),
    "svg": (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    "svg, bare": (b"  <svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    "web page": (b"<!DOCTYPE html><html>404</html>", "web page"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "npy": (b"\x93NUMPY\x01\x00v\x00{'descr'", "NumPy"),
    "zip": (b"PK\x03\x04\x14\x00\x00", "zip"),
    "heic": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "HEIC"),
    "noise": (np.random.default_rng(0).bytes(2000), "no known picture"),
    "1 x 1": (encoded(COVER[:1, :1], "PNG"), "1 x 1 px"),
    "7 rows": (encoded(COVER[:7], "PNG"), "40 x 7 px"),
    "over 20 MB": (b"\xff\xd8\xff" + bytes(MAX_BYTES), "20.0 MB"),
    "over 64 MP": (png(8001, 8000, png_chunk(b"IDAT", b"")), "8001 x 8000 px"),
    "over 89 MP, where Pillow warns": (
        png(10_000, 9000, png_chunk(b"IDAT", b"")),
        "10000 x 9000 px",
    ),
    "over 179 MP, where Pillow stops": (
        png(60_000, 60_000, png_chunk(b"IDAT", b"")),
        "cover.jpg: 3,600 million pixels",
    ),
    "floats": (encoded(Image.fromarray(np.zeros((16, 16), np.float32)), "TIFF"), "floating-point"),
    "photoshop": (b"8BPS\x00\x01", "Photoshop"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "text"),
    "ppm, which Pillow could read": (b"P6\n16 16\n255\n" + bytes(range(256)) * 3, "no known"),
    "icon, which Pillow could read": (encoded(COVER[:16, :16], "ICO"), "no known picture"),
    "a text chunk that is a bomb": (
        png(16, 16, png_chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(30_000_000), 9))),
        "PNG",
    ),
}


@pytest.mark.parametrize("case", BAD_BYTES)
def test_bad_content_gives_one_clear_error(case):
    content, expected = BAD_BYTES[case]
    with pytest.raises(DecodeError, match=r"Received cover\.jpg: ") as caught:
        decode_cover(content, name="cover.jpg")
    assert expected in caught.value.received
    assert caught.value.rule.startswith(("A cover m", "Both sides"))
    assert caught.value.cure.endswith(".")


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("kind", [*LOSSLESS, *LOSSY])
def test_a_cut_file_is_an_error(kind, part):
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    pillow = {"tiff-lzw": "TIFF", "webp-lossy": "WEBP", "progressive": "JPEG"}.get(kind, kind)
    options = {
        "tiff-lzw": {"compression": "tiff_lzw"},
        "webp": {"lossless": True},
        "progressive": {"progressive": True},
    }.get(kind, {})
    content = encoded(noise, pillow, **options)
    assert decode_cover(content).shape == (64, 64, 3)
    with pytest.raises(DecodeError, match=r"Received bytes: .*(cut|cannot be read)"):
        decode_cover(content[: int(len(content) * part)])


def test_bad_places(tmp_path):
    (tmp_path / "album").mkdir()
    cases = {
        tmp_path / "album": "a folder",
        tmp_path / "nowhere.jpg": "no such file",
        "": "folder",
        "a\x00b.jpg": "no such file",
        "x" * 5000 + ".jpg": "too long",
        "https://example.org/cover.jpg": "no such file",
    }
    for source, expected in cases.items():
        with pytest.raises(DecodeError, match="Received") as caught:
            decode_cover(source)
        assert expected in caught.value.received.lower()


def test_a_heavy_file_is_not_read_whole(tmp_path):
    path = tmp_path / "cover.jpg"
    with path.open("wb") as file:
        file.truncate(50 * 2**20)  # sparse: takes no disk
    with pytest.raises(DecodeError, match=r"at most 20 MB\. Received cover.jpg: 50.0 MB"):
        decode_cover(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_refused_and_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "cover.jpg")
    with pytest.raises(DecodeError, match=r"Received cover\.jpg: not a plain file"):
        decode_cover(tmp_path / "cover.jpg")


@pytest.mark.parametrize("source", [None, 3, COVER, ["a.jpg"], io.BytesIO(b"x")])
def test_other_types_are_a_parameter_error(source):
    with pytest.raises(ParameterError, match="Received"):
        decode_cover(source)


def test_a_name_is_used_in_the_message():
    with pytest.raises(DecodeError, match="Received upload 3: text"):
        decode_cover(b"hello", name="upload 3")


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP", "GIF", "AVIF"])
def test_a_bomb_is_refused_before_its_pixels_take_memory(kind):
    resource = pytest.importorskip("resource")
    content = {
        "PNG": png_bomb(12_000, 6000),
        "BMP": b"BM"
        + struct.pack("<IIIIiiHHIIIIII", 54, 0, 54, 40, 9000, 9000, 1, 24, 0, 0, 0, 0, 0, 0),
        "GIF": b"GIF89a"
        + struct.pack("<HHBBB", 60_000, 1100, 0, 0, 0)
        + b"\x2c"
        + struct.pack("<HHHHB", 0, 0, 60_000, 1100, 0)
        + b"\x02\x02\x44\x01\x00;",
        "WEBP": webp_bomb(),
        "AVIF": LOSSY["avif"].replace(
            struct.pack(">II", WIDTH, HEIGHT), struct.pack(">II", 16_000, 16_000)
        ),
    }[kind]
    assert len(content) < 2**20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DecodeError, match=r"at most 64 million pixels\. Received"):
        decode_cover(content)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    # The pixels would be 190 MB and more; ru_maxrss counts kB on Linux, bytes on macOS.
    assert grown < 60_000 * (1024 if sys.platform == "darwin" else 1)


# ---- warnings, threads, damage -----------------------------------------------------------------


def test_no_pillow_warning_escapes_and_the_filters_come_back():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = list(warnings.filters)
        with pytest.raises(DecodeError):
            decode_cover(png(10_000, 9000, png_chunk(b"IDAT", b"")))
        assert warnings.filters == before
        with pytest.raises(UserWarning, match="ours"):
            warnings.warn("ours", UserWarning, stacklevel=1)


def test_overlapping_uses_stay_quiet_until_the_last_one_ends():
    before = list(warnings.filters)
    first, second = decode._pillow_kept_quiet(), decode._pillow_kept_quiet()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert warnings.filters != before
    second.__exit__(None, None, None)
    assert warnings.filters == before


def test_threads_decode_at_once_and_the_filters_come_back():
    before = list(warnings.filters)
    gate = threading.Barrier(4)

    def work(k: int) -> int:
        gate.wait(timeout=10)
        return sum(int(decode_cover(LOSSLESS["png"]).sum()) for _ in range(20 + k))

    with ThreadPoolExecutor(4) as pool:
        sums = list(pool.map(work, range(4)))
    assert sums == [int(COVER.sum()) * (20 + k) for k in range(4)]
    assert warnings.filters == before
    assert decode._quiet_depth == 0


@settings(max_examples=150)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_picture_or_our_error(content):
    right_or_our_error(content)


@settings(max_examples=300)
@given(
    kind=st.sampled_from(sorted({**LOSSLESS, **LOSSY})),
    place=st.floats(0, 1, exclude_max=True),
    value=st.binary(min_size=1, max_size=4),
)
def test_damaged_files_give_a_picture_or_our_error(kind, place, value):
    content = bytearray({**LOSSLESS, **LOSSY}[kind])
    at = int(place * len(content))
    content[at : at + len(value)] = value
    right_or_our_error(bytes(content))


def right_or_our_error(content: bytes) -> None:
    try:
        picture = decode_cover(content)
    except DecodeError:  # the message itself is looked at in the table above
        return
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert min(picture.shape[:2]) >= 8
