"""How a teacher leads a room: asks, closes, reveals, ends it, and deletes it."""

from __future__ import annotations

from genre_core.classroom.quiz_file import now, writing
from genre_core.classroom.rooms import (
    ASKING,
    CLOSED,
    ENDED,
    LOBBY,
    REVEALED,
    Room,
    delete_all_of,
    read_address,
    read_code,
    room_in,
)
from genre_core.errors import require

ASK, CLOSE, REOPEN, REVEAL, END = "ask", "close", "reopen", "reveal", "end"

_FROM = {
    ASK: (LOBBY, REVEALED),
    CLOSE: (ASKING,),
    REOPEN: (CLOSED,),
    REVEAL: (CLOSED,),
    END: (LOBBY, ASKING, CLOSED, REVEALED),
}
_TO = {ASK: ASKING, CLOSE: CLOSED, REOPEN: ASKING, REVEAL: REVEALED, END: ENDED}


def may_step(room: Room) -> tuple[str, ...]:
    """List what a teacher can do next, the usual first."""
    steps = tuple(name for name, phases in _FROM.items() if room.phase in phases)
    if room.question == room.n_questions:
        steps = tuple(name for name in steps if name != ASK)
    return tuple(sorted(steps, key=lambda name: name == REOPEN))


def step(code: str, key: str, name: str, *, seen: int) -> Room:
    """Take a room one step on, and return it as it stands then.

    Parameters
    ----------
    code, key : str
        The room's.
    name : str
        "ask" the next question, "close" it to answers, "reopen" it, "reveal" the answers, "end".
    seen : int
        The room's `version` that the teacher saw: where it has moved on since, nothing is done, so
        that two clicks, or two pages of one teacher, take one step.

    Raises
    ------
    ParameterError
        No such room or step, not its key, or a step that cannot be taken now.
    JobError
        The file of rooms cannot be used.
    """
    rule = f"A step is one of {', '.join(_FROM)}."
    require(name in _FROM, rule, name, "Press one of the buttons.")
    code = read_code(code)
    with writing() as db:
        room = room_in(db, code, key)
        if room.version != seen:
            return room
        cure = f"Now one can {' or '.join(may_step(room)) or 'do nothing more'}."
        rule = "A question is asked, then closed, then answered."
        require(name in may_step(room), rule, f"{name} while it is {room.phase}", cure)
        db.execute(
            "UPDATE rooms SET phase = ?, question = ?, version = version + 1, changed_at = ? "
            "WHERE code = ?",
            (_TO[name], room.question + (name == ASK), now(), code),
        )
        return room_in(db, code)


def delete_room(code: str, key: str) -> None:
    """Delete a room with all that was answered in it, for its teacher alone.

    Raises `ParameterError` where there is none, or the key is not its own.
    """
    code = read_code(code)
    with writing() as db:
        room_in(db, code, key)
        delete_all_of(db, code)


def delete_room_without_key(code: str) -> None:
    """Delete a room for whoever runs the server; the caller makes sure that it is they."""
    code = read_code(code)
    with writing() as db:
        room_in(db, code)
        delete_all_of(db, code)


def set_address(code: str, key: str, address: str) -> None:
    """Say where phones reach the page, for the room's teacher alone."""
    code, address = read_code(code), read_address(address)
    with writing() as db:
        if room_in(db, code, key).address != address:
            what = "UPDATE rooms SET address = ?, version = version + 1 WHERE code = ?"
            db.execute(what, (address, code))


def remove_student(code: str, key: str, number: int) -> None:
    """Take a student out of a room with all answers of theirs, for its teacher alone."""
    code = read_code(code)
    with writing() as db:
        room_in(db, code, key)
        for what in ("students WHERE room = ? AND number", "answers WHERE room = ? AND student"):
            db.execute(f"DELETE FROM {what} = ?", (code, number))  # noqa: S608 (two constants)
        # Their page looks whether the room has moved on.
        db.execute("UPDATE rooms SET version = version + 1 WHERE code = ?", (code,))
