"""Tell by its content what kind of file a song is."""

from __future__ import annotations

from genre_core.audio.mpeg import contains_frames, skip_tags, starts_with_frames
from genre_core.audio.source import BEFORE, OpenSound
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

_SOUNDS = ("an MP3 sound", "a FLAC sound", "an Ogg sound", "a WAV sound")
_INSIDE = (
    (b"OggS\x00", "Ogg"),
    (b"fLaC\x00\x00\x00\x22", "FLAC"),
    (b"WAVEfmt ", "WAV"),
)


def sniff(sound: OpenSound) -> str:
    """Name the container of an open file, or raise `DecodeError` with what it looks like.

    An ID3v2 tag may precede MP3, AAC and FLAC: what follows it decides. MPEG audio has no magic
    number: its frames tell, at the start or, behind what is nothing else that has a name, anywhere.

    >>> from genre_core.audio.source import open_sound
    >>> with open_sound(b"OggS") as sound:
    ...     sniff(sound)
    'Ogg'
    """
    head = sound.peek(0, _HEAD)
    start = skip_tags(head)
    kind = _by_magic(sound.peek(start, _HEAD) if start else head)
    if kind:
        return kind
    if start:  # tagged, but no frame where it should be: the decoder looks further
        return contains_frames(sound.content()) or "MP3"
    name = name_content(head)
    kind = _behind_something(sound.content()) if name in ("", *_SOUNDS) else ""
    if kind:
        return kind
    name = name or "content of no known sound format"
    raise DecodeError(RULE, received=f"{sound.label}: {name}", cure=RESAVE)


def _behind_something(content: bytes) -> str:
    """Name a sound that does not begin at once: a blank, a server's answer, half a frame."""
    inside = (kind for magic, kind in _INSIDE if magic in content[:BEFORE])
    return next(inside, "") or contains_frames(content)


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
    return starts_with_frames(head.lstrip(b"\x00"))
