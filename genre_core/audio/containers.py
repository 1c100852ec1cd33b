"""Tell by its content what kind of file a song is, and where in the file it begins."""

from __future__ import annotations

import re

from genre_core.audio.mpeg import (
    contains_frames,
    skip_tags,
    starts_with_frames,
    starts_with_many,
)
from genre_core.audio.source import BEFORE, OpenSound, of_bytes
from genre_core.errors import DecodeError
from genre_core.plain_files import name_content

RULE = "A song must be a WAV, FLAC, Ogg, Opus, MP3, AIFF, AU, CAF, M4A, AAC or WebM file."
RESAVE = "Save it again as MP3, Ogg or WAV from a sound program."

_HEAD = 8192

SONG_SUFFIXES = (
    ".wav", ".wave", ".bwf", ".rf64", ".bw64", ".w64", ".flac", ".fla", ".ogg", ".oga", ".ogx",
    ".opus", ".spx", ".mp3", ".mp2", ".mp1", ".mpga", ".mpa", ".aif", ".aiff", ".aifc", ".au",
    ".snd", ".caf", ".m4a", ".m4b", ".m4r", ".mp4", ".m4v", ".mov", ".3gp", ".aac", ".adts",
    ".loas", ".latm", ".webm", ".weba", ".mka", ".mkv", ".ogv",
)  # fmt: skip
"""File names worth trying as songs, in lower case; the content decides in the end."""

_MAGIC = {
    "WAV": re.compile(rb"(?:RIFF|RIFX|RF64|BW64)....WAVE", re.DOTALL),
    "AIFF": re.compile(rb"FORM....AIF[FC]", re.DOTALL),
    "W64": re.compile(rb"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0"),
    "AU": re.compile(rb"\.snd\0\0..", re.DOTALL),
    "CAF": re.compile(rb"caff\0\x01\0\0"),
    "FLAC": re.compile(rb"fLaC"),
    "Ogg": re.compile(rb"OggS"),
    "MP4": re.compile(rb"....ftyp(?!avi|hei|mif)", re.DOTALL),
    "WebM": re.compile(rb"\x1a\x45\xdf\xa3"),
}
_SURELY = {
    **_MAGIC,
    "FLAC": re.compile(rb"fLaC[\0\x80]\0\0\x22"),
    "Ogg": re.compile(rb"OggS\0[\0-\7]"),
    "MP4": re.compile(rb"\0\0..ftyp(?!avi|hei|mif)", re.DOTALL),
}
"""The same, but longer: what noise is not even in megabytes."""

_FRAMED = ("MP3", "AAC", "LOAS", "FLAC")
"""Kinds whose readers find their way past the tags in front."""

_SOUNDS = (" sound", " sound or film", "WebM or Matroska file")


def sniff(sound: OpenSound) -> tuple[str, OpenSound]:
    """Name the container of an open file and give the file from where it begins.

    Raises `DecodeError` with what it looks like. An ID3v2 tag may precede everything: what follows
    it decides. MPEG audio has no magic number: its frames tell, at the start or, behind what is
    nothing else that has a name, anywhere.

    >>> from genre_core.audio.source import open_sound
    >>> with open_sound(b"OggS") as sound:
    ...     sniff(sound)[0]
    'Ogg'
    """
    head = sound.peek(0, _HEAD)
    start = skip_tags(head)
    kind = _by_magic(sound.peek(start, _HEAD) if start else head)
    if kind:
        return kind, sound if kind in _FRAMED else _from(sound, start)
    name = name_content(head)
    if start or name == "" or name.endswith(_SOUNDS):
        kind, start = _behind_something(sound.content(), is_tagged=bool(start))
    if kind:
        return kind, _from(sound, start)
    name = name or "content of no known sound format"
    raise DecodeError(RULE, received=f"{sound.label}: {name}", cure=RESAVE)


def file_at(sound: OpenSound, place: int) -> str:
    """Name the sound file that begins at a place, or a tag in front of it; "" for none.

    >>> from genre_core.audio.source import open_sound
    >>> with open_sound(b"a songOggS" + bytes(30)) as sound:
    ...     file_at(sound, 6)
    'Ogg'
    """
    place += skip_tags(sound.peek(place, 10))
    head = sound.peek(place, 2 * _HEAD)
    kind = next((kind for kind in _SURELY if _SURELY[kind].match(head)), "")
    return kind or starts_with_many(head)


def file_within(content: bytes) -> str:
    """Name the sound file that begins somewhere in a piece of another; "" for none."""
    return _behind_something(content, is_tagged=False)[0]


def _from(sound: OpenSound, start: int) -> OpenSound:
    return of_bytes(sound.content()[start:], sound.label) if start else sound


def _behind_something(content: bytes, *, is_tagged: bool) -> tuple[str, int]:
    """Find a sound that does not begin at once: a blank, a server's answer, half a frame."""
    if is_tagged and (kind := contains_frames(content)):
        return kind, 0
    head = content[:BEFORE]
    found = [(match.start(), kind) for kind in _SURELY if (match := _SURELY[kind].search(head))]
    if found:
        start, kind = min(found)
        return kind, start
    return contains_frames(content) or ("MP3" if is_tagged else ""), 0


def _by_magic(head: bytes) -> str:
    kind = next((kind for kind in _MAGIC if _MAGIC[kind].match(head)), "")
    return kind or starts_with_frames(head.lstrip(b"\x00"))
