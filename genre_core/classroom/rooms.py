"""Rooms in which a class guesses genres: what one is, how it is opened and found."""

from __future__ import annotations

import hmac
import json
import re
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from genre_core.classroom.quiz_file import has_rooms, hash_of, now, reading, writing
from genre_core.data.sqlite_file import Database
from genre_core.errors import ParameterError, require

MAX_ROOMS = 20
"""Rooms at once, unless whoever runs the server says otherwise."""
MAX_STUDENTS = 60
"""Students in a room."""
MAX_QUESTIONS = 30
"""Questions of a room; so it holds at most `MAX_STUDENTS` x `MAX_QUESTIONS` answers."""
MAX_GENRES = 12
"""Genres to choose from: more are no buttons for a phone."""
MAX_TITLE = 60
"""Longest name of a room, in characters."""
KEPT_DAYS = 30
"""A room in which nothing happened for so long goes when another is opened."""
EMPTY_HOURS = 1
"""So does one that nobody ever joined, after this time and where there is no room for another."""

LOBBY, ASKING, CLOSED, REVEALED, ENDED = "lobby", "asking", "closed", "revealed", "ended"
"""Phases of a room: students come; a question is open, closed, answered; all is over."""

CODE_SIGNS = "BCDFGHJKLMNPQRSTVWXZ"
"""Signs of a code: no digit that looks like a letter, no vowel that would make it a word."""
CODE_LENGTH = 5
_NO_SIGNS = re.compile(r"[\s\-_.]+")


@dataclass(frozen=True, slots=True)
class Question:
    """One item that a class names a genre of.

    item: How whoever opened the room finds it again.
    title: What it is called once it is answered.
    truth: Index of its genre; None where nobody knows it.
    network: Index of the network's answer.
    """

    item: str
    title: str
    truth: int | None
    network: int


@dataclass(frozen=True, slots=True)
class Room:
    """A room as it stands.

    code: By which students find it.
    title: What its teacher calls it; may be empty.
    media: "cover" or "song".
    data: Name of the data set that its items are of; empty for built-in ones.
    network, network_title: Whose answers are compared.
    genres: What there is to choose from, in the network's order.
    address: Of the page, as phones reach it; may be empty.
    phase, question: Where it stands: one of the phases, and the question's number from 1, 0 before
        the first.
    version: Counts the steps: as long as it is the same, nothing but answers and students changed.
    made_at, changed_at: ISO 8601, UTC.
    """

    code: str
    title: str
    media: str
    data: str
    network: str
    network_title: str
    genres: tuple[str, ...]
    address: str
    phase: str
    question: int
    n_questions: int
    version: int
    made_at: str
    changed_at: str

    @property
    def n_answered(self) -> int:
        """How many of its questions are answered, by the network too."""
        return self.question if self.phase in (REVEALED, ENDED) else max(self.question - 1, 0)


