"""Unpack a zip of a data set into the home folder, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import secrets
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock

from genre_core.data.catalog import CATALOG_FILE
from genre_core.data.files import atomic_write
from genre_core.data.home import home
from genre_core.data.importers.listing import check_name, import_root, plain_name
from genre_core.data.importers.zip_rules import (
    DAMAGED,
    Entry,
    Limits,
    choose_entries,
    open_zip,
    refused,
)
from genre_core.errors import DatasetError, Problem
from genre_core.progress import Progress

FILES_FOLDER = "files"
"""Folder beside a catalog with what was unpacked."""

UNPACKED_FILE = "unpacked.json"
"""Tells that `FILES_FOLDER` is ours, which archive it came from and what was left out."""

_CHUNK = 1 << 20
_TELL_EVERY_S = 0.3
_SPARE_BYTES = 10**9
_STAGE = ".unpacking-"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An archive's files on disk, and what was left out and why.

    `root` is the folder to import: the outermost one that holds more than one thing.
    """

    root: Path
    n_files: int
    problems: tuple[Problem, ...]


def unpack(
    archive: str | Path,
    name: str = "",
    *,
    limits: Limits | None = None,
    clear: Callable[[], None] | None = None,
    progress: Progress | None = None,
) -> Unpacked:
    """Unpack an archive to `GENRE_HOME/datasets/<name>/files`.

    Only covers, songs and tables are written, never as programs, and no archive in it is opened. A
    file that is damaged is left out; where anything else goes wrong, nothing is left behind. Where
    the same archive was unpacked under this name before, what lies there is returned. `clear` takes
    what has the name out of the way, once the archive is unpacked. `progress`, in files, may raise
    to stop.

    Raises `DatasetError`: no zip or a dangerous one, a name that another data set has, or no room
    on the disk.
    """
    source = Path(archive)
    name = name or plain_name(source.stem)
    check_name(name)
    limits = limits or Limits()
    target = home() / "datasets" / name
    try:
        with source.open("rb") as file, open_zip(file, source.name) as opened:
            entries, problems = choose_entries(opened, source.name, source.stat().st_size, limits)
            with _alone(name):
                fingerprint = _fingerprint(entries)
                if (there := _find_unpacked(target, fingerprint)) is not None:
                    return there
                if clear is None:
                    _check_free(target, source.name)
                _check_room(target, entries)
                return _write(opened, entries, problems, target, fingerprint, clear, progress)
    except OSError as error:
        raise refused(
            "An archive must be a file that can be read, and its files need room.",
            f"{source.name}: {error.strerror or error}",
            "Give another, or free some space.",
        ) from error


def remove_unpacked(name: str) -> None:
    """Remove what was unpacked for a data set, unless it has a catalog; of others nothing."""
    target = home() / "datasets" / name
    if (target / UNPACKED_FILE).is_file() and not (target / CATALOG_FILE).is_file():
        with contextlib.suppress(OSError):
            remove_parts(target, (UNPACKED_FILE, FILES_FOLDER))


