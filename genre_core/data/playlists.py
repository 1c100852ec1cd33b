"""Playlists of songs: extended M3U, one good line a song whatever it is called."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from genre_core.config import require
from genre_core.data.files import atomic_write
from genre_core.errors import Problem
from genre_core.plain_files import is_text


def write_playlist(frame: pd.DataFrame, out: Path) -> list[Problem]:
    """Write the readable songs of a table as an extended M3U playlist, in its order.

    Paths in it are relative to its folder where the songs lie below it. Songs whose paths would
    break a line are left out and returned. `frame` is as for `playlist_text`.
    """
    text, problems = playlist_text(frame, out.absolute().parent.resolve())
    atomic_write(out, text)
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
    lines = ["#EXTM3U"]
    problems = []
    for row in frame[frame["error"] == ""].to_dict("records"):
        path = Path(row["path"]).resolve()
        if len(str(path).splitlines()) != 1:
            what = "its path has a line break, which no playlist can hold: rename it"
            problems.append(Problem(str(path), what))
            continue
        name = " - ".join(part for part in (row["artist"], row["title"]) if part) or path.stem
        seconds = -1 if pd.isna(row["duration_s"]) else round(row["duration_s"])  # -1: unknown
        lines.append(f"#EXTINF:{seconds},{' '.join(name.split())}")
        is_below = folder is not None and path.is_relative_to(folder)
        place = os.path.relpath(path, folder) if is_below else str(path)
        # As it is, this would be a comment, an address, or lose its first letters.
        is_odd = place[0] == "#" or place[0].isspace() or ":" in place.split("/")[0]
        lines.append(f"./{place}" if is_odd else place)
    return "\n".join(lines) + "\n", problems
