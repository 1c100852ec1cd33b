"""The list as one call; it is drawn, played and read by keys in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui.player.mount import MOUNTED

_HERE = Path(__file__).parent

_mount = st.components.v2.component(
    "genre_explorer_items",
    html='<div class="items" data-testid="items"></div>\n',
    css=(_HERE / "list.css").read_text(encoding="utf-8"),
    js="\n".join(path.read_text(encoding="utf-8") for path in (MOUNTED, _HERE / "list.js")),
)


@dataclass(frozen=True, slots=True)
class Curve:
    """What a network made of a song's segments, in order of time.

    start_s, end_s: where each lies
    said, true: probability of the song's answer and of its true genre at each, in [0, 1]
    """

    start_s: Sequence[float]
    end_s: Sequence[float]
    said: Sequence[float]
    true: Sequence[float]


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the list.

    id, name: what it is, and is called
    true, said, share: its genre, the network's answer, and how sure that was, in words
    is_wrong: whether the two differ
    address: where the browser gets it, as by `served.address`; "" where its file is not here
    start_s: where a song begins to play
    curve: a song's scores over time, if they are kept
    flagged, label, note: what somebody noted
    """

    id: str
    name: str
    true: str
    said: str
    share: str
    is_wrong: bool
    address: str = ""
    start_s: float = 0.0
    curve: Curve | None = None
    flagged: bool = False
    label: str = ""
    note: str = ""


def item_list(
    items: Sequence[Item],
    *,
    media: str,
    genres: Sequence[str],
    chosen: str,
    can_note: bool,
    on_done: Callable[[str, str, Any], None],
    key: str,
    is_judged: bool = True,
) -> None:
    """Show covers as a gallery, songs as compact players with their scores over time.

    One song plays at a time, from `start_s` or from where its curve is clicked. By keys: arrows to
    the next, Space plays, Enter opens; where the visitor `can_note`, F flags, a digit gives
    that one of `genres`, G any of them by its first letters, 0 takes it away, N writes a note.
    `on_done(what, id, value)` is called before the next run of the page: `what` is "open", "flag"
    (value: bool), "label" (a genre or "") or "note" (text). Where nobody knows the true genres the
    list is not `is_judged`: `true` is then the network's answer, and nothing is right or wrong.
    """
    heard = f"{key}_heard"
    data = {
        "media": media,
        "items": [_plain(item) for item in items],
        "genres": list(genres),
        "chosen": chosen,
        "can_note": can_note,
        "is_judged": is_judged,
        "n_heard": st.session_state.get(heard, 0),
    }

    def done() -> None:
        ids = {item.id for item in items}
        for event in st.session_state[key].get("did") or ():
            if isinstance(event, Mapping) and int(event["count"]) > st.session_state.get(heard, 0):
                st.session_state[heard] = int(event["count"])
                if event.get("id") in ids:
                    on_done(str(event.get("what")), str(event["id"]), event.get("value"))

    _mount(data=data, key=key, on_did_change=done)


def _plain(item: Item) -> dict[str, Any]:
    """Write an item for JavaScript: three digits of a share are finer than its picture."""
    plain = asdict(item)
    if item.curve is not None:
        plain["curve"] = {
            name: [round(float(value), 3) for value in values]
            for name, values in asdict(item.curve).items()
        }
    return plain
