"""The studies that this project rebuilds: lesson and picture first, then the slips, then ours."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from genre_core.config import list_experiments, load_experiment
from genre_core.lessons.studies import Study, list_studies, load_study
from genre_core.lessons.studies.tables import UNITS
from genre_core.runs.bundle import Bundle
from pages.ui import frame, our_results, study_pictures
from pages.ui.study_pictures import words

BASIS = {
    "recomputed": ("green", "follows from the study's own printed numbers"),
    "read in its code": ("blue", "stands in the code that the study printed"),
    "read in its text": ("blue", "stands in what the study wrote"),
    "inferred": ("orange", "likely, not proved"),
}
"""Colour and meaning of each kind of evidence."""


def pick() -> Study:
    """Ask which study; the link carries its name."""
    name = st.segmented_control(
        "Study",
        list_studies(),
        default="S3",
        required=True,
        key="study",
        bind="query-params",
    )
    return load_study(name)


def section(study: Study, bundles: Sequence[Bundle]) -> None:
    """Show a study, and apart from it what we have of it."""
    # Answer: the lesson, and the picture it is read from
    st.subheader(f"{study.name}: {words(study.title)}", anchor=False)
    st.markdown(f"*{words(study.question)}*  \n**{words(study.lesson)}**")
    study_pictures.show(study)

    # How: what was published, and what of it does not hold
    published(study)
    slips(study)

    # Ours: apart, never in one column with the study's
    st.subheader("Our own networks on this question", anchor=False)
    st.markdown(words(study.apart))
    mine = [
        b for b in bundles if study.is_asked_by(b.card.study, b.card.experiment.get("name", ""))
    ]
    our_results.section(mine, study.media)

    # What next
    st.subheader("Run it again", anchor=False)
    st.code(
        f"python -m genre_core studies {study.name}\n"
        f"python -m genre_core train {study.rerun} --data FOLDER",
        language="bash",
    )
    recipes(study)
    onwards = {"songs": "Try a network on a song"}
    if study.media == "cover":
        onwards = {"covers": "Try a network on a cover"}
    frame.onwards(**onwards, about="What do these words mean?")


def recipes(study: Study) -> None:
    """List every recipe that rebuilds the study."""
    rows = [
        {"recipe": each.name, "what it is": each.title, "runs": each.training.repeats}
        for each in map(load_experiment, list_experiments())
        if study.is_asked_by(each.study, each.name)
    ]
    with st.expander("Every recipe of this study"):
        st.table(
            pd.DataFrame(rows), hide_index=True, alt=f"Recipes that rebuild study {study.name}"
        )


def published(study: Study) -> None:
    """Show what the study printed, and what exactly each figure is."""
    st.subheader("What was published", anchor=False)
    st.markdown(
        f"- **Data**: {words(study.data)}\n- **Split**: {words(study.split)}\n"
        f"- **Groups**: {words(study.groups)}"
    )
    st.table(
        pd.DataFrame(
            [
                {
                    "": each.of,
                    "figure": each.metric,
                    "as written": each.written,
                    "measured on": each.split,
                    "what it is": each.what,
                }
                for each in study.figures
            ]
        ),
        hide_index=True,
        alt=f"Figures that study {study.name} printed",
    )
    counted(study)
    if any(each.layers for each in study.networks):
        st.markdown("**Its models**")
        st.table(network_table(study), hide_index=True, alt=f"The models of study {study.name}")
        st.caption(
            "C: convolution 3 x 3, followed by its number of filters (k4: 4 x 4). P: max pooling "
            "2 x 2 (S: padded). drop: dropout. F: flatten. D: dense. L: LSTM. The last layer, one "
            "number per genre, is left out. Parameters are counted from the layers."
        )
    st.markdown("**Not stated**\n" + "\n".join(f"- {words(each)}" for each in study.unknown))


def counted(study: Study) -> None:
    """Show the printed tables, songs and windows apart, and the songs that were got wrong."""
    for unit in UNITS:
        found = study.tables_of(unit)
        if found:
            st.markdown(f"**Its tables of {unit}**")
            st.table(
                pd.DataFrame([each.to_row(study.genres) for each in found]),
                hide_index=True,
                alt=f"Tables of {unit} that study {study.name} printed, with recomputed accuracies",
            )
            notes = [f"{words(each.name)}: {words(each.note)}" for each in found if each.note]
            st.caption(" ".join(notes))
    for misses in study.misses:
        head = f"{len(misses.songs)} {misses.genre} songs taken for {misses.taken_for}"
        with st.expander(f"{words(head)}, as listed"):
            st.caption("Names of files as the study printed them; the songs are not here.")
            st.markdown("\n".join(f"- {words(song)}" for song in misses.songs))


def network_table(study: Study) -> pd.DataFrame:
    """List the study's networks, with the parameters counted from their layers.

    Layers stand on one line: broken anywhere, they cannot be read.
    """
    return pd.DataFrame(
        [
            {
                "model": each.name,
                "difference": each.difference,
                "as published": each.result,
                "layers": each.layers.replace(" ", "\u00a0") or "not known",
                "input": each.written_input.replace(" ", "\u00a0"),
                "runs x epochs": f"{each.runs} x {each.epochs}" if each.runs else "not stated",
                "parameters": f"{each.n_parameters:,}" if each.n_parameters else "not known",
            }
            for each in study.networks
        ]
    )


def slips(study: Study) -> None:
    """Show each claim, what recomputing it gives and why that matters."""
    st.subheader("Mistakes, and what they teach", anchor=False)
    with st.grid(2, min_column_width=320):
        for each in study.slips:
            with st.container(border=True):
                st.markdown(f"**{words(each.claim)}**")
                st.markdown(words(each.found))
                st.markdown(f"*{words(each.matters)}*")
                colour, meaning = BASIS[each.basis]
                st.badge(each.basis, color=colour, help=meaning)
    with st.expander(f"All {len(study.recomputed)} recomputed values"):
        st.table(
            pd.DataFrame(
                [
                    {
                        "what": each.what,
                        "value": study.written(each.name),
                        "rule": each.rule,
                        "from": ", ".join(each.of),
                    }
                    for each in study.recomputed
                ]
            ),
            hide_index=True,
            alt="Every value that follows from what the study printed",
        )
        st.table(
            pd.DataFrame(
                [
                    {"printed number": name, "value": f"{value:,g}", "what": note}
                    for (name, value), note in zip(
                        study.numbers.items(), study.number_notes.values(), strict=True
                    )
                ]
            ),
            hide_index=True,
            alt="The printed numbers that the values start from",
        )
