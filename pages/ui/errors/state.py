"""What the page Errors looks at: one selection, one item, kept in the link and shown as chips."""

from __future__ import annotations

import dataclasses
from typing import Any

import streamlit as st

from genre_core.analysis.selection import Selection, describe
from pages.ui import link
from pages.ui.media.linked import WAY_BACK
from pages.ui.problems import plain

SELECTION, ITEM, PAGE = "errors_only", "errors_item", "errors_page"
_IN_LINK = {SELECTION: "only", ITEM: "item"}


def begin() -> None:
    """Take what the link says, when it says something new."""
    for key, name in _IN_LINK.items():
        said = st.query_params.get(name, "")
        if said != (link.last_written(key) or ""):
            st.session_state[key] = Selection.from_query(said) if key == SELECTION else said


def selection() -> Selection:
    """Give what is looked at."""
    chosen: Selection = st.session_state.get(SELECTION, Selection())
    return chosen


def choose(chosen: Selection) -> None:
    """Look at something else; for callbacks, before the page is drawn."""
    st.session_state[SELECTION] = chosen  # whole: a link leaves out what is too long for it


def narrow(**fields: Any) -> None:
    """Look at less: `narrow(true=("Rock",))` keeps what else is chosen."""
    choose(dataclasses.replace(selection(), **fields))


def item() -> str:
    """Give the item that is looked at closely; "" for none."""
    return str(st.session_state.get(ITEM, ""))


def look_at(item_id: str) -> None:
    """Look at one item closely."""
    st.session_state[ITEM] = item_id


def look_away() -> None:
    """Look at no item closely any more."""
    st.session_state[ITEM] = ""


def end(evaluation: str) -> None:
    """Put it all into the link, and keep the link for whoever opens an item and comes back."""
    for key, said in ((SELECTION, selection().to_query()), (ITEM, item())):
        link.write(key, _IN_LINK[key], said, "")
    kept = {name: value for name, value in st.query_params.items() if name != _IN_LINK[ITEM]}
    st.session_state[WAY_BACK] = kept | {"evaluation": evaluation}


def chips(n: int, n_all: int, items: str) -> None:
    """Show what is chosen as chips, each taken away by a click, and how many items are left."""
    chosen = selection()
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(
            f"**{n:,} of {n_all:,} {items}**"
            if chosen != Selection()
            else f"**{n_all:,} {items}**",
            width="content",
        )
        for name, words in describe(chosen).items():
            st.button(
                plain(words),
                icon=":material/close:",
                key=f"chip_{name}",
                help="Remove this filter",
                on_click=_take_away,
                args=(name,),
            )
        if chosen != Selection():
            st.button(
                "All",
                key="chip_all",
                help="Remove all filters",
                on_click=choose,
                args=(Selection(),),
            )
        if not chosen.is_linkable:
            st.caption("too many circled for a link", width="content")


def _take_away(name: str) -> None:
    choose(selection().without(name))
