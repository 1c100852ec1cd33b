"""What to train on where there is no data set yet, or for a first try."""

from __future__ import annotations

import streamlit as st

from genre_core.data.demo import DRAWN_COVERS
from genre_core.data.importers import list_datasets
from genre_core.jobs.importing import import_drawn_covers
from pages.ui import data_sets, frame, permission, problems
from pages.ui.training.words import DATA_KEY


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
        _button()


def offer_for_a_first_try() -> None:
    """Offer the drawn covers beside other data sets, of which none was chosen yet."""
    if data_sets.is_imported(DRAWN_COVERS.stem) or not permission.may_change():
        return
    st.caption(
        "Only to see how a training goes? Take covers that were drawn by a program; what is learnt "
        "from them says nothing about real covers."
    )
    _button()


def _button() -> None:
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
        st.session_state[DATA_KEY] = DRAWN_COVERS.stem
