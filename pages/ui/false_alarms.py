"""Songs that a prog score calls prog and that are not, each to be opened where it errs most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from genre_core.data.catalog import Catalog
from genre_core.evaluation.stored_predictions import SCORED, highest_scores, items_labelled
from genre_core.runs.bundle import Bundle
from pages.ui import cached, controls, frame
from pages.ui.media import item
from pages.ui.problems import plain

A_PAGE = 10
"""Songs that are listed at a time."""

NON_PROG = "non-prog"
"""How data sets label songs that are known not to be prog."""


def section(bundle: Bundle, predictions: pd.DataFrame, threshold: float) -> None:
    """List the songs of the highest scores: false alarms where they are known not to be prog."""
    if "prog_score" not in predictions:
        return
    st.subheader("Which songs does it call prog that are not?", anchor=False)
    catalog = cached.dataset(bundle.card.data.get("name", ""))
    known = None if catalog is None else items_labelled(catalog.frame, NON_PROG)
    highest = highest_scores(predictions, known)
    if highest.empty:
        st.caption("No test song is known not to be prog.")
        return
    st.markdown(
        f"**{len(highest):,} test songs"
        + (
            "** by their mean score, highest first. Which of them are known not to be prog stands "
            "in the data set, which is not on this machine."
            if known is None
            else " known not to be prog**, by their mean score, highest first: those above "
            f"{threshold:g} are false alarms, those just below it nearly were."
        )
    )
    part = controls.page_of(len(highest), A_PAGE, key=f"wrong_{bundle.name}")
    with st.container(border=True, gap="small"):
        for place, row in enumerate(highest.iloc[part].to_dict("records"), start=part.start + 1):
            is_alarm = known is not None and row["prog_score"] > threshold
            alarm = " · **a false alarm by its mean**" if is_alarm else ""
            with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
                st.markdown(
                    f"{place}\\. **{plain(item.name_of(row))}** · mean prog score "
                    f"{row['prog_score']:.3f}{alarm}"
                )
                _link(bundle, row, catalog)
    if catalog is None:
        name = str(bundle.card.data.get("name", ""))
        st.caption(f"Here none can be opened. {item.not_here(name)}")
    with st.expander("All of them as a table"):
        controls.long_table(highest, "Every song of the list, to sort and to save")


def _link(bundle: Bundle, row: Mapping[str, Any], catalog: Catalog | None) -> None:
    """Offer to open a song where it speaks most for prog; say so where it is not here."""
    if catalog is None or not bundle.has_network:
        return
    item_id = str(row["item_id"])
    if item.file_of(catalog, item_id) is None:
        st.caption("not on this machine", width="content")
        return
    frame.link(
        "songs",
        "Open at its worst segment",
        help=f"Listen to {plain(item.name_of(row))} where it speaks most for prog",
        query_params={
            "of": bundle.name,
            "item": item_id,
            "wrong": SCORED[0],
            "network": bundle.name,
        },
    )
