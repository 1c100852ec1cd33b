"""Which files a command reads: those that are named and those in folders, each told by content."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from genre_core.cli.console import log
from genre_core.config import require
from genre_core.data.files import path_text
from genre_core.data.media_walk import (
    SUFFIXES,
    beside,
    grouped,
    medium_by_name,
    medium_of,
    walk,
)
from genre_core.errors import DecodeError, Problem


@dataclass(frozen=True, slots=True)
class Sources:
    """What a command was given.

    medium: "cover" or "song"; "" where there is no file of either
    files: what is to be read, each file once
    faults: named files that are not used, and why, by path
    left_out: what is not read of folders, and why; notes where nothing is wrong with it
    """

    medium: str
    files: list[Path]
    faults: dict[Path, DecodeError]
    left_out: list[Problem]

    @property
    def is_partial(self) -> bool:
        """Whether something was named that is not used, or cannot be reached."""
        return bool(self.faults) or not all(one.is_note for one in self.left_out)

    @property
    def fault_rows(self) -> list[dict[str, str]]:
        """The faults as results."""
        return [{"path": path_text(path), "error": str(why)} for path, why in self.faults.items()]

    def account(self, done: str, *, n_broken: int) -> None:
        """Tell what was read, what was left out and what failed, on standard error."""
        for path, error in self.faults.items():
            log(f"error: {path}: {error}")
        for problem in grouped(self.left_out):
            log(str(problem) if problem.is_note else f"left out: {problem}")
        n_broken += len(self.faults)
        more = f", {len(self.left_out)} left out" if self.left_out else ""
        log(f"{done}, {n_broken} could not be read{more}")


def find_sources(options: argparse.Namespace) -> Sources:
    """Find the covers or the songs among `options.sources`, of the medium `options.media`.

    Where any, songs are read if there is one, else covers. In folders a file counts that is of the
    medium by its content or its name; of files that are named each must be one.
    """
    left_out: list[Problem] = []
    told = {}
    for path, is_named in _each(options.sources, left_out):
        told[path] = (*(medium_of(path)), is_named)
    medium = options.media
    if medium == "auto":
        media = {what for what, _, _ in told.values()} or {""}
        named = {medium_by_name(path.name) for path in told}
        medium = next((one for one in ("song", "cover") if one in media), "")
        medium = medium or next((one for one in ("song", "cover") if one in named), "")
    sources = Sources(medium, [], {}, left_out)
    for path, (its_medium, what, is_named) in told.items():
        why = what or beside(its_medium)
        is_called_so = medium_by_name(path.name) == medium
        is_tried = not is_named or (not its_medium and path.exists())
        if medium and (its_medium == medium or (is_called_so and is_tried)):
            sources.files.append(path)
        elif is_named:
            sources.faults[path] = _fault(path, why, is_other=bool(its_medium))
        else:
            left_out.append(Problem(str(path), why, is_note=True))
    if not sources.files and not sources.faults:
        sources.account("nothing read", n_broken=0)
        ends = sorted(end for medium in SUFFIXES for end in SUFFIXES[medium])
        require(
            False,
            "There must be at least one cover or song.",
            ", ".join(map(str, options.sources)),
            f"Give files, or folders with {', '.join(ends)}.",
        )
    return sources


def _each(sources: Sequence[Path], left_out: list[Problem]) -> Iterator[tuple[Path, bool]]:
    """Yield each file once, and whether it was named itself."""
    seen: dict[str, Path] = {}
    for source in sources:
        is_folder = False
        with suppress(PermissionError):
            is_folder = source.is_dir()
        paths, own = walk(source) if is_folder else ([""], [])
        left_out += [Problem(str(source / one.where), one.what, one.is_note) for one in own]
        for relative in paths:
            path = source / relative if relative else source
            real = os.path.realpath(path)
            if real in seen:
                what = f"the same file as {seen[real]}"
                left_out.append(Problem(str(path), what, is_note=True))
            else:
                seen[real] = path
                yield path, not is_folder


def _fault(path: Path, why: str, *, is_other: bool) -> DecodeError:
    cure = "Save it again as MP3, Ogg or WAV, or as JPEG or PNG."
    if is_other:
        cure = "Name it in a call of its own."
    elif not path.exists():
        why, cure = "no such file", "Check the path and its spelling."
    return DecodeError(
        "A file that is named must be a cover or a song that can be read.",
        received=f"{path.name}: {why}",
        cure=cure,
    )
