"""Import folders of prog songs and of others, as the course of study S5 hands them out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from genre_core.audio import Tags
from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.listing import list_covers
from genre_core.data.importers.own_splits import cut_val, leave_out_copies, refuse_leaks
from genre_core.data.importers.scan import ImportResult, finish_import
from genre_core.data.importers.songs import NOBODY, SONG_SUFFIXES, scan_songs
from genre_core.data.item import clean_text, read_split
from genre_core.errors import DatasetError, Problem
from genre_core.progress import Progress

PROG = ("prog", "progrock", "progressiverock", "progressiverocksongs", "progsongs", "progressive")
OTHER = (
    "nonprog",
    "notprog",
    "nonprogrock",
    "nonprogressive",
    "notprogressive",
    "nonprogressiverock",
    "notprogressiverock",
    "nonprogsongs",
    "topofthepops",
    "othersongs",
    "others",
    "other",
)
EXCLUDED = ("djent",)
"""Names of folders of each kind, in lower case and letters alone."""

TITLE = "Prog songs and others"
_LETTERS = re.compile(r"[^a-z]+")
_NUMBER = re.compile(r"[\d\s.\-_()]*")
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_SPLITS = ("train", "training", "val", "valid", "validation", "test", "testing")


@dataclass(frozen=True, slots=True)
class Place:
    """What a song's folders say of it.

    Parameters
    ----------
    label : str
        "prog", "non-prog", "excluded", or "" where no folder says any.
    split : str
        "train", "val", "test" or "".
    source : str
        Name of the innermost folder that told the label.
    """

    label: str
    split: str
    source: str


def import_prog_songs(
    folder: str | Path,
    *,
    new_splits: bool = False,
    name: str = "",
    title: str = TITLE,
    citation: str = "unknown",
    licence: str = "unknown",
    seed: int = 0,
    verify: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Import songs by the names of the folders they lie in; what cannot be used is listed.

    Parameters
    ----------
    folder : str or Path
        Holds a folder of prog songs and one of others, called like one of `PROG` and `OTHER`
        (`Progressive_Rock_Songs`, `Not_Progressive_Rock/Top_Of_The_Pops`, ...), at any depth;
        songs lie in them at any depth. A folder of `EXCLUDED` is left out.
    new_splits : bool
        Make splits by artist even where folders name some.
    name, title, citation, licence : str
        Head of the data set; the name defaults to that of the folder.
    seed : int
        Of the splits that are made.
    verify : bool
        Decode every song whole (finds truncated files) instead of its header only.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    ImportResult
        Items sorted by `item_id`, which is the path; labels `prog` and `non-prog`; the source is
        the folder that told the label. Title, artist, album and year come from the file's tags,
        or title and artist from a name "Artist - Title". Artists are groups; how many songs name
        none is listed. Folders called like a training, validation or test set are kept as splits,
        and a val part is cut off train where there is none; else all splits are ours. Of a file
        that is there twice one item is kept, of one under both labels none.

    Raises
    ------
    DatasetError
        No such folder, or no prog song or no other in it.
    LeakError
        An artist stands in two of the folders' splits.

    Notes
    -----
    **Source**: the folders of the course that study S5 was written in (CAP6610, later years), as
    public code of its students names them: a training set with `Progressive_Rock_Songs` and
    `Not_Progressive_Rock/{Top_Of_The_Pops, Other_Songs}`, a test set of its own. Other names, and
    that djent is left out, are our assumption.

    Examples
    --------
    >>> import_prog_songs("no-such-folder")
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: Prog songs and others lie in folders of these names: prog, \
progressive rock songs; non prog, not progressive rock, top of the pops, other songs. Received no \
folder no-such-folder. Give the folder above both.
    """
    root = Path(folder)
    if not root.is_dir():
        raise _no_layout(f"no folder {root}")
    problems: list[Problem] = []
    places: dict[str, Place] = {}
    for path in list_covers(root, problems, suffixes=SONG_SUFFIXES):
        place = read_place(path)
        if place.label in ("prog", "non-prog"):
            places[path] = place
        else:
            why = f"lies in {place.source}, left out" if place.label else "lies in no such folder"
            problems.append(Problem(path, why))
    for label in ("prog", "non-prog"):
        n_songs = sum(place.label == label for place in places.values())
        if not n_songs:
            raise _no_layout(f"no {label} song in {root}")
    tags: dict[str, Tags] = {}
    checksums, broken = scan_songs(root, list(places), verify=verify, progress=progress, tags=tags)
    problems += broken
    usable = [
        _item(path, places[path], tags[path]) | {"checksum": checksums[path]}
        for path in places
        if path in checksums
    ]
    if new_splits:
        usable = [row | {"split": ""} for row in usable]
    usable = leave_out_copies(usable, problems)
    n_unknown = sum(not row["artist"] for row in usable)
    if n_unknown:
        what = f"unknown for {n_unknown} of {len(usable)} songs: each of these stands alone"
        problems.append(Problem("artist", what))
    has_split = any(row["split"] for row in usable)
    if has_split:
        refuse_leaks(usable)
        cut_val(usable, problems, seed=seed)
    head = DatasetHead(name or root.absolute().name, title, citation, licence, "track")
    return finish_import(head, root, usable, problems, has_split=has_split, seed=seed)


