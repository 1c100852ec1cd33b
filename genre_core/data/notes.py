"""What people noted on the items of data sets: texts, flags and better labels, with their history.

Each change is a row of `GENRE_HOME/notes.sqlite` and stays there; an item's newest row holds. A
note belongs to a file, by its checksum, in the data set of a name: it outlives a re-import, and
copies of one file share it.
"""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from genre_core.data.catalog import Catalog
from genre_core.data.item import clean_text
from genre_core.data.notes_file import INSERT, has_notes, last_row, reading, writing
from genre_core.errors import ParameterError, describe, did_you_mean, require

if TYPE_CHECKING:
    import pandas as pd

NOTE_COLUMNS = ("item_id", "checksum", "text", "flag", "labels", "weights", "who", "at")
"""Columns of `notes_of`, and of a table of notes."""

MAX_TEXT = 2_000
"""Longest text of a note, in characters."""
MAX_WHO = 100
"""Longest name of who noted, in characters."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is noted on an item.

    text: In plain words, at most `MAX_TEXT` characters.
    flag: Somebody wants to come back to it.
    labels: In place of the data set's own; empty where these stand.
    weights: The share of each of `labels`, summing to 1; empty where each counts whole.
    who, at: Who noted it, and when (ISO 8601, UTC).
    """

    text: str = ""
    flag: bool = False
    labels: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    who: str = ""
    at: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is noted, or no longer."""
        return not any(self._said)

    def is_same(self, other: Note) -> bool:
        """Whether another note says the same, whoever wrote it when."""
        return self._said == other._said

    @property
    def _said(self) -> tuple[object, ...]:
        return (self.text, self.flag, self.labels, self.weights)

    def changed(
        self,
        *,
        known: Sequence[str],
        text: str | None = None,
        flag: bool | None = None,
        labels: Sequence[str] | None = None,
        weights: Mapping[str, float] | None = None,
        who: str = "",
    ) -> Note:
        """Return the note as it is after a change, see `note`; `known` are the genres there are."""
        shares = self.weights
        if weights:
            given = _shares(weights)
            require(
                labels is None or set(labels) in (set(weights), set(given)),
                "weights must name the labels, and no others.",
                list(weights),
                f"Give shares of {', '.join(labels or ())}, or leave the labels out.",
            )
            labels, shares = list(given), tuple(given.values()) if len(given) > 1 else ()
        elif labels is not None or weights is not None:
            shares = ()
        for label in (own for own in labels or () if own not in known):
            rule = "A label must be one of the data set's."
            require(False, rule, label, did_you_mean(label, known))
        return Note(
            self.text if text is None else _text(text, "text", MAX_TEXT),
            self.flag if flag is None else bool(flag),
            self.labels if labels is None else tuple(dict.fromkeys(labels)),
            shares,
            _text(who, "who", MAX_WHO),
            _now(),
        )


def note(
    catalog: Catalog,
    item_id: str,
    *,
    text: str | None = None,
    flag: bool | None = None,
    labels: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    who: str = "",
) -> Note:
    """Note something on an item; what is None stays as it was noted.

    Parameters
    ----------
    catalog : Catalog
        The data set.
    item_id : str
        One of its items.
    text : str, optional
        At most `MAX_TEXT` characters; "" takes it back.
    flag : bool, optional
        Somebody wants to come back to it.
    labels : sequence of str, optional
        Labels of the data set that take the place of the item's own; none takes them back.
    weights : mapping of str to float, optional
        Shares of labels, each in [0, 1], summing to 1; they are the labels then.
    who : str
        A name, at most `MAX_WHO` characters.

    Returns
    -------
    Note
        As it stands now. Where nothing changes, nothing is written.

    Raises
    ------
    ParameterError
        No such item or label, a text that is too long, or shares that do not sum to 1.
    JobError
        The file of notes cannot be used.
    """
    checksum = checksum_of(catalog, item_id)
    known = catalog.head.labels
    with writing() as db:
        old = newest(db, catalog.head.name, checksum)
        new = old.changed(
            known=known, text=text, flag=flag, labels=labels, weights=weights, who=who
        )
        if new.is_same(old):
            return old
        write_notes(db, catalog.head.name, [(checksum, item_id, new)])
    return new


def undo(catalog: Catalog, item_id: str, *, who: str = "") -> Note:
    """Bring back what was noted on an item before its last change, as a change of its own.

    Done again it goes further back; with nothing before, nothing is noted.
    """
    data, checksum = catalog.head.name, checksum_of(catalog, item_id)
    who = _text(who, "who", MAX_WHO)
    with writing() as db:
        current = _stands_for(last_row(db, data, checksum))
        if current == 0:
            return newest(db, data, checksum)
        earlier = last_row(db, data, checksum, before=current)
        number = _stands_for(earlier)
        state = replace(_as_note(earlier) if earlier else Note(), who=who, at=_now())
        write_notes(db, data, [(checksum, item_id, state)], stands_for=number)
    return state


def history(catalog: Catalog, item_id: str) -> tuple[Note, ...]:
    """Give everything that was ever noted on an item, the oldest first, each as it stood then."""
    key = (catalog.head.name, checksum_of(catalog, item_id))
    if not has_notes():
        return ()
    what = "SELECT * FROM notes WHERE data = ? AND checksum = ? ORDER BY number"
    with reading() as db:
        return tuple(map(_as_note, db.execute(what, key)))


def notes_of(catalog: Catalog) -> pd.DataFrame:
    """Give what is noted on the items of a data set: a row for each that has a note, in order.

    The columns are `NOTE_COLUMNS`: `flag` bool, `labels` tuples of text, `weights` tuples of float,
    the rest text. Notes on files that are no longer in the data set are kept, but are not here.
    """
    import pandas as pd

    noted = noted_items(catalog)
    items = catalog.items_named(noted)
    checksums = dict(zip(items["item_id"], items["checksum"], strict=True))
    rows = [
        (item_id, checksums[item_id], *(getattr(its, name) for name in NOTE_COLUMNS[2:]))
        for item_id, its in noted.items()
    ]
    return pd.DataFrame(rows, columns=list(NOTE_COLUMNS)).astype({"flag": bool})


def noted_items(
    catalog: Catalog, *, before: Mapping[str, Note] | None = None, since: int = 0
) -> dict[str, Note]:
    """Give what is noted on the items of a data set as `notes_of` does, by item.

    `before` is what this gave when the notes' newest row was number `since` (`last_change`): then
    only what was changed after it is read.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    newest, known, noted = _newest_of_files(catalog.head.name, since), before or {}, {}
    if not newest and not known:
        return {}
    items = catalog.table(("item_id", "checksum"))
    is_named = pc.is_in(items["item_id"], pa.array(list(known), pa.string()))
    is_changed = pc.is_in(items["checksum"], pa.array(list(newest), pa.string()))
    for row in items.filter(pc.or_(is_named, is_changed)).to_pylist():
        item_id, checksum = row["item_id"], row["checksum"]
        its = newest.get(checksum) or known.get(item_id)
        if its is not None and not (checksum in newest and its.is_empty):
            noted[item_id] = its
    return noted


