"""Covers or songs in a folder with one folder a genre."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from genre_core.audio.containers import SONG_SUFFIXES
from genre_core.data.catalog import DatasetHead
from genre_core.data.importers.contract import Layout, Listing
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.rows import Row, fill_from_tags, new_row
from genre_core.data.item import SPLITS, clean_text, read_split
from genre_core.data.media_walk import is_shown, list_media, medium_of
from genre_core.errors import DatasetError, Problem
from genre_core.image.decode import COVER_SUFFIXES


def read_genre_folders(root: Path, options: ImportOptions, problems: list[Problem]) -> Listing:
    """List `root/<genre>/.../<file>`.

    Where folders at the top are called by splits' names (train, val, validation, test ...), the
    layout is `root/<split>/<genre>/.../<file>`, or with such folders in every genre's
    `root/<genre>/<split>/.../<file>`, and the splits are kept; what lies beside them is named and
    left out. Songs count where there are any, else covers; other files (as an album's cover beside
    its songs), and names that begin with a dot, are passed over. Artists of covers are unknown
    here: each is a group of its own.
    """
    if not root.is_dir():
        raise _no_layout(f"no folder {root}")
    songs = _holds_songs(root)
    left_out: list[Problem] = []
    paths = list_media(root, left_out, suffixes=SONG_SUFFIXES if songs else COVER_SUFFIXES)
    media = "track" if songs else "cover"
    name = root.absolute().name
    shape = _Shape.of([PurePosixPath(path).parts for path in paths])
    if shape.is_inner and (only := _only_folder(paths)):
        # What looks like splits of one genre are those of all, in a folder around them.
        listing = read_genre_folders(root / only, options, problems)
        return replace(listing, head=replace(listing.head, name=name))
    problems += left_out
    rows: dict[str, Row] = {}
    spellings: dict[str, set[str]] = {}
    beside: Counter[str] = Counter()
    for path in paths:
        parts = PurePosixPath(path).parts
        if len(parts) < 2 or (shape.splits and parts[0] in shape.splits and len(parts) < 3):
            problems.append(Problem(path, "lies in no genre folder"))
        elif shape.splits and parts[0] not in shape.splits:
            beside[parts[0]] += 1
        else:
            split, genre = shape.read(parts)
            rows[path] = new_row(path, [clean_text(genre)], split=split)
            spellings.setdefault(clean_text(genre), set()).add(genre)
    for stranger, n in beside.items():
        what = f"no split, but beside {', '.join(shape.splits)}: its {n:,} files are left out"
        problems.append(Problem(stranger, what))
    for genre, names in spellings.items():
        if len(names) > 1:
            what = f"{' and '.join(map(repr, sorted(names)))} are folders of this one genre"
            problems.append(Problem(f"genre {genre!r}", what, is_note=True))
    if not rows:
        loose = f"{len(paths):,} directly in" if paths else "no cover and no song in"
        raise _no_layout(f"{loose} {root}")
    used = {place.as_posix() for path in rows for place in PurePosixPath(path).parents}
    used |= {problem.where for problem in problems}
    problems += _empty_folders(root, shape.splits or ("",), used, media)
    return Listing(root, DatasetHead(name, "", "unknown", "unknown", media), rows)


FOLDERS = Layout(
    text="one folder a genre",
    read=read_genre_folders,
    files=(*COVER_SUFFIXES, *SONG_SUFFIXES),
    fill=fill_from_tags,
)


def _holds_songs(root: Path) -> bool:
    named = list_media(root, suffixes=SONG_SUFFIXES)
    is_any = any(medium_of(root / path)[0] == "song" for path in named)
    return is_any or (bool(named) and not list_media(root))


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where splits stand in the paths of a folder.

    splits: Folders at the top that are splits.
    is_inner: Splits are the folders in each genre's.
    """

    splits: tuple[str, ...] = ()
    is_inner: bool = False

    @classmethod
    def of(cls, paths: Sequence[tuple[str, ...]]) -> _Shape:
        """Tell it by the folders' names: nobody calls genres train and test."""
        deep = [parts for parts in paths if len(parts) > 2]
        tops = {parts[0] for parts in paths if len(parts) > 1}
        named = sorted(filter(_split_of, tops), key=lambda top: SPLITS.index(_split_of(top)))
        with_genres = {_split_of(parts[0]) for parts in deep} - {""}
        if named and (len(named) == len(tops) or len(with_genres) > 1 or "train" in with_genres):
            return cls(splits=tuple(named))
        inner = {_split_of(parts[1]) for parts in deep}
        is_inner = "" not in inner and "train" in inner and len(deep) == len(paths)
        return cls(is_inner=is_inner)

    def read(self, parts: tuple[str, ...]) -> tuple[str, str]:
        """Return the split and the genre of a file."""
        if self.splits:
            return _split_of(parts[0]), parts[1]
        return _split_of(parts[1]) if self.is_inner else "", parts[0]


def _only_folder(paths: Sequence[str]) -> str:
    """Return the one folder that all lie in below genres of their own, "" where there is none."""
    parts = [PurePosixPath(path).parts for path in paths]
    tops = {own[0] for own in parts}
    return tops.pop() if len(tops) == 1 and all(len(own) > 3 for own in parts) else ""


def _split_of(name: str) -> str:
    try:
        return read_split(name)
    except ValueError:
        return ""


def _empty_folders(root: Path, tops: Sequence[str], used: set[str], media: str) -> list[Problem]:
    """Name the genre folders that nothing comes from."""
    what = f"a genre folder with no {'song' if media == 'track' else 'cover'} in it"
    folders = [path for top in tops for path in sorted((root / top).iterdir()) if path.is_dir()]
    return [
        Problem(place, what, is_note=True)
        for path in folders
        if is_shown(path.name)
        and not path.is_symlink()
        and not {place := path.relative_to(root).as_posix(), str(path)} & used
    ]


def _no_layout(received: str) -> DatasetError:
    return DatasetError(
        "Covers or songs lie in a folder with one folder a genre.",
        received=received,
        cure="Put each genre's files into a folder of its own, and give the folder above these.",
    )
