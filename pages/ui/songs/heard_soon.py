"""A song that networks are hearing: it plays at once, and their curves come into the player."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from genre_core.audio.tags import Tags
from genre_core.runs.answers import SongReading
from genre_core.runs.bundle import Bundle
from pages.ui.media import choosing
from pages.ui.media.choice import Choice
from pages.ui.player import song_player
from pages.ui.problems import plain
from pages.ui.songs import cached, listing, timeline
from pages.ui.songs.hearing import Hearing

if TYPE_CHECKING:
    from genre_core.audio.overview import Overview

PLAYER = "player"
PATIENCE_S = 2.0
"""How far the networks are is drawn anew so often, or when one has answered."""
LOOK_S = 0.05


def section(chosen: Choice, tags: Tags, bundles: Sequence[Bundle], hearing: Hearing) -> None:
    """Show the player where the whole page has it: the same one plays on when all is there."""
    title, _, stage = st.empty(), st.container(), st.container()  # the second one has notes
    # Said before the song is decoded: what was said of another stands there meanwhile.
    title.subheader(plain(chosen.label), anchor=False)
    stage.markdown(
        # As long as what will stand here, so that the player does not move when it comes.
        "**The networks are listening.** Their scores come into the player below one by one, and "
        "segments to click as soon as one of them has heard the song. When all have, this place "
        "says how it stands among songs people know. Meanwhile it plays."
    )
    shown, duration_s = cached.looked(chosen, hearing)
    title.subheader(listing.heading(chosen, tags, duration_s), anchor=False)
    with stage:
        _as_they_come(chosen, shown, duration_s, bundles, hearing, [])


@st.fragment(run_every=0.5)
def _as_they_come(
    chosen: Choice,
    shown: Overview,
    duration_s: float,
    bundles: Sequence[Bundle],
    hearing: Hearing,
    drawn: list[int],
) -> None:
    """Draw the player and how far the networks are: these alone, until all have heard the song.

    `drawn` has the number of curves of each time: none while the page around it is drawn too.
    """
    if hearing.wait(0):
        st.rerun()
    so_far = SongReading(duration_s, (), "", hearing.so_far, {}, {})
    left, beside = st.columns([7, 2], gap="medium")
    with left:
        song_player(
            chosen.source,
            timeline.lanes(so_far, shown, bundles, None, None, None),
            duration_s=duration_s,
            segments=_segments(so_far, bundles),
            name=chosen.label,
            key=PLAYER,
        )
        st.empty()  # in place of what was said of the song before
    beside.progress(hearing.share, text=plain(hearing.step))
    drawn.append(_n_curves(hearing))
    if len(drawn) > 1:  # no other part of the page waits for this run to end
        _wait(hearing, drawn[-1])


def _wait(hearing: Hearing, n_drawn: int) -> None:
    """Wait until there is another curve, or for `PATIENCE_S`: each time costs the browser .1 s."""
    until = time.monotonic() + PATIENCE_S
    while not (is_over := hearing.wait(LOOK_S)) and time.monotonic() < until:
        # Looked at, it lets Streamlit end this run where a click has begun another.
        if PLAYER in st.session_state and _n_curves(hearing) > n_drawn:
            return
    if is_over:
        st.rerun()


def _n_curves(hearing: Hearing) -> int:
    return sum(said.scores is not None for said in hearing.so_far.values())


def _segments(so_far: SongReading, bundles: Sequence[Bundle]) -> list[tuple[float, float]]:
    """Give those that the whole page will have, or of the network that was first to answer."""
    focus = so_far.predictions.get(st.query_params.get(choosing.NETWORK, bundles[0].name))
    own = focus or next(iter(so_far.predictions.values()), None)
    return [] if own is None else list(zip(own.start_s, own.end_s, strict=True))
