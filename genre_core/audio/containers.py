"""Tell by its content what kind of file a song is."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from genre_core.audio.source import OpenSound
from genre_core.errors import DecodeError
from genre_core.plain_files import name_content

RULE = "A song must be a WAV, FLAC, Ogg, Opus, MP3, AIFF, M4A, AAC or WebM file."
RESAVE = "Save it again as MP3, Ogg or WAV from a sound program."

_HEAD = 8192

SONG_SUFFIXES = (
    ".wav", ".wave", ".bwf", ".rf64", ".flac", ".fla", ".ogg", ".oga", ".ogx", ".opus", ".spx",
    ".mp3", ".mp2", ".mp1", ".mpga", ".mpa", ".aif", ".aiff", ".aifc", ".m4a", ".m4b", ".m4r",
    ".mp4", ".m4v", ".mov", ".3gp", ".aac", ".adts", ".webm", ".weba", ".mka", ".mkv", ".ogv",
)  # fmt: skip
"""File names worth trying as songs, in lower case; the content decides in the end."""


def sniff(sound: OpenSound) -> str:
    """Name the container of an open file, or raise `DecodeError` with what it looks like.

    An ID3v2 tag may precede MP3, AAC and FLAC: what follows it decides. MPEG audio has no magic
    number, so two frame headers, the second where the first one's length says, must agree.

    >>> from genre_core.audio.source import open_sound
    >>> with open_sound(b"OggS") as sound:
    ...     sniff(sound)
    'Ogg'
    """
    head = sound.peek(0, _HEAD)
    start = _id3_length(head)
    kind = _by_magic(sound.peek(start, _HEAD) if start else head)
    if kind:
        return kind
    if start:
        return "MP3"  # tagged, but no frame where it should be: the decoder looks further
    what = name_content(head) or "content of no known sound format"
    raise DecodeError(RULE, received=f"{sound.label}: {what}", cure=RESAVE)


def has_length_tag(sound: OpenSound) -> bool:
    """Tell whether an MP3's first frame counts all frames (a Xing, Info or VBRI tag)."""
    head = sound.peek(_id3_length(sound.peek(0, 10)), 256)
    return any(tag in head for tag in (b"Xing", b"Info", b"VBRI"))


def is_cut_short(sound: OpenSound, kind: str) -> bool:
    """Tell whether a WAV, AIFF or Ogg file ends before its own headers say so.

    libsndfile passes over it for these three; of the others the decoders' counts tell.
    """
    if kind in ("WAV", "AIFF"):
        return any(
            name in (b"data", b"SSND") and start + size > sound.n_bytes
            for name, start, size in _chunks(sound, kind)
        )
    if kind == "Ogg":
        tail = sound.peek(-65_536, 65_536)
        last = tail.rfind(b"OggS")
        return last < 0 or not _is_last_page(tail[last:])
    return False


def _is_last_page(page: bytes) -> bool:
    if len(page) < 27 or len(page) < 27 + page[26]:
        return False
    whole = len(page) >= 27 + page[26] + sum(page[27 : 27 + page[26]])
    return whole and bool(page[5] & 4)  # bit 2: end of stream


def _chunks(sound: OpenSound, kind: str) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and claimed size of each RIFF or IFF chunk."""
    order = ">" if kind == "AIFF" or sound.peek(0, 4) == b"RIFX" else "<"
    place, long_size = 12, 0
    while place + 8 <= sound.n_bytes:
        name, size = struct.unpack(f"{order}4sI", sound.peek(place, 8))
        if name == b"ds64" and place + 24 <= sound.n_bytes:  # RF64: sizes over 4 GB stand here
            long_size = struct.unpack("<Q", sound.peek(place + 16, 8))[0]
        if size == 0xFFFFFFFF:  # RF64, or written as a stream of unknown length
            size = long_size
        yield name, place + 8, size
        place += 8 + size + size % 2


def _by_magic(head: bytes) -> str:
    if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:12] == b"WAVE":
        return "WAV"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "AIFF"
    if head[4:8] == b"ftyp" and head[8:11] not in (b"avi", b"hei", b"mif"):
        return "MP4"
    for magic, kind in ((b"fLaC", "FLAC"), (b"OggS", "Ogg"), (b"\x1a\x45\xdf\xa3", "WebM")):
        if head.startswith(magic):
            return kind
    return _mpeg_frames(head.lstrip(b"\x00"))


def _id3_length(head: bytes) -> int:
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    size = 0
    for byte in head[6:10]:  # four times seven bits
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if head[5] & 0x10 else 0)


_BITRATES = {  # kbit/s by (MPEG 1 or not, layer)
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = (44_100, 48_000, 32_000)


def _mpeg_frames(head: bytes) -> str:
    """Name MP3 or AAC if two frames follow one another (or one fills the file), else ''."""
    for length, kind in ((_mpeg_length(head), "MP3"), (_adts_length(head), "AAC")):
        second = head[length : length + 2]
        if length and (len(head) < length + 2 or (second[:1] == b"\xff" and second[1] >= 0xE0)):
            return kind
    return ""


def _mpeg_length(head: bytes) -> int:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer == 4 or bitrate in (0, 15) or rate == 3:
        return 0
    is_one = version == 3
    hertz = _RATES[rate] >> (0 if is_one else 1 if version == 2 else 2)
    bits = _BITRATES[is_one, layer][bitrate - 1] * 1000
    padding = head[2] >> 1 & 1
    if layer == 1:
        return (12 * bits // hertz + padding) * 4
    return (144 if is_one or layer == 2 else 72) * bits // hertz + padding


def _adts_length(head: bytes) -> int:
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= 7 else 0
