"""Pictures that lack their last bytes, or carry large texts, are read where nearly all is there."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from genre_core.errors import DecodeError
from genre_core.image import mend
from genre_core.image.decode import decode_cover
from tests.image import icc
from tests.image.picture_files import COVER, encoded, png_chunk

RNG = np.random.default_rng(0)
NOISE = Image.fromarray(RNG.integers(0, 256, (40, 40, 3), dtype=np.uint8)).resize((160, 160))
MODES = ("RGB", "RGBA", "L", "LA", "P", "1")


def as_png(mode: str, **options: object) -> bytes:
    if mode == "P":
        return encoded(NOISE.quantize(64), "PNG", **options)
    return encoded(NOISE.convert("L").convert(mode) if mode == "LA" else NOISE.convert(mode), "PNG")


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("n_lost", [1, 2, 3])
def test_a_jpeg_without_its_end_is_whole(n_lost: int, progressive: bool) -> None:
    content = encoded(NOISE, "JPEG", quality=90, progressive=progressive)
    far = np.abs(decode_cover(content[:-n_lost]).astype(int) - decode_cover(content))
    assert far.mean() < 0.5


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_a_jpeg_cut_in_its_last_rows_is_read_and_one_cut_earlier_is_not(mode: str) -> None:
    content = encoded(NOISE.resize((320, 320)).convert(mode), "JPEG", quality=90)
    found, whole = decode_cover(content[: int(0.97 * len(content))]), decode_cover(content)
    assert (found[:280] == whole[:280]).all()
    for part in (0.1, 0.5, 0.8):
        with pytest.raises(DecodeError, match=r"Received mine\.jpg: a damaged, cut"):
            decode_cover(content[: int(part * len(content))], name="mine.jpg")


@pytest.mark.parametrize("part", [0.2, 0.5])
def test_a_progressive_jpeg_without_its_last_scans_is_refused(part: float) -> None:
    content = encoded(NOISE, "JPEG", quality=90, progressive=True)
    with pytest.raises(DecodeError, match="Received"):
        decode_cover(content[: int(part * len(content))])


def test_a_progressive_jpeg_without_its_last_scan_alone_is_refused() -> None:
    content = encoded(NOISE, "JPEG", quality=90, progressive=True)
    with pytest.raises(DecodeError, match="Received"):
        decode_cover(content[: content.rfind(b"\xff\xda")])


def test_a_picture_that_would_unpack_to_too_much_is_not_mended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = as_png("RGB")[:-30]
    assert decode_cover(content).shape == (160, 160, 3)
    monkeypatch.setattr(mend, "_MAX_RAW_BYTES", 160 * 160 * 3)
    with pytest.raises(DecodeError, match="Received"):
        decode_cover(content)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("n_lost", [1, 12, 14, 16])
def test_a_png_without_its_last_bytes_is_whole(mode: str, n_lost: int) -> None:
    content = as_png(mode)
    assert (decode_cover(content[:-n_lost]) == decode_cover(content)).all()


@pytest.mark.parametrize("mode", MODES)
def test_a_png_cut_in_its_last_rows_has_white_there(mode: str) -> None:
    content = as_png(mode)
    whole = decode_cover(content)
    found = decode_cover(content[: int(0.96 * len(content))])
    assert (found[:140] == whole[:140]).all()
    assert (found[-1] == (255 if mode != "P" else found[-1, 0])).all()
    with pytest.raises(DecodeError, match="Received"):
        decode_cover(content[: len(content) // 2])


@pytest.mark.parametrize("kind", ["BMP", "GIF"])
@pytest.mark.parametrize("mode", ["RGB", "P", "L", "1"])
def test_a_bmp_or_gif_cut_in_its_last_rows_is_read(kind: str, mode: str) -> None:
    image = NOISE.quantize(64) if mode == "P" else NOISE.convert(mode)
    content = encoded(image, kind, **({"interlace": 0} if kind == "GIF" else {}))
    whole = decode_cover(content)
    found = decode_cover(content[: int(0.96 * len(content))])
    if kind == "BMP":  # from below
        found, whole = found[::-1], whole[::-1]
    assert (found[:140] == whole[:140]).all()
    assert (found[-1] == 255).all()
    for part in (0.3, 0.6, 0.85):
        with pytest.raises(DecodeError, match="Received bytes: a damaged, cut or odd"):
            decode_cover(content[: int(part * len(content))])


def test_rows_of_a_cut_interlaced_gif_stand_for_those_between() -> None:
    content = encoded(NOISE.quantize(64), "GIF", interlace=1)
    whole = decode_cover(content)
    found = decode_cover(content[: int(0.96 * len(content))])
    is_same = (found == whole).all(axis=(1, 2))
    assert is_same.sum() >= 140
    assert all(
        is_same[row - 1] and (found[row] == found[row - 1]).all()
        for row in np.flatnonzero(~is_same)[:3]
    )


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "TIFF"])
def test_of_a_cut_webp_avif_or_tiff_nothing_is_shown(kind: str) -> None:
    content = encoded(NOISE, kind)
    with pytest.raises(DecodeError, match="Received bytes: a damaged"):
        decode_cover(content[: int(0.97 * len(content))])


def test_checksums_of_pixels_do_not_count() -> None:
    content = bytearray(as_png("RGB"))
    content[-13] ^= 255
    assert (decode_cover(bytes(content)) == decode_cover(as_png("RGB"))).all()


JPEG, PNG = encoded(NOISE, "JPEG", quality=90), as_png("RGB")
GIF = encoded(NOISE.quantize(64), "GIF", interlace=0)
LONG = PngImagePlugin.PngInfo()
LONG.add_text("text", "x" * 3_000_000, zip=True)


@pytest.mark.parametrize(
    ("content", "note"),
    {
        "JPEG": (JPEG, None),
        "PNG": (PNG, None),
        "PNG with a long text": (encoded(NOISE, "PNG", pnginfo=LONG), None),
        "PNG with a byte behind its end": (PNG + b"\n", None),
        "JPEG without its end": (JPEG[:-2], "no row"),
        "JPEG without rows": (JPEG[: int(0.96 * len(JPEG))], "of its 160 rows"),
        "PNG without its last chunk": (PNG[:-12], "a checksum in it is wrong or missing"),
        "PNG without its end": (PNG[:-14], "a checksum in it is wrong or missing"),
        "PNG without rows": (PNG[: int(0.96 * len(PNG))], "of its 160 rows"),
        "PNG with another checksum": (PNG[:30] + bytes([PNG[30] ^ 1]) + PNG[31:], "no row"),
        "PNG with another checksum of its pixels": (
            PNG[:-13] + bytes([PNG[-13] ^ 1]) + PNG[-12:],
            "a checksum in it is wrong or missing",
        ),
        "GIF without rows": (GIF[: int(0.96 * len(GIF))], "of its 160 rows"),
        "BMP without rows": (encoded(NOISE, "BMP")[: -9 * 3 * 160], "9 of its 160 rows"),
    }.values(),
)
def test_what_is_damaged_is_said(content: bytes, note: str | None) -> None:
    notes: list[str] = []
    decode_cover(content, notes=notes)
    assert len(notes) == (note is not None)
    assert note is None or note in notes[0]


@pytest.mark.parametrize(("n_texts", "n_chars"), [(1, 3_000_000), (90, 900_000), (1, 50)])
def test_texts_of_a_png_may_be_long(n_texts: int, n_chars: int) -> None:
    info = PngImagePlugin.PngInfo()
    for k in range(n_texts):
        info.add_text(f"text {k}", "x" * n_chars, zip=True)
    assert (decode_cover(encoded(COVER, "PNG", pnginfo=info)) == COVER).all()


def test_a_large_profile_counts_and_one_without_bounds_does_not() -> None:
    swapped = (icc.SRGB_PRIMARIES[1], icc.SRGB_PRIMARIES[0], icc.SRGB_PRIMARIES[2])
    profile = icc.rgb(swapped)
    small = decode_cover(encoded(COVER, "PNG", icc_profile=profile))
    large = decode_cover(encoded(COVER, "PNG", icc_profile=profile + RNG.bytes(2_000_000)))
    assert (small == large).all()
    assert (small != COVER).any()
    bomb = encoded(COVER, "PNG", icc_profile=profile + bytes(60_000_000))
    assert (decode_cover(bomb) == COVER).all()


def test_a_picture_that_unpacks_to_more_than_it_promises_stays_bounded() -> None:
    content = encoded(COVER, "PNG")
    end = content.index(b"IEND") - 4
    more = content[:end] + png_chunk(b"IDAT", b"more of it" * 100)  # and no end
    assert (decode_cover(more) == COVER).all()


def test_what_is_no_picture_is_still_none() -> None:
    for content in (
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + bytes(99),
        b"\xff\xd8\xff" + bytes(99),
    ):
        with pytest.raises(DecodeError, match="Received"):
            decode_cover(content)
    file = io.BytesIO()
    NOISE.save(file, "GIF")
    with pytest.raises(DecodeError, match="Received"):
        decode_cover(file.getvalue()[: len(file.getvalue()) // 2])
