"""The songs that a network got wrong, the surest first, each to be opened where it errs most."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from genre_core.data.catalog import Catalog
from genre_core.evaluation.stored_predictions import (
    SCORED,
    highest_scores,
    items_labelled,
    wrong_songs,
)
from genre_core.runs.bundle import Bundle
from pages.ui import cached, controls, figures, frame
from pages.ui.media import item
from pages.ui.problems import plain

A_PAGE = 10
"""Songs that are listed at a time."""

NON_PROG = "non-prog"
"""How data sets label songs that are known not to be prog."""

Words = Callable[[Mapping[str, Any]], str]


def section(bundle: Bundle, predictions: pd.DataFrame, threshold: float) -> None:
    """List what it got wrong: songs taken for another genre, or called prog that are not."""
    if predictions.empty:
        return
    catalog = cached.dataset(bundle.card.data.get("name", ""))
    if "genre_index" in predictions:
        st.subheader("Which songs does it get wrong?", anchor=False)
        _taken_for_another(bundle, predictions, catalog)
    elif "prog_score" in predictions:
        st.subheader("Which songs does it call prog that are not?", anchor=False)
        _called_prog(bundle, predictions, catalog, threshold)


def _taken_for_another(bundle: Bundle, predictions: pd.DataFrame, catalog: Catalog | None) -> None:
    wrong = wrong_songs(predictions, bundle.card.genres)
    n_tested = int((predictions["split"] == "test").sum())
    if wrong.empty:
        st.caption(f"None of {n_tested:,}.")
        return
    st.markdown(
        f"**{len(wrong):,} of {n_tested:,} test songs**, the ones it was surest of first. A high "
        "probability of a wrong genre is worth a look: is the song mislabelled, between genres, or "
        "has the network learnt something other than genre?"
    )
    if "fold" in wrong:
        st.caption(
            "Each answer comes from a fold's network, which had not seen the song. The shipped "
            "network was trained on most of these songs and may answer differently now."
        )
    calibrated = bundle.card.calibration is not None
    _rows(
        bundle,
        wrong,
        catalog,
        lambda row: _wrong(row, calibrated),
        lambda row: str(row["said"]),
    )


def _called_prog(
    bundle: Bundle, predictions: pd.DataFrame, catalog: Catalog | None, threshold: float
) -> None:
    known = None if catalog is None else items_labelled(catalog.frame, NON_PROG)
    highest = highest_scores(predictions, known)
    if highest.empty:
        st.caption("No test song is known not to be prog.")
        return
    st.markdown(
        f"**{len(highest):,} test songs"
        + (
            "** by their mean score, highest first. Which of them are known not to be prog stands "
            "in the data set, which is not on this machine."
            if known is None
            else " known not to be prog**, by their mean score, highest first: those above "
            f"{threshold:g} are false alarms, those just below it nearly were."
        )
    )
    is_known = known is not None
    _rows(
        bundle,
        highest,
        catalog,
        lambda row: _scored(row, is_known and row["prog_score"] > threshold),
        lambda row: SCORED[0],
    )


def _wrong(row: Mapping[str, Any], calibrated: bool) -> str:
    said, true = (
        figures.share_text(row[name], calibrated=calibrated)
        for name in ("probability", "true_probability")
    )
    fold = f" · fold {int(row['fold']) + 1}" if "fold" in row else ""
    return f"{plain(row['true'])}, taken for **{plain(row['said'])}** ({said} against {true}){fold}"


def _scored(row: Mapping[str, Any], is_alarm: bool) -> str:
    alarm = " · **a false alarm by its mean**" if is_alarm else ""
    return f"mean prog score {row['prog_score']:.3f}{alarm}"


def _rows(
    bundle: Bundle, songs: pd.DataFrame, catalog: Catalog | None, verdict: Words, wrong: Words
) -> None:
    part = controls.page_of(len(songs), A_PAGE, key=f"wrong_{bundle.name}")
    with st.container(border=True, gap="small"):
        for place, row in enumerate(songs.iloc[part].to_dict("records"), start=part.start + 1):
            with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
                st.markdown(f"{place}\\. **{plain(item.name_of(row))}** · {verdict(row)}")
                link(bundle, row, catalog, wrong(row))
    if catalog is None:
        name = str(bundle.card.data.get("name", ""))
        st.caption(f"Here none can be opened. {item.not_here(name)}")
    with st.expander("All of them as a table"):
        controls.long_table(songs, "Every song of the list, to sort and to save")


def link(bundle: Bundle, row: Mapping[str, Any], catalog: Catalog | None, wrong: str) -> None:
    """Offer to open a song where it speaks most for a wrong answer; say so where it is not here."""
    if catalog is None or not bundle.has_network:
        return
    if item.file_of(catalog, str(row["item_id"])) is None:
        st.caption("not on this machine", width="content")
        return
    frame.link(
        "songs",
        "Open at its worst segment",
        help=f"Listen to {plain(item.name_of(row))} where it speaks most for {plain(wrong)}",
        query_params={
            "of": bundle.name,
            "item": str(row["item_id"]),
            "wrong": wrong,
            "network": bundle.name,
        },
    )
