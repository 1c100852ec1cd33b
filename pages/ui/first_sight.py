"""The first thing that a visitor sees: a cover that was read, and a song that plays."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from genre_core.runs.bundle import Bundle
from pages.ui import cached, controls, explained, figures, frame
from pages.ui.media import choosing
from pages.ui.media.choice import Choice
from pages.ui.player import Curves, Lane, Spectrogram, song_player
from pages.ui.problems import plain
from pages.ui.songs import cached as songs
from pages.ui.songs import listing, standing, timeline

NEARLY = 0.05
"""Two genres whose shares differ by less are told together."""

_SIDE_PX = 130
"""Least width of the two pictures: beside each other on a phone too."""


def cover(shown: Choice, bundle: Bundle) -> None:
    """Show a cover, where a network looked, and its ranking."""
    answer = cached.predict(shown, bundle)
    (genre, given), (second, next_one) = answer.ranking()[:2]
    share, less = (
        figures.share_text(each, calibrated=answer.is_calibrated) for each in (given, next_one)
    )
    close = f", hardly more than {plain(second)} ({less})" if given - next_one < NEARLY else ""
    st.markdown(
        f"**{plain(bundle.card.title)}**: most probably **{plain(genre)}**, with {share}{close}."
    )
    with st.grid(2, min_column_width=_SIDE_PX, gap="small"):
        st.image(
            cached.cover_picture(shown), width="stretch", caption=plain(shown.note), alt=shown.alt
        )
        with st.container():
            explained.glance(shown, bundle, answer)
    controls.ranking(
        answer.genres, answer.probs, key="start_ranking", calibrated=answer.is_calibrated
    )
    frame.link(
        "covers",
        "Look closer: other maps, what if",
        query_params={choosing.COVER.name: shown.label},
    )


def song(shown: Choice) -> None:
    """Play a song under the scores that networks gave it, and say how it stands."""
    scoring = [bundle for bundle in songs.bundles() if bundle.card.prog_score is not None]
    heard, overview = songs.read(shown, scoring)
    standings = standing.of(scoring, heard)
    st.markdown(f"**{listing.heading(shown, songs.tags(shown), heard.duration_s)}**")
    if standings:
        st.markdown(standing.lead(standings, heard.most_prog()))
        st.caption(standing.trust(standings))
    lanes = timeline.lanes(heard, overview, scoring, None, None, None)
    song_player(
        shown.source,
        [_simpler(lane) for lane in lanes if not isinstance(lane, Spectrogram)],
        duration_s=heard.duration_s,
        moment=standing.moment(heard),
        name=shown.label,
        key="start_player",
    )
    st.caption(
        "Each line is one network: how progressive it finds each moment, on a scale of its own."
    )
    frame.link(
        "songs",
        "Look closer: every network, every segment",
        query_params={choosing.SONG.name: shown.label},
    )


def _simpler(lane: Lane) -> Lane:
    """Leave out networks that give a whole song one score: they follow nothing."""
    if not isinstance(lane, Curves):
        return lane
    following = [one for one in lane.series if len(one.start_s) > 1]
    return replace(lane, series=following or lane.series)
