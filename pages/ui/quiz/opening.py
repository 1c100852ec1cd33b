"""Opening a room: which items, which network, how many questions; the network answers ahead."""

from __future__ import annotations

import secrets
from typing import Any

import streamlit as st

from genre_core.classroom import open_room
from genre_core.classroom.rooms import MAX_QUESTIONS, MAX_TITLE
from pages.ui import cached, controls, data_sets, problems
from pages.ui.limits import Limits
from pages.ui.problems import plain
from pages.ui.quiz import address, place, questions
from pages.ui.quiz.questions import Source

_NOTES = "quiz_opening_notes"
USUAL = 8
"""Questions, unless somebody asks for more or fewer."""


def form(limits: Limits) -> None:
    """Ask what the quiz is about, and open a room."""
    for warning in limits.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    if not limits.rooms:
        st.info("Quiz rooms are switched off on this server (`GENRE_MAX_ROOMS=0`).")
        return
    if (source := _ask_source()) is None:
        return
    if not (networks := source.networks()):
        st.info("There is no network here that names a genre of these. Train one first.")
        return
    titles = {one.name: one.card.title for one in networks}
    name = st.selectbox(
        "Network to compare with", list(titles), format_func=titles.__getitem__, key="quiz_network"
    )
    bundle = next((one for one in networks if one.name == name), networks[0])
    controls.code_name(plain(bundle.name))
    with st.container(horizontal=True):
        n = st.number_input(
            "Questions",
            1,
            MAX_QUESTIONS,
            USUAL,
            key="quiz_n",
            width=140,
            help="Items are drawn by chance, every genre as often as can be.",
        )
        title = st.text_input(
            "Name of the room",
            key="quiz_title",
            max_chars=MAX_TITLE,
            placeholder="class 8b, Monday",
        )
    if st.button("Open the room", type="primary", icon=":material/meeting_room:", key="quiz_open"):
        with problems.shown():
            _open(source, bundle, int(n), title, limits.rooms)


def notes(code: str) -> list[str]:
    """Give what was noted when this visitor opened the room."""
    kept: dict[str, list[str]] = st.session_state.get(_NOTES, {})
    return kept.get(code, [])


def _ask_source() -> Source | None:
    imported = [name for name in data_sets.names() if data_sets.is_imported(name)]
    built_in = {own.name: own for own in (Source("cover"), Source("song"))}
    chosen = st.selectbox(
        "Items",
        [*built_in, *imported],
        key="quiz_items",
        help="Built-in ones, or a data set that was imported on the page Data, such as one of the "
        "class's own covers.",
    )
    if chosen in built_in:
        return built_in[chosen]
    catalog = cached.dataset(chosen)
    if catalog is None:
        st.info(f"The data set *{plain(chosen)}* cannot be read here.")
        return None
    return Source("cover" if catalog.head.media == "cover" else "song", catalog)


def _open(source: Source, bundle: Any, n: int, title: str, max_rooms: int) -> None:
    with st.spinner("The network answers ahead of the class …", show_time=True):
        drawn, about = questions.draw(source, bundle, n, seed=secrets.randbits(32))
        bar = st.progress(0.0)
        asked, left_out = questions.ask_network(
            drawn, bundle, lambda k, _: bar.progress(k / len(drawn), f"Item {k + 1}")
        )
    code, key = open_room(
        asked,
        bundle.card.genres,
        media=source.media,
        network=bundle.name,
        network_title=bundle.card.title,
        data="" if source.catalog is None else source.catalog.head.name,
        title=title,
        address=address.of_page(),
        max_rooms=max_rooms,
    )
    missing = [f"Left out, since the network cannot read it: {plain(one)}" for one in left_out]
    if len(asked) < n:
        missing.append(f"So it is a room of {len(asked)} questions.")
    # One room's at a time: who opens another leads that one.
    st.session_state[_NOTES] = {code: [about, *missing]}
    place.enter(room=code, key=key)
    st.rerun()
