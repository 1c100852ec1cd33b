"""An item of a data set that a link asks for, what a network said of it, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from genre_core.data.catalog import Catalog
from genre_core.errors import GenreError
from genre_core.runs.bundle import Bundle
from pages.ui import cached, frame
from pages.ui.media.choice import Choice
from pages.ui.media.choosing import Medium
from pages.ui.media.item import file_of, name_of
from pages.ui.problems import plain

if TYPE_CHECKING:
    from genre_core.runs.answers import SongPrediction

_TAKEN = "item_link_taken"
WAY_BACK = "way_back_to_errors"
"""Key of what the page Errors had in its link when it was left."""
WAY_BACK_TO_LIBRARY = "way_back_to_library"
"""Key of what the page Library had in its link when it was left."""


@dataclass(frozen=True, slots=True)
class Linked:
    """The item that a link asks for.

    wrong: the answer whose strongest segment is looked for; "" where none is asked for
    banner: what it is and was taken for, in Markdown; "" where no evaluation says so
    true: its genre; "" where no evaluation says so
    library: the library that it is opened from; "" where it is of a data set
    evaluation: its name; "" where the link names none
    """

    choice: Choice
    wrong: str
    banner: str = ""
    evaluation: str = ""
    true: str = ""
    library: str = ""

    def show(self) -> None:
        """Say what the item was taken for, and lead back to where it was chosen."""
        if self.library:
            back = st.session_state.get(WAY_BACK_TO_LIBRARY, {})
            if back.get("library") != self.library:
                back = {"library": self.library}
            frame.link("library", "Back to the library", query_params=back)
        if not self.evaluation:
            return
        with st.container(horizontal=True, border=True, vertical_alignment="center"):
            st.markdown(self.banner)
            back = st.session_state.get(WAY_BACK, {})
            if back.get("evaluation") != self.evaluation:
                back = {"evaluation": self.evaluation}
            frame.link("errors", "Back to the errors", query_params=back)


def ask(medium: Medium, bundles: Sequence[Bundle]) -> Linked | None:
    """Read the link: `evaluation` (or `of`, a network), `item` of its data, the `wrong` answer.

    A link names evaluations, networks and items, never a folder or a file: only items of a data set
    that was evaluated, and that this machine holds, can be opened.
    """
    named = ("evaluation", "of", "item", "wrong", "library")
    evaluation, of, item, wrong, library = (st.query_params.get(name, "") for name in named)
    if not (item and (evaluation or of or library)):
        return None
    banner, true, catalog = (
        _from_evaluation(evaluation, item) if evaluation else ("", "", _data(of, bundles))
    )
    choice = None if catalog is None else file_choice(catalog, item)
    if library and medium.name == "song":
        choice = library_choice(library, item)
    if choice is None:
        what = (
            f"*{plain(item)}* of a data set, which" if not library else "a song of a library that"
        )
        st.info(
            f"The link asks for {what} is not on this machine. The {medium.name}s below are.",
            icon=":material/music_off:",
        )
        return None
    # A new link on a page that was shown before takes the place of what was chosen there; on a
    # first visit it is the picker's own default, unless the link also names a song.
    if st.session_state.get(_TAKEN) != (evaluation or of or library, item):
        st.session_state[_TAKEN] = (evaluation or of or library, item)
        if medium.name in st.session_state and medium.name not in st.query_params:
            st.session_state[medium.name] = choice.label
    return Linked(choice, wrong, banner, evaluation, true, library)


def _data(of: str, bundles: Sequence[Bundle]) -> Catalog | None:
    bundle = next((bundle for bundle in bundles if bundle.name == of), None)
    return None if bundle is None else cached.dataset(bundle.card.data.get("name", ""))


def _from_evaluation(name: str, item: str) -> tuple[str, str, Catalog | None]:
    """Say what an evaluation has of an item, its true genre, and find its data set."""
    from genre_core.runs.evaluations import find_evaluation
    from pages.ui.errors import cached as errors

    try:
        evaluation = errors.opened(find_evaluation(name))
    except GenreError:
        return "", "", None
    place = errors.place_of(evaluation, item)
    true = "" if place is None else evaluation.genres[int(evaluation.true[place])]
    return errors.verdict(evaluation, item), true, errors.catalog(evaluation.record)[0]


def file_choice(catalog: Catalog, item: str) -> Choice | None:
    """Make a choice of a data set's item; None where the item or its file is not there."""
    path = file_of(catalog, item)
    if path is None:
        return None
    row = catalog.frame[catalog.frame["item_id"] == item].iloc[0].to_dict()
    note = f"From the data set {catalog.head.title or catalog.head.name}: {item}"
    label = f"{name_of(row)} ({catalog.head.name})"  # no built-in one is called so
    alt = f"Cover: {name_of(row)}" if catalog.head.media == "cover" else ""
    return Choice(label, note, path, _checksum(path), alt)


def library_choice(name: str, item: str) -> Choice | None:
    """Make a choice of a library's song; None where this visitor may not hear it."""
    from genre_core.data.library import read_rows
    from pages.ui.library import cached as libraries
    from pages.ui.library import found

    library = found.library(name)
    row = None if library is None else libraries.row_of(library, item)
    if library is None or row is None:
        return None
    [song] = read_rows(library, [row], ("path", "title", "artist")).to_dict("records")
    path = found.playable(library, song["path"])
    if path is None:
        return None
    named = name_of(song | {"item_id": song["path"]})
    return Choice(f"{named} (library {name})", f"From the library {name}", path, _checksum(path))


def wrong_answer(linked: Linked | None, chosen: Choice) -> str:
    """Give the wrong answer that a link asks about, of the item that is shown; else ""."""
    return linked.wrong if linked is not None and linked.choice == chosen else ""


def why_worst(linked: Linked | None, worst: int | None, selected: int | None) -> str:
    """Say what the selected segment is, where it is the worst of a song that a link opened."""
    if linked is None or worst is None or selected != worst:
        return ""
    return f"The segment that speaks most for *{plain(linked.wrong)}*."


def worst(linked: Linked | None, chosen: Choice, prediction: SongPrediction) -> int | None:
    """Find the segment that speaks most for the link's wrong answer; None without one."""
    if linked is None or not (wrong := wrong_answer(linked, chosen)):
        return None
    from genre_core.evaluation.stored_predictions import worst_segment

    try:
        return worst_segment(prediction, wrong, linked.true)
    except GenreError:
        return None  # another network is explained, which knows no such genre


def _checksum(path: Path) -> str:
    at = path.stat()
    return cached.file_checksum(str(path), at.st_mtime_ns, at.st_size)