def open_room(
    questions: Sequence[Question],
    genres: Sequence[str],
    *,
    media: str,
    network: str,
    network_title: str = "",
    data: str = "",
    title: str = "",
    address: str = "",
    max_rooms: int = MAX_ROOMS,
) -> tuple[str, str]:
    """Open a room and return its code, for the students, and its key, for the teacher alone.

    Parameters
    ----------
    questions : sequence of Question
        1 to `MAX_QUESTIONS`, each with a truth, or none.
    genres : sequence of str
        2 to `MAX_GENRES`, in the network's order.
    media : str
        "cover" or "song".
    network, network_title : str
        Whose answers the questions hold, and what it is called.
    data, title : str
        The data set's name, empty for built-in items; what the room is called.
    address : str
        Where phones reach the page, http or https; may be empty.
    max_rooms : int
        How many there may be at once; 0 allows none.

    Returns
    -------
    tuple of str
        Code of `CODE_LENGTH` signs, and a key that nobody guesses. Only its hash is kept: who
        loses the key can watch the room, and no longer lead it.

    Raises
    ------
    ParameterError
        There are too many rooms, or one of the above does not hold.
    JobError
        The file of rooms cannot be used.

    Examples
    --------
    >>> import os, tempfile
    >>> from unittest import mock
    >>> with tempfile.TemporaryDirectory() as folder, mock.patch.dict(
    ...     os.environ, {"GENRE_HOME": folder}
    ... ):
    ...     code, key = open_room(
    ...         [Question("prog-16", "Mossgate", None, 1)], ["Pop", "Rock"],
    ...         media="cover", network="made.test",
    ...     )
    ...     find_room(code.lower()).phase
    'lobby'
    >>> open_room([], ["Pop", "Rock"], media="cover", network="made.test")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A room has 1 to 30 questions. Received 0 (int). Choose items \
    for it.
    """
    names = tuple(map(str, genres))
    title = " ".join(title.split())
    n = len(questions)
    require(1 <= n <= MAX_QUESTIONS, f"A room has 1 to {MAX_QUESTIONS} questions.", n, _CHOOSE)
    require(
        2 <= len(set(names)) == len(names) <= MAX_GENRES,
        f"A room's questions are about 2 to {MAX_GENRES} genres, each named once.",
        names,
        "Choose a network that knows as many.",
    )
    require(media in ("cover", "song"), "media must be cover or song.", media, _CHOOSE)
    rule = f"A room's name has at most {MAX_TITLE} characters that can be seen."
    require(len(title) <= MAX_TITLE and title.isprintable(), rule, title, "Shorten it.")
    answers = [one.network for one in questions]
    truths = [one.truth for one in questions if one.truth is not None]
    require(len(truths) in (0, n), "Either all questions have a true genre, or none.", truths, _ALL)
    in_range = all(0 <= index < len(names) for index in (*answers, *truths))
    require(in_range, f"Answers must lie in [0, {len(names)}).", (answers, truths), _ALL)
    key = secrets.token_urlsafe(18)
    with writing() as db:
        _make_room(db, max_rooms)
        code = _free_code(db)
        at = now()
        db.execute(
            "INSERT INTO rooms VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(code, hash_of(key), title, media, data, network, network_title or network),
                *(json.dumps(names), read_address(address), LOBBY, 0, n, 1, at, at),
            ),
        )
        rows = [
            (code, number, one.item, one.title, one.truth, one.network)
            for number, one in enumerate(questions, 1)
        ]
        db.executemany("INSERT INTO questions VALUES (?, ?, ?, ?, ?, ?)", rows)
    return code, key


_CHOOSE = "Choose items for it."
_ALL = "Give indices of genres, from 0."


def find_room(code: str) -> Room:
    """Find a room by its code, in either case and with blanks in between; `ParameterError` if none.

    >>> find_room("<b>")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A room's code has 5 letters. Received '<b>' (str). Read it \
    off the teacher's screen.
    """
    if not has_rooms():
        raise no_room(read_code(code))
    with reading() as db:
        return room_in(db, read_code(code))


def list_rooms() -> list[tuple[Room, int]]:
    """List all rooms with the number of their students, the newest first."""
    if not has_rooms():
        return []
    what = (
        "SELECT rooms.*, (SELECT COUNT(*) FROM students WHERE room = code) AS n FROM rooms "
        "ORDER BY made_at DESC"
    )
    with reading() as db:
        return [(_as_room(row), int(row["n"])) for row in db.execute(what)]


def version_of(code: str) -> int:
    """Tell how far a room has come, 0 where there is none: all that a waiting page has to ask."""
    if not has_rooms():
        return 0
    with reading() as db:
        row = db.execute("SELECT version FROM rooms WHERE code = ?", (code,)).fetchone()
    return 0 if row is None else int(row["version"])


def question_of(room: Room, number: int) -> Question:
    """Read one question of a room, from 1."""
    with reading() as db:
        what = "SELECT * FROM questions WHERE room = ? AND number = ?"
        row = db.execute(what, (room.code, number)).fetchone()
    if row is None:
        rule = f"A question of this room has a number from 1 to {room.n_questions}."
        raise ParameterError(rule, received=str(number), cure="Open the room again.")
    return as_question(row)


def is_teacher(code: str, key: str) -> bool:
    """Tell whether a key is the room's."""
    if not has_rooms():
        return False
    with reading() as db:
        row = db.execute("SELECT key_hash FROM rooms WHERE code = ?", (code,)).fetchone()
    return row is not None and hmac.compare_digest(row["key_hash"], hash_of(key))


def room_in(db: Database, code: str, key: str | None = None) -> Room:
    """Read a room; with a key only for who has the right one, else `ParameterError`."""
    row = db.execute("SELECT * FROM rooms WHERE code = ?", (code,)).fetchone()
    if row is None:
        raise no_room(code)
    if key is not None and not hmac.compare_digest(row["key_hash"], hash_of(key)):
        raise ParameterError(
            "Only the room's teacher may lead it.",
            received="a link without the room's key",
            cure="Open the link that was in the address bar when the room was opened.",
        )
    return _as_room(row)


