"""The cover inside a song's file, through the networks for covers: one album, seen and heard."""

from __future__ import annotations

import streamlit as st

from genre_core.audio.tags import Tags
from pages.ui import cached, controls, problems
from pages.ui.media.choice import Choice, own
from pages.ui.problems import plain

MAX_NETWORKS = 2


def section(chosen: Choice, tags: Tags, heard: str) -> None:
    """Show the embedded cover, what networks see in it, and what others heard in the song."""
    if not tags.cover:
        st.markdown("There is no picture in this song's file.")
        return
    content = tags.cover
    name = f"Cover of {tags.album or tags.title or chosen.label}"
    picture = own(name, content, alt=name)
    left, right = st.columns([1, 3], gap="medium")
    with problems.shown(name):
        left.image(cached.cover_picture(picture), width="stretch", alt=name, caption=plain(name))
        with right, st.grid(MAX_NETWORKS, min_column_width=260):
            for bundle in cached.bundles()[:MAX_NETWORKS]:
                with st.container(border=True), problems.shown(bundle.name):
                    st.markdown(f"**Seen**: {plain(bundle.card.title)}")
                    seen = cached.predict(picture, bundle)
                    controls.ranking(
                        seen.genres,
                        seen.probs,
                        key=f"cover_{bundle.name}",
                        calibrated=seen.is_calibrated,
                    )
        if heard:
            right.markdown(
                f"**Heard**: {heard} Cover and song can disagree, and either answer can be wrong: "
                "a cover says little about the music (see the models' cards)."
            )
