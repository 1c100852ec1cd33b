"""Read FMA's table of tracks, and find the songs that are named by its numbers."""

from __future__ import annotations

import csv
from pathlib import Path, PurePosixPath

import pandas as pd

from genre_core.data.importers.listing import list_covers
from genre_core.data.importers.songs import SONG_SUFFIXES
from genre_core.errors import DatasetError, Problem, describe

METADATA = "fma_metadata"
TRACKS_TABLES = ("tracks.csv", f"{METADATA}/tracks.csv")
"""The table as published, beside the songs or in the folder that its archive makes."""

COLUMN_NAMES = {
    "genre": ("track", "genre_top"),
    "title": ("track", "title"),
    "artist": ("artist", "name"),
    "artist_id": ("artist", "id"),
    "album": ("album", "title"),
    "released": ("album", "date_released"),
    "split": ("set", "split"),
    "subset": ("set", "subset"),
}
"""Column of each thing, by the first two rows of the table."""

NEEDED = ("genre", "artist_id", "split", "subset")

_MAX_NAMED = 200
_N_HEADER = 3  # table, column, and a row that names the first column alone


def is_tracks_table(path: Path) -> bool:
    """Tell FMA's table from any other of its name, by its first two rows.

    Examples
    --------
    >>> is_tracks_table(Path("no-such.csv"))
    False
    """
    try:
        return set(NEEDED) <= set(_find_columns(path))
    except DatasetError:
        return False


def read_tracks(table: Path) -> pd.DataFrame:
    """Read what is needed of FMA's `tracks.csv`.

    Returns
    -------
    pandas.DataFrame
        Columns of `COLUMN_NAMES` that the table has, as text, "" where a cell is empty; the index
        is the track's number as text.

    Raises
    ------
    DatasetError
        Unreadable, or another table.

    Examples
    --------
    >>> read_tracks(Path("no-such.csv"))
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: tracks.csv has three rows of header, with track/genre_top, \
artist/id, set/split, set/subset. Received no-such.csv: No such file or directory. Give FMA's own \
tracks.csv.
    """
    columns = _find_columns(table)
    missing = [key for key in NEEDED if key not in columns]
    if missing:
        raise _no_table(f"{table.name} without {describe(missing)}")
    try:
        # Its cells hold whole biographies: more than Python's own reader takes.
        frame = pd.read_csv(
            table,
            header=None,
            skiprows=_N_HEADER,
            usecols=[0, *columns.values()],
            dtype=str,
            keep_default_na=False,
            encoding="utf-8-sig",
        )
    except (OSError, ValueError) as error:
        raise _no_table(f"{table.name}: {str(error).partition(chr(10))[0]}") from error
    frame = frame.set_index(0)
    frame.index = frame.index.str.strip()
    return frame.rename(columns={place: key for key, place in columns.items()})


def number_songs(root: Path, problems: list[Problem]) -> dict[int, str]:
    """Find the songs below a folder whose names are FMA's numbers.

    Examples
    --------
    >>> number_songs(Path("no-such-folder"), [])
    {}
    """
    songs: dict[int, str] = {}
    for path in list_covers(root, problems, suffixes=SONG_SUFFIXES):
        stem = PurePosixPath(path).stem
        if not (stem.isascii() and stem.isdigit()):
            problems.append(Problem(path, "is not named by a track's number"))
        elif int(stem) in songs:
            problems.append(Problem(path, f"is track {int(stem)}, as {songs[int(stem)]}"))
        else:
            songs[int(stem)] = path
    return songs


def artist_group(artist_id: str) -> str:
    """Name an artist's group; "" where the table has no number for the artist.

    Examples
    --------
    >>> artist_group("24"), artist_group("-1")
    ('artist:24', '')
    """
    return f"artist:{artist_id.strip()}" if artist_id.strip() not in ("", "-1") else ""


def list_briefly(problems: list[Problem], names: list[str], what: str, *, table: str) -> None:
    """List what befell many items one by one, or as one where they are more than 200.

    Examples
    --------
    >>> problems = []
    >>> list_briefly(problems, ["7"], "has no file", table="tracks.csv")
    >>> list_briefly(problems, ["7"] * 300, "has no file", table="tracks.csv")
    >>> [str(each) for each in problems]
    ['track 7: has no file', 'tracks.csv: 300 tracks: has no file']
    """
    if len(names) > _MAX_NAMED:
        problems.append(Problem(table, f"{len(names):,} tracks: {what}"))
    else:
        problems += [Problem(f"track {each}", what) for each in names]


def _find_columns(table: Path) -> dict[str, int]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines)
            tops, names = next(rows, []), next(rows, [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _no_table(f"{table}: {reason}") from error
    places = {
        (top.strip(), name.strip()): k
        for k, (top, name) in enumerate(zip(tops, names, strict=False))
    }
    return {key: places[pair] for key, pair in COLUMN_NAMES.items() if pair in places}


def _no_table(received: str) -> DatasetError:
    wanted = ", ".join("/".join(COLUMN_NAMES[key]) for key in NEEDED)
    return DatasetError(
        f"{TRACKS_TABLES[0]} has three rows of header, with {wanted}.",
        received=received,
        cure="Give FMA's own tracks.csv.",
    )
