"""The teacher's part: one step after the other, by button or by key, and the room's keeping."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from genre_core.classroom import Room, delete_room, read_results, step
from genre_core.classroom.results import to_csv
from genre_core.classroom.rooms import ENDED, KEPT_DAYS, LOBBY
from genre_core.classroom.steps import (
    ASK,
    CLOSE,
    END,
    REOPEN,
    REVEAL,
    may_step,
    remove_student,
    set_address,
)
from genre_core.errors import GenreError
from pages.ui import controls, keys
from pages.ui.problems import plain
from pages.ui.quiz import address, board, opening, place
from pages.ui.quiz.place import Place

_ICONS = {ASK: "play_arrow", CLOSE: "block", REOPEN: "undo", REVEAL: "visibility", END: "flag"}
_SURE, _LEAVING, _ADDRESS, _REMOVED = "quiz_sure", "quiz_leaving", "quiz_address", "quiz_removed"


def show(where: Place) -> None:
    """Show the room with everything that leads it."""
    room = where.room
    st.title(_title(room), anchor=False)
    place.show_error()
    for note in opening.notes(room.code) if room.phase == LOBBY else ():
        st.info(note, icon=":material/info:")
    _steps(where)
    board.show(room)
    st.divider()
    _keeping(where)


def _title(room: Room) -> str:
    name = f" · {plain(room.title)}" if room.title else ""
    if room.phase == LOBBY:
        return f"Room {room.code}{name}"
    if room.phase == ENDED:
        return f"Room {room.code}{name}: what came out"
    return f"Question {room.question} of {room.n_questions}{name}"


def _label(name: str, room: Room) -> str:
    return {
        ASK: "Start" if room.phase == LOBBY else "Next question",
        CLOSE: "Close answers",
        REOPEN: "Open it again",
        REVEAL: "Ask the network",
        END: "End and show results" if room.phase != LOBBY else "End",
    }[name]


def _steps(where: Place) -> None:
    room = where.room
    steps = may_step(room)
    with st.container(horizontal=True, vertical_alignment="center"):
        for name in steps:
            st.button(
                _label(name, room),
                key=f"quiz_step_{name}",
                type="primary" if name == steps[0] and room.phase != ENDED else "secondary",
                icon=f":material/{_ICONS[name]}:",
                on_click=_take,
                args=(where, name),
            )
        if steps and steps[0] != END:
            st.caption("The right arrow key, or Page Down, does the first.")
    if steps and steps[0] != END:
        keys.listen(
            f"{room.code}.{room.version}",
            lambda is_next: _take(where, steps[0]) if is_next else None,
            key="quiz_keys",
        )


def _take(where: Place, name: str) -> None:
    try:
        step(where.room.code, where.key, name, seen=where.room.version)
    except GenreError as error:
        place.keep_error(error)


def _keeping(where: Place) -> None:
    room = where.room
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button(
            "View for the projector",
            f"?{place.ROOM}={room.code}&{place.SHOW}={place.FOR_CLASS}",
            icon=":material/co_present:",
            help="Opens a page without buttons and without your key, for a second screen.",
        )
        controls.download(
            "Answers as a table (CSV)",
            to_csv(room),
            f"quiz-{room.code}.csv",
            "text/csv",
            key="quiz_csv",
        )
        st.button(
            "Delete the room", icon=":material/delete:", key="quiz_delete", on_click=_ask_to_delete
        )
        st.button(
            "Leave",
            type="tertiary",
            icon=":material/logout:",
            key="quiz_leave",
            on_click=_ask_to_leave,
        )
    st.caption(
        "**The address in your browser is your key to this room**: reload it, or open it "
        "elsewhere, and you lead on where you were. Who reads it off the wall could lead too, so "
        "project the view for the projector. A room that nobody used for "
        f"{KEPT_DAYS} days is deleted."
    )
    if st.session_state.pop(_SURE, False):
        st.dialog("Delete this room?")(_confirm)(where)
    elif st.session_state.pop(_LEAVING, False):
        st.dialog("Leave this room?")(_confirm_leaving)(where)
    if room.phase != ENDED:
        with st.expander("Address for phones", icon=":material/qr_code:"):
            _correct_address(where)
    with st.expander("Take a student out", icon=":material/person_remove:"):
        _take_out(where)


def _correct_address(where: Place) -> None:
    room = where.room
    if why := address.why_unreachable(room.address):
        st.warning(why, icon=":material/wifi_off:")
    st.text_input(
        "Address of this page, as phones reach it",
        room.address,
        key=f"{_ADDRESS}_{room.version}",
        on_change=_set_address,
        args=(where,),
    )


def _set_address(where: Place) -> None:
    typed = str(st.session_state.get(f"{_ADDRESS}_{where.room.version}", ""))
    try:
        set_address(where.room.code, where.key, typed)
    except GenreError as error:
        place.keep_error(error)


def _take_out(where: Place) -> None:
    results = read_results(where.room)
    if not results.numbers:
        st.caption("Nobody is in the room.")
        return
    names = dict(zip(results.numbers, results.nicknames, strict=True))
    st.selectbox(
        "Student",
        list(names),
        index=None,
        format_func=names.__getitem__,
        key=_REMOVED,
        placeholder="Choose one; their answers go too",
    )
    st.button(
        "Take out",
        icon=":material/person_remove:",
        key="quiz_take_out",
        disabled=st.session_state.get(_REMOVED) is None,
        on_click=_remove,
        args=(where,),
    )


def _remove(where: Place) -> None:
    if (number := st.session_state.pop(_REMOVED, None)) is None:
        return
    try:
        remove_student(where.room.code, where.key, int(number))
    except GenreError as error:
        place.keep_error(error)


def _ask_to_delete() -> None:
    st.session_state[_SURE] = True


def _ask_to_leave() -> None:
    st.session_state[_LEAVING] = True


def _confirm_leaving(where: Place) -> None:
    code = where.room.code
    st.markdown(
        f"Room **{code}** goes on without you, and this browser forgets your key. Only this "
        "address leads it again, so keep it first:"
    )
    back = urlencode({place.ROOM: code, place.KEY: where.key})
    st.code(f"{st.context.url or ''}?{back}", language=None, wrap_lines=True)
    with st.container(horizontal=True):
        if st.button(
            "Leave it",
            type="primary",
            icon=":material/logout:",
            key="quiz_leave_really",
            on_click=place.leave,
        ):
            st.rerun()
        if st.button("Stay", key="quiz_leave_not"):
            st.rerun()


def _confirm(where: Place) -> None:
    st.markdown(
        f"Room **{where.room.code}** goes with every nickname and answer in it. Take the answers "
        "as a table first, if you want to keep them."
    )
    with st.container(horizontal=True):
        if st.button(
            "Delete it",
            type="primary",
            icon=":material/delete:",
            key="quiz_delete_really",
            on_click=_delete,
            args=(where,),
        ):
            st.rerun()
        if st.button("Keep it", key="quiz_delete_not"):
            st.rerun()


def _delete(where: Place) -> None:
    try:
        delete_room(where.room.code, where.key)
    except GenreError as error:
        place.keep_error(error)
    else:
        place.leave()
