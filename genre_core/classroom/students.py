"""Students of a room: how one takes a seat under a nickname, and answers."""

from __future__ import annotations

import secrets
import sqlite3
import unicodedata
from dataclasses import dataclass

from genre_core.classroom.quiz_file import has_rooms, hash_of, now, reading, writing
from genre_core.classroom.rooms import (
    ASKING,
    ENDED,
    MAX_STUDENTS,
    Room,
    no_room,
    read_code,
    room_in,
)
from genre_core.errors import ParameterError, require

MAX_NICKNAME = 20
"""Longest nickname, in characters."""

_LATER = " .'_-\u2019\u200d\ufe0f🏻🏼🏽🏾🏿"
"""Besides letters, digits and emoji; the last ones join and tint emoji."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A student in a room.

    number: From 1, in the order in which they came.
    answers: Index of the genre by number of the question, of those that they answered.
    """

    number: int
    nickname: str
    answers: dict[int, int]


def join(code: str, nickname: str) -> str:
    """Take a seat in a room, and return the token that proves it later.

    Parameters
    ----------
    code : str
        The room's, as typed.
    nickname : str
        1 to `MAX_NICKNAME` letters, digits, emoji and `. ' _ -`; unlike any other of the room,
        whatever the case.

    Raises
    ------
    ParameterError
        No such room, it is over or full, or the nickname is taken or none.
    JobError
        The file of rooms cannot be used.
    """
    code, nickname = read_code(code), read_nickname(nickname)
    if not has_rooms():
        raise no_room(code)
    token = secrets.token_urlsafe(12)
    with writing() as db:
        room = room_in(db, code)
        require(room.phase != ENDED, "A room must be open.", "one that is over", "Ask for another.")
        what = "SELECT COUNT(*), COALESCE(MAX(number), 0) FROM students WHERE room = ?"
        n, last = db.execute(what, (code,)).fetchone()
        rule = f"A room has at most {MAX_STUDENTS} students."
        require(n < MAX_STUDENTS, rule, f"{n} who are in", "Share a phone, or open a second room.")
        try:
            db.execute(
                "INSERT INTO students VALUES (?, ?, ?, ?, ?)",
                (code, last + 1, nickname, _folded(nickname), hash_of(token)),
            )
        except sqlite3.IntegrityError:
            raise ParameterError(
                "A nickname is one student's of a room.",
                received=f"{nickname!r}, which is taken",
                cure="Choose another, for example with a number.",
            ) from None
        db.execute("UPDATE rooms SET changed_at = ? WHERE code = ?", (now(), code))
    return token


def seat(room: Room, token: str) -> Seat | None:
    """Give the seat that a token proves, None for any other."""
    with reading() as db:
        what = "SELECT * FROM students WHERE room = ? AND token_hash = ?"
        row = db.execute(what, (room.code, hash_of(token))).fetchone()
        if row is None:
            return None
        what = "SELECT question, genre FROM answers WHERE room = ? AND student = ?"
        answers = dict(map(tuple, db.execute(what, (room.code, row["number"]))))
    return Seat(row["number"], row["nickname"], answers)


def answer(code: str, token: str, question: int, genre: int) -> None:
    """Answer the question that is open; answered again, the last answer counts.

    Parameters
    ----------
    code, token : str
        The room's, and what `join` gave.
    question : int
        Its number, from 1.
    genre : int
        Index of a genre of the room.

    Raises
    ------
    ParameterError
        No such room, seat or genre, or the question is not open (any more).
    JobError
        The file of rooms cannot be used.
    """
    code = read_code(code)
    with writing() as db:
        room = room_in(db, code)
        what = "SELECT number FROM students WHERE room = ? AND token_hash = ?"
        row = db.execute(what, (code, hash_of(token))).fetchone()
        is_in = row is not None
        require(is_in, "Who answers must be in the room.", "a link of nobody there", "Join again.")
        is_open = room.phase == ASKING and room.question == question
        rule = "An answer must come while its question is open."
        require(is_open, rule, f"one to question {question}", "Wait for the next question.")
        rule = f"A genre's index must lie in [0, {len(room.genres)})."
        require(0 <= genre < len(room.genres), rule, genre, "Press one of the buttons.")
        db.execute(
            "INSERT INTO answers VALUES (?, ?, ?, ?, ?) ON CONFLICT (room, question, student) "
            "DO UPDATE SET genre = excluded.genre, at = excluded.at",
            (code, question, row["number"], int(genre), now()),
        )


def counts(room: Room) -> tuple[int, int]:
    """Count a room's students, and the answers to its present question."""
    with reading() as db:
        (n,) = db.execute("SELECT COUNT(*) FROM students WHERE room = ?", (room.code,)).fetchone()
        what = "SELECT COUNT(*) FROM answers WHERE room = ? AND question = ?"
        (n_answers,) = db.execute(what, (room.code, room.question)).fetchone()
    return int(n), int(n_answers)


def nicknames(room: Room) -> tuple[str, ...]:
    """List who is in a room, in the order in which they came."""
    with reading() as db:
        what = "SELECT nickname FROM students WHERE room = ? ORDER BY number"
        return tuple(row["nickname"] for row in db.execute(what, (room.code,)))


def read_nickname(nickname: str) -> str:
    """Read a nickname as it was typed; `ParameterError` where it is none.

    Markup, signs that cannot be seen and those that turn the direction of writing have no place in
    it, nor does what a spreadsheet would take for a formula.

    Examples
    --------
    >>> read_nickname("  Ann   2 ")
    'Ann 2'
    >>> read_nickname("<b>Ann</b>")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A nickname has 1 to 20 letters, digits or emoji, and between \
    them blanks, dots, ', _ or -. Received '<b>Ann</b>' (str). Choose another.
    """
    plain = unicodedata.normalize("NFC", " ".join(nickname[:10_000].split()))
    is_good = (
        1 <= len(plain) <= MAX_NICKNAME
        and _is_sign(plain[0])
        and all(_is_sign(one) or one in _LATER or _kind(one)[0] == "M" for one in plain)
    )
    rule = (
        f"A nickname has 1 to {MAX_NICKNAME} letters, digits or emoji, and between them blanks, "
        "dots, ', _ or -."
    )
    shown = plain if len(plain) <= MAX_NICKNAME else f"{len(nickname):,} characters"
    require(is_good, rule, shown, "Choose another.")
    return plain


def _is_sign(sign: str) -> bool:
    return _kind(sign)[0] in "LN" or _kind(sign) == "So"


def _kind(sign: str) -> str:
    return unicodedata.category(sign)


def _folded(nickname: str) -> str:
    return unicodedata.normalize("NFKC", nickname).casefold()
