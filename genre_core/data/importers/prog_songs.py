"""Folders of prog songs and of others, as the course of study S5 hands them out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from genre_core.audio import Tags
from genre_core.audio.containers import SONG_SUFFIXES
from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.contract import Layout, Listing
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.rows import (
    NOBODY,
    Row,
    fill_from_tags,
    leave_out_copies,
    new_row,
)
from genre_core.data.item import clean_text, read_split
from genre_core.data.media_walk import list_media
from genre_core.errors import DatasetError, Problem

PROG = ("prog", "progrock", "progressiverock", "progressiverocksongs", "progsongs", "progressive")
OTHER = (
    "nonprog", "notprog", "nonprogrock", "nonprogressive", "notprogressive", "nonprogressiverock",
    "notprogressiverock", "nonprogsongs", "topofthepops", "othersongs", "others", "other",
)  # fmt: skip
EXCLUDED = ("djent",)
"""Names of folders of each kind, in lower case and letters alone."""

HEAD = DatasetHead("", "Prog songs and others", "unknown", "unknown", "track")

_LETTERS = re.compile(r"[^a-z]+")
_NUMBER = re.compile(r"[\d\s.\-_()]*")
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_SPLITS = ("train", "training", "val", "valid", "validation", "test", "testing")


@dataclass(frozen=True, slots=True)
class Place:
    """What a song's folders say of it.

    `label` is "prog", "non-prog", "excluded", or "" where no folder says any; `split` "train",
    "val", "test" or ""; `source` the name of the innermost folder that told the label.
    """

    label: str
    split: str
    source: str


def read_prog_songs(root: Path, _: ImportOptions, problems: list[Problem]) -> Listing:
    """List songs by the names of the folders they lie in.

    The folder holds one of prog songs and one of others, called like one of `PROG` and `OTHER`
    (`Progressive_Rock_Songs`, `Not_Progressive_Rock/Top_Of_The_Pops`, ...), at any depth; a folder
    of `EXCLUDED` is left out. Folders called like a training, validation or test set are kept as
    splits. Of a file that is there twice one item is kept, of one under both labels none.

    **Source**: the folders of the course that study S5 was written in (CAP6610, later years), as
    public code of its students names them: a training set with `Progressive_Rock_Songs` and
    `Not_Progressive_Rock/{Top_Of_The_Pops, Other_Songs}`, a test set of its own. Other names, and
    that djent is left out, are our assumption.
    """
    if not root.is_dir():
        raise _no_layout(f"no folder {root}")
    rows: dict[str, Row] = {}
    for path in list_media(root, problems, suffixes=SONG_SUFFIXES):
        place = read_place(path)
        if place.label in ("prog", "non-prog"):
            rows[path] = new_row(path, [place.label], source=place.source, split=place.split)
        else:
            why = f"lies in {place.source}, left out" if place.label else "lies in no such folder"
            problems.append(Problem(path, why))
    for label in ("prog", "non-prog"):
        if not any(row["labels"] == [label] for row in rows.values()):
            raise _no_layout(f"no {label} song in {root}")
    return Listing(root, replace(HEAD, name=root.absolute().name), rows)


def holds_prog_songs(folder: Path) -> bool:
    """Tell whether a folder holds songs in folders of both kinds."""
    # By the folders' names first: most data sets have none of them and need not be listed.
    tops = [path.name for path in folder.glob("*/")] if folder.is_dir() else []
    below = [path.name for path in folder.glob("*/*/")] if tops else []
    if not any(_plain(name) in PROG for name in (*tops, *below)):
        return False
    labels = {read_place(path).label for path in list_media(folder, suffixes=SONG_SUFFIXES)}
    return {"prog", "non-prog"} <= labels


def read_place(path: str) -> Place:
    """Read a song's label and split off the folders that it lies in.

    `path` is relative, `/` between names. The outermost folder that names a label counts, but one
    that is left out wins wherever it stands; a split is named by a folder above that, or by the one
    right below it where it is called by nothing else.

    >>> read_place("CAP6610sp21_Test_Set/Not_Progressive_Rock/Other_Songs/a.mp3")
    Place(label='non-prog', split='test', source='Other_Songs')
    >>> read_place("Prog/Test For Echo/02.mp3").split, read_place("Prog/test/02.mp3").split
    ('', 'test')
    """
    folders = PurePosixPath(path).parts[:-1]
    kinds = [_kind(name) for name in folders]
    if "excluded" in kinds:
        return Place("excluded", "", folders[kinds.index("excluded")])
    telling = [k for k, kind in enumerate(kinds) if kind]
    if not telling:
        return Place("", "", "")
    first = inner = telling[0]
    # Not_Progressive_Rock/Top_Of_The_Pops tells twice, and the inner name says more.
    while inner + 1 < len(kinds) and kinds[inner + 1] == kinds[first]:
        inner += 1
    named = (_split_in(name) for name in folders[:first])
    split = next(filter(None, named), "")
    if not split and inner + 1 < len(folders):
        split = _split_of(folders[inner + 1])
    return Place(kinds[first], split, clean_text(folders[inner]))


def _kind(name: str) -> str:
    plain = _plain(name)
    kinds = ((EXCLUDED, "excluded"), (PROG, "prog"), (OTHER, "non-prog"))
    return next((kind for names, kind in kinds if plain in names), "")


def _plain(name: str) -> str:
    return _LETTERS.sub("", name.lower())


def _split_in(name: str) -> str:
    words = _LETTERS.split(name.lower())
    return next((read_split(word) for word in words if word in _SPLITS), "")


def _split_of(name: str) -> str:
    return read_split(name) if name.strip().lower() in _SPLITS else ""


def _fill(row: Row, tags: Tags) -> Row:
    """Take title and artist from a name "Artist - Title" where tags have none."""
    filled = fill_from_tags(row, tags)
    artist, title = _from_name(PurePosixPath(row["path"]).stem)
    filled["title"] = filled["title"] or title
    if not filled["artist"] and artist:
        filled |= {"artist": artist, "group": f"artist:{artist.casefold()}"}
    return filled


def _clean(rows: list[Row], problems: list[Problem]) -> list[Row]:
    kept = leave_out_copies(rows, problems)
    n_unknown = sum(not row["artist"] for row in kept)
    if n_unknown:
        what = f"unknown for {n_unknown} of {len(kept)} songs: each of these stands alone"
        problems.append(Problem("artist", what))
    return kept


def _from_name(stem: str) -> tuple[str, str]:
    """Read "Artist - Title", passing over a track's number before or between."""
    parts = [clean_text(part) for part in _DASH.split(clean_text(stem))]
    parts = [part for part in parts if part and not _NUMBER.fullmatch(part)]
    if len(parts) < 2:
        return "", parts[0] if parts else ""
    artist = re.sub(r"^\d{1,3}[.\s_)]+\s*", "", parts[0])
    return ("" if artist.casefold() in NOBODY else artist), parts[-1]


def _no_layout(received: str) -> DatasetError:
    return DatasetError(
        "Prog songs and others lie in folders of these names: prog, progressive rock songs; non "
        "prog, not progressive rock, top of the pops, other songs.",
        received=received,
        cure="Give the folder above both.",
    )


PROG_SONGS = Layout(
    text="folders of prog songs and of others, as in study S5's course",
    read=read_prog_songs,
    files=SONG_SUFFIXES,
    fill=_fill,
    clean=_clean,
    cuts_val=True,
)
