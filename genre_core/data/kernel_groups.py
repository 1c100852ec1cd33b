"""Groups of kernels corrected by hand: who put which kernel where, and when, all of it kept.

They lie beside the notes on items, in the same file; a kernel is named by the checksum of its
network's weights, its layer and its number. The newest row of a kernel holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from genre_core.data.notes import MAX_WHO
from genre_core.data.notes_file import Database, has_notes, reading, writing
from genre_core.errors import require

_TABLE = """
CREATE TABLE IF NOT EXISTS kernel_groups (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  model TEXT NOT NULL,
  layer TEXT NOT NULL,
  kernel INTEGER NOT NULL,
  name TEXT NOT NULL,
  who TEXT NOT NULL,
  at TEXT NOT NULL
)"""


@dataclass(frozen=True, slots=True)
class Correction:
    """A kernel that somebody put into a group.

    name: The group; "" where the rule's own holds again.
    who, at: Who did it, and when (ISO 8601, UTC).
    """

    kernel: int
    name: str
    who: str
    at: str


def correct_group(model: str, layer: str, kernel: int, name: str, *, who: str = "") -> None:
    """Put a kernel into a group; "" gives it back to the rule. Nothing new writes nothing.

    Parameters
    ----------
    model : str
        Checksum of the network's weights, as on its card.
    layer : str
        Name of the convolution.
    kernel : int
        Its number, from 0.
    name : str
        Of the group, at most 40 characters; the caller knows which there are.
    who : str
        A name, at most `notes.MAX_WHO` characters.

    Raises
    ------
    ParameterError
        A number below 0, or a name that is too long.
    JobError
        The file of notes cannot be used.

    Examples
    --------
    >>> import os, tempfile
    >>> from unittest import mock
    >>> with tempfile.TemporaryDirectory() as folder, mock.patch.dict(
    ...     os.environ, {"GENRE_HOME": folder}
    ... ):
    ...     correct_group("ab12", "conv_1", 3, "dots", who="Ann")
    ...     corrected_groups("ab12", "conv_1")[3].name
    'dots'
    """
    require(kernel >= 0, "A kernel's number must be at least 0.", kernel, "Count from 0.")
    rule = f"A group's name has at most 40 characters, who at most {MAX_WHO}."
    require(len(name) <= 40 and len(who) <= MAX_WHO, rule, (name, who), "Shorten it.")
    with writing() as db:
        db.execute(_TABLE)
        old = _newest(db, model, layer).get(kernel)
        if (old.name if old else "") == name:
            return
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        db.execute(
            "INSERT INTO kernel_groups (model, layer, kernel, name, who, at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (model, layer, kernel, name, who, at),
        )


def corrected_groups(model: str, layer: str) -> dict[int, Correction]:
    """Give the corrections that hold in a layer, by kernel."""
    if not has_notes():
        return {}
    with reading() as db:
        if not _is_there(db):
            return {}
        return {k: own for k, own in _newest(db, model, layer).items() if own.name}


def correction_history(model: str, layer: str, kernel: int) -> tuple[Correction, ...]:
    """Give every correction of a kernel, the oldest first."""
    if not has_notes():
        return ()
    what = (
        "SELECT kernel, name, who, at FROM kernel_groups "
        "WHERE model = ? AND layer = ? AND kernel = ? ORDER BY number"
    )
    with reading() as db:
        if not _is_there(db):
            return ()
        return tuple(Correction(*row) for row in db.execute(what, (model, layer, kernel)))


def _newest(db: Database, model: str, layer: str) -> dict[int, Correction]:
    what = (
        "SELECT kernel, name, who, at FROM kernel_groups WHERE number IN (SELECT MAX(number) "
        "FROM kernel_groups WHERE model = ? AND layer = ? GROUP BY kernel)"
    )
    return {row["kernel"]: Correction(*row) for row in db.execute(what, (model, layer))}


def _is_there(db: Database) -> bool:
    what = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'kernel_groups'"
    return db.execute(what).fetchone() is not None
