"""Where a visitor of the quiz is: the room in the link, and the part that its keys prove."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from genre_core.classroom import Room, find_room, seat
from genre_core.classroom.rooms import is_teacher
from genre_core.classroom.students import Seat
from genre_core.errors import GenreError
from pages.ui import problems

ROOM, KEY, ME, SHOW = "room", "key", "me", "show"
"""Parameters of the link: code of the room; the teacher's key; a student's token; the class's
view."""

FOR_CLASS = "class"
_NAMES = (ROOM, KEY, ME, SHOW)
_KEPT, _WRONG = "quiz_link", "quiz_error"


@dataclass(frozen=True, slots=True)
class Place:
    """A room, and who looks at it.

    key: The teacher's; empty for others.
    token, seat: A student's; None for others.
    is_shown: Whether it is shown to the class, by a projector.
    """

    room: Room
    key: str = ""
    token: str = ""
    seat: Seat | None = None
    is_shown: bool = False


def current() -> Place | None:
    """Read the link; None where it names no room. It is restored after a look at another page."""
    kept = st.session_state.get(_KEPT)
    if ROOM not in st.query_params and kept:
        st.query_params.update(kept)
    if not (code := st.query_params.get(ROOM)):
        return None
    try:
        room = find_room(code)
    except GenreError as error:
        leave()
        problems.show(error)
        return None
    key, token = (st.query_params.get(name, "") for name in (KEY, ME))
    st.session_state[_KEPT] = {n: st.query_params[n] for n in _NAMES if n in st.query_params}
    if key and is_teacher(room.code, key):
        return Place(room, key=key)
    if token and (own := seat(room, token)) is not None:
        return Place(room, token=token, seat=own)
    return Place(room, is_shown=st.query_params.get(SHOW) == FOR_CLASS)


def enter(**link: str) -> None:
    """Go to a room: what its link says becomes the page's."""
    leave()
    st.query_params.update(link)


def leave() -> None:
    """Forget the room in the link; who has its link comes back with it."""
    st.session_state.pop(_KEPT, None)
    for name in _NAMES:
        st.query_params.pop(name, None)


def is_leading() -> bool:
    """Tell whether the page is, or will be, a teacher's own."""
    return KEY in st.query_params or KEY in st.session_state.get(_KEPT, {})


def keep_error(error: GenreError) -> None:
    """Keep what went wrong with a button, for the next drawing."""
    st.session_state[_WRONG] = error


def show_error() -> None:
    """Show it, once."""
    if (error := st.session_state.pop(_WRONG, None)) is not None:
        problems.show(error)
