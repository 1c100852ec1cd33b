"""The picture a study's lesson is read from: its epochs, its matrices, or its figures as dots."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from genre_core.studies import Study
from pages.ui import cards, figures
from pages.ui.problems import plain

LINES = {
    "accuracy": ("always the most common answer", "majority"),
    "loss": ("shares of the answers alone", "prior_entropy"),
}
"""Name of a curve's dotted line, and of the study's value for it."""


def words(text: str) -> str:
    r"""Escape a text of a study, and keep each per-cent sign beside its number.

    Examples
    --------
    >>> words("22 %")
    '22\xa0%'
    """
    return plain(text).replace(" %", "\u00a0%")


def show(study: Study) -> None:
    """Draw what the study printed most of."""
    if study.matrices:
        matrices(study)
    elif study.epochs is not None:
        epochs(study)
    else:
        dots(study)


@st.fragment
def epochs(study: Study) -> None:
    """Draw the printed epochs with the line that needs no learning."""
    if study.epochs is None:
        return
    curve = st.segmented_control(
        "Curve",
        ["accuracy", "loss"],
        default="accuracy",
        required=True,
        key="study_curve",
        bind="query-params",
    )
    name, value = LINES[curve]
    figures.learning_curves(
        pd.DataFrame(study.epochs.rows()), curve, line=(name, study.values[value])
    ).show(key=f"study_{study.name}_{curve}")
    st.caption(
        f"The {len(study.epochs.loss)} epochs that the study printed; validation as it calls it. "
        f"Dotted: {name}, {study.written(value)}."
    )


def matrices(study: Study) -> None:
    """Draw the printed matrices beside each other, each with its two figures."""
    for column, matrix in zip(
        st.columns(len(study.matrices), gap="medium"), study.matrices, strict=True
    ):
        with column:
            name = f"model {matrix.network}"
            st.markdown(f"#### {name.capitalize()}")
            with st.container(horizontal=True, gap="large"):
                st.metric(
                    cards.label("accuracy"),
                    study.written(f"accuracy_{matrix.network}"),
                    help=f"Always the most common genre: {study.written('majority')}.",
                    width="content",
                )
                st.metric(
                    cards.label("balanced_accuracy"),
                    study.written(f"balanced_{matrix.network}"),
                    help=f"A constant answer: {study.written('chance')}.",
                    width="content",
                )
            figures.printed_matrix(matrix.by_truth().tolist(), study.genres, name).show(
                key=f"study_{study.name}_{matrix.network}"
            )
    st.caption(
        "Each cell is the per cent of its true genre's covers (row), so the diagonal is the recall "
        f"and its mean the balanced accuracy. Always the most common genre: accuracy "
        f"{study.written('majority')}, balanced accuracy {study.written('chance')}. Printed with "
        "rows = predicted, turned here to rows = true; the slips below tell how that is known."
    )


def dots(study: Study) -> None:
    """Draw the published shares beside a blind guess."""
    rows = [
        {"name": each.of, "value": each.value} for each in study.figures if each.value is not None
    ]
    chance = study.values["chance"]
    guess = f"blind guess among {len(study.genres)}"
    figures.against_baselines(
        [*rows, {"name": guess, "value": chance}],
        "accuracy as published",
        line=chance,
        strong=len(rows),
        top=0.3,
    ).show(key=f"study_{study.name}_dots")
    st.caption(f"Dotted: {guess}, {study.written('chance')}. Not told: {words(study.unknown[0])}")
