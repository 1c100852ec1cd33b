"""Find the streams that follow one another in an Ogg file, as captures of radios have them."""

from __future__ import annotations

_HEAD = 27
_IS_FIRST, _IS_LAST = 2, 4  # bits of a page's flags


def find_links(content: bytes) -> list[int]:
    """Return where each link of a chained file begins: a first page after others.

    Streams that begin together (a film's sound and picture) are one link. What stands before the
    first page that begins a stream has nothing to be decoded with, and is no link.

    >>> page = b"OggS\\x00\\x02" + bytes(21)
    >>> find_links(page + page)
    [0]
    """
    links: list[int] = []
    place, was_first = 0, False
    while (place := _next_page(content, place)) >= 0:
        is_first = bool(content[place + 5] & _IS_FIRST)
        if is_first and not was_first:
            links.append(place)
        was_first = is_first
        n_laces = content[place + 26]
        place += _HEAD + n_laces + sum(content[place + _HEAD : place + _HEAD + n_laces])
    return links


def _next_page(content: bytes, place: int) -> int:
    while not content.startswith(b"OggS\0", place):
        place = content.find(b"OggS\0", place + 1)
        if place < 0:
            return -1
    return place if place + _HEAD <= len(content) else -1


def has_end(content: bytes) -> bool:
    """Tell whether the last page is whole and says that the stream ends."""
    page = content[content.rfind(b"OggS") :]
    if page[:4] != b"OggS" or len(page) < _HEAD + page[26:27].ljust(1, b"\xff")[0]:
        return False
    is_whole = len(page) >= _HEAD + page[26] + sum(page[_HEAD : _HEAD + page[26]])
    return is_whole and bool(page[5] & _IS_LAST)
