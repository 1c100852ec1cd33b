"""Find the streams that follow one another in an Ogg file, as captures of radios have them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

_HEAD = 27
_MOST_PAGES = 400_000  # two hours of them, one frame each
_MOST_CHECKED = 64 * 2**20  # bytes of pages that nothing follows
_MOST_TAIL = 65_536  # bytes after the last page that are not worth a word
_MOST_A_PAGE = 255 * 8192  # samples: of a page's packets, each as long as can be
_NO_END, _OPEN_END = 2**64 - 1, 2**63 - 1  # positions: no packet ends on the page; not known
_IS_FIRST, _IS_LAST = 2, 4  # bits of a page's flags
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(slots=True)
class Link:
    """One of the files that a chained one consists of.

    pieces: its pages, from and to; more than one where something else lies between
    n_lost: bytes that are no page, or pages of a stream whose beginning is not there
    serials: the streams that begin in it
    has_end: its last page says that the stream ends
    odd: pages of a single stream that cannot end at the sample that they say
    """

    pieces: list[tuple[int, int]] = field(default_factory=list)
    n_lost: int = 0
    has_end: bool = False
    serials: set[bytes] = field(default_factory=set, repr=False)
    odd: list[tuple[int, int]] = field(default_factory=list, repr=False)
    position: int = field(default=0, repr=False)

    @property
    def is_wrong(self) -> bool:
        """Whether decoders would go by positions that are wrong."""
        return bool(self.odd) and len(self.pieces) == len(self.serials) == 1

    def follow(self, content: bytes, start: int, stop: int) -> None:
        """Note a page that ends before the one in front of it does, or far behind it."""
        position = int.from_bytes(content[start + 6 : start + 14], "little")
        is_last = bool(content[start + 5] & _IS_LAST)
        is_odd = bool(self.position) and not 0 <= position - self.position <= _MOST_A_PAGE
        if is_odd and (is_last or position != _NO_END):
            self.odd.append((start, stop))
        elif position != _NO_END:
            self.position = position

    def pages(self, content: bytes) -> bytes:
        """Return its pages; odd ones end nowhere, and the last one wherever its packets do."""
        pieces = self.pieces
        if self.is_wrong:
            places = [self.pieces[0][0], *(place for page in self.odd for place in page)]
            pieces = list(zip(places[::2], [*places[1::2], self.pieces[0][1]], strict=True))
        kept = [content[start:stop] for start, stop in pieces]
        for number, (start, stop) in enumerate(self.odd if self.is_wrong else ()):
            end = _OPEN_END if stop == self.pieces[0][1] else _NO_END
            page = (
                content[start : start + 6] + end.to_bytes(8, "little") + content[start + 14 : stop]
            )
            kept[number] += page[:22] + _checksum(page).to_bytes(4, "little") + page[26:]
        return b"".join(kept)


def find_links(content: bytes) -> list[Link]:
    r"""Find the links of a chained file: each begins with a first page after other pages.

    Streams that begin together (a film's sound and picture) are one link. Junk before the first
    page counts for nothing, and so do a few bytes after the last.

    >>> page = b"OggS\x00\x02" + bytes(21)
    >>> find_links(page + page)
    [Link(pieces=[(0, 54)], n_lost=0, has_end=False)]
    """
    links: list[Link] = []
    place, end, n_orphaned, was_first = 0, -1, 0, False
    n_pages = n_checked = 0
    while 0 <= (place := content.find(b"OggS\0", place)) <= len(content) - _HEAD:
        n_pages += 1
        if n_pages > _MOST_PAGES or n_checked > _MOST_CHECKED:
            break
        n_laces = content[place + 26]
        start = place
        stop = start + _HEAD + n_laces + sum(content[start + _HEAD : start + _HEAD + n_laces])
        is_followed = stop == len(content) or content.startswith(b"OggS", stop)
        if stop > len(content):  # only the last page may be cut
            is_followed = content.find(b"OggS\0", start + 4) < 0
        n_checked += 0 if is_followed else stop - start
        if not (is_followed or _is_sound(content[start:stop])):
            place += 4
            continue
        is_first = bool(content[start + 5] & _IS_FIRST)
        if is_first and not was_first:
            links.append(Link(n_lost=n_orphaned))
        if not links:
            n_orphaned += stop - start
        else:
            link = links[-1]
            if link.pieces and start == end:
                link.pieces[-1] = (link.pieces[-1][0], stop)
            else:
                link.n_lost += start - end if end >= 0 else 0
                link.pieces.append((start, stop))
            serial = content[start + 14 : start + 18]
            link.serials |= {serial} if is_first else set()
            link.n_lost += stop - start if serial not in link.serials else 0
            link.follow(content, start, stop)
            link.has_end = bool(content[start + 5] & _IS_LAST) and stop <= len(content)
        place, end, was_first = stop, stop, is_first
    if links and len(content) - end > _MOST_TAIL and any(content[end:]):
        links[-1].n_lost += len(content) - end
    return links


def _is_sound(page: bytes) -> bool:
    """Tell by its checksum whether a page is as it was written."""
    return _checksum(page) == int.from_bytes(page[22:26], "little")


def _checksum(page: bytes) -> int:
    own = page[:22] + bytes(4) + page[26:]
    # The same sum as zlib's, with the bits of every byte and of the result in the other order.
    mirrored = zlib.crc32(own.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
