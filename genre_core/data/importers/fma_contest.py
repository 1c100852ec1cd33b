"""Import the contest that study S4 took part in: FMA tracks of 20 genres, named by their number."""

from __future__ import annotations

from pathlib import Path

from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.fma_table import (
    TRACKS_TABLES,
    artist_group,
    list_briefly,
    number_songs,
    read_tracks,
)
from genre_core.data.importers.listing import list_covers
from genre_core.data.importers.own_splits import cut_val, refuse_leaks, usable_songs
from genre_core.data.importers.scan import ImportResult, finish_import
from genre_core.data.importers.tables import find_table, read_rows
from genre_core.data.item import clean_text, read_split
from genre_core.errors import DatasetError, Problem
from genre_core.progress import Progress

LABELS = ("train_labels.txt", "test_labels.txt")
SPECTROGRAMS = "fma_genre_spectrograms"
TABLES = tuple(
    f"{folder}{LABELS[0]}" for folder in ("", f"{SPECTROGRAMS}/", f"data/{SPECTROGRAMS}/")
)

TITLE = "FMA tracks of 20 genres, as in the contest of study S4"
CITATION = (
    "Kaggle contest multitask-music-classification (lab of pattern recognition, NTUA); its tracks "
    "are of FMA: Defferrard et al. (2017), arXiv:1612.01840"
)
LICENCE = "songs under the licence that each artist chose"


def import_fma_contest(
    source: str | Path,
    *,
    images: str | Path | None = None,
    new_splits: bool = False,
    name: str = "",
    title: str = TITLE,
    citation: str = CITATION,
    licence: str = LICENCE,
    seed: int = 0,
    verify: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Import one item a song whose number the contest's tables name; the rest is listed.

    Parameters
    ----------
    source : str or Path
        `train_labels.txt`, its folder, or the one that the contest's archive makes
        (`data/fma_genre_spectrograms`). `test_labels.txt` is read beside it.
    images : str or Path, optional
        Folder of the songs, for example FMA's `fma_large`; default: the table's folder. A song is
        named by its track's number, at any depth. FMA's own `tracks.csv`, there or in
        `fma_metadata` beside it, tells the artists.
    new_splits : bool
        Make splits by artist instead of keeping the contest's own.
    name, title, citation, licence : str
        Head of the data set; the name defaults to that of the songs' folder.
    seed : int
        Of the val part or of new splits.
    verify : bool
        Decode every song whole (finds truncated files) instead of its header only.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    ImportResult
        Items sorted by `item_id`, which is the song's path. The contest's train and test are
        kept; it has no val, so 15 % of train is cut off for one. Without FMA's table
        artists are unknown and an artist may stand in two splits; that is listed.

    Raises
    ------
    DatasetError
        No such table, no usable song, or spectrograms in place of songs.
    LeakError
        The contest's own splits share an artist, where artists are known.

    Notes
    -----
    **Source**: study S4 names the contest alone. Its layout is what public code of other
    contestants reads: tables with one header row and a tab (`1042.fused.full.npy.gz`, `Blues`),
    and `.npy` spectrograms of 128 mel bands and 12 chroma bins, **no sound**. The study made its
    spectrograms from sound all the same. Our assumption: from FMA's songs, whose numbers these
    are; so the songs are looked for by number, and spectrograms alone are refused.

    Examples
    --------
    >>> import_fma_contest("no-such-folder")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: A data set of this layout is its table or the folder that \
holds it. Received no train_labels.txt or ... Give the table's own path.
    """
    table = find_table(source, TABLES)
    root = Path(images) if images is not None else table.absolute().parent
    problems: list[Problem] = []
    rows = _read_labels(table.parent, table.name, problems)
    songs = number_songs(root, problems)
    if not songs:
        _refuse_spectrograms(table.parent, root)
    artists = _read_artists(root)
    if not artists:
        problems.append(
            Problem("artist", "unknown without FMA's tracks.csv: one may stand in two splits")
        )
    found: dict[str, dict[str, object]] = {}
    lost = []
    for number, row in rows.items():
        path = songs.get(number)
        if path is None:
            lost.append(str(number))
        else:
            found[path] = {"item_id": path, "path": path, "group": "", **row} | (
                artists.get(number, {})
            )
    list_briefly(problems, lost, "has no song here", table=table.name)
    if not new_splits:
        refuse_leaks(list(found.values()))
    usable = usable_songs(
        root, found, problems, new_splits=new_splits, verify=verify, progress=progress
    )
    if not new_splits:
        cut_val(usable, problems, seed=seed)
    head = DatasetHead(name or root.absolute().name, title, citation, licence, "track")
    return finish_import(head, root, usable, problems, has_split=not new_splits, seed=seed)


def _read_labels(folder: Path, train: str, problems: list[Problem]) -> dict[int, dict[str, object]]:
    rows: dict[int, dict[str, object]] = {}
    for name, split in ((train, "train"), (LABELS[1], "test")):
        path = folder / name
        if not path.is_file():
            problems.append(Problem(name, "is not there"))
            continue
        for line, cells in read_rows(path, cure="Give the contest's own tables."):
            number = cells[0].strip().partition(".")[0]
            genre = clean_text(cells[1]) if len(cells) > 1 else ""
            if not number.isdigit():
                if line > 1:  # The first is the header.
                    problems.append(Problem(f"{name} line {line}", "names no track's number"))
            elif not genre:
                problems.append(Problem(f"{name} line {line}", f"track {number} has no genre"))
            elif int(number) in rows:
                what = f"repeats track {number}; the first is kept"
                problems.append(Problem(f"{name} line {line}", what))
            else:
                rows[int(number)] = {"labels": [genre], "split": read_split(split)}
    return rows


def _read_artists(root: Path) -> dict[int, dict[str, str]]:
    for folder in (root, root.absolute().parent):
        for name in TRACKS_TABLES:
            if (folder / name).is_file():
                tracks = read_tracks(folder / name)
                return {
                    int(track): {
                        "title": clean_text(str(cells.get("title", ""))),
                        "artist": clean_text(str(cells.get("artist", ""))),
                        "group": artist_group(str(cells["artist_id"])),
                    }
                    for track, cells in tracks.to_dict("index").items()
                    if str(track).isdigit()
                }
    return {}


def _refuse_spectrograms(*folders: Path) -> None:
    for folder in folders:
        n_files = len(list_covers(folder, suffixes=(".npy", ".npy.gz")))
        if n_files:
            raise DatasetError(
                "The contest's tracks are needed as songs: its own files are spectrograms, which "
                "none of our networks reads and nobody can hear.",
                received=f"{n_files:,} .npy files and no song in {folder}",
                cure="Fetch FMA's songs (fma_large) and give their folder (--images).",
            )