def holds_prog_songs(folder: Path) -> bool:
    """Tell whether a folder holds songs in folders of both kinds.

    Examples
    --------
    >>> holds_prog_songs(Path("no-such-folder"))
    False
    """
    # By the folders' names first: most data sets have none of them and need not be listed.
    tops = [each.name for each in folder.glob("*/")] if folder.is_dir() else []
    below = [each.name for each in folder.glob("*/*/")] if tops else []
    if not any(_plain(each) in PROG for each in (*tops, *below)):
        return False
    labels = {read_place(path).label for path in list_covers(folder, suffixes=SONG_SUFFIXES)}
    return {"prog", "non-prog"} <= labels


def read_place(path: str) -> Place:
    """Read a song's label and split off the folders that it lies in.

    Parameters
    ----------
    path : str
        Relative, `/` between names. The outermost folder that names a label counts, but one that
        is left out wins wherever it stands; a split is named by a folder above that, or by the
        one right below it where it is called by nothing else.

    Returns
    -------
    Place

    Examples
    --------
    >>> read_place("CAP6610sp21_Test_Set/Not_Progressive_Rock/Other_Songs/a.mp3")
    Place(label='non-prog', split='test', source='Other_Songs')
    >>> read_place("Prog/Test For Echo/02.mp3").split, read_place("Prog/test/02.mp3").split
    ('', 'test')
    """
    folders = PurePosixPath(path).parts[:-1]
    kinds = [_kind(name) for name in folders]
    if "excluded" in kinds:
        return Place("excluded", "", folders[kinds.index("excluded")])
    told = [k for k, kind in enumerate(kinds) if kind]
    if not told:
        return Place("", "", "")
    first = inner = told[0]
    # Not_Progressive_Rock/Top_Of_The_Pops tells twice, and the inner name says more.
    while inner + 1 < len(kinds) and kinds[inner + 1] == kinds[first]:
        inner += 1
    split = next((found for name in folders[:first] if (found := _split_in(name))), "")
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


def _item(path: str, place: Place, tags: Tags) -> dict[str, object]:
    artist, title = _from_name(PurePosixPath(path).stem)
    if tags.artist.casefold() not in NOBODY:
        artist = clean_text(tags.artist)
    return {
        "item_id": path,
        "path": path,
        "labels": [place.label],
        "title": clean_text(tags.title) or title,
        "artist": artist,
        "album": clean_text(tags.album),
        "year": tags.year,
        "source": place.source,
        "group": f"artist:{artist.casefold()}" if artist else "",
        "split": place.split,
    }


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
