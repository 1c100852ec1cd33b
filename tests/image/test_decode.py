"""Decoding: every format gives the right pixels, every bad file one clear error."""

import io
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
from genre_core.image.decode import COVER_SUFFIXES, MAX_BYTES, decode_cover

# A picture without any symmetry, so that every turn and mirror is told apart.
HEIGHT, WIDTH = 24, 40
COVER = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
COVER[:, :, 0] = np.linspace(0, 255, WIDTH).astype(np.uint8)
COVER[:, :, 1] = np.linspace(255, 0, HEIGHT).astype(np.uint8)[:, None]
COVER[:12, :20, 2] = 200


def encoded(picture: np.ndarray | Image.Image, kind: str, **options: object) -> bytes:
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """Return an RGB PNG that promises a size and holds whatever chunks."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks)


def png_bomb(width: int, height: int) -> bytes:
    """Return a PNG whose pixels, all black, really are there: 200 kB for 200 MB."""
    rows = zlib.compressobj(9)
    data = b"".join(rows.compress(bytes(1 + 3 * width)) for _ in range(height)) + rows.flush()
    return png(width, height, png_chunk(b"IDAT", data))


LOSSLESS = {
    "png": encoded(COVER, "PNG"),
    "bmp": encoded(COVER, "BMP"),
    "tiff": encoded(COVER, "TIFF"),
    "tiff-lzw": encoded(COVER, "TIFF", compression="tiff_lzw"),
    "webp": encoded(COVER, "WEBP", lossless=True),
}
LOSSY = {
    "jpeg": encoded(COVER, "JPEG", quality=98, subsampling=0),
    "progressive": encoded(COVER, "JPEG", quality=98, subsampling=0, progressive=True),
    "webp-lossy": encoded(COVER, "WEBP", quality=95),
    "avif": encoded(COVER, "AVIF", quality=95, subsampling="4:4:4"),
    "gif": encoded(COVER, "GIF"),
}


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_formats_keep_every_pixel(kind):
    np.testing.assert_array_equal(decode_cover(LOSSLESS[kind]), COVER)


@pytest.mark.parametrize("kind", LOSSY)
def test_lossy_formats_come_close(kind):
    picture = decode_cover(LOSSY[kind])
    assert picture.dtype == np.uint8
    assert picture.shape == COVER.shape
    # 256 palette colours and chroma transforms cost a few levels, never the picture.
    assert np.abs(picture.astype(int) - COVER).mean() < 8


@pytest.mark.parametrize("source", ["str", "path", "bytes", "view"])
def test_every_kind_of_source_gives_the_same_pixels(tmp_path, source):
    path = tmp_path / "cover.png"
    path.write_bytes(LOSSLESS["png"])
    given_as = {
        "str": str(path),
        "path": path,
        "bytes": path.read_bytes(),
        "view": memoryview(path.read_bytes()),
    }
    picture = decode_cover(given_as[source])
    np.testing.assert_array_equal(picture, COVER)
    assert picture.flags.writeable
    assert picture.flags.c_contiguous


def test_the_content_decides_not_the_name(tmp_path):
    path = tmp_path / "cover.jpg"
    path.write_bytes(LOSSLESS["png"])
    np.testing.assert_array_equal(decode_cover(path), COVER)


def test_suffixes_are_lower_case_with_a_dot():
    assert ".jpg" in COVER_SUFFIXES
    assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in COVER_SUFFIXES)


TURNED = {
    1: COVER,
    2: COVER[:, ::-1],
    3: COVER[::-1, ::-1],
    4: COVER[::-1],
    5: COVER.transpose(1, 0, 2),
    6: np.rot90(COVER, 1),
    7: np.rot90(COVER, 2).transpose(1, 0, 2),
    8: np.rot90(COVER, -1),
}


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", TURNED)
def test_exif_orientation_is_undone(orientation, kind):
    exif = Image.Exif()
    exif[274] = orientation
    stored = Image.fromarray(np.ascontiguousarray(TURNED[orientation]))
    options = {"lossless": True} if kind == "WEBP" else {}
    np.testing.assert_array_equal(decode_cover(encoded(stored, kind, exif=exif, **options)), COVER)


@pytest.mark.parametrize("kind", ["JPEG", "AVIF"])
@pytest.mark.parametrize("orientation", TURNED)
def test_exif_orientation_is_undone_in_lossy_files(orientation, kind):
    exif = Image.Exif()
    exif[274] = orientation
    stored = Image.fromarray(np.ascontiguousarray(TURNED[orientation]))
    picture = decode_cover(encoded(stored, kind, exif=exif, quality=98))
    assert picture.shape == COVER.shape
    assert np.abs(picture.astype(int) - COVER).mean() < 8  # a wrong turn differs by over 40


def test_a_broken_exif_block_changes_nothing():
    plain = decode_cover(LOSSY["jpeg"])
    for block in (
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff\x12\x01\x03\x00",
        b"Exif\x00\x00" + b"\xff" * 40,
        b"Exif\x00\x00MM\x00*\x00\x00\xff\xff",
    ):
        segment = b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
        content = LOSSY["jpeg"][:2] + segment + LOSSY["jpeg"][2:]
        np.testing.assert_array_equal(decode_cover(content), plain)


def test_orientation_outside_1_to_8_is_passed_over():
    exif = Image.Exif()
    exif[274] = 77
    np.testing.assert_array_equal(decode_cover(encoded(COVER, "PNG", exif=exif)), COVER)


# ---- colour models -----------------------------------------------------------------------------


def test_transparency_lies_on_white():
    alpha = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    alpha[:, 20:] = 255
    rgba = np.dstack([COVER, alpha])
    for kind, options in (("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})):
        picture = decode_cover(encoded(rgba, kind, **options))
        np.testing.assert_array_equal(picture[:, 20:], COVER[:, 20:])
        assert (picture[:, :20] == 255).all()


def test_half_transparent_black_is_mid_grey():
    rgba = np.zeros((16, 16, 4), dtype=np.uint8)
    rgba[:, :, 3] = 128
    np.testing.assert_array_equal(decode_cover(encoded(rgba, "PNG")), np.uint8(127))


def test_grey_with_alpha():
    pair = np.full((16, 16, 2), 90, dtype=np.uint8)
    pair[:, :8, 1] = 0
    pair[:, 8:, 1] = 255
    picture = decode_cover(encoded(pair, "PNG"))
    assert (picture[:, :8] == 255).all()
    assert (picture[:, 8:] == 90).all()


def palette_image() -> Image.Image:
    image = Image.new("P", (16, 16), 1)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.paste(0, (0, 0, 8, 16))
    return image


def test_palette():
    picture = decode_cover(encoded(palette_image(), "PNG"))
    assert (picture[:, :8] == (10, 20, 30)).all()
    assert (picture[:, 8:] == (200, 100, 50)).all()


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_palette_with_transparency(kind):
    picture = decode_cover(encoded(palette_image(), kind, transparency=0))
    assert (picture[:, :8] == 255).all()
    assert (picture[:, 8:] == (200, 100, 50)).all()


def test_palette_with_an_alpha_for_each_colour():
    picture = decode_cover(encoded(palette_image(), "PNG", transparency=bytes([0, 255])))
    assert (picture[:, :8] == 255).all()
    assert (picture[:, 8:] == (200, 100, 50)).all()


def test_one_colour_declared_transparent():
    content = encoded(Image.new("RGB", (16, 16), (1, 2, 3)), "PNG", transparency=(1, 2, 3))
    assert (decode_cover(content) == 255).all()


def test_black_and_white():
    image = Image.new("1", (16, 16), 0)
    image.paste(1, (0, 0, 8, 16))
    picture = decode_cover(encoded(image, "PNG"))
    assert (picture[:, :8] == 255).all()
    assert (picture[:, 8:] == 0).all()


def test_grey_has_three_equal_channels():
    picture = decode_cover(encoded(COVER[:, :, 0], "PNG"))
    np.testing.assert_array_equal(picture, np.repeat(COVER[:, :, :1], 3, axis=2))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled_not_cut(kind):
    stored = np.zeros((16, 16), dtype=np.uint16)
    stored[:, 4:] = 65535
    stored[:, 8:] = 128 * 257
    stored[:, 12:] = 257
    picture = decode_cover(encoded(Image.fromarray(stored), kind))
    assert picture.shape == (16, 16, 3)
    assert [int(picture[0, x, 0]) for x in (0, 4, 8, 12)] == [0, 255, 128, 1]


def test_16_bit_grey_png_with_a_transparent_level():
    stored = np.full((16, 16), 1000, dtype=np.uint16)
    content = encoded(Image.fromarray(stored), "PNG", transparency=1000)
    assert (decode_cover(content) == 255).all()


@pytest.mark.parametrize(("top", "shown"), [(65535, 255), (2**32 - 1, 255), (2**31, 128)])
def test_32_bit_grey_tiff(top, shown):
    stored = np.zeros((16, 16), dtype=np.uint32)
    stored[:, 8:] = top
    picture = decode_cover(encoded(Image.fromarray(stored.view(np.int32)), "TIFF"))
    assert int(picture[0, 0, 0]) == 0
    assert int(picture[0, 15, 0]) == shown


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_where_zero_is_white(dtype):
    stored = np.zeros((16, 16), dtype=dtype)
    stored[:, 8:] = np.iinfo(dtype).max
    content = bytearray(encoded(Image.fromarray(stored), "TIFF"))
    entry = struct.pack("<HHIH", 262, 3, 1, 1)  # PhotometricInterpretation, 1: black is zero
    at = content.index(entry)
    content[at : at + len(entry)] = struct.pack("<HHIH", 262, 3, 1, 0)
    picture = decode_cover(bytes(content))
    assert (picture[:, :8] == 255).all()
    assert (picture[:, 8:] == 0).all()


def test_12_bit_tiff_reaches_white():
    stored = np.full((16, 16), 4095, dtype=np.uint16)
    packed = bytes([0xFF]) * (16 * 16 * 3 // 2)
    content = bytearray(encoded(Image.fromarray(stored), "TIFF"))
    for old, new in (
        (struct.pack("<HHIH", 258, 3, 1, 16), struct.pack("<HHIH", 258, 3, 1, 12)),
        (struct.pack("<HHII", 279, 4, 1, 512), struct.pack("<HHII", 279, 4, 1, 384)),
        (stored.tobytes(), packed + bytes(128)),
    ):
        assert old in content
        content[content.index(old) : content.index(old) + len(old)] = new
    assert (decode_cover(bytes(content)) == 255).all()


INKS = {(0, 0, 0, 0): "white", (0, 0, 0, 255): "black", (0, 255, 255, 0): "red"}


@pytest.mark.parametrize("inks", INKS)
@pytest.mark.parametrize("kind", ["adobe", "bare", "tiff"])
def test_cmyk_inks(kind, inks):
    image = Image.new("CMYK", (16, 16), inks)
    if kind == "tiff":
        content = encoded(image, "TIFF")
    else:
        content = encoded(image, "JPEG", quality=98)
    if kind == "bare":  # inks as they are, and no marker: libjpeg's own convention
        inverted = Image.new("CMYK", (16, 16), tuple(255 - ink for ink in inks))
        content = without_adobe_marker(encoded(inverted, "JPEG", quality=98))
    want = np.array(Image.new("RGB", (1, 1), INKS[inks]))
    assert np.abs(decode_cover(content).astype(int) - want).max() <= 4


def without_adobe_marker(content: bytes) -> bytes:
    at = content.index(b"\xff\xee")
    length = struct.unpack(">H", content[at + 2 : at + 4])[0]
    assert b"Adobe" in content[at : at + 2 + length]
    return content[:at] + content[at + 2 + length :]


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "AVIF", "PNG"])
def test_of_several_frames_the_first_counts(kind):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    content = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    difference = decode_cover(content).astype(int) - np.array([255, 0, 0])
    assert np.abs(difference).max() <= 6  # AVIF is lossy


def test_mpo_of_a_phone_is_a_jpeg():
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    content = encoded(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert np.abs(decode_cover(content).astype(int) - np.array([255, 0, 0])).max() <= 4


# ---- bad files ---------------------------------------------------------------------------------

BAD_BYTES = {
    "empty": (b"", "0 bytes"),
    "text": (b"I am no picture, I am text.\n" * 20, "text"),
    "text in Greek, cut inside a letter": ("αβγδ".encode() * 600 + b"!", "text"),
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
        "3600000000 pixels",
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
    with pytest.raises(DecodeError, match="Received cover.jpg: ") as caught:
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
    with pytest.raises(DecodeError, match="Received bytes: .*(cut|cannot be read)"):
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
    import os

    os.mkfifo(tmp_path / "cover.jpg")
    with pytest.raises(DecodeError, match="Received cover.jpg: not a plain file"):
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


def webp_bomb() -> bytes:
    """Return a WebP whose header promises 16,000 x 16,000 px around one of 16 x 16."""
    still = encoded(COVER[:16, :16], "WEBP", lossless=True)[12:]
    size = struct.pack("<I", 15_999)[:3]
    canvas = b"VP8X" + struct.pack("<IB3x", 10, 2) + size + size
    loop = b"ANIM" + struct.pack("<IIH", 6, 0, 0)
    frame = bytes(6) + struct.pack("<I", 15)[:3] * 2 + struct.pack("<I", 40)[:3] + b"\x00" + still
    body = canvas + loop + b"ANMF" + struct.pack("<I", len(frame)) + frame
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


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


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_picture_or_our_error(content):
    right_or_our_error(content)


@settings(max_examples=300, deadline=None)
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
    except DecodeError as error:
        assert "Received" in str(error)
    else:
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        assert picture.shape[2] == 3
        assert min(picture.shape[:2]) >= 8
