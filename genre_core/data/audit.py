"""Check a catalog against its contract, naming every fault at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from genre_core.data.catalog import Catalog
from genre_core.data.files import path_inside, relative_posix, sha256_file
from genre_core.data.item import ITEM_COLUMNS, SPLITS, TEXT_COLUMNS, WEIGHTS
from genre_core.data.splits import find_leaks
from genre_core.errors import DatasetError, LeakError, ParameterError, Problem

MEDIA = ("cover", "track")
"""What the items of a data set may be."""

_CHECKSUM = re.compile(r"[0-9a-f]{64}")


def validate(catalog: Catalog, *, check_files: bool = False) -> list[Problem]:
    """List everything that is wrong with a catalog; empty for a sound one.

    Columns come first: where one is missing, items are not looked at. Leaks are no problem where
    somebody insisted on them (`DatasetHead.allows_leaks`). With `check_files` every file is read
    too: is it there, inside the root, and the one that was imported?

    >>> from pathlib import Path
    >>> from genre_core.data.catalog import DatasetHead
    >>> from genre_core.data.item import items_frame
    >>> frame = items_frame([{"item_id": "a", "path": "../a.jpg", "checksum": "0" * 64}])
    >>> head = DatasetHead("mine", "Mine", "unknown", "unknown")
    >>> for problem in validate(Catalog(head, Path("."), frame)):
    ...     print(problem)
    a: its path '../a.jpg' is no plain relative path
    a: has no label
    """
    frame = catalog.frame
    problems = list(_head_faults(catalog))
    missing = [name for name in ITEM_COLUMNS if name not in frame.columns]
    if missing:
        return problems + [Problem(f"column {name}", "is missing") for name in missing]
    not_text = [
        name
        for name in TEXT_COLUMNS
        if not frame[name].map(lambda value: isinstance(value, str)).all()
    ]
    if not_text:
        return problems + [
            Problem(f"column {name}", "has values without text") for name in not_text
        ]
    problems += _id_faults(frame)
    problems += _path_faults(frame)
    problems += _label_faults(frame, catalog.head.labels)
    problems += _value_faults(frame)
    if WEIGHTS in frame:
        problems += _weight_faults(frame)
    if catalog.head.allows_leaks is not True:
        problems += find_leaks(frame)
    if check_files:
        problems += _file_faults(catalog)
    return problems


def check(catalog: Catalog, *, check_files: bool = False) -> Catalog:
    """Return the catalog, or raise `LeakError` or `DatasetError` with all that is wrong with it."""
    problems = tuple(validate(catalog, check_files=check_files))
    if not problems:
        return catalog
    has_leak = (
        catalog.head.allows_leaks is not True
        and set(ITEM_COLUMNS) <= set(catalog.frame.columns)
        and bool(find_leaks(catalog.frame))
    )
    error = LeakError if has_leak else DatasetError
    first = "; ".join(str(problem) for problem in problems[:3])
    raise error(
        f"The data set {catalog.head.name!r} must keep its contract"
        + (", above all no group and no file in two splits." if has_leak else "."),
        received=f"{len(problems)} problem{'s' if len(problems) > 1 else ''}: {first}",
        cure="Correct what is listed and import the data again.",
        problems=problems,
    )


def _head_faults(catalog: Catalog) -> Iterator[Problem]:
    head = catalog.head
    for name in ("name", "title", "citation", "licence"):
        if not getattr(head, name).strip():
            yield Problem(f"head {name}", "is empty")
    if "/" in head.name or "\\" in head.name or head.name in (".", ".."):
        yield Problem("head name", f"{head.name!r} is no plain name")
    if head.media not in MEDIA:
        yield Problem("head media", f"{head.media!r} is not one of {', '.join(MEDIA)}")


def _id_faults(frame: pd.DataFrame) -> Iterator[Problem]:
    ids = frame["item_id"]
    n_empty = int((ids == "").sum())
    if n_empty:
        yield Problem("column item_id", f"is empty in {n_empty} rows")
    for column in ("item_id", "path"):
        filled = frame.loc[frame[column] != "", column]
        for value, count in filled[filled.duplicated(keep=False)].value_counts().items():
            yield Problem(str(value), f"stands {count} times in the column {column}")


def _path_faults(frame: pd.DataFrame) -> Iterator[Problem]:
    for item_id, path in zip(frame["item_id"], frame["path"], strict=True):
        try:
            is_plain = relative_posix(path) == path
        except ParameterError:
            is_plain = False
        if not is_plain:
            yield Problem(item_id, f"its path {path!r} is no plain relative path")


def _label_faults(frame: pd.DataFrame, known: tuple[str, ...]) -> Iterator[Problem]:
    allowed = set(known)
    for item_id, labels in zip(frame["item_id"], frame["labels"], strict=True):
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            yield Problem(item_id, f"its labels {labels!r} are no list of text")
            continue
        if not labels:
            yield Problem(item_id, "has no label")
        if len(set(labels)) < len(labels):
            yield Problem(item_id, f"repeats a label in {labels!r}")
        strange = [label for label in labels if label not in allowed]
        if strange:
            yield Problem(item_id, f"has labels that the head does not list: {strange!r}")


def _weight_faults(frame: pd.DataFrame) -> Iterator[Problem]:
    for item_id, labels, weights in zip(
        frame["item_id"], frame["labels"], frame[WEIGHTS], strict=True
    ):
        if len(weights) not in (0, len(labels)):
            yield Problem(item_id, f"has {len(weights)} weights for {len(labels)} labels")
        elif not all(0 < weight <= 1 for weight in weights):
            yield Problem(item_id, f"its weights {weights!r} do not lie above 0 and up to 1")


def _value_faults(frame: pd.DataFrame) -> Iterator[Problem]:
    bad_checksum = ~frame["checksum"].map(lambda text: bool(_CHECKSUM.fullmatch(text)))
    bad_split = ~frame["split"].isin([*SPLITS, ""])
    year = pd.to_numeric(frame["year"], errors="coerce")
    bad_year = frame["year"].notna() & ~(year.between(1000, 2999).fillna(False).astype(bool))
    for column, bad, what in (
        ("checksum", bad_checksum, "no SHA-256 of 64 digits"),
        ("split", bad_split, "not train, val, test or empty"),
        ("year", bad_year, "no year from 1000 to 2999"),
    ):
        for item_id, value in frame.loc[bad, ["item_id", column]].itertuples(index=False):
            shown = repr(value) if isinstance(value, str) else str(value)
            yield Problem(str(item_id), f"its {column} {shown} is {what}")


def _file_faults(catalog: Catalog) -> Iterator[Problem]:
    columns = catalog.frame[["item_id", "path", "checksum"]]
    for item_id, path, checksum in columns.itertuples(index=False):
        try:
            file = path_inside(catalog.root, path)
        except ParameterError as error:
            yield Problem(item_id, f"leaves the data set's folder: {error.received}")
            continue
        try:
            if not file.is_file():
                yield Problem(item_id, f"has no file {path!r}")
            elif sha256_file(file) != checksum:
                yield Problem(item_id, f"the file {path!r} is not the one that was imported")
        except OSError as error:
            yield Problem(item_id, f"the file {path!r} cannot be read: {error.strerror or error}")
