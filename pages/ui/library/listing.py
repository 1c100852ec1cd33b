"""The songs of a library, 25 a page: played in place, opened in Songs, taken as a playlist."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from genre_core.data.library import Library, Wanted, file_of, read_rows
from genre_core.data.scores_table import digests_of
from pages.ui import controls, frame
from pages.ui.items import served
from pages.ui.items.listing import Item, item_list
from pages.ui.library import cached, found
from pages.ui.media import item, linked
from pages.ui.permission import may_name_folders

A_PAGE = 25
IN_A_PLAYLIST = 5_000
_OPEN = "library_open"


def section(library: Library, wanted: Wanted, rows: np.ndarray) -> None:
    """List the songs, page by page; a click or Enter opens one in Songs."""
    if not len(rows):
        st.info("No song fits: change a filter.", icon=":material/filter_alt_off:")
        return
    part = controls.page_of(len(rows), A_PAGE, key=f"library_page_{library.name}_{len(rows)}")
    shown = cached.read(library, rows[part])
    items = [_item(library, wanted, row) for row in shown.to_dict("records")]
    item_list(
        items,
        media="song",
        genres=(),
        chosen="",
        can_note=False,
        on_done=_done,
        key="library_list",
        is_judged=False,
    )
    missing = sum(not one.address for one in items)
    if missing and not wanted.unread:
        st.caption(
            f":material/music_off: {missing} of these {len(items)} files are {_why(library)}."
        )
    _go_on(library)


def _why(library: Library) -> str:
    if library.name == found.EXAMPLE or may_name_folders():
        return "not where they were, or no songs"
    return "not for you to play from here, or not where they were"


def _item(library: Library, wanted: Wanted, row: Mapping[str, Any]) -> Item:
    path = str(row["path"])
    file = None if row["error"] else found.playable(library, path)
    score = row["prog_score"]
    share = "" if score is None or math.isnan(score) else f"prog score {score:.2f}"
    return Item(
        digests_of([path]).hex(),
        item.name_of({**row, "item_id": path}),
        str(row.get(f"{wanted.network}:genre") or ""),
        said="",
        share=str(row["error"] or share or "no prog score"),
        is_wrong=False,
        address="" if file is None else served.song_address(file),
        start_s=_start_s(library, row),
        note=str(Path(path).parent) if may_name_folders() and not controls.is_simple() else "",
    )


def _start_s(library: Library, row: Mapping[str, Any]) -> float:
    """Begin at the most prog moment, by the first network that tells one."""
    moments = [row.get(f"{name}:most_prog_s") for name in library.prog]
    known = [float(one) for one in moments if one is not None and not math.isnan(one)]
    return known[0] if known else 0.0


def _done(what: str, digest: str, _value: object) -> None:
    if what == "open":
        st.session_state[_OPEN] = digest


def _go_on(library: Library) -> None:
    """Open in Songs what was clicked: a callback may not change the page."""
    digest = st.session_state.pop(_OPEN, None)
    if digest is not None:
        own = st.query_params.to_dict()
        st.session_state[linked.WAY_BACK_TO_LIBRARY] = own | {"library": library.name}
        frame.go("songs", {"library": library.name, "item": digest})


def playlist(library: Library, rows: np.ndarray) -> None:
    """Offer the songs at hand as a playlist: for players on this machine, where the files lie."""
    if not len(rows):
        return
    if not may_name_folders():
        st.caption("A playlist names files of this server: only somebody at it gets one.")
        return
    taken = rows[:IN_A_PLAYLIST]

    def text() -> str:
        from genre_core.data.playlists import playlist_text

        columns = ("path", "title", "artist", "duration_s", "error")
        table = read_rows(library, taken, columns)
        table["path"] = [str(file_of(library, path)) for path in table["path"]]
        return playlist_text(table)[0]

    more = f", the first {IN_A_PLAYLIST:,} of {len(rows):,}" if len(rows) > len(taken) else ""
    label = f"Playlist of these songs (M3U{more})"
    controls.download(label, text, f"{library.name}.m3u", "audio/x-mpegurl", key="library_m3u")


def how_to_make() -> None:
    """Say how one makes a library of one's own, in one command."""
    st.subheader("Your own music", anchor=False)
    st.markdown(
        "Let every network hear a folder of yours. It takes some seconds a song, goes on where it "
        "was stopped, and hears only what is new when you run it again. Then it is listed here."
    )
    if controls.is_simple():
        st.caption("One command does it: it stands here in the Expert view.")
    controls.command(
        "python -m genre_core classify MUSIC --out workspace/libraries/mine.parquet", in_sight=True
    )
    if not may_name_folders():
        st.caption(
            f"Whoever runs this server says with `{found.TABLES}` which folders of tables all "
            f"visitors see, and with `{found.MUSIC}` which music they may play."
        )
