"""FMA, the Free Music Archive's tracks with their top genre, artist and split."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pandas as pd

from genre_core.audio.containers import SONG_SUFFIXES
from genre_core.config import require
from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.contract import Layout, Listing
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.rows import (
    Row,
    leave_out_copies,
    new_row,
    read_year_and_split,
)
from genre_core.data.item import clean_text
from genre_core.data.media_walk import list_media
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

SUBSETS = ("small", "medium", "large")
"""Each holds those before it; `large` is every track, of 30 s or (fma_full) whole."""

HEAD = DatasetHead(
    name="",
    title="FMA, a dataset for music analysis",
    citation="Defferrard, M., Benzi, K., Vandergheynst, P., & Bresson, X. (2017). FMA: A Dataset "
    "For Music Analysis. ISMIR, arXiv:1612.01840",
    licence="metadata CC BY 4.0; songs under the licence that each artist chose",
    media="track",
)

_MAX_NAMED = 200
_N_HEADER = 3  # table, column, and a row that names the first column alone


def read_fma(table: Path, options: ImportOptions, problems: list[Problem]) -> Listing:
    """List one item a song whose file is there, under its top genre.

    The table's header has three rows; `track/genre_top`, `artist/id`, `set/split` and `set/subset`
    are needed; title, artist, album and release are read where they are. A song with no top genre
    or several has none in the table, and is listed. The data's own splits never share an artist.
    Songs of the smallest subset that the files fill, or of `options.subset`, whose file is missing
    are listed too, one by one up to 200.

    **Source**: Defferrard et al. (`HEAD`); the table's layout, the folders of a thousand tracks
    (`000/000002.mp3`) and the split by artist are those of the code that made it.
    """
    require(
        options.subset in ("", *SUBSETS),
        f"subset must be one of {', '.join(SUBSETS)}.",
        options.subset,
        "Leave it out for every song that is there.",
    )
    root = Path(options.images) if options.images is not None else media_folder(table)
    songs = number_songs(root, problems)
    rows = _join(read_tracks(table), songs, options.subset, problems)
    return Listing(root, replace(HEAD, name=root.absolute().name), rows)


def media_folder(table: Path) -> Path:
    """Return the folder that a table's songs lie below."""
    folder = table.absolute().parent if str(table.parent) == "." else table.parent
    return folder.parent if folder.name == METADATA else folder


def is_tracks_table(path: Path) -> bool:
    """Tell FMA's table from any other of its name, by its first two rows."""
    try:
        return set(NEEDED) <= set(_find_columns(path))
    except DatasetError:
        return False


def read_tracks(table: Path) -> pd.DataFrame:
    """Read what is needed of FMA's `tracks.csv`.

    The columns are those of `COLUMN_NAMES` that the table has, as text, "" where a cell is empty;
    the index is the track's number as text.
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
    """Find the songs below a folder whose names are FMA's numbers."""
    songs: dict[int, str] = {}
    for path in list_media(root, problems, suffixes=SONG_SUFFIXES, by_name=True):
        stem = PurePosixPath(path).stem
        if not (stem.isascii() and stem.isdigit()):
            problems.append(Problem(path, "is not named by a track's number"))
        elif int(stem) in songs:
            problems.append(Problem(path, f"is track {int(stem)}, as {songs[int(stem)]}"))
        else:
            songs[int(stem)] = path
    return songs


def artist_group(artist_id: str) -> str:
    """Name an artist's group; "" where the table has no number (or -1) for the artist."""
    return f"artist:{artist_id.strip()}" if artist_id.strip() not in ("", "-1") else ""


def list_briefly(problems: list[Problem], names: list[str], what: str, *, table: str) -> None:
    """List what befell many items one by one, or as one where they are more than 200."""
    if len(names) > _MAX_NAMED:
        problems.append(Problem(table, f"{len(names):,} tracks: {what}"))
    else:
        problems += [Problem(f"track {name}", what) for name in names]


def _join(
    tracks: pd.DataFrame, songs: dict[int, str], subset: str, problems: list[Problem]
) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    no_file: dict[str, list[str]] = {name: [] for name in SUBSETS}
    no_genre, known, filled = [], set(), 0
    for row in tracks.to_dict("index").items():
        track, cells = str(row[0]), {key: clean_text(text) for key, text in row[1].items()}
        number, own = int(track) if track.isdigit() else -1, cells["subset"]
        known.add(number)
        path = songs.get(number)
        if path is None:
            no_file.setdefault(own, []).append(track)
            continue
        if subset and own not in SUBSETS[: SUBSETS.index(subset) + 1]:
            continue
        filled = max(filled, SUBSETS.index(own) if own in SUBSETS else 0)
        if not cells["genre"]:
            no_genre.append(track)
            continue
        rows[path] = _item(path, track, cells, problems)
    within = SUBSETS[: (SUBSETS.index(subset) if subset else filled) + 1]
    lost = [track for name in within for track in no_file[name]]
    list_briefly(problems, lost, "has no file here", table=TRACKS_TABLES[0])
    list_briefly(problems, no_genre, "has no single top genre", table=TRACKS_TABLES[0])
    problems += [
        Problem(path, f"{TRACKS_TABLES[0]} has no track {number}")
        for number, path in songs.items()
        if number not in known
    ]
    return rows


def _item(path: str, track: str, cells: dict[str, str], problems: list[Problem]) -> Row:
    item = new_row(path, [cells["genre"]], group=artist_group(cells["artist_id"]))
    item |= {key: cells.get(key, "") for key in ("title", "artist", "album")}
    released = cells.get("released", "").partition(" ")[0]
    read_year_and_split(item, released, cells["split"], f"track {track}", problems)
    return item


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


FMA = Layout(
    text="songs of FMA with its own splits",
    read=read_fma,
    options=("images", "subset"),
    tables=TRACKS_TABLES,
    is_own=is_tracks_table,
    folder=media_folder,
    files=SONG_SUFFIXES,
    clean=leave_out_copies,
)
