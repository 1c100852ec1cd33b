"""What becomes of rows once their files were read: tags fill them, copies are left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from genre_core.audio import Tags
from genre_core.data.item import clean_text, read_split, read_year
from genre_core.errors import Problem

Row = dict[str, Any]
"""One item, by the names of `data.item.ITEM_COLUMNS`."""

NOBODY = frozenset((
    "", "various artists", "various", "v.a.", "v/a", "va", "unknown artist", "unknown artists",
    "unknown", "(unknown)", "<unknown>", "[unknown]", "unbekannt", "unbekannter interpret",
    "verschiedene interpreten", "artiste inconnu", "artista desconocido", "artista sconosciuto",
))  # fmt: skip
"""What tags and tables say that names no artist, in lower case."""

MAX_SHARING = 5
"""Groups that must share a file for it to count as a placeholder; ours, no study says."""

_SPLIT_ORDER = {"test": 0, "val": 1, "train": 2, "": 3}


def new_row(path: str, labels: list[str], **values: object) -> Row:
    """Make the row of a file, which is named by its path."""
    return {"item_id": path, "path": path, "labels": labels, **values}


def read_year_and_split(
    row: Row, year: str, split: str, where: str, problems: list[Problem]
) -> None:
    """Put year and split into a row; what is none is listed and left empty."""
    row |= {"year": None, "split": ""}
    for key, text, read in (("year", year, read_year), ("split", split, read_split)):
        try:
            row[key] = read(text)
        except ValueError as error:
            problems.append(Problem(where, f"{key} left empty: {error}"))


def fill_from_tags(row: Row, tags: Tags) -> Row:
    """Give a row what its file's tags say where nothing else does; its artist is its group.

    >>> tags = Tags(title="Starless", artist="King Crimson", year=1974)
    >>> filled = fill_from_tags({"title": "Starless (live)"}, tags)
    >>> filled["title"], filled["artist"], filled["group"], filled["year"]
    ('Starless (live)', 'King Crimson', 'artist:king crimson', 1974)
    """
    filled = dict(row)
    artist = "" if tags.artist.casefold() in NOBODY else tags.artist
    for key, text in (("title", tags.title), ("artist", artist), ("album", tags.album)):
        filled[key] = row.get(key) or clean_text(text)
    filled["year"] = tags.year if row.get("year") is None else row["year"]
    if not row.get("group") and filled["artist"]:
        filled["group"] = f"artist:{str(filled['artist']).casefold()}"
    return filled


def leave_out_placeholders(rows: list[Row], problems: list[Problem]) -> list[Row]:
    """Leave out pictures that stand for nothing, as shops show where a cover is missing.

    Such a file is shared by `MAX_SHARING` groups or more, or stands in two splits: where splits
    never share an artist, it cannot be one album's cover.

    >>> rows = [{"item_id": k, "checksum": "f" * 64, "group": k} for k in "abcde"]
    >>> problems = []
    >>> leave_out_placeholders(rows, problems)
    []
    >>> str(problems[0])
    'a: the same picture as 4 others, of 5 groups: a placeholder'
    """
    kept = []
    files = by_file(rows)
    for row in rows:
        same = files[row["checksum"]]
        groups = {other["group"] for other in same}
        splits = {other.get("split", "") for other in same} - {""}
        if len(groups) >= MAX_SHARING or len(splits) > 1:
            which = f"{len(groups)} groups" if len(splits) < 2 else f"{len(splits)} splits"
            what = f"the same picture as {len(same) - 1} others, of {which}: a placeholder"
            problems.append(Problem(str(row["item_id"]), what))
        else:
            kept.append(row)
    return kept


def leave_out_copies(rows: list[Row], problems: list[Problem]) -> list[Row]:
    """Keep one of the items that are the same file, or none where their labels differ.

    Kept is the one of test before one of val, of train or of none, and the first by name.

    >>> rows = [{"item_id": k, "checksum": "f" * 64, "labels": ["prog"], "split": split}
    ...         for k, split in (("a", "train"), ("b", "test"))]
    >>> problems = []
    >>> [row["item_id"] for row in leave_out_copies(rows, problems)], str(problems[0])
    (['b'], 'a: the same file as b')
    """
    kept = []
    for same in by_file(rows).values():
        first, *others = sorted(
            same, key=lambda row: (_SPLIT_ORDER[row["split"]], str(row["item_id"]))
        )
        if any(row["labels"] != first["labels"] for row in others):
            names = ", ".join(str(row["item_id"]) for row in same)
            what = f"the same file under two labels ({names}): left out of both"
            problems += [Problem(str(row["item_id"]), what) for row in same]
            continue
        kept.append(first)
        what = f"the same file as {first['item_id']}"
        problems += [Problem(str(row["item_id"]), what) for row in others]
    return kept


def leave_out_both(rows: list[Row], problems: list[Problem]) -> list[Row]:
    """Leave out files that lie in two sources: one picture cannot be prog and not be it."""
    kept = []
    files = by_file(rows)
    for row in rows:
        if len({other["source"] for other in files[row["checksum"]]}) > 1:
            problems.append(Problem(str(row["item_id"]), "the same picture lies in both folders"))
        else:
            kept.append(row)
    return kept


def by_file(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Gather the rows of the same file, by its checksum."""
    files: dict[str, list[Row]] = {}
    for row in rows:
        files.setdefault(row["checksum"], []).append(row)
    return files
