"""Ask which library and which of its songs; the link carries every answer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from genre_core.data.library import Library, Wanted
from pages.ui import controls, link
from pages.ui.library import cached
from pages.ui.library.found import EXAMPLE
from pages.ui.permission import may_name_folders

ORDERS = {
    "score": "highest prog score first",
    "lowest": "lowest prog score first",
    "genre": "genre, then prog score",
    "artist": "artist",
    "title": "title",
    "longest": "longest first",
}
_ANY = ""
_SONGS, _UNREAD = "Songs", "Files that could not be read"


def choose(libraries: Sequence[Library]) -> Library:
    """Ask which library; one's own first, the example where there is none."""
    by_name = {one.name: one for one in libraries}
    first = libraries[0].name
    link.follow("library", ["library"], by_name, first)
    if len(libraries) > 1:
        st.selectbox(
            "Library",
            list(by_name),
            key="library",
            format_func=lambda name: "Example: the built-in songs" if name == EXAMPLE else name,
        )
    name = st.session_state["library"] if st.session_state["library"] in by_name else first
    link.write("library", "library", name, first)
    return by_name[name]


def ask(library: Library) -> Wanted:
    """Ask for an order, words, a genre and scores; in the expert view for more."""
    is_here = may_name_folders()
    with st.grid(2, min_column_width=240):
        network = _network(library)
        order = _order(network)
    with st.grid(3, min_column_width=240):
        text = st.text_input(
            "Search",
            key="library_text",
            placeholder="Title, artist or folder" if is_here else "Title or artist",
            icon=":material/search:",
            max_chars=200,
            bind="query-params",
        )
        genre = _genre(library, network)
        low, high = _scores(library)
    place, at_least, unread = _further(library)
    return Wanted(
        text=(text or "").strip(),
        network=network,
        genre=genre,
        low=low,
        high=high,
        place=place,
        at_least=at_least,
        unread=unread,
        order=order,
        in_paths=is_here,
    )


def _network(library: Library) -> str:
    """Ask whose genres count; in the simple view the first that tells genres, not prog, answers."""
    if not library.genres:
        return ""
    named = [one for one in library.genres if one not in library.prog]
    first = named[0] if named else library.genres[0]
    link.follow("library_network", ["by"], library.genres, first)
    if not controls.is_simple() and len(library.genres) > 1:
        titles = cached.titles(library)
        st.selectbox(
            "Genres by",
            library.genres,
            key="library_network",
            format_func=titles.__getitem__,
            help="Networks were trained on different genres: choose whose answers are shown.",
        )
    network = st.session_state["library_network"]
    network = network if network in library.genres else first
    link.write("library_network", "by", network, first)
    return network


def _genre(library: Library, network: str) -> str:
    counts = cached.genres(library, network) if network else {}
    options = [_ANY, *counts]
    link.follow("library_genre", ["genre"], options, _ANY)
    if st.session_state["library_genre"] not in options:
        st.session_state["library_genre"] = _ANY  # of the network before
    genre: str = st.selectbox(
        "Genre",
        options,
        key="library_genre",
        format_func=lambda one: f"{one} ({counts[one]:,})" if one else "All genres",
    )
    link.write("library_genre", "genre", genre, _ANY)
    return genre


def _scores(library: Library) -> tuple[float, float]:
    if not library.prog:
        return 0.0, 1.0
    low, high = st.slider(
        "Prog score",
        0.0,
        1.0,
        (0.0, 1.0),
        0.01,
        key="library_score",
        bind="query-params",
        help="The mean of the prog scores that networks gave, from 0 to 1. It puts songs in an "
        "order; .5 is no border: see above how many known songs one stands before you call it "
        "prog.",
    )
    return float(low), float(high)


def _further(library: Library) -> tuple[str, float, bool]:
    """Ask for a place among known songs, and for what could not be read: for experts."""
    if controls.is_simple():
        return "", 0.0, False
    with st.expander("More filters", icon=":material/tune:"):
        place, at_least = _ANY, 0.0
        if library.above:
            titles = cached.titles(library)
            options = [_ANY, *library.above]
            link.follow("library_place", ["place"], options, _ANY)
            if st.session_state["library_place"] not in options:
                st.session_state["library_place"] = _ANY
            place = st.selectbox(
                "Scores higher than known songs of",
                options,
                key="library_place",
                format_func=lambda one: _called(one, titles),
            )
            link.write("library_place", "place", place, _ANY)
            percent = st.slider(
                "than at least so many per cent of them",
                0,
                100,
                50,
                key="library_at_least",
                bind="query-params",
                disabled=not place,
            )
            at_least = percent / 100
        show = controls.switch("Show", [_SONGS, _UNREAD], key="library_show")
    return place, at_least, show == _UNREAD


def _called(column: str, titles: dict[str, str]) -> str:
    """Write a column of places in words."""
    if not column:
        return "(any)"
    network, genre = column.split(":above:", 1)
    return f"{genre}, by {titles.get(network, network)}"


def _order(network: str) -> str:
    known = [one for one in ORDERS if network or one != "genre"]
    link.follow("library_order", ["order"], known, known[0])
    order: str = st.selectbox("Order", known, key="library_order", format_func=ORDERS.__getitem__)
    link.write("library_order", "order", order, known[0])
    return order


def answer(library: Library, wanted: Wanted, n: int) -> str:
    """Say how many songs the filter leaves, in one sentence."""
    one, many = ("file", "files") if wanted.unread else ("song", "songs")
    what = (one if n == 1 else many) + (" that could not be read" if wanted.unread else "")
    if n == library.n_songs:
        return f"**{n:,} {what}**"
    share = math.floor(1_000 * n / library.n_songs) / 10
    return f"**{n:,} {what}** of {library.n_songs:,} files ({share:g} %)"