def as_question(row: sqlite3.Row) -> Question:
    """Read a row of `questions`."""
    return Question(row["item"], row["title"], row["truth"], row["network"])


def read_address(address: str) -> str:
    """Read the address of the page as it was typed; `ParameterError` where it is none.

    >>> read_address(" http://192.168.1.20:8501/quiz ")
    'http://192.168.1.20:8501/quiz'
    """
    plain = address.strip()
    is_one = not plain or re.fullmatch(r"https?://[^\s\"'<>\\^`{|}?#]{1,180}", plain) is not None
    rule = "An address begins with http:// or https:// and has no blanks and no ?."
    require(is_one, rule, plain[:40], "Copy it from the address bar, up to the word quiz.")
    return plain


def read_code(code: str) -> str:
    """Read a code as it was typed; `ParameterError` where it is none.

    >>> read_code(" bcd-fg ")
    'BCDFG'
    """
    plain = _NO_SIGNS.sub("", code[:100]).upper()
    is_code = len(plain) == CODE_LENGTH and set(plain) <= set(CODE_SIGNS)
    rule = f"A room's code has {CODE_LENGTH} letters."
    require(is_code, rule, code[:20], "Read it off the teacher's screen.")
    return plain


def no_room(code: str) -> ParameterError:
    """Say that there is no room of this code."""
    return ParameterError(
        "A room must be open on this server.",
        received=f"the code {code}, which belongs to none",
        cure="Check the code on the teacher's screen; the room may have been deleted.",
    )


def delete_old_rooms(days: float = KEPT_DAYS) -> int:
    """Delete the rooms in which nothing happened for so many days, and tell how many there were.

    Nicknames and answers go with them, as students were promised. Opening a room does the same;
    whoever runs a server on which nobody opens one calls this.

    Parameters
    ----------
    days : float
        At least 0.

    Raises
    ------
    ParameterError
        `days` is less than 0.
    JobError
        The file of rooms cannot be used.

    Examples
    --------
    >>> import os, tempfile
    >>> from unittest import mock
    >>> with tempfile.TemporaryDirectory() as folder, mock.patch.dict(
    ...     os.environ, {"GENRE_HOME": folder}
    ... ):
    ...     delete_old_rooms()  # there are no rooms: no file of them is made either
    0
    >>> delete_old_rooms(-1)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Rooms are kept for 0 days or more. Received -1 (int). Leave \
    it out for 30 days.
    """
    cure = f"Leave it out for {KEPT_DAYS} days."
    require(days >= 0, "Rooms are kept for 0 days or more.", days, cure)
    if not has_rooms():
        return 0
    with writing() as db:
        return _delete_older(db, timedelta(days=days))


def delete_all_of(db: Database, code: str) -> None:
    """Delete a room with its questions, students and answers."""
    for table in ("questions", "students", "answers"):
        db.execute(f"DELETE FROM {table} WHERE room = ?", (code,))  # noqa: S608 (three names)
    db.execute("DELETE FROM rooms WHERE code = ?", (code,))


def _make_room(db: Database, max_rooms: int) -> None:
    _delete_older(db, timedelta(days=KEPT_DAYS))
    (n,) = db.execute("SELECT COUNT(*) FROM rooms").fetchone()
    if n >= max_rooms:
        nobody = "code NOT IN (SELECT room FROM students)"
        _delete_older(db, timedelta(hours=EMPTY_HOURS), f"AND {nobody}")
    (n,) = db.execute("SELECT COUNT(*) FROM rooms").fetchone()
    if n >= max_rooms:
        raise ParameterError(
            f"There may be {max_rooms} rooms on this server at once.",
            received=f"one more than the {n} there are",
            cure="Delete one that is over; GENRE_MAX_ROOMS sets how many there may be.",
        )


def _delete_older(db: Database, age: timedelta, also: str = "") -> int:
    limit = (datetime.now(UTC) - age).isoformat(timespec="milliseconds")
    what = f"SELECT code FROM rooms WHERE changed_at < ? {also}"  # noqa: S608 (a constant)
    codes = [row["code"] for row in db.execute(what, (limit,)).fetchall()]
    for code in codes:
        delete_all_of(db, code)
    return len(codes)


def _free_code(db: Database) -> str:
    while True:
        code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
        if db.execute("SELECT 1 FROM rooms WHERE code = ?", (code,)).fetchone() is None:
            return code


def _as_room(row: sqlite3.Row) -> Room:
    values: dict[str, Any] = {name: row[name] for name in Room.__slots__ if name != "genres"}
    return Room(genres=tuple(json.loads(row["genres"])), **values)
