"""tf.data fills a cache with the very pixels that Pillow would, and names what it cannot read."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genre_core.config import CoverInput
from genre_core.data.cover_cache import CoverFile, fill_with_pillow
from genre_core.data.demo import make_cover
from genre_core.data.files import sha256_file
from genre_core.training.decoding import fill_with_tf, is_plain_jpeg


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


def write(folder: Path, kinds: dict[str, bytes]) -> list[CoverFile]:
    files = []
    for name, content in kinds.items():
        (folder / name).write_bytes(content)
        files.append(CoverFile(name, folder / name, sha256_file(folder / name)))
    return files


def filled(fill: object, files: list[CoverFile], spec: CoverInput) -> tuple[np.ndarray, list]:
    covers = np.zeros((len(files), spec.size, spec.size, 3), np.uint8)
    return covers, fill(covers, files, spec)


@pytest.mark.parametrize(
    "spec",
    [
        CoverInput(size=64),
        CoverInput(size=200, fit="crop"),
        CoverInput(size=96, resample="nearest"),
    ],
    ids=["smaller", "larger, cropped", "nearest"],
)
def test_the_pixels_are_pillow_s(tmp_path: Path, kinds: dict[str, bytes], spec: CoverInput) -> None:
    files = write(tmp_path, kinds)
    expected, nothing = filled(fill_with_pillow, files, spec)
    found, problems = filled(fill_with_tf, files, spec)
    assert problems == nothing == []
    assert found.any(axis=(1, 2, 3)).all()
    np.testing.assert_array_equal(found, expected)


def test_what_counts_as_plain(kinds: dict[str, bytes]) -> None:
    plain = {name for name, content in kinds.items() if is_plain_jpeg(content)}
    assert plain == {"plain.jpg", "halved_chroma.jpg", "odd_sides.jpg", "progressive.jpg"}
    assert not is_plain_jpeg(kinds["plain.jpg"][:20])
    assert not is_plain_jpeg(b"\xff\xd8\xff\xe0\xff\xff")


def test_broken_changed_and_missing_covers_are_named(
    tmp_path: Path, kinds: dict[str, bytes]
) -> None:
    files = write(tmp_path, kinds)
    (tmp_path / "odd_sides.jpg").write_bytes(kinds["plain.jpg"])
    (tmp_path / "grey.jpg").unlink()
    covers, problems = filled(fill_with_tf, files, CoverInput(size=64))
    assert {each.where for each in problems} == {"odd_sides.jpg", "grey.jpg"}
    assert covers[0].any()


def test_a_cut_jpeg_is_named_by_pillow(tmp_path: Path, kinds: dict[str, bytes]) -> None:
    kinds["cut.jpg"] = kinds["plain.jpg"][: len(kinds["plain.jpg"]) // 2]
    files = write(tmp_path, kinds)
    expected, _ = filled(fill_with_pillow, files, CoverInput(size=64))
    covers, problems = filled(fill_with_tf, files, CoverInput(size=64))
    assert [each.where for each in problems] == ["cut.jpg"]
    np.testing.assert_array_equal(covers[:-1], expected[:-1])


def test_progress_ends_at_the_total(tmp_path: Path, kinds: dict[str, bytes]) -> None:
    told: list[tuple[int, int]] = []
    covers = np.zeros((len(kinds), 64, 64, 3), np.uint8)
    fill_with_tf(
        covers,
        write(tmp_path, kinds),
        CoverInput(size=64),
        lambda done, total, _: told.append((done, total)),
    )
    assert told[-1] == (len(kinds), len(kinds))
