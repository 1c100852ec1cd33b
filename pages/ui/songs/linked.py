"""A song of a data set that a link asks for, and its segment that speaks for a wrong answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from genre_core.data.catalog import Catalog
from genre_core.errors import GenreError
from genre_core.evaluation.stored_predictions import worst_segment
from genre_core.runs.bundle import Bundle
from pages.ui import cached as results
from pages.ui.media.choice import Choice
from pages.ui.media.item import file_of, name_of
from pages.ui.problems import plain
from pages.ui.songs import cached

if TYPE_CHECKING:
    from genre_core.runs.answers import SongPrediction

_TAKEN = "song_link_taken"


@dataclass(frozen=True, slots=True)
class Linked:
    """The song that a link asks for, and the answer whose strongest segment is looked for."""

    choice: Choice
    wrong: str


def ask(bundles: Sequence[Bundle]) -> Linked | None:
    """Read the link's parameters: `of` a network, an `item` of its data set, the `wrong` answer.

    A link names a network and an item, never a folder or a file: only songs of a data set that a
    network here was measured on, and that this machine holds, can be opened.
    """
    of, item, wrong = (st.query_params.get(name, "") for name in ("of", "item", "wrong"))
    if not (of and item):
        return None
    bundle = next((bundle for bundle in bundles if bundle.name == of), None)
    catalog = None if bundle is None else results.dataset(bundle.card.data.get("name", ""))
    choice = None if catalog is None else file_choice(catalog, item)
    if choice is None:
        st.info(
            f"The link asks for *{plain(item)}* of a data set, which is not on this machine. The "
            "songs below are.",
            icon=":material/music_off:",
        )
        return None
    # A new link on a page that was shown before takes the place of what was chosen there; on a
    # first visit it is the picker's own default, unless the link also names a song.
    if st.session_state.get(_TAKEN) != (of, item):
        st.session_state[_TAKEN] = (of, item)
        if "song" in st.session_state and "song" not in st.query_params:
            st.session_state["song"] = choice.label
    return Linked(choice, wrong)


def file_choice(catalog: Catalog, item: str) -> Choice | None:
    """Make a choice of a data set's item; None where the item or its file is not there."""
    path = file_of(catalog, item)
    if path is None:
        return None
    row = catalog.frame[catalog.frame["item_id"] == item].iloc[0].to_dict()
    note = f"From the data set {catalog.head.title or catalog.head.name}: {item}"
    label = f"{name_of(row)} ({catalog.head.name})"  # no built-in song is called so
    return Choice(label, note, path, _checksum(path))


def worst(linked: Linked | None, chosen: Choice, prediction: SongPrediction) -> int | None:
    """Find the segment that speaks most for the link's wrong answer; None without one."""
    if linked is None or linked.choice != chosen or not linked.wrong:
        return None
    try:
        return worst_segment(prediction, linked.wrong)
    except GenreError:
        return None  # another network is explained, which knows no such genre


def _checksum(path: Path) -> str:
    at = path.stat()
    return cached.file_checksum(str(path), at.st_mtime_ns, at.st_size)
