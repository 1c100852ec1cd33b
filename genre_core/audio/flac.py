"""Count the samples of a FLAC file by its last frames, which say where they stand in it."""

from __future__ import annotations

import re
from functools import reduce
from typing import NamedTuple

from genre_core.audio.mpeg import skip_tags
from genre_core.audio.source import OpenSound

MAGIC = re.compile(rb"fLaC[\0\x80]\0\0\x22")
"""How a file begins."""

_HEADER = re.compile(rb"\xff[\xf8\xf9][\x10-\xfe][\0-\xae]")
_TAIL = 1 << 17  # bytes: some frames, and what stands behind the last
_SIZES = {
    1: 192,
    **{k: 576 << k - 2 for k in range(2, 6)},
    **{k: 256 << k - 8 for k in range(8, 16)},
}


class Counts(NamedTuple):
    """Samples a channel that a FLAC's header claims (0: unknown) and its frames reach; its rate."""

    claimed: int
    held: int
    sr: int


def count_samples(sound: OpenSound) -> Counts | None:
    """Read the header and the frames in a file's last 128 kB; None for what begins otherwise."""
    head = sound.peek(0, 10)
    head = sound.peek(skip_tags(head), 42)
    if not MAGIC.match(head):
        return None
    size = int.from_bytes(head[8:10], "big")
    sr, claimed = int.from_bytes(head[18:21], "big") >> 4, int.from_bytes(head[21:26], "big")
    tail = sound.peek(-_TAIL, _TAIL)
    ends, held = set[int](), 0
    for found in _HEADER.finditer(tail):
        frame = _frame(tail[found.start() : found.start() + 16], size)
        if frame is None:
            continue
        start, end = frame
        if start in ends:  # by chance a place may look like one frame, but not like its next
            held = max(held, end)
        ends.add(end)
    return Counts(claimed & (1 << 36) - 1, held, sr)


def _frame(head: bytes, size: int) -> tuple[int, int] | None:
    """Tell the first sample of a frame, and that of the next; None where its checksum is wrong."""
    if len(head) < 16:
        return None
    # The number is written as UTF-8 writes letters, of up to 7 bytes.
    n_bytes = max(1, 8 - (head[4] ^ 0xFF).bit_length())
    number = head[4] if n_bytes == 1 else head[4] & (0x7F >> n_bytes)
    for byte in head[5 : 4 + n_bytes]:
        number = number << 6 | byte & 0x3F
    place, kind, rate = 4 + n_bytes, head[2] >> 4, head[2] & 15
    own = _SIZES.get(kind, 0)
    if kind in (6, 7):
        n = kind - 5
        own = int.from_bytes(head[place : place + n], "big") + 1
        place += n
    place += {12: 1, 13: 2, 14: 2}.get(rate, 0)
    if reduce(_crc, head[:place], 0) != head[place]:
        return None
    start = number if head[1] & 1 else number * size
    return start, start + own


def _crc(crc: int, byte: int) -> int:
    crc ^= byte
    for _ in range(8):
        crc = (crc << 1) ^ (0x107 if crc & 0x80 else 0)
    return crc
