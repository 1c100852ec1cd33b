"""Whether a network's per cent keep their word, and how they were brought to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from genre_core.runs.bundle import Bundle
from pages.ui import cards, controls, figures
from pages.ui.problems import plain


def section(bundle: Bundle, metrics: Mapping[str, Any]) -> None:
    """Show log loss, Brier score and calibration error beside what needs no network."""
    report = metrics["calibration"]
    st.markdown(_verdict(report))
    st.caption(_how(bundle, report))
    chart, table = st.columns(2, gap="medium")
    kind = "probability" if report["is_calibrated"] else "score"
    with chart:
        axes = _axes(bundle, kind)
        figures.reliability(report["reliability"], *axes).show(key=f"reliability_{bundle.name}")
    with table:
        own = report.get("own", {})
        rows = [
            {
                "": name,
                "as shown": cards.written(report[key]),
                **({"before": cards.written(own[key])} if own else {}),
                "without looking": cards.written(report[rival]),
            }
            for name, key, rival in (
                ("log loss", "log_loss", "log_loss_of_shares"),
                ("Brier score", "brier", "brier_of_shares"),
                ("calibration error", "ece", "ece_by_chance"),
            )
        ]
        controls.table(rows, "How far what it says can be taken at its word; lower is better")
        st.caption(
            "Lower is better. **Log loss** and **Brier score**: how far what was said is from the "
            "truth; beside them, always saying how common each genre is in training. **Calibration "
            "error**: the mean distance of the dots from the line; beside it, what chance alone "
            "leaves of it on so few items. Each dot stands for equally many; whiskers: 95 %, exact."
        )


def _verdict(report: Mapping[str, Any]) -> str:
    gain = cards.entry(report["gain_over_shares"])
    kind = "probabilities" if report["is_calibrated"] else "scores, taken as probabilities,"
    low, high = gain["low"], gain["high"]
    if low is not None and low > 0:
        verdict = (
            f"say more than how common each genre is: log loss lower by **{cards.written(gain)}**"
        )
    elif high is not None and high < 0:
        verdict = (
            "are **worse than saying how common each genre is**: log loss lower by "
            f"{cards.written(gain)}"
        )
    else:
        verdict = (
            "are **not shown to say more** than how common each genre is: "
            f"log loss lower by {cards.written(gain)}"
        )
    return f"Its {kind} {verdict}."


def _how(bundle: Bundle, report: Mapping[str, Any]) -> str:
    card = bundle.card
    fitted = card.calibration
    if fitted is None:
        return (
            "It was not calibrated, so what it gives a genre is shown as a score, not in per cent."
        )
    text = f"Calibrated on {plain(fitted.fitted_on)}: temperature {fitted.temperature:g}"
    text += " (as it was)" if fitted.temperature == 1 and not fitted.weights else ""
    if fitted.weights:
        text += (
            ", and weights that bring back how common each genre is, since it learnt to count rare "
            "genres as much as common ones. Its answer still does: it can be a genre of less than "
            "half"
        )
    if report["is_calibrated"] and card.experiment["training"].get("folds"):
        text += "; for the figures here, each fold by the others"
    return f"{text}."


def _axes(bundle: Bundle, kind: str) -> tuple[str, str]:
    genres = bundle.card.genres
    if bundle.card.head == "multilabel":
        return f"{kind} of a genre", "share that has it"
    if len(genres) == 2:
        return f"{kind} of {genres[1]}", f"share that is {genres[1]}"
    return f"{kind} of the answer", "share that is right"
