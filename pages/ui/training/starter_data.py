"""What to train on where there is no data set yet."""

from __future__ import annotations

import streamlit as st

from genre_core.data.importers import list_datasets
from genre_core.jobs.importing import import_drawn_covers
from pages.ui import frame, permission, problems


def is_there_any() -> bool:
    """Tell whether a data set is known by name."""
    return bool(list_datasets())


def offer() -> None:
    """Lead to the Data page, or take drawn covers to try a training on."""
    st.info(
        "There is no data set here yet. Bring your own, or watch a training on covers that were "
        "drawn by a program: what is learnt from them says nothing about real covers.",
        icon=":material/folder_open:",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        frame.link("data", "Bring your own", query_params={"bring": "own"})
        if permission.may_change():
            st.button(
                "Use 240 drawn covers in ten styles",
                icon=":material/brush:",
                key="training_demo",
                on_click=_take,
            )


def _take() -> None:
    with problems.shown(), st.spinner("Unpacking the drawn covers"):
        permission.need_permission()
        import_drawn_covers()
