"""Open what somebody gives as a file, and tell by its content what it is not."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import BinaryIO

from genre_core.errors import DecodeError, describe


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
