"""The picture a study's lesson is read from: epochs, matrices, tables, or figures as dots."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from genre_core.lessons.studies import Study
from pages.ui import cards, controls, figures
from pages.ui.problems import plain

LINES = {
    "accuracy": ("always the most common answer", "majority"),
    "loss": ("knowing only how common each answer is", "prior_entropy"),
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
    if study.shares:
        shares(study)
    elif study.tables:
        tables(study)
    elif study.matrices:
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
    curve = controls.switch("Curve", ["accuracy", "loss"], key="study_curve")
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
    majority, chance = study.written("majority"), study.written("chance")
    for column, matrix in zip(
        st.columns(len(study.matrices), gap="medium"), study.matrices, strict=True
    ):
        with column:
            name = f"model {matrix.network}"
            st.markdown(f"#### {name.capitalize()}")
            with st.container(horizontal=True, gap="large"):
                for metric, value, note in (
                    ("accuracy", "accuracy", f"Always the most common genre: {majority}."),
                    ("balanced_accuracy", "balanced", f"A constant answer: {chance}."),
                ):
                    st.metric(
                        cards.label(metric),
                        study.written(f"{value}_{matrix.network}"),
                        help=note,
                        width="content",
                    )
            figures.printed_matrix(matrix.by_truth().tolist(), study.genres, name).show(
                key=f"study_{study.name}_{matrix.network}"
            )
    st.caption(
        "Each cell is the per cent of its true genre's covers (row), so the diagonal is the recall "
        f"and its mean the balanced accuracy. Always the most common genre: accuracy {majority}, "
        f"balanced accuracy {chance}. Printed with "
        "rows = predicted, turned here to rows = true; the mistakes below explain how we know."
    )


def shares(study: Study) -> None:
    """Draw the printed shares, then list the genres from the best recognised down."""
    for matrix in study.shares:
        name = f"network {matrix.network}"
        figures.share_matrix(matrix.shares, study.genres, name).show(
            key=f"study_{study.name}_{matrix.network}"
        )
        st.caption(
            "Each cell is the per cent of its true genre's songs (row), as printed. The mean of "
            "the diagonal, the balanced accuracy, is "
            f"{study.written(f'balanced_{matrix.network}')}; a blind guess has "
            f"{study.written('chance')}."
        )
        controls.long_table(
            matrix.to_rows(study.genres),
            "Each genre's recall and precision, and what it is most often taken for",
            recall=controls.share(),
            precision=controls.share(),
        )
        st.caption(
            "Recall and the most common mistake stand in the matrix. Precision and songs do not: "
            "how many songs a row stands for is inferred from how its shares are rounded."
        )


def tables(study: Study) -> None:
    """Draw what the tables of test songs say, then a song's printed scores."""
    tested = [table for table in study.tables_of("songs") if table.split == "test"]
    rows = [table.to_dots(study.genres) for table in tested]
    figures.judged_tables(rows, "songs", study.values["chance"]).show(
        key=f"study_{study.name}_tables"
    )
    st.caption(
        "Round: all test songs, counted again from the table's cells, with their exact 95 % "
        "interval. Upright line: the accuracy as the study printed it. Dotted: a blind guess, "
        f"{study.written('chance')}."
    )
    for song in study.songs:
        st.markdown(f"#### {words(song.song)}, segment by segment")
        figures.score_curve(song.to_rows(), song.song).show(key=f"song_{song.song}")
        st.caption(
            f"The {words(song.network)}'s scores as printed. {words(song.verdict())} "
            f"{words(song.note)}"
        )


def dots(study: Study) -> None:
    """Draw the published shares beside a blind guess."""
    rows = [
        {"name": figure.of, "value": figure.value}
        for figure in study.figures
        if figure.value is not None
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
    st.caption(f"Dotted: {guess}, {study.written('chance')}. Not stated: {words(study.unknown[0])}")
