"""The contest that study S4 took part in: FMA tracks of 20 genres, named by their number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from genre_core.audio.containers import SONG_SUFFIXES
from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.contract import Layout, Listing
from genre_core.data.importers.fma import (
    TRACKS_TABLES,
    artist_group,
    list_briefly,
    number_songs,
    read_tracks,
)
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.rows import Row, leave_out_copies
from genre_core.data.importers.tables import read_rows
from genre_core.data.item import clean_text, read_split
from genre_core.data.media_walk import list_media
from genre_core.errors import DatasetError, Problem

LABELS = ("train_labels.txt", "test_labels.txt")
SPECTROGRAMS = "fma_genre_spectrograms"
TABLES = tuple(
    f"{folder}{LABELS[0]}" for folder in ("", f"{SPECTROGRAMS}/", f"data/{SPECTROGRAMS}/")
)

HEAD = DatasetHead(
    name="",
    title="FMA tracks of 20 genres, as in the contest of study S4",
    citation="Kaggle contest multitask-music-classification (lab of pattern recognition, NTUA); "
    "its tracks are of FMA: Defferrard et al. (2017), arXiv:1612.01840",
    licence="songs under the licence that each artist chose",
    media="track",
)


def read_fma_contest(table: Path, options: ImportOptions, problems: list[Problem]) -> Listing:
    """List one item a song whose number the contest's tables name.

    `test_labels.txt` is read beside `train_labels.txt`. A song is named by its track's number, at
    any depth of `options.images`, for example FMA's `fma_large`. FMA's own `tracks.csv`, there or
    in `fma_metadata` beside it, tells the artists; without it an artist may stand in two splits,
    which is listed. The contest has train and test alone, so a val part is cut off train.

    **Source**: study S4 names the contest alone. Its layout is what public code of other
    contestants reads: tables with one header row and a tab (`1042.fused.full.npy.gz`, `Blues`),
    and `.npy` spectrograms of 128 mel bands and 12 chroma bins, **no sound**. The study made its
    spectrograms from sound all the same. Our assumption: from FMA's songs, whose numbers these
    are; so the songs are looked for by number, and spectrograms alone are refused.
    """
    root = Path(options.images) if options.images is not None else table.absolute().parent
    labelled = _read_labels(table.parent, table.name, problems)
    songs = number_songs(root, problems)
    if not songs:
        _refuse_spectrograms(table.parent, root)
    artists = _read_artists(root)
    if not artists:
        problems.append(
            Problem("artist", "unknown without FMA's tracks.csv: one may stand in two splits")
        )
    rows: dict[str, Row] = {}
    lost = []
    for number, row in labelled.items():
        path = songs.get(number)
        if path is None:
            lost.append(str(number))
        else:
            own = {"item_id": path, "path": path, "group": ""}
            rows[path] = own | row | artists.get(number, {})
    list_briefly(problems, lost, "has no song here", table=table.name)
    return Listing(root, replace(HEAD, name=root.absolute().name), rows)


FMA_CONTEST = Layout(
    text="songs of FMA by the labels of study S4's contest, 20 genres",
    read=read_fma_contest,
    options=("images",),
    tables=TABLES,
    folder=lambda table: table.absolute().parent,
    files=(*SONG_SUFFIXES, *LABELS),
    clean=leave_out_copies,
    cuts_val=True,
)


def _read_labels(folder: Path, train: str, problems: list[Problem]) -> dict[int, Row]:
    rows: dict[int, Row] = {}
    for name, split in ((train, "train"), (LABELS[1], "test")):
        path = folder / name
        if not path.is_file():
            problems.append(Problem(name, "is not there"))
            continue
        for line, cells in read_rows(
            path, cure="Give the contest's own tables.", problems=problems
        ):
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
        n_files = len(list_media(folder, suffixes=(".npy", ".npy.gz")))
        if n_files:
            raise DatasetError(
                "The contest's tracks are needed as songs: its own files are spectrograms, which "
                "none of our networks reads and nobody can hear.",
                received=f"{n_files:,} .npy files and no song in {folder}",
                cure="Fetch FMA's songs (fma_large) and give their folder (--images).",
            )
