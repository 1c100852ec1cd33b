"""Decoding: every format and colour model gives the right pixels, upright."""

import struct

import numpy as np
import pytest
from PIL import Image

from genre_core.image.decode import COVER_SUFFIXES, decode_cover
from tests.image.picture_files import COVER, HEIGHT, LOSSLESS, LOSSY, WIDTH, encoded


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


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("block", [b"XX*\0\x08\0\0\0", b"II", b"II+\0\x08\0\0\0" + bytes(48)])
def test_an_exif_block_that_pillow_cannot_open_changes_nothing(kind, block):
    options = {"lossless": True} if kind == "WEBP" else {}
    content = encoded(COVER, kind, exif=b"Exif\0\0" + block, **options)
    np.testing.assert_array_equal(decode_cover(content), COVER)


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
    content = encoded(image, "TIFF") if kind == "tiff" else encoded(image, "JPEG", quality=98)
    if kind == "bare":  # Chromium inverts the inks of every CMYK JPEG
        content = without_adobe_marker(content)
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
