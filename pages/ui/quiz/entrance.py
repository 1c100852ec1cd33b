"""The way in: join a room by its code, open one, or, for who runs the server, tidy them up."""

from __future__ import annotations

import streamlit as st

from genre_core.classroom import join, list_rooms
from genre_core.classroom.rooms import CODE_LENGTH, ENDED, KEPT_DAYS, MAX_STUDENTS, read_code
from genre_core.classroom.steps import delete_room_without_key
from genre_core.classroom.students import MAX_NICKNAME
from genre_core.errors import GenreError
from pages.ui import acting, limits, permission
from pages.ui.problems import plain
from pages.ui.quiz import opening, place

_CODE, _NICKNAME = "quiz_code", "quiz_nickname"


def show() -> None:
    """Offer to join a room and to open one."""
    st.session_state.setdefault(_CODE, "")
    joining, leading = st.columns(2, gap="large")
    with joining:
        st.subheader("Join a room", anchor=False)
        _form(None)
    with leading:
        st.subheader("Open a room for your class", anchor=False)
        opening.form(limits.of_server())
    _tidy()


def ask_nickname(code: str) -> None:
    """Ask for a nickname only: the code is in the link."""
    _form(code)


def _form(code: str | None) -> None:
    place.show_error()
    with st.form("quiz_join", border=code is None):
        if code is None:
            st.text_input(
                "Code",
                key=_CODE,
                max_chars=CODE_LENGTH + 10,
                placeholder="five letters, on your teacher's screen",
            )
        st.text_input(
            "Nickname",
            key=_NICKNAME,
            max_chars=MAX_NICKNAME,
            placeholder="how the scoreboard calls you",
        )
        st.form_submit_button(
            "Join",
            type="primary",
            width="stretch",
            icon=":material/login:",
            on_click=_join,
            args=(code,),
        )
    st.caption(
        "No account, no real name needed. Nickname and answers stay on this server until your "
        f"teacher deletes the room, at most {KEPT_DAYS} days after it was last used."
    )


def _join(code: str | None) -> None:
    typed = str(st.session_state.get(_CODE, "")) if code is None else code
    try:
        token = join(typed, str(st.session_state.get(_NICKNAME, "")))
    except GenreError as error:
        place.keep_error(error)
    else:
        place.enter(room=read_code(typed), me=token)


def _tidy() -> None:
    """List the rooms of this server, for who may change anything here."""
    if not permission.may_change() or not (rooms := list_rooms()):
        return
    with st.expander(f"Rooms on this server ({len(rooms)})", icon=":material/meeting_room:"):
        acting.show_error()
        for room, n in rooms:
            with st.container(horizontal=True, vertical_alignment="center"):
                name = plain(room.title) or "without a name"
                over = ", over" if room.phase == ENDED else ""
                st.markdown(
                    f"**{room.code}** {name}: {n} of at most {MAX_STUDENTS} students, "
                    f"{room.n_questions} questions{over}, last used {room.changed_at[:10]}"
                )
                acting.delete_button(
                    "Delete",
                    delete_room_without_key,
                    room.code,
                    key=f"quiz_tidy_{room.code}",
                    title="Delete this room?",
                    text=f"Room **{room.code}** goes with every nickname and answer in it.",
                )
