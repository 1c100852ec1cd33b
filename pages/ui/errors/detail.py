"""One item of an evaluation looked at closely: what the network said, and what people noted."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from genre_core.data import notes as stored
from genre_core.data.catalog import Catalog
from genre_core.data.notes import Note
from genre_core.metrics.votes import clock_time
from pages.ui import controls, frame, permission, problems
from pages.ui.errors import cached, near, notes, state
from pages.ui.errors.cached import Opened
from pages.ui.media import item
from pages.ui.problems import plain


def show_if_asked(evaluation: Opened, noted: Mapping[str, Note]) -> None:
    """Show the item that was opened in the list: scores, the way to its explanation, its note."""
    place = cached.place_of(evaluation, state.item())
    if place is not None:
        row = evaluation.record.items_at([place]).iloc[0].to_dict()
        show = st.dialog(plain(item.name_of(row)), width="large", on_dismiss=state.look_away)
        show(_section)(evaluation, place, row, noted)


def _section(
    evaluation: Opened, place: int, row: Mapping[str, object], noted: Mapping[str, Note]
) -> None:
    item_id = str(row["item_id"])
    catalog, _ = cached.catalog(evaluation.record)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(cached.verdict(evaluation, item_id), width="content")
        _open(evaluation, row, catalog)
    scores, noting = st.columns([2, 3], gap="medium")
    with scores:
        if catalog is not None:
            start_s = cached.erred_at(evaluation, place)
            at = f" · from {clock_time(start_s)}, where it erred most" if start_s else ""
            item.show(catalog, item_id, f"{item_id}{at}", start_s=start_s)
        controls.ranking(
            evaluation.genres,
            evaluation.probs[place],
            key="errors_scores",
            calibrated=evaluation.is_calibrated,
        )
        near.section(evaluation, place, row)
    with noting, problems.shown():
        if catalog is None:
            st.caption(item.not_here(str(evaluation.record.about["data"]["name"])))
        else:
            _note(evaluation, catalog, item_id, noted.get(item_id, Note()))


def _open(evaluation: Opened, row: Mapping[str, object], catalog: Catalog | None) -> None:
    """Lead to Covers or Songs with this item, this network and the wrong genre chosen."""
    bundle, item_id = cached.network(evaluation.record), str(row["item_id"])
    if bundle is None or not bundle.has_network:
        st.caption("The network itself is not here, or was trained anew since.")
        return
    if catalog is None or item.file_of(catalog, item_id) is None:
        return
    said = evaluation.genres[int(str(row["predicted"]))]
    page = f"{evaluation.record.media}s"
    asked = {"wrong": said} if evaluation.is_song else {"genre": said}
    frame.link(
        page,
        f"Why {said}? Open it in {frame.PAGES[page].title}",
        query_params={
            "evaluation": evaluation.record.name,
            "item": item_id,
            "network": bundle.name,
            **asked,
        },
    )


def _note(evaluation: Opened, catalog: Catalog, item_id: str, note: Note) -> None:
    known, may = notes.labels(evaluation, catalog), permission.may_change()
    own = f"{item_id}_{note.at}"  # what is noted meanwhile, by keys or by others, is shown anew
    who, flag = st.columns([2, 1], vertical_alignment="bottom")
    who.text_input("Who notes", key=notes.WHO, placeholder="your name", disabled=not may)
    flag.checkbox("Flag it", note.flag, key=f"flag_{own}", disabled=not may)
    st.text_area(
        "Note", note.text, max_chars=stored.MAX_TEXT, height=80, key=f"note_{own}", disabled=not may
    )
    of_label = {label: genre for genre, label in known.items()}
    before = {
        of_label[label]: share
        for label, share in zip(note.labels, note.weights or (1.0,) * len(note.labels), strict=True)
        if label in of_label
    }
    genres = st.multiselect(
        "New label",
        list(known),
        list(before),
        key=f"label_{own}",
        disabled=not may,
        help="In place of the data set's own. Name several to say how much of each it is.",
    )
    if len(genres) > 1:
        for genre in genres:
            percent = round(100 * before.get(genre, 1 / len(genres)))
            key, label = f"{genre}_{own}", f"How much {plain(genre)}"
            st.slider(label, 0, 100, percent, 5, "%d %%", key=key, disabled=not may)
    if st.button(
        "Keep",
        icon=":material/save:",
        key=f"keep_{own}",
        disabled=not may,
        on_click=_keep,
        args=(evaluation, item_id, known, own),
    ):
        st.rerun()
    if note.at:
        by = f" by {plain(note.who)}" if note.who else ""
        st.caption(f"Last changed {note.at[:16].replace('T', ' ')} UTC{by}.")


def _keep(evaluation: Opened, item_id: str, known: Mapping[str, str], own: str) -> None:
    """Write the form down as it is now: the last field may have changed with this very click."""
    said = st.session_state
    parts = {known[genre]: said.get(f"{genre}_{own}", 100) for genre in said[f"label_{own}"]}
    change = {"text": said[f"note_{own}"], "flag": said[f"flag_{own}"], "labels": list(parts)}
    if len(parts) > 1:
        change["weights"] = stored.as_shares(parts)
        change["labels"] = None
    notes.keep(evaluation, item_id, **change)
    state.look_away()
