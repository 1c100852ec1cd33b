"""The confusion matrix that is clicked, and the covers or songs behind one of its cells."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from genre_core.runs.bundle import Bundle
from pages.ui import cached, cards, controls, figures, wrong_songs
from pages.ui.media import item
from pages.ui.problems import plain

A_PAGE = 12
"""Covers of a cell that are shown at a time."""

TRUE_KEY = "true"
PREDICTED_KEY = "predicted"
ANY = "choose"
_NAME = 16
"""Longest name of a file that fits under a cover."""


@st.fragment
def section(bundle: Bundle, metrics: Mapping[str, Any], predictions: pd.DataFrame) -> None:
    """Show the matrix beside the two pickers that name its cell, then what fell into the cell."""
    genres = list(bundle.card.genres)
    left, right = st.columns([3, 2], gap="medium")
    with right:
        how = controls.switch("Each cell shows", ["counts", "per cent of its row"], key="cells")
        st.markdown(
            "**Rows are the true genre, columns the network's answer**; right answers lie on "
            "the diagonal. In per cent of its row, the diagonal is each "
            "genre's recall. "
            f"**Click a cell**, or name it here, to {_meet(bundle)} behind it."
        )
        true = controls.select("True genre", [ANY, *genres], key=TRUE_KEY)
        predicted = controls.select("Predicted genre", [ANY, *genres], key=PREDICTED_KEY)
    is_named = ANY not in (true, predicted)
    cell = (genres.index(true), genres.index(predicted)) if is_named else None
    with left:
        key = f"matrix_{bundle.name}"
        figures.confusion(metrics["confusion"], genres, share=how != "counts", chosen=cell).show(
            key=key, on_select=partial(_take_cell, key, genres), selection_mode="points"
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
    true, predicted = (plain(bundle.card.genres[index]) for index in cell)
    items = _items_in(predictions, *cell)
    verdict = "rightly called" if cell[0] == cell[1] else "taken for"
    st.markdown(f"#### {true}, {verdict} {predicted}: {len(items):,} {cards.items(bundle)}")
    if items.empty:
        st.caption(f"None of its test {cards.items(bundle)} fell into this cell.")
        return
    st.caption("The ones it was surest of come first.")
    shown = items.iloc[controls.page_of(len(items), A_PAGE, key=f"page_{cell[0]}_{cell[1]}")]
    name = str(bundle.card.data.get("name", ""))
    catalog = cached.dataset(name)
    if catalog is None:
        columns = [c for c in ("title", "artist", "item_id", "probability") if c in shown]
        alt = f"Titles and ids of the {cards.items(bundle)} in this cell"
        controls.long_table(shown[columns], alt)
        st.info(
            f"{item.not_here(name)} Then you {_meet(bundle)} here.",
            icon=":material/image_not_supported:",
        )
        return
    is_song, calibrated = bundle.card.media == "song", bundle.card.calibration is not None
    with st.grid(3 if is_song else 6, min_column_width=260 if is_song else 120):
        for row in shown.to_dict("records"):
            with st.container(gap="xxsmall"):
                name = item.name_of(row, longest=_NAME)
                share = figures.share_text(float(row["probability"]), calibrated=calibrated)
                caption = f"{name} ({share})"
                item.show(catalog, row["item_id"], caption, name=name)
                if is_song:
                    wrong_songs.link(bundle, row, catalog, bundle.card.genres[cell[1]])


def _items_in(predictions: pd.DataFrame, true: int, predicted: int) -> pd.DataFrame:
    """Select the test items of one cell, the surest first, with the column `probability`."""
    rows = (predictions["genre_index"] == true) & (predictions["predicted"] == predicted)
    if "split" in predictions:
        rows &= predictions["split"] == "test"
    items = predictions[rows].copy()
    column = f"prob_{predicted}"
    items["probability"] = items[column] if column in items else float("nan")
    return items.sort_values("probability", ascending=False)
