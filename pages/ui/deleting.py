"""Ask before something is deleted for good."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def confirm(title: str, text: str, act: Callable[[], None]) -> None:
    """Open a dialog that deletes or keeps.

    Parameters
    ----------
    title : str
        The question.
    text : str
        What goes and what stays, as Markdown.
    act : callable
        Deletes; it asks for the visitor's right itself.
    """
    st.dialog(title)(_ask)(text, act)


def _ask(text: str, act: Callable[[], None]) -> None:
    st.markdown(text)
    with st.container(horizontal=True):
        if st.button(
            "Delete it",
            type="primary",
            icon=":material/delete:",
            key="delete_really",
            on_click=act,
        ):
            st.rerun()
        if st.button("Keep it", key="delete_not"):
            st.rerun()
