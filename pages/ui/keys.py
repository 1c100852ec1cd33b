"""Next and back by key: Right or Page Down, Left or Page Up, as remote controls send them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

_listen = st.components.v2.component(
    "genre_explorer_keys", js=(Path(__file__).parent / "keys.js").read_text(encoding="utf-8")
)


def listen(place: str, on_key: Callable[[bool], None], *, key: str) -> None:
    """Call `on_key(is_next)` before the next run of the page when one of the keys is pressed.

    `place` is where the visitor is: a key that was pressed at another place does nothing.
    """

    def pressed() -> None:
        event = st.session_state[key].get("pressed")
        if isinstance(event, Mapping) and event.get("place") == place:
            on_key(event.get("way") == "next")

    _listen(data={"place": place}, key=key, on_pressed_change=pressed)
