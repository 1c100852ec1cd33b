"""What other thresholds would bring: answers held back, ROC, precision and recall by genre."""

from __future__ import annotations

import streamlit as st

from genre_core.analysis.working_points import at_coverage
from pages.ui import controls, figures
from pages.ui.errors import cached, state
from pages.ui.errors.cached import Opened

_KINDS = {"ROC": "roc", "precision and recall": "precision"}
_COVERAGE = "errors_coverage"


def section(evaluation: Opened) -> None:
    """Show what holding unsure answers back brings, and each genre's curves."""
    st.markdown("#### If it could say “I don't know”")
    curve = cached.coverage(evaluation)
    percent = st.slider("Answer the surest", 5, 100, 100, 5, format="%d %% of them", key=_COVERAGE)
    point = at_coverage(curve, percent / 100)
    every = at_coverage(curve, 1.0)
    st.markdown(
        f"Answering the {point.n_answered:,} of {curve.n:,} that it is at least "
        f"{100 * point.confidence:.0f} % sure of, it is right for "
        f"**{100 * point.accuracy:.0f} %**; answering all, for {100 * every.accuracy:.0f} %."
    )
    chart, look = st.columns([3, 1], gap="medium", vertical_alignment="center")
    with chart:
        figures.coverage(curve, point).show(key="errors_coverage_chart")
    with look:
        st.button(
            "Look at those held back",
            icon=":material/checklist:",
            disabled=percent == 100,
            help="Selects them in the list above.",
            on_click=state.narrow,
            kwargs={"confidence": (0.0, point.confidence)},
        )
    _reliability(evaluation)
    st.markdown("#### Genre by genre")
    kind = controls.switch("Curve", list(_KINDS), key="errors_curve")
    curves = cached.genre_curves(evaluation)
    figures.genre_curves(curves, _KINDS[kind]).show(key="errors_genre_curves")
    st.caption(
        "Dots: where the network works, naming the likeliest genre. With more than two genres "
        + ("or with tags " if evaluation.record.ranked_by != "prob" else "")
        + "that is no threshold on one score, so a dot may lie off its curve."
    )
    rows = [
        {
            "genre": one.genre,
            evaluation.items: one.n,
            "ROC AUC": one.roc_auc,
            "average precision": one.average_precision,
            "by chance": one.n / one.n_items,
            "recall": one.at_recall,
            "precision": one.at_precision,
        }
        for one in curves
    ]
    controls.long_table(rows, "Areas under each genre's curves, and where the network works")


def _reliability(evaluation: Opened) -> None:
    bins = evaluation.metrics.get("calibration", {}).get("reliability")
    if not bins:
        return
    st.markdown("#### Can its per cent be taken at their word?")
    figures.reliability(bins, "said", "share that came true").show(key="errors_reliability")
