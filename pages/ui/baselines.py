"""A network beside what one gets without any: one figure at a time, then all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from genre_core.runs.bundle import Bundle
from pages.ui import cards, controls, figures


@st.fragment
def section(bundle: Bundle, metrics: Mapping[str, Any]) -> None:
    """Show the network, its baselines and the majority line."""
    names = [name for name in metrics["values"] if cards.compared(metrics, name)]
    headline = metrics.get("headline")
    if not names:
        st.caption("No figure of this network is defined on its test items.")
        return
    chart, table = st.columns(2, gap="medium")
    with chart:
        metric = controls.switch(
            "Figure",
            names,
            default=headline if headline in names else names[0],
            key="figure",
            format_func=cards.label,
        )
        majority = metrics.get("baselines", {}).get("majority", {})
        figures.against_baselines(
            cards.compared(metrics, metric),
            cards.label(metric),
            line=cards.entry(majority.get(metric))["value"],
        ).show(key=f"baselines_{bundle.name}_{metric}")
    with table:
        alt = "Every metric of the network and of each baseline"
        controls.table(cards.baseline_table(metrics), alt)
        st.caption(
            "Brackets and whiskers: 95 % of a bootstrap over whole groups (an artist's items, or "
            "near-duplicates, stay together), unless said otherwise."
        )
        if majority:
            st.caption(
                "Dotted: what is reached by always answering the genre that is most common in "
                "training."
            )
