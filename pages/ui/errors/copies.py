"""Copies of one cover or recording that have different labels: at most one of them is right."""

from __future__ import annotations

import streamlit as st

from genre_core.analysis.disputed import conflicting_copies
from genre_core.analysis.selection import Selection
from genre_core.data.importers.stored import find_stored
from pages.ui import controls, frame
from pages.ui.data import cached as data_cached
from pages.ui.errors import cached, state
from pages.ui.errors.cached import Opened


def section(evaluation: Opened) -> None:
    """List copies whose labels contradict one another, where duplicates were looked for."""
    catalog, _ = cached.catalog(evaluation.record)
    if catalog is None:
        return
    st.markdown("#### Copies with different labels")
    stored = find_stored(catalog.head.name)
    report = data_cached.found_duplicates(catalog, None if stored is None else stored.name)
    if report is None:
        st.caption("Look for duplicates of this data set first: then those that differ stand here.")
        frame.link("data", "Find duplicates")
        return
    table = conflicting_copies(evaluation.predictions, evaluation.genres, report["groups"])
    if table.empty:
        st.caption("None: copies have the same label, or only one of them was evaluated.")
        return
    st.button(
        f"Look at these {len(table):,}",
        icon=":material/checklist:",
        key="look_copies",
        help="Selects them in the list above.",
        on_click=state.choose,
        args=(Selection(lasso=tuple(table["item_id"])),),
    )
    order = [name for name in table if name not in ("row", "item_id")]
    controls.long_table(table[[*order, "item_id"]], "Copies with different labels")
