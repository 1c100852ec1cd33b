"""How a network learned: its curves over the epochs, beside what needs no learning."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from genre_core.metrics.priors import prior_lines
from genre_core.runs.bundle import Bundle
from genre_core.runs.card import Card
from pages.ui import cards, controls, figures
from pages.ui.problems import plain

ORDER = ("loss", "accuracy", "balanced_accuracy", "macro_f1", "roc_auc")
"""Curves in the order of the switch; others follow."""

LINES = {
    "loss": "knowing only how common each genre is",
    "accuracy": "always the most common genre",
    "balanced_accuracy": "always one genre",
    "macro_f1": "always the most common genre",
    "roc_auc": "chance",
}
"""What each dotted line stands for."""


@st.fragment
def section(bundle: Bundle, history: pd.DataFrame) -> None:
    """Show one curve at a time, all runs of the batch in it."""
    curve, singles = pick(history, key="curve", singles_key="singles")
    figures.learning_curves(
        history,
        curve,
        label=cards.label(curve),
        kept=kept_epoch(bundle.card),
        line=line(bundle.card.head, bundle.card.data.get("per_genre", {}), history, curve),
        singles=singles,
    ).show(key=f"curves_{bundle.name}_{curve}_{singles}")
    st.caption(note(bundle.card, history, curve))


def pick(
    history: pd.DataFrame, *, key: str, singles_key: str, is_linked: bool = True
) -> tuple[str, bool]:
    """Ask which curve to draw, and of several runs whether each gets a line of its own."""
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        curve = controls.switch(
            "Curve", quantities(history), key=key, is_linked=is_linked, format_func=cards.label
        )
        singles = history["run"].nunique() > 1 and st.toggle(
            "One line per run", key=singles_key, bind="query-params" if is_linked else None
        )
    return curve, singles


def quantities(history: pd.DataFrame) -> list[str]:
    """Name the quantities of a history that were followed over the epochs, loss first.

    Examples
    --------
    >>> quantities(pd.DataFrame({"run": [0], "epoch": [1], "val_accuracy": [0.2], "loss": [1.0]}))
    ['loss', 'accuracy']
    """
    followed = [
        str(column).removeprefix("val_")
        for column in history.columns
        if column not in ("run", "epoch", "chosen", "learning_rate", "seconds")
        and pd.api.types.is_numeric_dtype(history[column])
        and history[column].notna().any()
    ]
    names = list(dict.fromkeys(followed))
    known = [name for name in ORDER if name in names]
    return [*known, *(name for name in names if name not in ORDER)]


def kept_epoch(card: Card) -> tuple[int, int] | None:
    """Name the run and the epoch whose weights the bundle holds."""
    run, epoch = card.provenance.get("chosen_run", 0), card.provenance.get("chosen_epoch")
    return None if epoch is None else (int(run), int(epoch))


def is_watched(history: pd.DataFrame) -> bool:
    """Tell whether anything was held back to watch the training by."""
    return any(str(c).startswith("val_") and history[c].notna().any() for c in history.columns)


def line(
    head: str, per_genre: Mapping[str, Mapping[str, int]], history: pd.DataFrame, curve: str
) -> tuple[str, float] | None:
    """Give the dotted line under a curve and its name; None where there is none.

    It is that of the validation items where they are drawn, otherwise that of the training ones;
    `per_genre` counts them by split and genre. Covers with several genres have no most common
    answer.
    """
    has_labels = bool(per_genre.get("train"))  # A network may have learnt a teacher's scores.
    if head == "multilabel" or not has_labels or curve not in LINES:
        return None
    split = "val" if is_watched(history) and "val" in per_genre else "train"
    lines = prior_lines(
        list(per_genre["train"].values()),
        [per_genre[split].get(genre, 0) for genre in per_genre["train"]],
    )
    return LINES[curve], lines[curve]


def note(card: Card, history: pd.DataFrame, curve: str) -> str:
    """Say what the curves do and do not show."""
    sentences = []
    training = card.experiment.get("training", {})
    by = str(card.provenance.get("chosen_by", training.get("select", "")))
    if not is_watched(history):
        sentences.append(
            "There is no validation curve: this recipe trains on the validation covers too, so "
            "none were held back to check the training or to choose the best epoch."
        )
    else:
        sentences.append(
            "When training keeps improving and validation does not, the network is learning its "
            f"{card.media}s by heart."
        )
    sentences.append(
        "Nothing was chosen: the last epoch of the first run is kept."
        if by == "last_epoch"
        else "The weights kept are those of the run and epoch that were best by validation "
        f"{plain(cards.label(by.removeprefix('val_')))}."
        if by
        else "The diamond marks the epoch whose weights are kept."
    )
    if training.get("teacher") or training.get("prog_teachers"):
        sentences.append(
            "Its targets are scores of teachers: the loss cannot reach 0, and what counts as "
            "right on validation is being on the teachers' side of .5."
        )
    if curve == "loss" and (training.get("label_smoothing") or training.get("class_weights")):
        sentences.append(
            "Training's loss counts smoothed labels or weighs the genres, so only validation's can "
            "be held against the dotted line."
        )
    return " ".join(sentences)
