"""Buttons that change something here: only where the visitor may, deletions asked twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from genre_core.errors import GenreError
from genre_core.runs.run_folder import RunFolder, find_run
from pages.ui import permission, problems

_WENT_WRONG = "action_error"
_TO_DELETE = "action_delete"


def guarded(act: Callable[..., object], *arguments: object) -> None:
    """Do something where this visitor may; what goes wrong is shown with the next drawing."""
    try:
        permission.need_permission()
        act(*arguments)
    except GenreError as error:
        st.session_state[_WENT_WRONG] = error


def show_error() -> None:
    """Show, once, what went wrong with the last button."""
    if (error := st.session_state.pop(_WENT_WRONG, None)) is not None:
        problems.show(error)


def run_button(
    label: str, icon: str, run: RunFolder, act: Callable[[RunFolder], object], **style: Any
) -> None:
    """Draw a button that does something, guarded, to a run as it then stands."""
    st.button(
        label,
        icon=f":material/{icon}:",
        key=f"{label}_{run.name}",
        on_click=guarded,
        args=(on_run, act, run.name),
        **style,
    )


def on_run(act: Callable[[RunFolder], object], name: str) -> None:
    """Do something to the run of this name."""
    act(find_run(name))


def delete_button(
    label: str, act: Callable[[str], object], name: str, *, key: str, title: str, text: str
) -> None:
    """Draw a button that deletes what `name` names, once the question `title` is answered with yes.

    `text` says in Markdown what goes and what stays.
    """
    st.button(label, icon=":material/delete:", key=key, on_click=_ask_to_delete, args=(name,))
    if st.session_state.get(_TO_DELETE) == name:
        del st.session_state[_TO_DELETE]
        st.dialog(title)(_confirm)(text, act, name)


def _ask_to_delete(name: str) -> None:
    st.session_state[_TO_DELETE] = name


def _confirm(text: str, act: Callable[[str], object], name: str) -> None:
    st.markdown(text)
    with st.container(horizontal=True):
        if st.button(
            "Delete it",
            type="primary",
            icon=":material/delete:",
            key="delete_really",
            on_click=guarded,
            args=(act, name),
        ):
            st.rerun()
        if st.button("Keep it", key="delete_not"):
            st.rerun()
