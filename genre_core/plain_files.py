"""Open what somebody gives as a file, and tell by its content what it is not."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import BinaryIO

from genre_core.errors import DecodeError, describe

# How content begins, in lower case and without leading blanks, and what to call it.
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89png", "a PNG picture"),
    (b"gif8", "a GIF picture"),
    (b"ii*\x00", "a TIFF picture"),
    (b"mm\x00*", "a TIFF picture"),
    (b"<svg", "an SVG drawing"),
    (b"8bps", "a Photoshop file"),
    (b"\x00\x00\x00\x0cjxl ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cjp  ", "a JPEG 2000 picture"),
    (b"id3", "an MP3 sound"),
    (b"flac", "a FLAC sound"),
    (b"oggs", "an Ogg sound"),
    (b"\x1a\x45\xdf\xa3", "a WebM or Matroska file"),
    (b"mthd", "a MIDI file, notes without sound"),
    (b"\x30\x26\xb2\x75", "a Windows Media file"),
    (b"mac ", "a Monkey's Audio file"),
    (b"wvpk", "a WavPack file"),
    (b"mpck", "a Musepack file"),
    (b"dsd ", "a DSD file"),
    (b".snd", "an AU sound"),
    (b"caff", "a Core Audio sound"),
    (b"riff\x2e\x91\xcf\x11", "a Wave64 sound"),
    (b"#!amr", "an AMR file"),
    (b"tta1", "a TTA file"),
    (b".rmf", "a RealMedia file"),
    (b"flv\x01", "a film"),
    (b"\x00\x00\x01\xba", "a film"),
    (b"%pdf", "a PDF document"),
    (b"<html", "a web page"),
    (b"<!doctype html", "a web page"),
    (b"\x93numpy", "a NumPy array file"),
    (b"\x89hdf", "an HDF5 file"),
    (b"sqlite format", "a database"),
    (b"pk\x03\x04", "a zip archive"),
    (b"pk\x05\x06", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x00\x05\x16\x07", "what a Mac notes of another file"),
    (b"\x7felf", "a program"),
    (b"mz", "a program"),
)
_INSIDE = {  # By the four bytes from the ninth on, of containers that begin alike.
    b"webp": "a WebP picture",
    b"wave": "a WAV sound",
    b"avi ": "a film",
    b"aiff": "an AIFF sound",
    b"aifc": "an AIFF sound",
}
_BRANDS = {b"avi": "an AVIF picture", b"hei": "a HEIC photo", b"mif": "a HEIC photo"}


def open_plain_file(source: str | Path, label: str, *, rule: str) -> BinaryIO:
    """Open a file for reading; a folder, a pipe, a missing or unreadable file is refused.

    Parameters
    ----------
    source : str or Path
        Where it lies.
    label, rule : str
        What messages call it, and what they say must hold.

    Raises
    ------
    DecodeError
        It is none that can be read.

    Examples
    --------
    >>> open_plain_file("no such song.mp3", "song", rule="A song must be a file.")
    Traceback (most recent call last):
        ...
    genre_core.errors.DecodeError: A song must be a file. Received 'no such song.mp3' (str): \
no such file. Check the path and its spelling.
    """
    try:
        path = Path(source)
        if path.is_dir():
            raise DecodeError(
                rule, received=f"{label}: a folder", cure="Give one file of it, or import it."
            )
        if not path.exists():
            is_address = str(source).startswith(("http:", "https:"))
            raise DecodeError(
                rule,
                received=f"{describe(str(source))}: no such file",
                cure="Download it first." if is_address else "Check the path and its spelling.",
            )
        if not path.is_file():  # a pipe or a device could block or never end
            raise DecodeError(rule, received=f"{label}: not a plain file", cure="Give a file.")
        return path.open("rb")
    except (OSError, ValueError) as error:  # no permission, name too long, a NUL in it
        raise DecodeError(
            rule, received=f"{label}: {error}", cure="Check the path and its permissions."
        ) from error


def name_content(content: bytes) -> str:
    """Say by how a file begins what it is; "" where nothing is known of it.

    Examples
    --------
    >>> name_content(b"%PDF-1.7"), name_content(b"hello"), name_content(bytes(8))
    ('a PDF document', 'text', '')
    """
    head = stripped_head(content)
    for start, phrase in _STARTS:
        if head.startswith(start):
            return phrase
    if head[:4] in (b"riff", b"form") and head[8:12] in _INSIDE:
        return _INSIDE[head[8:12]]
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:11], "an MP4 sound or film")
    if content[257:262] == b"ustar":
        return "a tar archive"
    if len(content) > 564 and not content[:564:188].strip(b"G"):  # packets of a broadcast
        return "a film"
    if head.startswith(b"<?xml"):
        return "an SVG drawing" if b"<svg" in content[:4096] else "an XML text"
    return "text" if content and is_text(content[:4096]) else ""


def stripped_head(content: bytes) -> bytes:
    """Return how a file begins, in lower case, without white space and a byte order mark."""
    return content[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()


def is_text(content: bytes) -> bool:
    """Tell whether bytes are UTF-8 text; a cut may split the last character."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(content, final=False)
    except UnicodeDecodeError:
        return False
    return all(sign.isprintable() or sign.isspace() for sign in text)
