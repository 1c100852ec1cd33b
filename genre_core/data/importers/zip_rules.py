"""What an archive may hold, and what of it is written: decided before anything is unpacked."""

from __future__ import annotations

import stat
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from genre_core.audio.containers import SONG_SUFFIXES
from genre_core.audio.source import MAX_BYTES as MAX_SONG_BYTES
from genre_core.data.files import relative_posix
from genre_core.data.media_walk import is_shown, medium_of
from genre_core.errors import DatasetError, ParameterError, Problem
from genre_core.image.decode import COVER_SUFFIXES

TABLE_SUFFIXES = (".csv", ".tsv", ".txt")
ARCHIVE_SUFFIXES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst")

_MAX_DIRECTORY_BYTES = 48 * 2**20
_MAX_NAME_BYTES = 240
_MAX_DEPTH = 32
# LZMA is not among them: an entry may ask for gigabytes of memory before it gives a byte.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,  # and of these the one for a packing method that zipfile does not know
    ValueError,
)
"""What zipfile raises of a damaged archive or entry."""

_HEAD = 4096
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may hold; ours, above any data set of the studies but MuMu's spectra.

    `n_files` counts entries of any kind. A file over `file_bytes` is left out; `total_bytes` is of
    all files that are written. `ratio` is unpacked by packed size, of one entry and of all (sound
    and pictures have 1 to 3); up to `small_bytes` it does not matter: a short table may have 100.
    """

    n_files: int = 200_000
    total_bytes: int = 60 * 10**9
    file_bytes: int = MAX_SONG_BYTES
    ratio: float = 100.0
    small_bytes: int = 10 * 2**20


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive that is to be written, and where: relative, `/` between names."""

    info: zipfile.ZipInfo
    path: str


def open_zip(file: BinaryIO, name: str) -> zipfile.ZipFile:
    """Open an archive whose list of contents is small enough to be read.

    Raises `DatasetError`: no zip, a truncated one, or too long a list.
    """
    n_bytes = _directory_bytes(file)
    if n_bytes > _MAX_DIRECTORY_BYTES:
        raise refused(
            f"An archive's list of contents must have at most {_MAX_DIRECTORY_BYTES:,} bytes.",
            f"{name} with {n_bytes:,}",
            "Give the unpacked folder instead, or pack it in parts.",
        )
    try:
        return zipfile.ZipFile(file)
    except DAMAGED as error:
        raise refused(
            "An archive must be a whole zip file.",
            f"{name}: {str(error) or type(error).__name__}",
            "Pack the folder again, or copy the file again.",
        ) from error


def choose_entries(
    archive: zipfile.ZipFile, name: str, n_bytes: int, limits: Limits
) -> tuple[list[Entry], list[Problem]]:
    """Decide which files of an archive are written, and refuse an archive that is no honest one.

    Returns the covers, songs and tables, one a place, and as problems every other file but the
    system's own (`__MACOSX`, `.DS_Store` and what begins with a dot).

    Raises `DatasetError`: a path that leads out, a link or a device, an encrypted entry, or more
    than the limits; nothing to write at all.
    """
    infos = archive.infolist()
    if len(infos) > limits.n_files:
        raise refused(
            f"An archive must hold at most {limits.n_files:,} files.",
            f"{name} with {len(infos):,}",
            "Give the unpacked folder instead, or pack it in parts.",
        )
    entries: list[Entry] = []
    problems: list[Problem] = []
    taken: dict[str, str] = {}
    for info in infos:
        path = _safe_path(info, name)
        _check_kind(info, path, name)
        if info.is_dir() or not all(is_shown(part) for part in PurePosixPath(path).parts):
            continue
        reason = _reason(archive, info, path, limits) or _place_taken(path, taken)
        if reason:
            problems.append(Problem(path, reason))
        else:
            _check_ratio(info.file_size, info.compress_size, f"{path} of {name}", limits)
            entries.append(Entry(info, path))
    _check_sums(entries, name, n_bytes, limits)
    if not entries:
        raise refused(
            "An archive must hold covers, songs or tables.",
            f"{name} with none" + (f", and {len(problems)} other files" if problems else ""),
            "Pack the folder above the genre folders.",
            tuple(problems),
        )
    return entries, problems


def refused(
    rule: str, received: str, cure: str, problems: tuple[Problem, ...] = ()
) -> DatasetError:
    """Make the error of an archive that is not taken."""
    return DatasetError(rule, received=received, cure=cure, problems=problems)


