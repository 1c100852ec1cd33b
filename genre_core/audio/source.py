"""Open a sound file given as a path, bytes or an open file, always without its name."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from genre_core.errors import DecodeError, ParameterError, describe
from genre_core.plain_files import open_plain_file

MAX_BYTES = 200 * 2**20
"""Largest file, 200 MB."""

BEFORE = 1 << 22
"""Bytes among which a sound is looked for that something stands before, 4 MB."""

_RULE = "A song must be a file that exists and can be read."


class Readable(Protocol):
    """An open file or an upload: what can be read from the start and wound back."""

    def read(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes."""

    def seek(self, offset: int, whence: int = 0, /) -> Any:
        """Move to a place."""

    def tell(self) -> int:
        """Tell the place."""


SoundSource = str | Path | bytes | bytearray | memoryview | Readable
"""A file's path, its content, or an open binary file."""


class Nameless:
    """A file that keeps its name to itself: decoders guess from names, we go by content."""

    def __init__(self, file: BinaryIO | io.BytesIO) -> None:
        self._file = file
        self.read = file.read
        self.readinto = file.readinto  # type: ignore[union-attr]
        self.tell = file.tell

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to a place; one before the start, as damaged files ask for, leaves all as it is."""
        # libsndfile asks from a callback, where an exception would only be printed.
        return self._file.tell() if whence == 0 and offset < 0 else self._file.seek(offset, whence)


@dataclass(frozen=True, slots=True)
class OpenSound:
    """An open sound file, what messages call it, its size in bytes, and its descriptor if any."""

    file: Nameless
    label: str
    n_bytes: int
    descriptor: int | None = None

    def peek(self, start: int, size: int) -> bytes:
        """Read `size` bytes from `start` (from the end if negative) and wind back to 0."""
        place = start if start >= 0 else max(0, self.n_bytes + start)
        self.file.seek(place)
        content = self.file.read(size)
        self.file.seek(0)
        return content

    def content(self) -> bytes:
        """Read the whole file and wind back to 0."""
        return self.peek(0, self.n_bytes)


@contextmanager
def open_sound(source: SoundSource, *, name: str = "") -> Iterator[OpenSound]:
    """Open a sound file of 1 byte to 200 MB for reading, at position 0.

    Examples
    --------
    >>> with open_sound(b"fLaC") as sound:
    ...     sound.label, sound.n_bytes
    ('bytes', 4)
    >>> with open_sound("no such song.mp3") as sound:
    ...     pass
    Traceback (most recent call last):
        ...
    genre_core.errors.DecodeError: A song must be a file that exists and can be read. Received \
'no such song.mp3' (str): no such file. Check the path and its spelling.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        yield _checked(bytes(source), name or "bytes")
    elif isinstance(source, str | Path):
        label = name or Path(source).name or str(source)
        with open_plain_file(source, label, rule=_RULE) as file:
            size = os.fstat(file.fileno()).st_size
            _check_size(size, label)
            yield OpenSound(Nameless(file), label, size, file.fileno())
    elif all(callable(getattr(source, method, None)) for method in ("read", "seek", "tell")):
        own = getattr(source, "name", "")
        label = name or (Path(own).name if isinstance(own, str) else "") or "an open file"
        yield _checked(_read_stream(source, label), label)
    else:
        raise ParameterError(
            "source must be a file's path, its bytes or an open binary file.",
            received=describe(source),
            cure="Samples need no decoding: give Clip(y, sr).",
        )


def of_bytes(content: bytes, label: str) -> OpenSound:
    """Open the content of a file, or of a part of one."""
    return OpenSound(Nameless(io.BytesIO(content)), label, len(content))


def _checked(content: bytes, label: str) -> OpenSound:
    _check_size(len(content), label)
    return of_bytes(content, label)


def _read_stream(stream: Any, label: str) -> bytes:
    # Read whole, so that a decoder in another thread never shares the caller's position.
    try:
        place = stream.tell()
        stream.seek(0)
        content = stream.read(MAX_BYTES + 1)
        stream.seek(place)
    except (OSError, ValueError) as error:  # closed, or not seekable
        raise DecodeError(
            _RULE, received=f"{label}: {error}", cure="Open it again, for reading in binary mode."
        ) from error
    if not isinstance(content, bytes):
        raise ParameterError(
            "An open file must be read in binary mode.",
            received=f"{label}: read() gives {type(content).__name__}",
            cure='Use open(path, "rb").',
        )
    return content


def _check_size(n_bytes: int, label: str) -> None:
    if not n_bytes:
        raise DecodeError(
            "A song must be a sound file with something in it.",
            received=f"{label}: an empty file (0 bytes)",
            cure="Download or copy it again.",
        )
    if n_bytes > MAX_BYTES:
        raise DecodeError(
            f"A song may have at most {MAX_BYTES // 2**20} MB.",
            received=f"{label}: {n_bytes / 2**20:.1f} MB",
            cure="Save it as MP3 or Ogg, or cut it.",
        )
