"""The columns of a catalog: what is known of one cover or one track."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


ITEM_COLUMNS = (
    "item_id", "path", "checksum", "labels", "title", "artist", "album", "year", "source", "group",
    "split",
)  # fmt: skip
"""Columns of a catalog's frame, in order.

item_id : text, unique; for imported files the path relative to the root.
path : text, relative to the catalog's root, `/` between names.
checksum : text, SHA-256 of the file, 64 hexadecimal digits.
labels : list of text, the genres and other labels as the source gives them.
title, artist, album : text, empty where unknown.
year : whole number, missing where unknown.
source : text, the collection the item comes from; empty where there is only one.
group : text, shared by items that must not be split (same artist, near-duplicates).
split : "train", "val", "test", or empty for none.
"""

WEIGHTS = "weights"
"""A further column of data sets that have items with shares of labels: the share of each of
`labels`, in (0, 1], as a list in their order; empty where each label counts whole."""

SPLITS = ("train", "val", "test")
"""Names of the three splits, in order."""

TEXT_COLUMNS = tuple(name for name in ITEM_COLUMNS if name not in ("labels", "year"))

EMPTY_WORDS = frozenset((
    "", "nan", "-nan", "none", "null", "(null)", "nil", "na", "n/a", "n.a.", "<na>", "#n/a", "#na",
    "nat", "undefined", "#value!", "#ref!", "?", "-", "--", "\u2013", "\u2014",
))  # fmt: skip
"""What programs write into a cell that holds nothing, in lower case."""

_SPLIT_NAMES = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), "test"),
}
_SET = re.compile(r"(?<=[a-z])[\s_-]*(set|data|split)$")


def items_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Make a frame with `ITEM_COLUMNS` and their types from one mapping an item.

    Missing text becomes "", missing labels an empty list, a missing year stays missing. Text
    columns are of dtype str, `year` Int64, `labels` lists; the index is 0 to n_items - 1. Where a
    row has some, there are `WEIGHTS` too.

    >>> frame = items_frame([{"item_id": "a.jpg", "path": "a.jpg", "labels": ["Rock"]}])
    >>> frame.loc[0, "artist"], frame.loc[0, "labels"], bool(frame["year"].isna()[0])
    ('', ['Rock'], True)
    """
    import pandas as pd

    rows = list(rows)
    columns: dict[str, pd.Series[Any]] = {}
    for name in ITEM_COLUMNS:
        if name == "labels":
            lists = [list(row.get(name, ())) for row in rows]
            columns[name] = pd.Series(lists, dtype=object)
        elif name == "year":
            columns[name] = pd.Series([row.get(name) for row in rows], dtype="Int64")
        else:
            columns[name] = pd.Series([str(row.get(name, "")) for row in rows], dtype="str")
    if any(row.get(WEIGHTS) for row in rows):
        weights = [list(row.get(WEIGHTS, ())) for row in rows]
        columns[WEIGHTS] = pd.Series(weights, dtype=object)
    return pd.DataFrame(columns)


def column_type(name: str) -> pa.DataType:
    """Give the type of a column of a catalog as a table of Arrow's.

    >>> column_type("labels"), column_type("year")
    (ListType(list<item: string>), DataType(int64))
    """
    import pyarrow as pa

    of_lists = {"labels": pa.list_(pa.string()), WEIGHTS: pa.list_(pa.float64())}
    return of_lists.get(name, pa.int64() if name == "year" else pa.string())


def clean_text(text: str) -> str:
    """Strip a text and bring it into Unicode's composed form (NFC): equal names are equal."""
    return unicodedata.normalize("NFC", text).strip()


def is_empty_word(text: str) -> bool:
    """Tell whether a cell holds nothing, or a program's word for it.

    >>> is_empty_word(" NaN "), is_empty_word("Nancy")
    (True, False)
    """
    return text.strip().casefold() in EMPTY_WORDS


def read_year(text: str) -> int | None:
    """Read a year, 1000 to 2999, or a date's; None of an empty text, `ValueError` of others."""
    plain = text.strip()
    if is_empty_word(plain):
        return None
    match = re.fullmatch(r"([12][0-9]{3})(\.0*|-[0-9]{1,2}(-[0-9]{1,2})?)?", plain)
    if match is None:
        raise ValueError(f"{text!r} is no year from 1000 to 2999")
    return int(match[1])


def read_split(text: str) -> str:
    """Read the name of a split, also by its other common names; "" for none.

    >>> read_split("Validation"), read_split("Training_Set"), read_split("")
    ('val', 'train', '')
    """
    plain = text.strip().lower()
    try:
        return "" if plain in EMPTY_WORDS else _SPLIT_NAMES[_SET.sub("", plain)]
    except KeyError:
        raise ValueError(f"{text!r} is no split (train, val or test)") from None
