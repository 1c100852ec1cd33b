"""The studies that this project rebuilds: lesson and picture first, then the slips, then ours."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from genre_core.lessons.studies import Study, list_studies, load_study
from genre_core.lessons.studies.tables import UNITS
from genre_core.runs.bundle import Bundle
from pages.ui import cached, controls, frame, our_results, study_pictures
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
    return load_study(controls.switch("Study", list_studies(), default="S3", key="study"))


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
    if not controls.is_simple():
        st.subheader("Run it again", anchor=False)
    controls.command(
        f"python -m genre_core studies {study.name}",
        f"python -m genre_core train {study.rerun} --data FOLDER",
    )
    recipes(study)
    onwards = {"songs": "Try a network on a song"}
    if study.media == "cover":
        onwards = {"covers": "Try a network on a cover"}
    frame.onwards(**onwards, about="What do these words mean?")


def recipes(study: Study) -> None:
    """List every recipe that rebuilds the study."""
    rows = [
        {"recipe": recipe.name, "what it is": recipe.title, "runs": recipe.training.repeats}
        for recipe in cached.recipes()
        if study.is_asked_by(recipe.study, recipe.name)
    ]
    with st.expander("Every recipe of this study"):
        controls.table(rows, f"Recipes that rebuild study {study.name}")


def published(study: Study) -> None:
    """Show what the study printed, and what exactly each figure is."""
    st.subheader("What was published", anchor=False)
    st.markdown(
        f"- **Data**: {words(study.data)}\n- **Split**: {words(study.split)}\n"
        f"- **Groups**: {words(study.groups)}"
    )
    controls.table(
        [
            {
                "": figure.of,
                "figure": figure.metric,
                "as written": figure.written,
                "measured on": figure.split,
                "what it is": figure.what,
            }
            for figure in study.figures
        ],
        f"Figures that study {study.name} printed",
    )
    counted(study)
    if any(network.layers for network in study.networks):
        with st.expander("Its models, layer by layer", icon=":material/layers:"):
            controls.table(network_rows(study), f"The models of study {study.name}")
            st.caption(
                "C: convolution 3 x 3, followed by its number of filters (k4: 4 x 4). P: max "
                "pooling 2 x 2 (S: padded). drop: dropout. F: flatten. D: dense. L: LSTM. The last "
                "layer, one number per genre, is left out. Parameters are counted from the layers."
            )
    st.markdown("**Not stated**\n" + "\n".join(f"- {words(text)}" for text in study.unknown))


def counted(study: Study) -> None:
    """Show the printed tables, songs and windows apart, and the songs that were got wrong."""
    for unit in UNITS:
        if tables := study.tables_of(unit):
            st.markdown(f"**Its tables of {unit}**")
            controls.table(
                [table.to_row(study.genres) for table in tables],
                f"Tables of {unit} that study {study.name} printed, with recomputed accuracies",
            )
            notes = [f"{words(table.name)}: {words(table.note)}" for table in tables if table.note]
            st.caption(" ".join(notes))
    for misses in study.misses:
        head = f"{len(misses.songs)} {misses.genre} songs taken for {misses.taken_for}"
        with st.expander(f"{words(head)}, as listed"):
            st.caption("Names of files as the study printed them; the songs are not here.")
            st.markdown("\n".join(f"- {words(song)}" for song in misses.songs))


def network_rows(study: Study) -> list[dict[str, str]]:
    """List the study's networks, with the parameters counted from their layers.

    Layers stand on one line: broken anywhere, they cannot be read.
    """
    return [
        {
            "model": network.name,
            "difference": network.difference,
            "as published": network.result,
            "layers": network.layers.replace(" ", "\u00a0") or "not known",
            "input": network.written_input.replace(" ", "\u00a0"),
            "runs x epochs": (
                f"{network.runs} x {network.epochs}" if network.runs else "not stated"
            ),
            "parameters": (f"{network.n_parameters:,}" if network.n_parameters else "not known"),
        }
        for network in study.networks
    ]


def slips(study: Study) -> None:
    """Show each claim, what recomputing it gives and why that matters."""
    st.subheader("Mistakes, and what they teach", anchor=False)
    with st.grid(2, min_column_width=320):
        for slip in study.slips:
            with st.container(border=True):
                st.markdown(f"**{words(slip.claim)}**")
                st.markdown(words(slip.found))
                st.markdown(f"*{words(slip.matters)}*")
                colour, meaning = BASIS[slip.basis]
                st.badge(slip.basis, color=colour, help=meaning)
    with st.expander(f"All {len(study.recomputed)} recomputed values"):
        controls.table(
            [
                {
                    "what": value.what,
                    "value": study.written(value.name),
                    "rule": value.rule,
                    "from": ", ".join(value.of),
                }
                for value in study.recomputed
            ],
            "Every value that follows from what the study printed",
        )
        numbers = zip(study.numbers.items(), study.number_notes.values(), strict=True)
        controls.table(
            [
                {"printed number": name, "value": f"{value:,g}", "what": note}
                for (name, value), note in numbers
            ],
            "The printed numbers that the values start from",
        )
