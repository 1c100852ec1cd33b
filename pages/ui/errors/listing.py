"""The items behind a selection: a gallery of covers, or players that start where a song erred."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from genre_core.analysis.ordering import orders_of
from genre_core.analysis.segments import erred_most
from genre_core.data.notes import Note
from pages.ui import controls, link
from pages.ui.errors import cached, notes, state
from pages.ui.errors.cached import Opened
from pages.ui.items import served
from pages.ui.items.listing import Curve, Item, item_list
from pages.ui.media import item

A_PAGE = 50
HEIGHT_PX = 660
"""Of the list: what follows it stays in reach."""
_ORDER = "errors_order"
ORDERS = {
    "margin": "clearest errors first",
    "confidence": "surest first",
    "loss": "true genre least expected first",
    "disagreement": "repeats disagree most",
    "artist": "artist",
}


def section(evaluation: Opened, rows: np.ndarray, noted: Mapping[str, Note]) -> None:
    """List the selected items in an order that is asked for, 50 a page."""
    if not len(rows):
        st.info("Nothing is selected: take a chip away.", icon=":material/filter_alt_off:")
        return
    known = [name for name in ORDERS if name in orders_of(evaluation.columns)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        link.follow(_ORDER, ["order"], known, known[0])
        order = st.selectbox("Order", known, key=_ORDER, format_func=ORDERS.__getitem__)
        link.write(_ORDER, "order", order, known[0])
        part = controls.page_of(
            len(rows), A_PAGE, key=f"{state.PAGE}_{evaluation.record.name}_{len(rows)}"
        )
    ordered = cached.ordered(evaluation, order, rows)[part]
    with st.container(height=HEIGHT_PX, border=False):
        item_list(
            items_of(evaluation, ordered, noted),
            media=evaluation.record.media,
            genres=notes.genres_to_give(evaluation),
            chosen=state.item(),
            can_note=notes.may_note(evaluation),
            on_done=notes.keeper(evaluation),
            key="errors_list",
        )


def items_of(evaluation: Opened, rows: np.ndarray, noted: Mapping[str, Note]) -> list[Item]:
    """Make the list's rows of items, by their places in the table."""
    catalog, digest = cached.catalog(evaluation.record)
    genres = evaluation.genres
    part = evaluation.record.items_at(rows, ("item_id", "title", "artist"))
    ids = part["item_id"].tolist()
    if catalog is not None:
        catalog.look_up(ids)
    curves = cached.segments(evaluation, tuple(ids)) if evaluation.is_song else {}
    listed = []
    for place, row in zip(rows.tolist(), part.to_dict("records"), strict=True):
        item_id = row["item_id"]
        true, said = int(evaluation.true[place]), int(evaluation.predicted[place])
        table = curves.get(item_id)
        listed.append(
            Item(
                item_id,
                item.name_of(row),
                genres[true],
                genres[said],
                evaluation.share_text(place, said),
                true != said,
                "" if catalog is None else served.address(catalog, digest, item_id),
                0.0 if table is None else erred_most(table, true, said),
                None if table is None else _curve(table, true, said),
                **notes.for_list(noted.get(item_id)),
            )
        )
    return listed


def _curve(table: pd.DataFrame, true: int, said: int) -> Curve:
    columns = ("start_s", "end_s", f"prob_{said}", f"prob_{true}")
    return Curve(*(table[name].tolist() for name in columns))
