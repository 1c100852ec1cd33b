"""Where a network fails most: parts of the data that are wrong more often than the rest."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from genre_core.analysis.slices import SliceReport
from pages.ui.errors import cached, state
from pages.ui.errors.cached import Opened
from pages.ui.errors.spread import in_words

_KEY = "errors_slices"


def section(evaluation: Opened) -> None:
    """List the slices found; one that is clicked is selected in the list above."""
    if evaluation.is_large and not st.toggle(
        f"Try slices of all {len(evaluation):,} {evaluation.items}",
        key="errors_try_slices",
        help="Takes about half a minute for each 100,000.",
    ):
        return
    report = cached.slices(evaluation)
    kinds = "genre and source, artist, decade"
    if evaluation.has_facts:
        facts = (
            "length, loudness, bandwidth, silence"
            if evaluation.is_song
            else ("size, brightness, colourfulness, sharpness, border")
        )
        kinds += f", {facts}, and groups of items that look alike to the network"
    if not report.n_tried:
        st.markdown("**No slice can be tried**: none has enough items of enough groups.")
        _say_without_facts(evaluation)
        return
    n = int(report.table["is_flagged"].sum()) if len(report.table) else 0
    st.markdown(
        f"**{n or 'None'} of {report.n_tried:,} slices** {'is' if n == 1 else 'are'} wrong more "
        f"often than chance explains; of all items {100 * report.error:.0f} % are. Tried: {kinds}."
    )
    _say_without_facts(evaluation)
    st.dataframe(
        _shown(report),
        hide_index=True,
        key=_KEY,
        on_select=lambda: _take(report),
        selection_mode="single-row",
        alt="Slices that are wrong more often than the rest, the clearest first",
    )
    st.caption(
        "Click a row to select its items. **p** is the chance that any of all slices tried looks "
        "so bad where none is: answers are dealt anew between whole groups (artists, duplicates), "
        "and each slice is held against the worst of every deal. Below 0.05 it is flagged; the "
        "interval is 95 %, over groups."
    )


def _say_without_facts(evaluation: Opened) -> None:
    if not evaluation.has_facts:
        st.caption(
            "A model's own figures keep no facts of the files: evaluate it again below, and slices "
            "by them are tried too."
        )


def _shown(report: SliceReport) -> pd.DataFrame:
    table = report.table
    values = [
        f"{row.low:,.4g} to {row.high:,.4g}" if pd.notna(row.low) else row.value
        for row in table.itertuples()
    ]
    return pd.DataFrame(
        {
            # On a phone only the first columns are seen.
            "wrong": table["error"].map(_percent),
            "by": table["column"].map(in_words),
            "value": values,
            "true genre": table["genre"].where(table["genre"] != "", "any"),
            "the rest": table["rest_error"].map(_percent),
            "from": table["ci_low"].map(_percent),
            "to": table["ci_high"].map(_percent),
            "items": table["n"],
            "groups": table["n_groups"],
            "p": table["p"].round(3),
            "flagged": table["is_flagged"],
        }
    )


def _percent(share: float) -> str:
    return "" if pd.isna(share) else f"{100 * share:.0f} %"


def _take(report: SliceReport) -> None:
    rows = st.session_state[_KEY]["selection"]["rows"]
    if rows:
        state.choose(report.selection(rows[0]))
