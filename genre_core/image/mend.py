"""Pictures that lack their last bytes or carry too much text, mended where nearly all is there."""

from __future__ import annotations

import io
import itertools
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFile

from genre_core.image.profiles import MAX_BYTES as MAX_PROFILE_BYTES

MOST_MISSING = 0.1
"""Largest part of a picture's rows that may be missing at its lower end."""

_PNG = b"\x89PNG\r\n\x1a\n"
_MAX_RAW_BYTES = 256 * 1024 * 1024
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a PNG's colour types
_KEPT = (b"PLTE", b"tRNS", b"eXIf", b"gAMA", b"cHRM", b"sRGB")
_PASSES = (  # first column and row, and every how manyth, of an interlaced PNG's seven pictures
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
_END = b"\xff\xd9"
_FILL = b"\x5a\xa5\x3c" * 64  # Bits that a JPEG decodes to something where it lacks its own.
_NOTICEABLE = 4.0  # of 255, mean over a row


@dataclass(frozen=True, slots=True)
class Mended:
    """A file that can be decoded, and what it no longer says of itself.

    profile: a PNG's colour profile, which Pillow takes up to 1 MB
    note: what was damaged, a whole sentence; empty where it was only too large
    """

    content: bytes
    profile: bytes = b""
    note: str = ""


def mend(content: bytes) -> Mended | None:
    """Mend a JPEG, PNG, GIF or BMP as browsers do; None for others and where too much is missing.

    A JPEG gets the end that it lacks. A PNG is written anew from what can be unpacked, without its
    texts, checksums and what follows its pixels; rows that are missing are clear or white. So are
    those of a GIF or BMP; between rows of an interlaced GIF the row above stands for them. Of a cut
    WebP, AVIF or TIFF browsers show nothing.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return _mend_jpeg(content)
    if content.startswith((b"GIF8", b"BM")):
        return _mend_rows(content)
    return _mend_png(content) if content.startswith(_PNG) else None


def checksum_note(content: bytes) -> str:
    """Say that a checksum of a PNG is wrong, or its end missing, where Pillow may not look."""
    if not content.startswith(_PNG):
        return ""
    chunks = [(kind, is_right) for kind, _, is_right in _chunks(content)]
    if all(is_right for _, is_right in chunks) and chunks[-1][0] == b"IEND":
        return ""
    return "The picture's file is cut short or damaged: a checksum in it is wrong or missing."


def _mend_rows(content: bytes) -> Mended | None:
    """Decode the rows that are there; those that keep what was there before are missing."""
    try:
        with Image.open(io.BytesIO(content), formats=("GIF", "BMP")) as image:
            [(_, extent, start, _)] = image.tile
            if extent != (0, 0, *image.size):
                return None
        content = _with_short_block(content, start) if content.startswith(b"GIF8") else content
        dark, bright = (_decoded_on(content, start, value) for value in (0, 255))
        is_missing = np.any(np.asarray(dark) != np.asarray(bright), axis=-1)
        is_missing = is_missing.any(axis=1) if is_missing.ndim == 2 else is_missing
        rows = np.array(bright.convert("RGBA"))
    except Exception:  # Pillow's readers raise nearly anything on damaged bytes
        return None
    there = np.flatnonzero(~is_missing)
    if len(there) < (1 - MOST_MISSING) * len(rows):
        return None
    for row in np.flatnonzero(is_missing):
        is_between = there[0] < row < there[-1]
        rows[row] = rows[row - 1] if is_between else 255
    file = io.BytesIO()
    Image.fromarray(rows).save(file, "PNG", compress_level=1)
    return Mended(file.getvalue(), note=_note(int(is_missing.sum()), len(rows)))


def _note(n_missing: int, n_rows: int) -> str:
    what = f"{n_missing:,} of its {n_rows:,} rows are" if n_missing else "no row of it is"
    return f"The picture's file is cut short or damaged: {what} missing."


def _with_short_block(content: bytes, place: int) -> bytes:
    """Let the last block of a GIF, whose pixels begin at `place`, be as long as what is there."""
    while place + 1 < len(content) and content[place]:
        rest = len(content) - place - 1
        if content[place] > rest:
            return content[:place] + bytes([rest]) + content[place + 1 :]
        place += 1 + content[place]
    return content


def _decoded_on(content: bytes, start: int, value: int) -> Image.Image:
    """Decode what there is of a file whose pixels begin at `start` over one value (0 to 255)."""
    parser = ImageFile.Parser()
    parser.feed(content[:start])
    image = parser.image
    if image is None:
        raise ValueError("no picture")
    n_bands = len(image.getbands())
    # Not the image's own `paste`, which would have the decoder fill a copy of it.
    image.im.paste((value,) * n_bands if n_bands > 1 else value, (0, 0, *image.size))
    parser.feed(content[start:])
    return image


def _mend_jpeg(content: bytes) -> Mended | None:
    content = content.removesuffix(_END[:1])
    ended = content + _END
    try:
        own, other = (
            np.asarray(Image.open(io.BytesIO(each), formats=("JPEG",)))
            for each in (ended, content + _FILL + _END)
        )
    except Exception:  # Pillow's readers raise nearly anything on damaged bytes
        return None
    if not _has_last_scans(content):
        return None
    # Where the picture's own bits end, other bits after them give other pixels.
    differs = np.array([_distance(*rows) > _NOTICEABLE for rows in zip(own, other, strict=True)])
    n_missing = len(own) - int(differs.argmax()) if differs.any() else 0
    is_enough = n_missing <= MOST_MISSING * len(own)
    return Mended(ended, note=_note(n_missing, len(own))) if is_enough else None


def _distance(row: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(row.astype(np.int16) - other).mean())


def _has_last_scans(content: bytes) -> bool:
    """Tell whether the last scan of every coefficient has begun; a baseline JPEG has one alone."""
    frame = next((i for i in _markers(content) if content[i + 1] in (0xC0, 0xC1, 0xC2)), None)
    if frame is None or frame + 10 > len(content):
        return False
    parts = {content[i] for i in range(frame + 10, len(content), 3)[: content[frame + 9]]}
    wanted = {(part, k) for part in parts for k in range(64)}
    for i in _markers(content):
        if content[i + 1] != 0xDA or i + 5 > len(content):
            continue
        end = i + 5 + 2 * content[i + 4]
        if end + 3 > len(content):
            continue
        first, last, bits = content[end : end + 3]
        if bits & 15 == 0:  # the lowest bit is in this scan
            own = {content[k] for k in range(i + 5, end, 2)}
            wanted -= {(part, k) for part in own for k in range(first, last + 1)}
    return not wanted


def _markers(content: bytes) -> Iterator[int]:
    """Yield the places of a JPEG's frame and scan headers."""
    place = 2
    while 0 <= place < len(content) - 3 and content[place] == 0xFF:
        yield place
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
        # After a scan's header come its bits, in which 0xFF is followed by 0 or a restart.
        while 0 <= place < len(content) - 1 and (
            content[place] != 0xFF or content[place + 1] in (0, *range(0xD0, 0xD8), 0xFF)
        ):
            place = content.find(b"\xff", place + 1)


def _mend_png(content: bytes) -> Mended | None:
    kept: list[tuple[bytes, bytes]] = []
    packed, profile, is_damaged, last = [], b"", False, b""
    for kind, data, is_right in _chunks(content):
        is_damaged, last = is_damaged or not is_right, kind
        if kind == b"IDAT":
            packed.append(data)
        elif kind == b"iCCP":
            profile = _profile(data)
        elif kind in _KEPT:
            kept.append((kind, data))
        elif kind == b"IHDR" and len(data) == 13:
            kept.insert(0, (kind, data))
    if not kept or kept[0][0] != b"IHDR":
        return None
    width, height, bits, colour, _, _, lace = struct.unpack(">IIBBBBB", kept[0][1])
    n_bits = bits * _CHANNELS.get(colour, 4)
    passes = _lace(width, height) if lace else [(width, height)]
    n_bytes = sum(h * (1 + (w * n_bits + 7) // 8) for w, h in passes)
    if not 0 < n_bytes <= _MAX_RAW_BYTES:
        return None
    raw = _unpack(b"".join(packed), n_bytes)
    n_rows = height if len(raw) == n_bytes else len(raw) // (1 + (width * n_bits + 7) // 8)
    if (lace and n_rows < height) or height - n_rows > MOST_MISSING * height:
        return None
    # Clear where there is an alpha channel, else white, in palettes their lightest colour.
    raw = raw[: n_bytes * n_rows // height]
    row = b"\0" + _blank(bits, colour, dict(kept)) * ((width * n_bits + 7) // 8)
    raw += row * (height - n_rows)
    chunks = [*kept, (b"IDAT", zlib.compress(raw, 1)), (b"IEND", b"")]
    content = _PNG + b"".join(itertools.starmap(_chunk, chunks))
    is_damaged = is_damaged or last != b"IEND" or n_rows < height
    return Mended(content, profile, _note(height - n_rows, height) if is_damaged else "")


def _blank(bits: int, colour: int, chunks: dict[bytes, bytes]) -> bytes:
    if colour != 3:
        return b"\0" if colour & 4 else b"\xff"
    palette = np.frombuffer(chunks.get(b"PLTE", b"\0\0\0")[: 3 << bits], np.uint8)
    lightest = int(palette[: len(palette) // 3 * 3].reshape(-1, 3).sum(axis=1, dtype=int).argmax())
    return bytes([lightest * (255 // ((1 << bits) - 1))])  # the same index in each place of a byte


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Yield what a PNG holds, the last one cut where the file is, and whether it is as written."""
    place, kind = len(_PNG), b""
    while place + 8 <= len(content) and kind != b"IEND":
        stop = place + 8 + int.from_bytes(content[place : place + 4], "big")
        kind, data = content[place + 4 : place + 8], content[place + 8 : stop]
        is_right = content[stop : stop + 4] == zlib.crc32(data, zlib.crc32(kind)).to_bytes(4, "big")
        yield kind, data, is_right
        place = stop + 4


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _unpack(packed: bytes, n_bytes: int) -> bytes:
    """Unpack so many bytes at most, and of a damaged stream what comes before the damage."""
    unpacker, raw = zlib.decompressobj(), bytearray()
    try:
        for start in range(0, len(packed), 512):
            raw += unpacker.decompress(packed[start : start + 512], n_bytes - len(raw) or 1)
            if len(raw) >= n_bytes:
                break
    except zlib.error:
        pass
    return bytes(raw[:n_bytes])


def _profile(data: bytes) -> bytes:
    """Unpack a profile's chunk; empty where it is broken or too large."""
    packed = data.partition(b"\0")[2][1:]
    try:
        profile = zlib.decompressobj().decompress(packed, MAX_PROFILE_BYTES + 1)
    except zlib.error:
        return b""
    return profile  # one that is too large counts for nothing


def _lace(width: int, height: int) -> list[tuple[int, int]]:
    """Give the sizes of the seven pictures that an interlaced PNG consists of (Adam7)."""
    sizes = [((width - x + dx - 1) // dx, (height - y + dy - 1) // dy) for x, y, dx, dy in _PASSES]
    return [(w, h) for w, h in sizes if w > 0 and h > 0]
