"""Find the files that were joined to an MP4 file, and where what follows a gap goes on."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from genre_core.audio.source import OpenSound
from genre_core.errors import DecodeError

_HEAD = struct.Struct(">I4s")
_BOXES = (
    b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"sidx", b"ssix",
    b"mfra", b"uuid", b"udta", b"meta", b"pdin", b"emsg", b"prft", b"pnot",
)  # fmt: skip
_MOST_GAPS = 1_000
_MOST_BOXES = 1_500_000  # 80 minutes of fragments of one frame each
_CONTAINERS = frozenset((
    b"moov", b"moof", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"traf", b"ilst", b"meta",
    b"mvex", b"edts", b"dinf", b"mfra", b"sinf", b"wave",
))  # fmt: skip
_MOST_TAIL = 65_536  # bytes after the last box that are not worth a word


def find_files(sound: OpenSound) -> tuple[list[int], list[tuple[int, int]], int]:
    """Walk the boxes: return where files begin, place and size of what is no box, and the end.

    After a gap a fragment (a box "moof"), the index ("moov") or another file goes on; without one
    the rest is no gap. `DecodeError` where boxes are countless, which would cost minutes.
    """
    starts: list[int] = []
    gaps: list[tuple[int, int]] = []
    place = n_boxes = 0
    while place + 8 <= sound.n_bytes and len(gaps) < _MOST_GAPS:
        n_boxes += 1
        size, name = struct.unpack(">I4s", sound.peek(place, 8))
        if size == 1:
            size = int.from_bytes(sound.peek(place + 8, 8), "big")
        if size == 0:  # until the end
            size = sound.n_bytes - place
        if size < 8 or name not in _BOXES:
            rest = sound.peek(place, sound.n_bytes - place)
            following = [rest.find(mark, 8) - 4 for mark in (b"moof", b"moov", b"ftyp")]
            following = [start for start in following if start >= 8]
            if not following:
                if len(rest) > _MOST_TAIL and any(rest):
                    gaps.append((place, len(rest)))
                break
            size = min(following)
            gaps.append((place, size))
        elif name == b"ftyp" or not starts:
            starts.append(place)
        if name in _CONTAINERS:
            n_boxes += _count(sound.peek(place, size))
        if n_boxes > _MOST_BOXES:
            raise DecodeError(
                f"An MP4 file must have at most {_MOST_BOXES:,} boxes.",
                received=f"{sound.label}: more",
                cure="Save it again from a sound program.",
            )
        place += size
    return starts or [0], gaps, place


def _count(box: bytes) -> int:
    """Count the boxes in a box, down to the last, but no more than may be."""
    place, n = 0, 0
    while place + 8 <= len(box) and n <= _MOST_BOXES:
        size, name = _HEAD.unpack_from(box, place)
        inside = 12 if name == b"meta" else 8
        place += inside if name in _CONTAINERS else max(8, size)
        n += 1
    return n


def mended(content: bytes, gaps: Iterable[tuple[int, int]]) -> bytes:
    """Turn gaps into boxes that decoders pass over; all else stays in its place."""
    whole = bytearray(content)
    for place, size in gaps:
        whole[place : place + 8] = struct.pack(">I4s", size, b"free")
    return bytes(whole)
