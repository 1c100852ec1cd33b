"""Playlists of songs: extended M3U, one good line a song whatever it is called."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from genre_core.config import require
from genre_core.data.files import atomic_path
from genre_core.errors import Problem
from genre_core.plain_files import is_text

_HEAD = "#EXTM3U"


def write_playlist(frames: Iterable[pd.DataFrame], out: Path) -> list[Problem]:
    """Write the readable songs of a table as an extended M3U playlist, in its order.

    Paths in it are relative to its folder where the songs lie below it. Songs whose paths would
    break a line are left out and returned. `frames` are parts of the table, each as for
    `playlist_text`: one at a time is in memory.
    """
    folder = out.absolute().parent.resolve()
    problems: list[Problem] = []
    with atomic_path(out) as part, part.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{_HEAD}\n")
        for frame in frames:
            file.writelines(f"{line}\n" for line in _lines(frame, folder, problems))
    return problems


def need_playlist(out: Path) -> None:
    """Raise `ParameterError` where a file is there that is no text: it is no list to overwrite."""
    if out.is_file():
        with out.open("rb") as file:
            require(
                is_text(file.read(4096)),
                "--m3u must be a new file or a playlist, which is written anew.",
                str(out),
                "Give another name.",
            )


def playlist_text(frame: pd.DataFrame, folder: Path | None = None) -> tuple[str, list[Problem]]:
    """Lay out a playlist, and say which songs no playlist can hold.

    `frame` has path, title, artist, `duration_s` (nan where unknown) and `error`, "" of what can be
    read. Paths below `folder`, where the playlist will lie, are relative to it, others absolute.
    """
    problems: list[Problem] = []
    lines = [_HEAD, *_lines(frame, folder, problems)]
    return "\n".join(lines) + "\n", problems


def _lines(frame: pd.DataFrame, folder: Path | None, problems: list[Problem]) -> Iterator[str]:
    for row in frame[frame["error"] == ""].to_dict("records"):
        path = Path(row["path"]).resolve()
        if len(str(path).splitlines()) != 1:
            what = "its path has a line break, which no playlist can hold: rename it"
            problems.append(Problem(str(path), what))
            continue
        name = " - ".join(part for part in (row["artist"], row["title"]) if part) or path.stem
        seconds = -1 if pd.isna(row["duration_s"]) else round(row["duration_s"])  # -1: unknown
        yield f"#EXTINF:{seconds},{' '.join(name.split())}"
        is_below = folder is not None and path.is_relative_to(folder)
        place = os.path.relpath(path, folder) if is_below else str(path)
        # As it is, this would be a comment, an address, or lose its first letters.
        is_odd = place[0] == "#" or place[0].isspace() or ":" in place.split("/")[0]
        yield f"./{place}" if is_odd else place
