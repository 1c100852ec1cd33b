"""An item of a data set: its file, its name, and its cover or a player on the page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from genre_core.data.catalog import Catalog
from genre_core.errors import GenreError
from pages.ui import cached, controls
from pages.ui.problems import plain


def file_of(catalog: Catalog, item_id: str) -> Path | None:
    """Find an item's file; None where the item or its file is not there."""
    try:
        path = catalog.path_of(item_id)
    except GenreError:
        return None
    return path if path.is_file() else None


def name_of(row: Mapping[str, Any], *, longest: int = 400) -> str:
    """Call an item by title and artist; where neither is known, by its file, cut if need be."""
    known = " · ".join(str(row[name]) for name in ("title", "artist") if row.get(name))
    stem = Path(str(row["item_id"])).stem
    return known or (stem if len(stem) <= longest else f"{stem[: longest - 1]}…")


def show(
    catalog: Catalog, item_id: str, caption: str, *, name: str = "", start_s: float = 0.0
) -> None:
    """Show a cover, or a player, with a line below; a file that is gone is a line alone.

    A song begins to play at `start_s`.
    """
    name = name or item_id
    path = file_of(catalog, item_id)
    try:
        if path is not None and catalog.head.media == "cover":
            picture = cached.item_picture(catalog, item_id)
            width = cached.shown_width(picture)
            st.image(picture, caption=plain(caption), width=width, alt=f"Cover: {name}")
        elif path is not None:
            st.audio(str(path), start_time=start_s)
            st.caption(plain(caption))
        else:
            st.caption(f"{plain(name)} is not there any more.")
    except GenreError as error:
        st.caption(f"{plain(name)}: {plain(error.received)}")


def not_here(name: str) -> str:
    """Say that a data set's files are not on this machine, and what brings them."""
    if controls.is_simple():
        return f"The files of *{plain(name)}* are not on this machine."
    return (
        f"The files of *{plain(name)}* are not on this machine. Set `GENRE_DATA` to the folder "
        "that holds the data set, or import it with `python -m genre_core import`."
    )
