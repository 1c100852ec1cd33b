"""The confusion matrix that is clicked, and the covers behind one of its cells."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
import streamlit as st

from genre_core.errors import GenreError
from genre_core.runs.bundle import Bundle
from pages.ui import cached, figures
from pages.ui.problems import plain

A_PAGE = 12
"""Covers of a cell that are shown at a time."""

TRUE_KEY = "true"
PREDICTED_KEY = "predicted"
ANY = "choose"


@st.fragment
def section(bundle: Bundle, metrics: Mapping[str, Any], predictions: pd.DataFrame) -> None:
    """Show the matrix beside the two pickers that name its cell, then the cell's covers."""
    genres = list(bundle.card.genres)
    left, right = st.columns([3, 2], gap="medium")
    with right:
        how = st.segmented_control(
            "Each cell shows",
            ["counts", "per cent of its row"],
            default="counts",
            required=True,
            key="cells",
            bind="query-params",
        )
        st.markdown(
            "**Rows are the true genre, columns what the network said**; right answers lie on "
            "the diagonal. In per cent of its row, the diagonal is each "
            "genre's recall. "
            "**Click a cell**, or name it here, to see the covers behind it."
        )
        true = st.selectbox("True genre", [ANY, *genres], key=TRUE_KEY, bind="query-params")
        said = st.selectbox(
            "Predicted genre", [ANY, *genres], key=PREDICTED_KEY, bind="query-params"
        )
    cell = (genres.index(true), genres.index(said)) if ANY not in (true, said) else None
    with left:
        key = f"matrix_{bundle.name}"
        figures.confusion(metrics["confusion"], genres, share=how != "counts", chosen=cell).show(
            key=key,
            on_select=partial(_take_cell, key, genres),
            selection_mode="points",
        )
    if cell is not None:
        _covers(bundle, predictions, cell)


def _take_cell(key: str, genres: list[str]) -> None:
    points = st.session_state[key]["selection"]["points"]
    if points:
        row, col = points[0]["customdata"]
        st.session_state[TRUE_KEY] = genres[int(row)]
        st.session_state[PREDICTED_KEY] = genres[int(col)]


def _covers(bundle: Bundle, predictions: pd.DataFrame, cell: tuple[int, int]) -> None:
    true, said = (plain(bundle.card.genres[index]) for index in cell)
    found = cached.behind_cell(predictions, *cell)
    verdict = "rightly called" if cell[0] == cell[1] else "taken for"
    st.markdown(f"#### {true}, {verdict} {said}: {len(found):,} covers")
    if found.empty:
        st.caption("No test cover fell into this cell.")
        return
    st.caption("The ones it was surest of come first.")
    n_pages = -(-len(found) // A_PAGE)
    page = st.pagination(n_pages, key=f"page_{cell[0]}_{cell[1]}") if n_pages > 1 else 1
    shown = found.iloc[(page - 1) * A_PAGE : page * A_PAGE]
    catalog = cached.dataset(bundle.card.data.get("name", ""))
    if catalog is None:
        st.dataframe(
            shown[[c for c in ("title", "artist", "item_id", "probability") if c in shown]],
            hide_index=True,
            alt="Titles and ids of the covers in this cell",
        )
        st.info(
            f"The pictures of *{plain(bundle.card.data.get('name', 'this data set'))}* are not on "
            "this machine. Set `GENRE_DATA` to the folder that holds the data set, or import it "
            "with `python -m genre_core import`, and this list becomes a gallery.",
            icon=":material/image_not_supported:",
        )
        return
    with st.grid(6, min_column_width=120):
        for row in shown.to_dict("records"):
            with st.container(gap="xxsmall"):
                _one(catalog, row)


def _name(row: Mapping[str, Any]) -> str:
    """Call a cover by title and artist; where neither is known, by its file, cut short."""
    known = " · ".join(str(row[c]) for c in ("title", "artist") if row.get(c))
    stem = PurePosixPath(row["item_id"]).stem
    return known or (stem if len(stem) <= 16 else f"{stem[:15]}…")


def _one(catalog: Any, row: Mapping[str, Any]) -> None:
    name = _name(row)
    try:
        picture = cached.item_picture(str(catalog.digest), row["item_id"], catalog)
    except GenreError as error:
        st.caption(f"{plain(name)}: {plain(error.received)}")
        return
    st.image(picture, width="stretch", alt=f"Cover: {name}")
    st.caption(f"{plain(name)} ({100 * float(row['probability']):.0f} %)")