def remove_parts(folder: Path, names: Sequence[str]) -> None:
    """Remove some files and folders of a data set, and its folder unless something else is there.

    Out of sight first: a data set that is half gone must not look like one.
    """
    gone = folder.with_name(f".deleted-{secrets.token_hex(4)}")
    gone.mkdir()
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            (folder / name).rename(gone / name)
    shutil.rmtree(gone, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


@contextlib.contextmanager
def _alone(name: str) -> Iterator[None]:
    """Let one process at a time unpack under a name; what a killed one left goes first."""
    datasets = home() / "datasets"
    datasets.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    lock = home() / "caches" / f"unpacking-{digest}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        stage = datasets / f"{_STAGE}{digest}"
        shutil.rmtree(stage, ignore_errors=True)
        try:
            yield
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _write(
    opened: zipfile.ZipFile,
    entries: list[Entry],
    problems: list[Problem],
    target: Path,
    fingerprint: str,
    clear: Callable[[], None] | None,
    progress: Progress | None,
) -> Unpacked:
    digest = hashlib.sha256(target.name.encode()).hexdigest()[:16]
    stage = target.parent / f"{_STAGE}{digest}"
    files = stage / FILES_FOLDER
    files.mkdir(parents=True)
    teller = _Teller(progress, len(entries))
    n_files = 0
    for done, entry in enumerate(entries):
        reason = _write_one(opened, entry, files / entry.path, partial(teller.tell, done))
        if reason:
            problems.append(Problem(entry.path, reason))
        n_files += not reason
        teller.tell(done + 1)
    if not n_files:
        raise refused(
            "An archive must hold files that can be unpacked.",
            f"{len(entries)} damaged ones",
            "Pack the folder again, or copy the file again.",
            tuple(problems),
        )
    note = {
        "fingerprint": fingerprint,
        "n_files": n_files,
        "left_out": [[problem.where, problem.what] for problem in problems],
    }
    atomic_write(stage / UNPACKED_FILE, json.dumps(note, ensure_ascii=False) + "\n")
    if clear is not None:
        clear()
    stage.rename(target)
    return Unpacked(import_root(target / FILES_FOLDER), n_files, tuple(problems))


def _write_one(opened: zipfile.ZipFile, entry: Entry, path: Path, tell: Callable[[], None]) -> str:
    """Write one file; return what is wrong with it, or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Exclusively: whatever the checks before may have missed, no file is written twice.
        with opened.open(entry.info) as packed, path.open("xb") as file:
            left = entry.info.file_size
            while chunk := packed.read(min(_CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    raise zipfile.BadZipFile("more bytes than it says")
                file.write(chunk)
                tell()
            if left:
                raise zipfile.BadZipFile("fewer bytes than it says")
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise  # The disk's fault; only a place before the file's start is the archive's.
        path.unlink(missing_ok=True)
        return f"damaged in the archive: {str(error)[:100] or type(error).__name__}"
    return ""


class _Teller:
    """Tells progress a few times a second, so that a stop is heard within a large file too."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._told_at = progress, total, 0.0

    def tell(self, done: int) -> None:
        now = time.monotonic()
        if self._progress and (done == self._total or now - self._told_at >= _TELL_EVERY_S):
            self._told_at = now
            self._progress(done, self._total, "unpacking")


def _fingerprint(entries: list[Entry]) -> str:
    digest = hashlib.sha256()
    for entry in entries:
        line = f"{entry.path}\t{entry.info.CRC}\t{entry.info.file_size}\n"
        digest.update(line.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _find_unpacked(target: Path, fingerprint: str) -> Unpacked | None:
    try:
        note = json.loads((target / UNPACKED_FILE).read_text(encoding="utf-8"))
        if note["fingerprint"] != fingerprint or not (target / FILES_FOLDER).is_dir():
            return None
        problems = tuple(Problem(where, what) for where, what in note["left_out"])
        return Unpacked(import_root(target / FILES_FOLDER), int(note["n_files"]), problems)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _check_free(target: Path, archive: str) -> None:
    if target.exists() and any(target.iterdir()):
        raise refused(
            "A data set that is unpacked needs a name of its own.",
            f"{target.name!r} for {archive}, which another has",
            "Give another name (--name), or let that one go (--replace).",
        )
    if target.exists():
        target.rmdir()


def _check_room(target: Path, entries: list[Entry]) -> None:
    needed = sum(entry.info.file_size for entry in entries)
    free = shutil.disk_usage(target.parent).free
    if free < needed + min(_SPARE_BYTES, needed):
        raise DatasetError(
            "The disk of GENRE_HOME must have room for what is unpacked.",
            received=f"{free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB needed",
            cure="Free some space, or set GENRE_HOME to another disk.",
        )
