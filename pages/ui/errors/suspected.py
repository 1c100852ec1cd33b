"""Labels that a network contradicts with confidence, and how far that list can be trusted."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from genre_core.analysis.disputed import always_wrong
from genre_core.analysis.selection import Selection
from genre_core.analysis.suspects import FlipCheck
from genre_core.runs.evaluations import EvaluationRecord
from pages.ui import controls, figures
from pages.ui.errors import cached, copies, state
from pages.ui.errors.cached import Opened
from pages.ui.problems import plain

_SHOWN = 200
"""Suspects of the table, and at most so many in the list: the clearest."""

_WORDS = {
    "label": "label",
    "proposed": "likelier",
    "p_proposed": "its share",
    "p_label": "the label's share",
    "n_agree": "networks that agree",
    "n_networks": "of",
}
_ITEM = "item_id"


def section(evaluation: Opened, others: list[EvaluationRecord]) -> None:
    """Show suspected labels, how many flipped ones such a list finds, and what all get wrong."""
    suspects = cached.suspects(evaluation)
    n, share = len(suspects.table), suspects.estimated_share
    st.markdown(
        f"**{n:,} of {suspects.n_used:,} labels are suspected**: another genre is likelier than "
        "usual for it, and likelier than the label. A suspicion is no proof: most of a weak "
        "network's are its own errors."
    )
    _trust(cached.flip_check(evaluation))
    left, right = st.columns([2, 3], gap="medium")
    with left:
        figures.printed_matrix(suspects.counts, list(evaluation.genres), "suspected labels").show(
            key="suspects_matrix"
        )
        st.caption(
            "Rows are the labels, columns what the items confidently look like; about "
            f"{100 * share:.0f} % of the labels lie off the diagonal."
        )
    with right:
        _table(suspects.table, "Suspected labels, the clearest first", "suspects")
    if others:
        _always_wrong(evaluation, others)
    copies.section(evaluation)


def _trust(check: FlipCheck) -> None:
    st.markdown(
        f"**How far to trust it:** with {check.n_flipped:,} of {check.n:,} labels flipped on "
        f"purpose, the first {check.n_looked_at:,} of the ranking hold "
        f"**{100 * check.recall:.0f} %** of them, by chance "
        f"{100 * check.n_looked_at / check.n:.0f} %. It rests on the stored answers, so it "
        "flatters where wrong labels would have been learnt."
    )


def _table(table: pd.DataFrame, alt: str, key: str) -> None:
    if table.empty:
        st.caption("None.")
        return
    st.button(
        f"Look at {'these' if len(table) <= _SHOWN else f'the first {_SHOWN}'}",
        icon=":material/checklist:",
        key=f"look_{key}",
        help="Selects them in the list above.",
        on_click=state.choose,
        args=(Selection(lasso=tuple(table["item_id"][:_SHOWN])),),
    )
    shown = table[:_SHOWN].rename(columns=_WORDS)
    # What it is about comes first: on a phone only the first columns are seen.
    first = [name for name in _WORDS.values() if name in shown]
    rest = [name for name in shown if name not in (*first, "row", _ITEM)]
    controls.long_table(shown[[*first, *rest, _ITEM]].round(3), alt)


def _always_wrong(evaluation: Opened, others: list[EvaluationRecord]) -> None:
    st.markdown("#### What every network gets wrong")
    names = {record.name: record for record in others}
    chosen = st.multiselect(
        "Other networks on the same items",
        list(names),
        format_func=lambda name: str(names[name].about["model"]["title"]),
        key="errors_others",
        placeholder="choose some",
    )
    if not chosen:
        st.caption("Where all of several networks agree against a label, look at the label.")
        return
    opened = [evaluation, *(cached.opened(names[name]) for name in chosen)]
    table = always_wrong([(one.predictions, one.genres) for one in opened])
    st.markdown(f"**{len(table):,}** {plain(evaluation.items)} are wrong for all {len(opened)}.")
    _table(table, "Items that every network gets wrong", "always_wrong")
