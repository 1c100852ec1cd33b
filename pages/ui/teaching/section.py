"""What the page for teachers shows: a path's stops with their notes, and how this server is set."""

from __future__ import annotations

from typing import Any

import streamlit as st

from genre_core.classroom.rooms import MAX_STUDENTS
from pages.ui import controls, frame, limits, permission
from pages.ui.problems import plain
from pages.ui.teaching import presenting
from pages.ui.teaching.paths import PATHS


def path(name: str) -> None:
    """Offer to show a path, and list its stops."""
    stops = PATHS[name]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Show it to the class ({len(stops)} stops)",
            type="primary",
            icon=":material/co_present:",
            key=f"teach_{name}",
            on_click=presenting.begin,
            args=(name,),
        )
        st.caption(
            "The simple view, for a projector. Right or Page Down goes on, Left or Page Up back, "
            "as remote controls do; notes are under *Notes* at the foot of each page."
        )
    for number, stop in enumerate(stops, 1):
        with st.container(border=True):
            options: dict[str, Any] = {"query_params": dict(stop.query)} if stop.query else {}
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{number} · {plain(stop.title)}**", width="content")
                st.caption(f"{stop.minutes} minutes")
                st.space("stretch")
                frame.link(stop.page, "Open it", **options)
            presenting.notes(stop)


def before() -> None:
    """List what to try before the class comes."""
    st.markdown(
        f"""
- **Phones reach the server?** Start it with `make run ADDRESS=0.0.0.0`, open *Guess first*, open a
  room, and scan its picture with your own phone: what it opens is what the class opens. School
  networks may keep devices apart; then a phone's own hotspot helps.
- **Open each stop once**, so that what has to be computed is there already. Built-in covers and
  songs are answered at once; songs of the class take seconds each.
- **Your own covers or songs?** Import them on the page Data: *Guess first* takes them as questions,
  with their labels for true.
- A room holds {MAX_STUDENTS} students. Nobody needs an account; nicknames go with the room.
"""
    )


def server() -> None:
    """Say how this server is set, as far as it matters to a class."""
    may, own = permission.of_visitor(), limits.of_server()
    for warning in (*own.warnings, *([may.warning] if may.warning else [])):
        st.warning(plain(warning), icon=":material/warning:")
    rows = [
        {
            "What": "Import, train, delete",
            "On this server": "you may" if may.is_allowed else f"you may not: {may.why}",
            "Setting": permission.SETTING,
        },
        {
            "What": "Send covers and songs",
            "On this server": f"yes: covers up to {own.cover_mb} MB, songs up to {own.song_mb} MB"
            if own.uploads
            else "no",
            "Setting": limits.UPLOADS,
        },
        {
            "What": "Quiz rooms",
            "On this server": f"at most {own.rooms} at once" if own.rooms else "none",
            "Setting": "GENRE_MAX_ROOMS",
        },
    ]
    if controls.is_simple():
        rows = [{name: row[name] for name in ("What", "On this server")} for row in rows]
    controls.table(rows, "How this server is set")
    st.caption("For a server that is only looked at: `GENRE_ALLOW_TRAINING=nobody`.")
