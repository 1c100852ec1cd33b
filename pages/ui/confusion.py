"""The confusion matrix that is clicked, and the covers or songs behind one of its cells."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
import streamlit as st

from genre_core.errors import GenreError
from genre_core.runs.bundle import Bundle
from pages.ui import cached, cards, figures, wrong_songs
from pages.ui.problems import plain

A_PAGE = 12
"""Covers of a cell that are shown at a time."""

TRUE_KEY = "true"
PREDICTED_KEY = "predicted"
ANY = "choose"


@st.fragment
def section(bundle: Bundle, metrics: Mapping[str, Any], predictions: pd.DataFrame) -> None:
    """Show the matrix beside the two pickers that name its cell, then what fell into the cell."""
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
            "**Rows are the true genre, columns the network's answer**; right answers lie on "
            "the diagonal. In per cent of its row, the diagonal is each "
            "genre's recall. "
            f"**Click a cell**, or name it here, to {_meet(bundle)} behind it."
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
        _behind(bundle, predictions, cell)


def _take_cell(key: str, genres: list[str]) -> None:
    points = st.session_state[key]["selection"]["points"]
    if points:
        row, col = points[0]["customdata"]
        st.session_state[TRUE_KEY] = genres[int(row)]
        st.session_state[PREDICTED_KEY] = genres[int(col)]


def _meet(bundle: Bundle) -> str:
    return "hear the songs" if bundle.card.media == "song" else "see the covers"


def _behind(bundle: Bundle, predictions: pd.DataFrame, cell: tuple[int, int]) -> None:
    true, said = (plain(bundle.card.genres[index]) for index in cell)
    found = cached.behind_cell(predictions, *cell)
    verdict = "rightly called" if cell[0] == cell[1] else "taken for"
    st.markdown(f"#### {true}, {verdict} {said}: {len(found):,} {cards.items(bundle)}")
    if found.empty:
        st.caption(f"None of its test {cards.items(bundle)} fell into this cell.")
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
            alt=f"Titles and ids of the {cards.items(bundle)} in this cell",
        )
        st.info(
            f"The files of *{plain(bundle.card.data.get('name', 'this data set'))}* are not on "
            "this machine. Set `GENRE_DATA` to the folder that holds the data set, or import it "
            f"with `python -m genre_core import`, and you {_meet(bundle)} here.",
            icon=":material/image_not_supported:",
        )
        return
    is_song = bundle.card.media == "song"
    with st.grid(3 if is_song else 6, min_column_width=260 if is_song else 120):
        for row in shown.to_dict("records"):
            with st.container(gap="xxsmall"):
                if is_song:
                    _song(catalog, row)
                    wrong_songs.link(bundle, row, catalog, bundle.card.genres[cell[1]])
                else:
                    _cover(catalog, row)


def _name(row: Mapping[str, Any]) -> str:
    """Call a cover by title and artist; where neither is known, by its file, cut short."""
    known = " · ".join(str(row[c]) for c in ("title", "artist") if row.get(c))
    stem = PurePosixPath(row["item_id"]).stem
    return known or (stem if len(stem) <= 16 else f"{stem[:15]}…")


def _song(catalog: Any, row: Mapping[str, Any]) -> None:
    name = _name(row)
    st.markdown(f"{plain(name)} ({100 * float(row['probability']):.0f} %)")
    try:
        path = catalog.path_of(row["item_id"])
    except GenreError as error:
        st.caption(plain(error.received))
        return
    if path.is_file():
        st.audio(str(path))
    else:
        st.caption("Its file is not there any more.")


def _cover(catalog: Any, row: Mapping[str, Any]) -> None:
    name = _name(row)
    try:
        picture = cached.item_picture(str(catalog.digest), row["item_id"], catalog)
    except GenreError as error:
        st.caption(f"{plain(name)}: {plain(error.received)}")
        return
    st.image(picture, width="stretch", alt=f"Cover: {name}")
    st.caption(f"{plain(name)} ({100 * float(row['probability']):.0f} %)")
