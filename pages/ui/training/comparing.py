"""Runs side by side: their curves in one chart, and only the settings in which they differ."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from genre_core.runs.comparison import best_value, side_by_side, what_differs
from genre_core.runs.run_folder import RunFolder
from pages.ui import cards, controls, figures

MOST = 6


def section(known: Sequence[RunFolder]) -> None:
    """Ask for runs and show them side by side."""
    by_name = {run.name: run for run in known if run.request().kind == "train"}
    chosen = st.multiselect(
        "Runs",
        list(by_name),
        default=list(by_name)[:2],
        max_selections=MOST,
        key="compared",
        bind="query-params",
        format_func=lambda name: f"{by_name[name].request().title} · {name[:15]}",
    )
    if len(chosen) < 2:
        st.caption("Choose two or more.")
        return
    runs = [by_name[name] for name in chosen]
    history = side_by_side(runs)
    if history.empty:
        st.caption("None of them has finished an epoch yet.")
    else:
        names = [name for name in ("val_loss", "loss", "val_macro_f1") if name in history]
        curve = controls.switch(
            "Curve", names, key="compared_curve", is_linked=False, format_func=cards.label
        )
        figures.runs_side_by_side(history, curve, label=cards.label(curve)).show(
            key=f"compared_{curve}"
        )
        rows = []
        for run in runs:
            figure, value = best_value(run.history())
            rows.append({"run": run.name, "best": value, "of": cards.label(figure)})
        controls.long_table(rows, "Best value of each run")
    st.markdown("**What differs**")
    rows = what_differs(runs)
    if rows:
        controls.long_table(rows, "Settings in which the runs differ")
    else:
        st.caption("Identical settings: they differ by chance only.")
