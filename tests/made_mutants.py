"""Forty good files of every format that is read, and what chance makes of them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, TIT2
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4Cover
from PIL import Image, ImageCms

from tests.audio import song_files
from tests.image.picture_files import encoded

SR = 44_100
_MARK = re.compile(rb"[A-Za-z]{4}|\xff[\xc0-\xff]|PK")


@dataclass(frozen=True, slots=True)
class File:
    """A file in memory; `medium` is song, cover or zip."""

    medium: str
    kind: str
    content: bytes


@cache
def good_files() -> tuple[File, ...]:
    """Make the forty: 22 songs of a second, 15 covers of 100 to 300 px, 3 zips of a data set."""
    files = [File("song", kind, content) for kind, content in _songs()]
    files += [File("cover", kind, content) for kind, content in _covers()]
    files += [File("zip", kind, content) for kind, content in _zips()]
    return tuple(files)


def _songs() -> Iterator[tuple[str, bytes]]:
    stereo, mono = song_files.music(SR, 2, 1.0), song_files.music(SR, 1, 1.5, seed=1)
    plain = {}
    for n, kind in enumerate((*song_files.SNDFILE, *song_files.FFMPEG)):
        sr = 48_000 if kind in ("opus", "webm") else SR
        plain[kind] = song_files.encoded(mono if n % 4 == 3 else stereo, sr, kind)
    yield from plain.items()
    picture = encoded(_pixels(120, 120), "JPEG")
    for kind, tag in (("mp3", _tag_mp3), ("flac", _tag_flac), ("m4a", _tag_m4a)):
        file = io.BytesIO(plain[kind])
        tag(file, picture)
        yield f"{kind} with tags", file.getvalue()
    yield "two mp3 joined", plain["mp3"] + plain["mp3"]


def _tag_mp3(file: io.BytesIO, picture: bytes) -> None:
    song = MP3(file)
    song.add_tags()
    song.tags.add(TIT2(encoding=3, text=["Séance"]))
    song.tags.add(APIC(mime="image/jpeg", type=3, desc="", data=picture))
    file.seek(0)
    song.save(file)


def _tag_flac(file: io.BytesIO, picture: bytes) -> None:
    song = FLAC(file)
    song["title"] = "Séance"
    block = Picture()
    block.type, block.mime, block.data = 3, "image/jpeg", picture
    song.add_picture(block)
    file.seek(0)
    song.save(file)


def _tag_m4a(file: io.BytesIO, picture: bytes) -> None:
    song = MP4(file)
    song["\xa9nam"] = "Séance"
    song["covr"] = [MP4Cover(picture)]
    file.seek(0)
    song.save(file)


def _pixels(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Colours that run into each other, and some noise [shape=(height, width, 3), dtype=uint8]."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(int)
    return np.clip(smooth + rng.integers(-9, 10, smooth.shape), 0, 255).astype(np.uint8)


def _covers() -> Iterator[tuple[str, bytes]]:
    cover = Image.fromarray(_pixels(200, 240))
    small, exif = cover.resize((120, 100)), Image.Exif()
    exif[274] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    yield "jpeg", encoded(cover, "JPEG", exif=exif)
    yield "jpeg, progressive", encoded(cover, "JPEG", progressive=True, icc_profile=profile)
    yield "jpeg, CMYK", encoded(small.convert("CMYK"), "JPEG")
    yield "png", encoded(cover, "PNG", icc_profile=profile)
    yield "png, RGBA", encoded(small.convert("RGBA"), "PNG")
    yield "png, palette", encoded(small.quantize(64), "PNG", transparency=0)
    yield "png, 16 bits", encoded(np.asarray(small.convert("L")).astype(np.uint16) * 257, "PNG")
    yield "webp", encoded(cover, "WEBP", exif=exif)
    yield "webp, lossless", encoded(small.convert("RGBA"), "WEBP", lossless=True)
    yield "gif", encoded(small, "GIF", save_all=True, append_images=[small.rotate(90)])
    yield "bmp", encoded(small, "BMP")
    yield "tiff", encoded(small, "TIFF")
    yield "tiff, LZW", encoded(small.convert("RGBA"), "TIFF", compression="tiff_lzw")
    yield "tiff, JPEG", encoded(small, "TIFF", compression="jpeg")
    yield "avif", encoded(small, "AVIF")


def _zips() -> Iterator[tuple[str, bytes]]:
    covers = {
        f"{genre}/{n}.jpg": encoded(_pixels(64, 64, 10 * g + n), "JPEG")
        for g, genre in enumerate(("Jazz", "Pop", "Rock"))
        for n in range(3)
    }
    table = "path,genre,artist\n" + "".join(
        f"{path},{path.split('/')[0]},artist {n}\n" for n, path in enumerate(covers)
    )
    yield "zip, stored", _packed(covers, zipfile.ZIP_STORED)
    yield "zip, deflated", _packed(covers, zipfile.ZIP_DEFLATED)
    yield "zip with a table", _packed(covers | {"labels.csv": table.encode()}, zipfile.ZIP_DEFLATED)


def _packed(files: dict[str, bytes], method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def mutant(seed: int, index: int) -> File:
    """Make the mutant of a number, the same each time: one or two harms to one good file."""
    rng = np.random.default_rng((seed, index))
    files = good_files()
    file = files[index % len(files)]
    content, harms = file.content, []
    for harm in rng.choice(len(HARMS), rng.integers(1, 3)):
        other = files[rng.integers(len(files))]
        if other.medium != file.medium and rng.random() < 0.7:
            other = file
        harms.append(list(HARMS)[harm])
        content = HARMS[harms[-1]](rng, content, other.content)
    return File(file.medium, f"{file.kind}: {' and '.join(harms)}", content)


def _place(rng: np.random.Generator, content: bytes) -> int:
    """Choose a place, as often among the first bytes, where headers are, as anywhere."""
    size = max(1, len(content))
    return int(rng.integers(min(size, 512) if rng.random() < 0.5 else size))


def _flip(rng: np.random.Generator, content: bytes, _other: bytes) -> bytes:
    """Change one byte to one in fifty, single bits or whole."""
    flipped = bytearray(content)
    is_bit = rng.random() < 0.5
    for _ in range(int(max(1, len(content) / 50) ** rng.random()) if content else 0):
        flipped[_place(rng, content)] ^= 1 << rng.integers(8) if is_bit else rng.integers(1, 256)
    return bytes(flipped)


def _cut(rng: np.random.Generator, content: bytes, _other: bytes) -> bytes:
    start, stop = sorted(rng.integers(0, len(content) + 1, 2))
    return (content[:start], content[stop:], content[:start] + content[stop:])[rng.integers(3)]


def _splice(rng: np.random.Generator, content: bytes, other: bytes) -> bytes:
    return content[: _place(rng, content)] + other[_place(rng, other) :]


def _repeat(rng: np.random.Generator, content: bytes, _other: bytes) -> bytes:
    start = _place(rng, content)
    part = content[start : start + int(rng.integers(1, 4096))]
    return content[: start + len(part)] + part * int(rng.integers(1, 20)) + content[start:]


def _edit(rng: np.random.Generator, content: bytes, _other: bytes) -> bytes:
    """Write numbers that no header should hold behind marks of headers, chunks and frames."""
    edited = bytearray(content)
    marks = [match.start() for match in _MARK.finditer(content)] or [0]
    for _ in range(rng.integers(1, 12)):
        size = int(rng.choice([1, 1, 2, 4, 8]))
        top = (1 << 8 * size) - 1
        odd = (0, 1, top, top >> 1, top - 1, top >> 4, int(rng.integers(256)))
        order = "big" if rng.random() < 0.5 else "little"
        place = int(rng.choice(marks)) + int(rng.integers(16))
        edited[place : place + size] = odd[rng.integers(len(odd))].to_bytes(size, order)
    return bytes(edited)


HARMS: dict[str, Callable[[np.random.Generator, bytes, bytes], bytes]] = {
    "flipped": _flip,
    "cut": _cut,
    "spliced": _splice,
    "a part repeated": _repeat,
    "header edited": _edit,
}
