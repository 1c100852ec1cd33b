"""Which kinds of features spoke for prog in a segment, for networks that read features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from genre_core.runs.bundle import Bundle
from pages.ui import figures, problems
from pages.ui.media.choice import Choice
from pages.ui.problems import plain
from pages.ui.songs import cached

if TYPE_CHECKING:
    from genre_core.runs.answers import SongReading


@st.fragment
def section(choice: Choice, bundle: Bundle, song: SongReading, index: int) -> None:
    """Ask the network on demand, and draw each family's share; nothing of other networks."""
    if not cached.has_families(bundle):
        return
    if not st.toggle("Which kinds of features spoke for it?", key="families"):
        return
    genre_index = cached.genre_shown(bundle, song.predictions[bundle.name], index)
    genre = bundle.card.genres[genre_index]
    with problems.shown(bundle.name):
        shares = cached.families(choice, bundle, index, genre_index, song)
        figures.families(shares.names, shares.values, genre).show("families_chart")
        if shares.over_time is not None:
            figures.families_over_time(shares.names, shares.over_time, shares.start_s, genre).show(
                "families_over_time"
            )
        st.caption(
            f"What each family of features adds to what speaks for *{plain(genre)}*, against an "
            f"average song (integrated gradients). Together {shares.difference:+.2f} in units of "
            f"the logit; the bars are off it by {100 * shares.gap:.0f} %. Families share what they "
            "know: a small bar does not say that a family knows nothing."
        )
