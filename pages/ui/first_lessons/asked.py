"""What nothing is stored of: a network is asked about it once a visitor says so."""

from __future__ import annotations

import streamlit as st

from pages.ui.media.choice import Choice

_ASKED, _TO_ASK = "first_asked", "first_to_ask"


def may_ask(choice: Choice) -> bool:
    """Tell whether a network may be asked about a cover or a song; else `offer` asks for that."""
    if choice.checksum in st.session_state.get(_ASKED, ()):
        return True
    st.session_state[_TO_ASK] = choice.checksum
    return False


def offer(what: str) -> None:
    """Offer to ask the network about the cover or song that `may_ask` was last asked about."""
    st.info(f"Ask the network once about this {what}; it takes some seconds.")
    st.button("Ask the network", type="primary", key="ask_network", on_click=_ask)


def _ask() -> None:
    st.session_state.setdefault(_ASKED, set()).add(st.session_state[_TO_ASK])
