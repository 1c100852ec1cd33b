"""Pages that wait: each asks for one small row every other second, and is drawn anew by a step."""

from __future__ import annotations

import streamlit as st

from genre_core.classroom import Room, find_room
from genre_core.classroom.rooms import ENDED, LOBBY, version_of
from genre_core.classroom.students import counts, nicknames
from genre_core.errors import GenreError
from pages.ui.problems import plain

EVERY = 2


def follow(room: Room) -> None:
    """Draw the page anew once the room has moved on, or is gone."""
    st.fragment(_look, run_every=None if room.phase == ENDED else EVERY)(room.code, room.version)


def follow_and_count(room: Room) -> None:
    """Follow a room, and say how many are in it, or have answered."""
    every = None if room.phase == ENDED else EVERY
    st.fragment(_count, run_every=every)(room.code, room.version)


def _look(code: str, seen: int) -> None:
    if version_of(code) != seen:
        st.rerun()


def _count(code: str, seen: int) -> None:
    _look(code, seen)
    try:
        room = find_room(code)
        n_students, n_answers = counts(room)
        names = nicknames(room) if room.phase == LOBBY else ()
    except GenreError:
        st.rerun()  # deleted a moment ago
    if room.phase == LOBBY:
        st.markdown(f"### {n_students} in the room")
        st.markdown(" · ".join(map(plain, names)))
    else:
        share = min(n_answers / n_students, 1.0) if n_students else 0.0
        st.progress(share, text=f"**{n_answers} of {n_students}** have answered")
