"""Find the frames of MPEG audio (MP1 to MP3) and of AAC (ADTS, LOAS), which have no magic number.

A frame begins with a header that tells its length: where the next one stands in its place and
agrees in version, layer, rate and channels, both are frames.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import NamedTuple

_BITRATES = {  # kbit/s by (MPEG 1 or not, layer)
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = (44_100, 48_000, 32_000)
_AAC_RATES = (
    *(96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000),
    *(22_050, 16_000, 12_000, 11_025, 8_000, 7_350),
)

_SYNC = {
    "MP3": re.compile(rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff][\0-\xef]"),
    "AAC": re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"),
    "LOAS": re.compile(rb"\x56[\xe0-\xff]"),
}
_IN_A_ROW = 4  # headers that agree: by chance once in 10^17 bytes of noise
_MOST_LOOKS = 1_000_000  # places that only look like a header: a second's work
_LONGEST_FREE = 8_192  # bytes: layer II at 32 kHz and 1 Mbit/s has half of it
_MOST_IN_A_FRAME = 8  # places inside one that look like a header; more are no sound
_MOST_TAGS = 1_000
_MOST_TAIL = 65_536  # bytes after the last frame that are not worth a word
_TAGS = (b"ID3", b"TAG", b"APETAGEX", b"LYRICSBEGIN")  # what may stand between two joined files


class Stream(NamedTuple):
    """What all frames of one stream share.

    sr: 0 for LOAS, which says it inside its frames
    n_samples: samples of a frame
    mark: where in a frame a Xing or Info tag would stand; 0 for AAC
    is_free: frames do not say how long they are
    """

    version: int
    layer: int
    sr: int
    is_mono: bool
    n_samples: int
    mark: int
    is_free: bool = False


@dataclass(slots=True)
class Run:
    """Frames of one stream without a gap, `start` to `stop` in the file.

    last: where its last frame begins
    is_first: a song begins here, by its tag or its length frame
    n_lost: bytes before it that are neither frames nor tags
    """

    start: int
    stop: int
    last: int
    n_frames: int
    stream: Stream
    is_first: bool = False
    n_lost: int = 0


def skip_tags(content: bytes, place: int = 0) -> int:
    """Return where the ID3v2 tags end that begin at `place`."""
    for _ in range(_MOST_TAGS):
        if content[place : place + 3] != b"ID3" or len(content) < place + 10:
            break
        size = 0
        for byte in content[place + 6 : place + 10]:  # four times seven bits
            size = size << 7 | byte & 0x7F
        place += 10 + size + (10 if content[place + 5] & 0x10 else 0)
    return place


def starts_with_frames(head: bytes) -> str:
    """Name MP3, AAC or LOAS if two frames follow one another (or one fills the file), else ''.

    >>> starts_with_frames(bytes.fromhex("fffb9064") + bytes(413) + bytes.fromhex("fffb9064"))
    'MP3'
    """
    for kind, header in _HEADERS.items():
        length, _ = header(head, 0)
        second = head[length : length + 2]
        is_frame = second[:1] == head[:1] and second[1:] >= b"\xe0"
        if length and (len(head) < length + 2 or is_frame):
            return kind
    return ""


def starts_with_many(head: bytes) -> str:
    """Name MP3, AAC or LOAS if so many frames follow one another as samples do not by chance."""
    for kind, header in _HEADERS.items():
        run = _follow(head, 0, header)
        if run and run.n_frames >= _IN_A_ROW and not run.stream.is_free:
            return kind
    return ""


def contains_frames(content: bytes) -> str:
    """Name MP3, AAC or LOAS if it makes up most of a file from its first frame on, else ''."""
    for kind in _HEADERS:
        runs, _ = find_frames(content, kind)
        if runs and 2 * sum(r.stop - r.start for r in runs) > len(content) - runs[0].start:
            return kind
    return ""


def find_frames(content: bytes, kind: str) -> tuple[list[Run], int]:
    """Find the frames of a file in runs, and count the bytes that are lost after the last.

    A run ends at a gap, where another stream goes on, and where another song begins.
    """
    runs: list[Run] = []
    n_looks = 0
    place = skip_tags(content)
    place = search = 0 if place >= len(content) else place  # of a damaged tag
    while place < len(content):
        run, n_seen = _next_run(content, place, search, kind, _MOST_LOOKS - n_looks)
        n_looks += n_seen
        if run is None:
            break
        if runs:
            _join(runs, run, content)
        else:
            run.is_first = True
            runs.append(run)
        place, search = run.stop, run.last + 1
    tail = content[place:]
    is_lost = len(tail) > _MOST_TAIL and any(tail) and not tail.startswith(_TAGS)
    return runs, len(tail) if runs and is_lost else 0


_Header = Callable[[bytes, int], "tuple[int, Stream | None]"]


def _next_run(
    content: bytes, place: int, search: int, kind: str, most: int
) -> tuple[Run | None, int]:
    """Return the run at `place`, else the first one from `search` on, and how many looks it took.

    The frame in front of a gap may be cut short itself: `search` lies inside it.
    """
    header = _HEADERS[kind]
    run = _follow(content, skip_tags(content, place), header)
    if run and (run.n_frames >= _IN_A_ROW or run.stop >= len(content) - 1):
        return run, 0
    n_seen = 0
    for match in islice(_SYNC[kind].finditer(content, search), most):
        n_seen += 1
        run = _follow(content, match.start(), header)
        if run and run.n_frames >= _IN_A_ROW:
            return run, n_seen
    return None, n_seen


def _follow(content: bytes, start: int, header: _Header) -> Run | None:
    length, stream = header(content, start)
    if stream is None or start + length > len(content):
        return None
    mark, end, n_frames = stream.mark, len(content), 0
    place = last = start
    other: Stream | None = stream
    while other is stream and place + length <= end:
        if content[place + mark] in b"XI" and n_frames and has_count(content, place, stream):
            break
        last, n_frames = place, n_frames + 1
        place += length
        length, other = header(content, place)
    return Run(start, place, last, n_frames, stream)


def has_count(content: bytes, place: int, stream: Stream) -> bool:
    """Tell whether the frame at `place` holds no sound but the count of frames."""
    start = place + stream.mark
    return bool(stream.mark) and content[start : start + 4] in (b"Xing", b"Info")


def _join(runs: list[Run], run: Run, content: bytes) -> None:
    before = runs[-1]
    if run.start < before.stop:  # it begins inside the last frame, which was cut
        before.stop, before.n_frames = before.last, before.n_frames - 1
    gap = content[before.stop : run.start]
    run.n_lost = 0 if gap.startswith(_TAGS) else len(gap)
    run.is_first = (
        run.stream is not before.stream
        or has_count(content, run.start, run.stream)
        or any(tag in gap for tag in _TAGS[:1] if gap)
        or gap.startswith(_TAGS)
    )
    runs.append(run)


# ---- headers -----------------------------------------------------------------------------------


class _Headers(dict[bytes, "tuple[int, Stream | None]"]):
    """Length and stream by the four bytes of an MPEG header, worked out once each."""

    def __missing__(self, head: bytes) -> tuple[int, Stream | None]:
        self[head] = answer = _mpeg_header_of(head)
        return answer


def _mpeg_header(content: bytes, place: int) -> tuple[int, Stream | None]:
    length, stream = _MPEG[content[place : place + 4]]
    if stream and stream.is_free:
        length = _free_length(content, place)
    return (length, stream) if length else (0, None)


def is_cut(content: bytes, run: Run, kind: str) -> bool:
    """Tell whether a file ends inside the frame that follows a run."""
    length, stream = _HEADERS[kind](content, run.stop)
    return stream is run.stream and run.stop + length > len(content)


def _free_length(content: bytes, place: int) -> int:
    """Look for the frame after one of "free" bitrate, which no header tells; else the end."""
    sync, third, fourth = content[place : place + 2], content[place + 2], content[place + 3]
    end = min(len(content), place + _LONGEST_FREE) - 2
    following = content.find(sync, place + 4, end)
    n_looks = 0
    while following >= 0 and n_looks < _MOST_IN_A_FRAME:
        n_looks += 1
        # All but padding and how the two sides of this frame are joined stays the same.
        if not (content[following + 2] ^ third) & 0xFD and not (
            (content[following + 3] ^ fourth) & 0xCF
        ):
            return following - place
        following = content.find(sync, following + 1, end)
    rest = len(content) - place
    return rest if rest < _LONGEST_FREE else 0


def _mpeg_header_of(head: bytes) -> tuple[int, Stream | None]:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0, None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer == 4 or bitrate == 15 or rate == 3:
        return 0, None
    is_one = version == 3
    hertz = _RATES[rate] >> (0 if is_one else 1 if version == 2 else 2)
    stream = _stream(version, layer, hertz, head[3] >> 6 == 3, bitrate == 0)
    if not bitrate:
        return 0, stream
    bits = _BITRATES[is_one, layer][bitrate - 1] * 1000
    padding = head[2] >> 1 & 1
    if layer == 1:
        return (12 * bits // hertz + padding) * 4, stream
    return (144 if is_one or layer == 2 else 72) * bits // hertz + padding, stream


def _adts_header(content: bytes, place: int) -> tuple[int, Stream | None]:
    head = content[place : place + 7]
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0, None
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    if length < 7:
        return 0, None
    channels = (head[2] & 1) << 2 | head[3] >> 6
    return length, _aac_stream(head[1] >> 3 & 1, _AAC_RATES[head[2] >> 2 & 15], channels)


def _loas_header(content: bytes, place: int) -> tuple[int, Stream | None]:
    head = content[place : place + 3]
    if len(head) < 3 or head[0] != 0x56 or head[1] & 0xE0 != 0xE0:
        return 0, None
    length = (head[1] & 0x1F) << 8 | head[2]
    return (length + 3, _LOAS) if length else (0, None)


@cache
def _stream(version: int, layer: int, sr: int, is_mono: bool, is_free: bool) -> Stream:
    is_one = version == 3
    n_samples = 384 if layer == 1 else 1152 if layer == 2 or is_one else 576
    side_info = (17 if is_mono else 32) if is_one else (9 if is_mono else 17)
    mark = 4 + side_info if layer == 3 else 0
    return Stream(version, layer, sr, is_mono, n_samples, mark, is_free)


@cache
def _aac_stream(version: int, sr: int, n_channels: int) -> Stream:
    return Stream(version, 4 + n_channels, sr, n_channels == 1, 1024, 0)


_LOAS = Stream(0, 0, 0, is_mono=False, n_samples=1024, mark=0)
_MPEG = _Headers()
_HEADERS: dict[str, _Header] = {"MP3": _mpeg_header, "AAC": _adts_header, "LOAS": _loas_header}
