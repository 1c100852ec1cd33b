"""Import FMA, the Free Music Archive's tracks with their top genre, artist and split."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from genre_core.config import require
from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.fma_table import (
    METADATA,
    TRACKS_TABLES,
    artist_group,
    list_briefly,
    number_songs,
    read_tracks,
)
from genre_core.data.importers.own_splits import refuse_leaks, usable_songs
from genre_core.data.importers.scan import ImportResult, finish_import
from genre_core.data.importers.tables import find_table
from genre_core.data.item import clean_text, read_split, read_year
from genre_core.errors import Problem
from genre_core.progress import Progress

SUBSETS = ("small", "medium", "large")
"""Each holds those before it; `large` is every track, of 30 s or (fma_full) whole."""

TITLE = "FMA, a dataset for music analysis"
CITATION = (
    "Defferrard, M., Benzi, K., Vandergheynst, P., & Bresson, X. (2017). FMA: A Dataset For Music "
    "Analysis. ISMIR, arXiv:1612.01840"
)
LICENCE = "metadata CC BY 4.0; songs under the licence that each artist chose"


def import_fma(
    source: str | Path,
    *,
    images: str | Path | None = None,
    subset: str = "",
    new_splits: bool = False,
    name: str = "",
    title: str = TITLE,
    citation: str = CITATION,
    licence: str = LICENCE,
    seed: int = 0,
    verify: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Import one item a song whose file is there; what cannot be used is listed.

    Parameters
    ----------
    source : str or Path
        `tracks.csv`, its folder, or the folder that holds `fma_metadata` beside `fma_small` (or
        another). The table's header has three rows; `track/genre_top`, `artist/id`, `set/split`
        and `set/subset` are needed; title, artist, album and release are read where they are.
    images : str or Path, optional
        Folder of the songs; default: the folder that holds the table, or holds `fma_metadata`.
    subset : str
        "small" or "medium" of a larger folder; every song that is there by default.
    new_splits : bool
        Make splits by artist instead of keeping the data's own 8:1:1, which never share an artist.
    name, title, citation, licence : str
        Head of the data set; the name defaults to that of the folder.
    seed : int
        Of new splits.
    verify : bool
        Decode every song whole (finds truncated files) instead of its header only.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    ImportResult
        Items sorted by `item_id`, which is the song's path. The label is the top genre; a song
        with none or several has none in the table, and is listed. Artists are groups. Of a file
        that is there twice one item is kept. Songs of the smallest subset that the files fill, or
        of `subset`, whose file is missing are listed too, one by one up to 200.

    Raises
    ------
    DatasetError
        No such table, another table, or no usable song.
    LeakError
        The table's own splits share an artist.
    ParameterError
        Another subset.

    Notes
    -----
    **Source**: Defferrard et al. (`CITATION`); the table's layout, the folders of a thousand
    tracks (`000/000002.mp3`) and the split by artist are those of the code that made it.

    Examples
    --------
    >>> import_fma("no-such-folder")
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: A data set of this layout is its table or the folder that \
holds it. Received no tracks.csv or fma_metadata/tracks.csv in no-such-folder. Give the table's \
own path.
    """
    require(
        subset in ("", *SUBSETS),
        f"subset must be one of {', '.join(SUBSETS)}.",
        subset,
        "Leave it out for every song that is there.",
    )
    table = find_table(source, TRACKS_TABLES)
    root = Path(images) if images is not None else media_folder(table)
    tracks = read_tracks(table)
    problems: list[Problem] = []
    found = _join(tracks, number_songs(root, problems), subset, problems)
    if not new_splits:
        refuse_leaks(list(found.values()))
    usable = usable_songs(
        root, found, problems, new_splits=new_splits, verify=verify, progress=progress
    )
    has_split = any(row["split"] for row in usable)
    head = DatasetHead(name or root.absolute().name, title, citation, licence, "track")
    return finish_import(head, root, usable, problems, has_split=has_split, seed=seed)


def media_folder(table: Path) -> Path:
    """Return the folder that a table's songs lie below.

    Examples
    --------
    >>> media_folder(Path("music/fma_metadata/tracks.csv")).as_posix()
    'music'
    """
    folder = table.absolute().parent if str(table.parent) == "." else table.parent
    return folder.parent if folder.name == METADATA else folder


def _join(
    tracks: pd.DataFrame, songs: dict[int, str], subset: str, problems: list[Problem]
) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    no_file: dict[str, list[str]] = {each: [] for each in SUBSETS}
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
        found[path] = _item(path, track, cells, problems)
    within = SUBSETS[: (SUBSETS.index(subset) if subset else filled) + 1]
    lost = [track for each in within for track in no_file[each]]
    list_briefly(problems, lost, "has no file here", table=TRACKS_TABLES[0])
    list_briefly(problems, no_genre, "has no single top genre", table=TRACKS_TABLES[0])
    problems += [
        Problem(path, f"{TRACKS_TABLES[0]} has no track {number}")
        for number, path in songs.items()
        if number not in known
    ]
    return found


def _item(
    path: str, track: str, cells: dict[str, str], problems: list[Problem]
) -> dict[str, object]:
    item: dict[str, object] = {"item_id": path, "path": path, "labels": [cells["genre"]]}
    item |= {key: cells.get(key, "") for key in ("title", "artist", "album")}
    item["group"] = artist_group(cells["artist_id"])
    for key, text, read in (
        ("split", cells["split"], read_split),
        ("year", cells.get("released", "").partition(" ")[0], read_year),
    ):
        try:
            item[key] = read(text)
        except ValueError as error:
            problems.append(Problem(f"track {track}", f"{key} left empty: {error}"))
            item[key] = "" if key == "split" else None
    return item
