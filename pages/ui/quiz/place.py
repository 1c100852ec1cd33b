"""Where a visitor of the quiz is: the room in the link, and the part that its keys prove."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from genre_core.classroom import Room, find_room, seat
from genre_core.classroom.rooms import ENDED, is_teacher
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


def carried() -> dict[str, str]:
    """Give what links of other pages carry of a room that is led: its code and key; or nothing."""
    here = st.query_params if KEY in st.query_params else st.session_state.get(_KEPT, {})
    return {name: here[name] for name in (ROOM, KEY)} if ROOM in here and KEY in here else {}


def keep_carried() -> None:
    """Know a room again by another page's link: a reload there forgot the session."""
    if KEY in st.query_params and (link := carried()):
        st.session_state[_KEPT] = link


def drop_carried() -> None:
    """Take the room out of the link of another page; the session still knows it."""
    for name in (ROOM, KEY):
        st.query_params.pop(name, None)


def is_leading() -> bool:
    """Tell whether the page is, or will be, a teacher's own, of a room that is not over."""
    if not (link := carried()):
        return False
    try:
        return find_room(link[ROOM]).phase != ENDED
    except GenreError:
        return False  # the page itself says what is wrong


def keep_error(error: GenreError) -> None:
    """Keep what went wrong with a button, for the next drawing."""
    st.session_state[_WRONG] = error


def show_error() -> None:
    """Show it, once."""
    if (error := st.session_state.pop(_WRONG, None)) is not None:
        problems.show(error)
