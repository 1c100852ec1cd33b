"""Files written whole or not at all, their checksums, and paths that stay inside a folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from genre_core.errors import ParameterError, describe

PART_SUFFIX = ".part"
"""Ending of a file that is still being written."""

_CHUNK = 1 << 20
_DRIVE_OR_CONTROL = re.compile(r"^[A-Za-z]:|[\x00-\x1f]")


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Give a path to write to, which takes the place of `path` only when the block ends well.

    A reader sees the old file or the new one, never half of it; after an error the old file is
    untouched and the half-written one is gone. Missing parent folders are made.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic_path(Path(folder) / "a.txt") as part:
    ...         _ = part.write_text("whole")
    ...     (Path(folder) / "a.txt").read_text()
    'whole'
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    # The ending comes last but keeps the file's own, by which NumPy and Keras know a format.
    part = target.with_name(f".{target.stem}-{secrets.token_hex(6)}{PART_SUFFIX}{target.suffix}")
    try:
        yield part
        _sync(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def atomic_write(path: str | Path, content: bytes | str) -> Path:
    """Write a file whole or not at all; text is written as UTF-8 with its line ends as they are.

    Missing parent folders are made.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     atomic_write(Path(folder) / "new" / "a.txt", "covers").read_bytes()
    b'covers'
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with atomic_path(path) as part:
        part.write_bytes(data)
    return Path(path)


def make_folder(path: str | Path) -> Path:
    """Make a folder that will be written to, before the work whose result it gets.

    Examples
    --------
    >>> make_folder(__file__)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A folder for results must be one that can be written to. \
    Received ...files.py: File exists. Give another folder.
    """
    folder = Path(path)
    problem = "no right to write there"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError as error:
        problem = error.strerror or str(error)
    raise ParameterError(
        "A folder for results must be one that can be written to.",
        received=f"{folder}: {problem}",
        cure="Give another folder.",
    )


def sha256_file(path: str | Path) -> str:
    """Return a file's SHA-256 as 64 hexadecimal digits, reading 1 MiB at a time."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def path_text(path: Path) -> str:
    """Write a path as text, also where its bytes are none (names from an old system).

    Examples
    --------
    >>> path_text(Path(os.fsdecode(bytes([0x63, 0xE9]))))
    'c...xe9'
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def relative_posix(path: str) -> str:
    r"""Bring a relative path into its one form: `/` between names, no `.`, no `..`.

    Backslashes count as separators, since tables are also made on Windows. Raises `ParameterError`:
    empty, absolute, with a drive, with `..` or with a control character.

    Examples
    --------
    >>> relative_posix("./rock\\a.jpg")
    'rock/a.jpg'
    >>> relative_posix("../secret")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A path must stay inside ... Received '../secret' (str). ...
    """
    plain = path.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    is_bad = (
        not parts
        or ".." in parts
        or plain.startswith("/")
        or _DRIVE_OR_CONTROL.search(plain) is not None
    )
    if is_bad:
        raise ParameterError(
            "A path must stay inside its data set's folder.",
            received=describe(path),
            cure="Give it relative to that folder, without '..'.",
        )
    return "/".join(parts)


def path_inside(root: Path, relative: str) -> Path:
    """Join a folder and a relative path that stays in it, as `relative_posix` checks.

    Where a symbolic link leads does not matter: it was put there by whom the folder belongs to.
    """
    return root.absolute() / relative_posix(relative)


def _sync(path: Path) -> None:
    # Without it a power cut can leave the new name on an empty file.
    with path.open("rb+") as file:
        os.fsync(file.fileno())
