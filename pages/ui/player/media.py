"""Addresses where the browser fetches a sound or a picture, so that no rerun sends it again."""

from __future__ import annotations

import base64
from pathlib import Path

from streamlit import runtime

from genre_core.errors import ParameterError, describe

_SOUNDS = (
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\x1aE\xdf\xa3", "audio/webm"),
    (4, b"ftyp", "audio/mp4"),
    (8, b"WAVE", "audio/wav"),
)


def sound_mime(sound: bytes | Path) -> str:
    """Return the type of a sound file by its first bytes, since a file's ending may lie.

    Raises `ParameterError` where it is none of the formats that browsers play.
    """
    if isinstance(sound, Path):
        with sound.open("rb") as file:
            head = file.read(16)
    else:
        head = sound[:16]
    for offset, magic, mime in _SOUNDS:
        if head[offset:].startswith(magic):
            return mime
    # MPEG audio without a tag begins with eleven set bits; layer 0 stands for AAC.
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "audio/mpeg" if head[1] & 0x06 else "audio/aac"
    raise ParameterError(
        "audio must be a file that browsers play: WAV, MP3, Ogg, FLAC, AAC, MP4 or WebM.",
        received=f"a file that begins with {head!r}" if head else describe(sound),
        cure="Decode it and write a WAV file.",
    )


def address(content: bytes | Path, mime: str, place: str) -> str:
    """Return the address of a file for this visitor.

    Streamlit's own media files serve it, as for `st.audio`: the address holds the content's digest,
    stays the same from run to run, and the server answers range requests, without which a browser
    cannot seek. Where they are missing, the content itself becomes the address. What is put in the
    same `place` of the page later replaces this file.
    """
    try:
        # The only way there is to hand bytes to a component of one's own; st.audio goes it too.
        media = runtime.get_instance().media_file_mgr if runtime.exists() else None
    except (AttributeError, RuntimeError):
        media = None
    if media is not None:
        given = str(content) if isinstance(content, Path) else content
        return str(media.add(given, mime, place))
    data = content.read_bytes() if isinstance(content, Path) else content
    return f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"
