"""Find the elements of WebM and Matroska files, and what is damaged or lies between them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

_FILE, _SEGMENT, _CLUSTER, _BLOCK = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0xA3
_INDEXES = (0x114D9B74, 0x1C53BB6B)  # where in the file what lies
_ENTERED = (_SEGMENT, _CLUSTER)
_KNOWN = frozenset((
    _FILE, _SEGMENT, _CLUSTER, _BLOCK, *_INDEXES, 0xEC, 0xBF,  # of everything: blank, checksum
    0x1549A966, 0x1654AE6B, 0x1254C367, 0x1941A469, 0x1043A770,  # info, tracks, tags, files, parts
    0xA0, 0xE7, 0xA7, 0xAB, 0xAF, 0x5854,  # of clusters
))  # fmt: skip
_GOES_ON = re.compile(rb"\x1a\x45\xdf\xa3|\x1f\x43\xb6\x75|[\xa3\xa0]")
_IN_A_ROW = 4
_MOST_LOOKS = 200_000
_MOST_ELEMENTS = 800_000  # two hours of them, one frame each


class Element(NamedTuple):
    """Place of an element, of its content and of what follows it; `stop` is None if unknown."""

    name: int
    start: int
    inside: int
    stop: int | None

    @property
    def following(self) -> int:
        """Where the next element begins, which may be inside this one."""
        return self.inside if self.stop is None or self.name in _ENTERED else self.stop


@dataclass(slots=True)
class Piece:
    """One of the files that lie one behind the other, `start` to `stop`.

    gaps: from and to of what is damaged or no element
    is_cut: its last element, or the whole, is shorter than it says
    end: where its last element ends, of the last piece
    """

    start: int
    stop: int
    gaps: list[tuple[int, int]] = field(default_factory=list)
    is_cut: bool = False
    end: int = 0
    containers: list[Element] = field(default_factory=list)
    indexes: list[Element] = field(default_factory=list)

    @property
    def n_lost(self) -> int:
        """Count the bytes of its gaps."""
        return sum(stop - start for start, stop in self.gaps)

    def mended(self, content: bytes) -> bytes:
        """Return it without its gaps; what they were in says no more how long it is."""
        if not self.gaps:
            return content[self.start : self.stop]
        whole = bytearray(content[self.start : self.stop])
        for one in self.containers:
            n = one.inside - one.start - 4  # bytes of its length: all ones are "unknown"
            place = one.start + 4 - self.start
            whole[place : place + n] = bytes([(1 << 9 - n) - 1]) + b"\xff" * (n - 1)
        left_out = self.gaps + [(one.start, one.following) for one in self.indexes]
        kept, place = [], self.start
        for start, stop in sorted(left_out):
            kept.append(whole[place - self.start : start - self.start])
            place = max(place, stop)
        return b"".join((*kept, whole[place - self.start :]))


def find_pieces(content: bytes) -> list[Piece]:
    """Cut a file into those that were joined, and find what is damaged in them."""
    pieces: list[Piece] = []
    place, end, n_looks = 0, len(content), _MOST_LOOKS  # end: of the whole, where it is known
    element = _element(content, place)
    n_left = _MOST_ELEMENTS
    while place < len(content) and n_left:
        n_left -= 1
        after = element and _element(content, element.following)
        if element is None or (after is None and element.following != len(content)):
            following, n_looks = _where_it_goes_on(content, place + 1, n_looks)
            if following is None:
                if pieces and element is not None and element.following <= len(content):
                    place = element.following  # the last of all
                break
            if pieces and place < end:
                pieces[-1].gaps.append((place, following))
            place, element = following, _element(content, following)
            continue
        if element.name == _FILE:
            if pieces:
                pieces[-1].stop = place
            pieces.append(Piece(place, len(content)))
            end = len(content)
        elif not pieces:
            break
        elif element.name in _ENTERED:
            pieces[-1].containers.append(element)
            if element.name == _SEGMENT and element.stop is not None:
                end = element.stop
        elif element.name in _INDEXES:
            pieces[-1].indexes.append(element)
        place, element = element.following, after
    if pieces and n_left:
        pieces[-1].end = place
        pieces[-1].is_cut = end > len(content) or any(content[place:end])  # zeros are padding
    return pieces


def _where_it_goes_on(content: bytes, place: int, most: int) -> tuple[int | None, int]:
    """Return where some elements follow one another again, and how many looks are left."""
    for match in islice(_GOES_ON.finditer(content, place), most):
        most -= 1
        start, kinds = match.start(), list[bytes]()
        while len(kinds) < _IN_A_ROW and (element := _element(content, start)):
            is_block = element.name == _BLOCK
            kinds.append(
                content[start : start + 1] + content[element.inside : element.inside + is_block]
            )
            start = element.following
        # Noise may look like a block that ends where others go on, but not of their track.
        is_row = len(kinds) == _IN_A_ROW and (kinds[0] in kinds[1:] or kinds[0][0] < 0x80)
        if is_row or (kinds and start == len(content)):
            return match.start(), most
    return None, most


def _element(content: bytes, place: int) -> Element | None:
    """Read the head of an element; None for what is none that we know."""
    head = content[place : place + 12]
    if len(head) < 2 or head[0] < 0x10:
        return None
    n = 9 - head[0].bit_length()
    name = int.from_bytes(head[:n], "big")
    if name not in _KNOWN or len(head) <= n or not head[n]:
        return None
    n_size = 9 - head[n].bit_length()
    inside = place + n + n_size
    size = int.from_bytes(head[n : n + n_size], "big") & ((1 << 7 * n_size) - 1)
    if name == _BLOCK and content[inside : inside + 1] < b"\x81":  # the number of its track
        return None
    return Element(name, place, inside, None if size == (1 << 7 * n_size) - 1 else inside + size)
