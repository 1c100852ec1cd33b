"""A song before any network has heard it: what can be played and seen at once."""

from __future__ import annotations

import streamlit as st

from genre_core.audio.tags import Tags
from pages.ui.media.choice import Choice
from pages.ui.player import Spectrogram, Waveform, song_player
from pages.ui.songs import cached, listing


def section(chosen: Choice, tags: Tags) -> None:
    """Show the player where the whole page has it: the same one plays on when the curves come."""
    shown, duration_s = cached.looked(chosen)
    st.subheader(listing.heading(chosen, tags, duration_s), anchor=False)
    stage = st.container()
    stage.markdown("**The networks are listening.** Their scores come into the player below.")
    left, _ = stage.columns([7, 2], gap="medium")
    with left:
        song_player(
            chosen.source,
            [Waveform(shown.low, shown.high), Spectrogram(shown.picture, shown.ticks)],
            duration_s=duration_s,
            segments=[],
            name=chosen.label,
            key="player",
        )
        st.empty()  # in place of what was said of the song before
