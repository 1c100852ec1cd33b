"""The confusion matrix of an evaluation: a click on a cell selects the items behind it."""

from __future__ import annotations

import streamlit as st

from pages.ui import controls, figures
from pages.ui.confusion import CELLS
from pages.ui.errors import state
from pages.ui.errors.cached import Opened


def section(evaluation: Opened) -> None:
    """Draw the matrix of all items; the cell that is selected is outlined."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        how = controls.switch("Each cell shows", list(CELLS), key="cells", wrap=True)
        errors_only = st.toggle("Errors only", key="off_diagonal", bind="query-params")
    genres, chosen = list(evaluation.genres), state.selection()
    cell = None
    named = (*chosen.true, *chosen.predicted)
    if len(chosen.true) == len(chosen.predicted) == 1 and set(named) <= set(genres):
        cell = genres.index(named[0]), genres.index(named[1])
    figures.confusion(
        evaluation.counts.tolist(),
        genres,
        cells=CELLS[how],
        errors_only=errors_only,
        chosen=cell,
        items=evaluation.items,
    ).show(key="errors_matrix", on_select=_take_cell, selection_mode="points")
    st.caption(
        "Rows are the true genre, columns the network's answer. Click a cell to meet the "
        f"{evaluation.items} in it."
    )


def _take_cell() -> None:
    points = st.session_state["errors_matrix"]["selection"]["points"]
    if points:
        true, predicted = points[0]["y"], points[0]["x"]
        state.narrow(true=(true,), predicted=(predicted,), outcome="")
