"""Find the samples of AU, CAF and Wave64 files, whose headers may be wrong about their length."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from genre_core.audio.containers import file_at
from genre_core.audio.source import of_bytes
from genre_core.errors import DecodeError

_TAGS = (b"TAG", b"APETAGEX", b"ID3", b"LYRICSBEGIN")
_MOST_PADDING = 16_384
_MOST_PIECES = 1_000
_MOST_CHUNKS = 20_000


class Samples(NamedTuple):
    """Where samples begin, how many bytes the header claims (None: unknown), and where it does.

    claim: place and form of the number in the header
    more: what this number counts too
    """

    start: int
    claimed: int | None
    claim: tuple[int, str]
    more: int = 0


class Piece(NamedTuple):
    """One of the files that lie one behind the other.

    is_new: its bytes are not those of the whole file
    is_wrong, is_cut: it holds more or less than its header claims
    other: the kind of another sound file that stands behind it
    """

    content: bytes
    is_new: bool
    is_wrong: bool
    is_cut: bool
    other: str = ""


def _steps() -> Iterator[int]:
    """Count the steps over chunks; `DecodeError` where they are countless, which costs minutes."""
    yield from range(_MOST_CHUNKS)
    raise DecodeError(
        f"A CAF or Wave64 file must have at most {_MOST_CHUNKS:,} chunks.",
        received="more",
        cure="Save it again from a sound program.",
    )


def _of_au(content: memoryview) -> Samples | None:
    start, size = struct.unpack(">II", content[4:12])
    return Samples(start, None if size == 0xFFFFFFFF else size, (8, ">I"))


def _of_caf(content: memoryview) -> Samples | None:
    place = 8
    for _ in _steps():
        if place + 12 > len(content):
            break
        name, size = struct.unpack(">4sq", content[place : place + 12])
        if name == b"data":
            return Samples(place + 12, None if size < 0 else size, (place + 4, ">q"))
        place += 12 + max(0, size)
    return None


def _of_w64(content: memoryview) -> Samples | None:
    place = 40
    for _ in _steps():
        if place + 24 > len(content):
            break
        name, size = struct.unpack("<4s12xQ", content[place : place + 24])
        if name == b"data":
            return Samples(place + 24, max(0, size - 24), (place + 16, "<Q"), 24)
        place += max(24, (size + 7) // 8 * 8)
    return None


_FINDERS: dict[str, Callable[[memoryview], Samples | None]] = {
    "AU": _of_au,
    "CAF": _of_caf,
    "W64": _of_w64,
}
_STARTS = {
    "AU": re.compile(rb"\.snd\0\0..", re.DOTALL),
    "CAF": re.compile(rb"caff\0\x01\0\0desc"),
    "W64": re.compile(rb"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0"),
}


def find_pieces(content: bytes, kind: str) -> list[Piece]:
    """Cut a file into those that were joined, with headers that are right about their samples."""
    pieces: list[Piece] = []
    whole, place = memoryview(content), 0
    while place < len(content) and len(pieces) < _MOST_PIECES:
        rest = whole[place:]
        samples = _FINDERS[kind](rest) if len(rest) >= 24 else None
        if samples is None:
            break
        n_held = len(rest) - samples.start
        n_claimed = samples.claimed if (samples.claimed or 0) <= n_held else None
        following = _STARTS[kind].search(content, place + samples.start + (n_claimed or 0))
        stop = following.start() if following else len(content)
        is_new = bool(place or following)
        pieces.append(_piece(bytes(rest[: stop - place]), samples, is_new=is_new))
        place = max(stop, place + 24)
    return pieces or [Piece(content, is_new=False, is_wrong=False, is_cut=False)]


def _piece(content: bytes, samples: Samples, *, is_new: bool) -> Piece:
    left = max(0, len(content) - samples.start)
    claimed = samples.claimed
    is_cut = claimed is not None and claimed > left
    is_wrong, other = False, ""
    if claimed is not None and not is_cut:
        end = samples.start + claimed
        other = file_at(of_bytes(content, ""), end) if claimed else ""
        is_wrong = not other and not _ends_well(content, end)
        if other:
            content, is_new = content[:end], True
    if claimed is None or is_cut or is_wrong:
        place, form = samples.claim
        number = struct.pack(form, left + samples.more)
        content = content[:place] + number + content[place + len(number) :]
        is_new = True
    return Piece(content, is_new, is_wrong, is_cut, other)


def _ends_well(content: bytes, place: int) -> bool:
    """Tell whether what follows the samples is a chunk, a tag, padding or nothing."""
    rest = content[place : place + _MOST_PADDING]
    if len(content) - place < 24 or rest.startswith(_TAGS) or not any(rest):
        return True
    return place > 0 and rest[:4].isascii() and rest[:4].decode().isprintable()