def noted_files(data: str) -> dict[str, Note]:
    """Give the notes that hold in the data set of a name, by checksum, empty ones left out."""
    noted = _newest_of_files(data)
    return {checksum: its for checksum, its in noted.items() if not its.is_empty}


def _newest_of_files(data: str, since: int = 0) -> dict[str, Note]:
    """Give the newest note on each file, by checksum, of rows with numbers above `since`."""
    if not has_notes():
        return {}
    what = (
        "SELECT * FROM notes WHERE number IN "
        "(SELECT MAX(number) FROM notes WHERE data = ? AND number > ? GROUP BY checksum)"
    )
    with reading() as db:
        return {row["checksum"]: _as_note(row) for row in db.execute(what, (data, since))}


def checksum_of(catalog: Catalog, item_id: str) -> str:
    """Return an item's checksum."""
    rows = catalog.items_named([item_id])["checksum"]
    rule = f"item_id must be an item of {catalog.head.name!r}."
    require(not rows.empty, rule, item_id, "Use a value of the column item_id.")
    return str(rows.iloc[0])


def newest(db: sqlite3.Connection, data: str, checksum: str) -> Note:
    """Return what holds for a file; an empty note where there is none."""
    row = last_row(db, data, checksum)
    return Note() if row is None else _as_note(row)


def write_notes(
    db: sqlite3.Connection,
    data: str,
    notes: Sequence[tuple[str, str, Note]],
    *,
    stands_for: int | None = None,
) -> None:
    """Add rows of (checksum, item_id, note) to the history."""
    rows = [
        {
            "data": data,
            "checksum": checksum,
            "item_id": item_id,
            "text": its.text,
            "flag": its.flag,
            "labels": json.dumps(its.labels),
            "weights": json.dumps(its.weights),
            "who": its.who,
            "at": its.at,
            "stands_for": stands_for,
        }
        for checksum, item_id, its in notes
    ]
    db.executemany(INSERT, rows)


def as_shares(parts: Mapping[str, float]) -> dict[str, float]:
    """Scale parts of any size, not below 0, to shares that sum to 1; all 0, each counts the same.

    >>> as_shares({"Rock": 30, "Jazz": 10})
    {'Rock': 0.75, 'Jazz': 0.25}
    """
    whole = sum(parts.values())
    return {label: part / whole if whole else 1 / len(parts) for label, part in parts.items()}


def _stands_for(row: sqlite3.Row | None) -> int:
    if row is None:
        return 0
    return int(row["number"] if row["stands_for"] is None else row["stands_for"])


def _as_note(row: sqlite3.Row) -> Note:
    labels, weights = (
        tuple(json.loads(text)) if (text := row[name]) != "[]" else ()
        for name in ("labels", "weights")
    )
    return Note(row["text"], bool(row["flag"]), labels, weights, row["who"], row["at"])


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    """Check shares and leave out those of 0."""
    shares = {str(label): float(share) for label, share in weights.items()}
    if all(0 <= share <= 1 for share in shares.values()) and abs(sum(shares.values()) - 1) < 1e-6:
        return {label: share for label, share in shares.items() if share > 0}
    raise ParameterError(
        "weights must lie in [0, 1] and sum to 1.",
        received=describe(shares),
        cure="Give each genre its share, such as .7 and .3.",
    )


def _text(text: str, name: str, most: int) -> str:
    plain = clean_text(text).replace("\r\n", "\n").replace("\r", "\n")
    is_plain = all(
        sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs") for sign in plain
    )
    require(
        len(plain) <= most and is_plain,
        f"{name} must be plain text of at most {most:,} characters.",
        f"{len(plain):,} characters" if is_plain else plain,
        "Shorten it." if is_plain else "Leave out signs that cannot be seen.",
    )
    return plain


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