def _directory_bytes(file: BinaryIO) -> int:
    """Read how long the archive says that its list of contents is; 0 where it says nothing."""
    n_bytes = file.seek(0, 2)
    file.seek(max(0, n_bytes - 65_557 - 76))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 16:
        return 0
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    at64 = tail.rfind(_END64, 0, at)
    if at64 >= 0 and len(tail) >= at64 + 48:
        size = max(size % 0xFFFFFFFF, int.from_bytes(tail[at64 + 40 : at64 + 48], "little"))
    return size


def _safe_path(info: zipfile.ZipInfo, name: str) -> str:
    text = info.orig_filename
    if not info.flag_bits & _UTF8 and not text.isascii():
        # Older programs write UTF-8 without saying so, and it is read as MS-DOS letters.
        try:
            text = text.encode("cp437").decode("utf-8")
        except UnicodeError:
            text = info.filename
    try:
        return relative_posix(text)
    except ParameterError as error:
        raise refused(
            "Every path in an archive must stay inside it.",
            f"{name} with {error.received}",
            "Pack the folder again with a program that writes plain relative paths.",
        ) from error


def _check_kind(info: zipfile.ZipInfo, path: str, name: str) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        what = "a symbolic link" if kind == stat.S_IFLNK else "a device or a pipe"
        raise refused(
            "An archive must hold files and folders alone.",
            f"{name} with {path}, {what}",
            "Put a copy of the file in its place, and pack the folder again.",
        )
    if info.flag_bits & _ENCRYPTED:
        raise refused(
            "An archive must not be encrypted.",
            f"{name} with {path}, which needs a password",
            "Pack the folder again without a password.",
        )


def _reason(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, limits: Limits) -> str:
    """Say why a file is not written; empty where it is."""
    lower, parts = path.lower(), path.split("/")
    if lower.endswith(ARCHIVE_SUFFIXES):
        return "an archive in the archive: it is not opened"
    if info.file_size > limits.file_bytes:
        return f"{info.file_size:,} bytes, more than {limits.file_bytes:,}"
    if info.compress_type not in _METHODS:
        return f"packed by method {info.compress_type}, which is not read"
    if len(parts) > _MAX_DEPTH or max(len(p.encode("utf-8", "replace")) for p in parts) > (
        _MAX_NAME_BYTES
    ):
        return "its path is too long"
    is_known = lower.endswith((*COVER_SUFFIXES, *SONG_SUFFIXES, *TABLE_SUFFIXES))
    if not is_known and not _is_medium(archive, info):
        return "neither a cover, a song nor a table"
    return ""


def _is_medium(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    try:
        with archive.open(info) as file:
            return bool(medium_of(file.read(_HEAD))[0])
    except DAMAGED:
        return False


def _place_taken(path: str, taken: dict[str, str]) -> str:
    """Keep files apart on disks that tell neither case nor Unicode's forms apart."""
    key = unicodedata.normalize("NFC", path).casefold()
    parents = [str(parent) for parent in PurePosixPath(key).parents][:-1]
    other = next((taken[place] for place in (key, *parents) if taken.get(place)), None)
    if other is None and taken.get(key) == "":
        return "is a folder in the same archive too"
    if other is not None:
        return f"takes the same place as {other}"
    taken[key] = path
    for parent in parents:
        taken.setdefault(parent, "")  # a folder: no file may be called so
    return ""


def _check_ratio(unpacked: int, packed: int, what: str, limits: Limits) -> None:
    if unpacked > limits.small_bytes and unpacked > limits.ratio * max(1, packed):
        raise refused(
            f"What an archive holds must be at most {limits.ratio:g} times as large as it is "
            "packed.",
            f"{what}: {packed:,} bytes that become {unpacked:,}",
            "Give the unpacked folder instead, if you trust it.",
        )


def _check_sums(entries: list[Entry], name: str, n_bytes: int, limits: Limits) -> None:
    unpacked = sum(entry.info.file_size for entry in entries)
    packed = sum(entry.info.compress_size for entry in entries)
    if packed > n_bytes:
        raise refused(
            "The files of an archive must lie beside each other.",
            f"{name}: {packed:,} packed bytes in a file of {n_bytes:,}",
            "Pack the folder again.",
        )
    _check_ratio(unpacked, packed, name, limits)
    if unpacked > limits.total_bytes:
        raise refused(
            f"The files of an archive must have at most {limits.total_bytes:,} bytes.",
            f"{name} with {unpacked:,}",
            "Give the unpacked folder instead.",
        )


def is_zip_name(path: str | Path) -> bool:
    """Tell by its name whether a file is to be unpacked.

    Examples
    --------
    >>> is_zip_name("covers.ZIP"), is_zip_name("labels.csv")
    (True, False)
    """
    return str(path).lower().endswith(".zip")
