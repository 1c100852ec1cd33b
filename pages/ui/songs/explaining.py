"""Which network to explain, what mattered to it over time, and one segment of the song."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from genre_core.config import song_input
from genre_core.runs.bundle import Bundle
from pages.ui import controls, figures
from pages.ui.evidence.section import beside, mark, segment_tests
from pages.ui.evidence.words import is_frames, over_time, usual
from pages.ui.media import choosing
from pages.ui.media.choice import Choice
from pages.ui.player import Strip
from pages.ui.problems import plain
from pages.ui.songs import cached, families, listing
from pages.ui.songs.asked import By, genre_shown
from pages.ui.songs.verdicts import short

if TYPE_CHECKING:
    from genre_core.runs.answers import SongPrediction, SongReading


_USUAL = By()

TABS, TAB = "part", "One segment"
"""Key of the tabs below the player, and the one that shows a segment."""

_SEEN, _NUMBER, _WHOSE = "segment_seen", "segment", "segment_of"


def asked(choice: Choice, focus: Bundle, n: int) -> int | None:
    """Read which of `n` segments the link or the field asks for; another song's number is none."""
    whose = (choice.checksum, focus.name)
    if st.session_state.setdefault(_WHOSE, whose) != whose:
        st.session_state[_WHOSE], st.session_state[_NUMBER] = whose, None
    number = st.session_state.get(_NUMBER, st.query_params.get(_NUMBER))
    if number is None or not str(number).isdecimal():
        return None
    return int(number) - 1 if 1 <= int(number) <= n else None


def open_with(selected: int | None, place: DeltaGenerator) -> None:
    """Keep the number of the segment that was clicked in the link, and bring its tab up.

    The number can be typed too, by whoever has no mouse.
    """
    if selected != st.session_state.get(_SEEN):
        st.session_state[_SEEN] = selected
        st.session_state[TABS] = TAB
    st.session_state[_NUMBER] = None if selected is None else selected + 1
    place.number_input(
        "Segment",
        1,
        value=None,
        step=1,
        key=_NUMBER,
        bind="query-params",
        placeholder="most prog",
    )


def ask(bundles: Sequence[Bundle]) -> tuple[Bundle, Bundle | None, DeltaGenerator, str]:
    """Ask whose segments can be clicked, and whose genres or tags are shown over time.

    The place that is returned is for the number of the segment, which the player knows; last comes
    the method that tells what mattered.
    """
    naming = [bundle for bundle in bundles if bundle.card.head != "binary"]
    left, right, place = st.columns([3, 3, 2], gap="medium")
    with left:
        focus = choosing.model(
            "look",
            bundles,
            "Explain this network",
            hint="You can click its segments in the player, and see what mattered to it.",
        )
    with right:
        named = choosing.model("taggram", naming, "Genres or tags over time of") if naming else None
    return focus, named, place, _method(focus)


def _method(focus: Bundle) -> str:
    """Ask how it is told what mattered; "" is the usual way, the only one in the simple view."""
    if song_input(focus.card.input).layout == "none":
        return ""
    if controls.is_simple():
        mark(focus, usual(focus))
        return ""
    names = over_time(focus)
    # A key for either kind: an option that the other lacks would be an error.
    key = "by_frames" if is_frames(focus) else "by"
    name = controls.switch("What mattered, by", list(names.values()), key=key)
    chosen = next((one for one, own in names.items() if own == name), "")
    beside(focus, chosen or usual(focus))
    return chosen


def strip(choice: Choice, focus: Bundle, song: SongReading, by: By) -> tuple[Strip | None, str]:
    """Ask what mattered to a network at each moment, and say how to read it."""
    mattered = cached.strip(choice, focus, song, by)
    if mattered is None:
        return None, f"What mattered to {plain(short(focus))} at each moment comes into the player."
    if mattered.values is None:
        return None, mattered.note
    name = f"What mattered to {short(focus)}"
    return Strip(mattered.values, mattered.start_s, mattered.end_s, label=name), mattered.note


def strip_comes(choice: Choice, focus: Bundle, song: SongReading, by: By) -> None:
    """Have what mattered found once all else is on the page, and the page drawn anew then."""
    if cached.strip(choice, focus, song, by) is None:
        _watch(choice, focus, song, by)


@st.fragment(run_every=1)
def _watch(choice: Choice, focus: Bundle, song: SongReading, by: By) -> None:
    if cached.strip_has_come(choice, focus, song, by):
        st.rerun()


def segment(
    choice: Choice,
    focus: Bundle,
    song: SongReading,
    bundles: Sequence[Bundle],
    selected: int | None,
    why: str = "",
    by: By = _USUAL,
) -> None:
    """Show one segment: its place, what the network read, and what every network says there."""
    if why:
        st.caption(why)
    own = song.predictions[focus.name]
    index = song.segment_looked_at(focus.name, selected)
    start_s, end_s = float(own.start_s[index]), float(own.end_s[index])
    st.markdown(
        f"**Segment {index + 1} of {len(own)}** of {plain(short(focus))}, "
        f"{listing.clock(start_s)} to {listing.clock(end_s)}"
        + ("" if selected is not None else f", {_why(own, song)}. Click another in the player")
        + "."
    )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        looked = cached.segment(choice, focus, song, index, by)
        if looked.picture is not None:
            with st.container(key="piece"):
                figures.segment(looked.picture, looked.heat, start_s)
        st.caption(looked.note)
        if looked.heat is not None:
            method = by.method or usual(focus)
            kind = "frames" if is_frames(focus) else "spectrogram"
            genre_index = genre_shown(focus, own, index, by.genre)
            is_prog = focus.card.prog_score and by.genre not in own.genres
            segment_tests(
                focus,
                method,
                kind,
                "prog" if is_prog else own.genres[genre_index],
                lambda test: cached.segment_test(
                    test, choice, focus, song, index, by._replace(method=method)
                ),
            )
        families.section(choice, focus, song, index, by.genre)
    with right:
        rows = [
            (short(bundle), _at(song.predictions[bundle.name], (start_s + end_s) / 2))
            for bundle in bundles
            if bundle.name in song.predictions
            and song.predictions[bundle.name].scores is not None
            and len(song.predictions[bundle.name]) > 1  # one score for all says nothing of a part
        ]
        if rows:
            st.markdown("**Prog score in the middle of this segment**")
            names, scores = zip(*rows, strict=True)
            controls.ranking(names, scores, key="piece_scores")
        if len(own.genres) > 2:
            st.markdown(f"**{plain(focus.card.title)}, here**")
            order = np.argsort(-own.probs[index], kind="stable")[:6]
            controls.ranking(
                [own.genres[i] for i in order], own.probs[index][order], key="piece_genres"
            )
            prog = focus.card.prog_score
            if prog is not None and prog.half_at is not None:
                st.caption(
                    f"Its prog score is what it gives *{plain(prog.genre)}*, stretched: 0.5 is "
                    "where few known songs lie."
                )


def _why(own: SongPrediction, song: SongReading) -> str:
    """Say why a segment is shown that nobody chose."""
    if own.scores is None:
        return "the one that it is surest of"
    moment = song.most_prog()
    if moment is None:
        return "the one with the highest score"
    start, end = map(listing.clock, moment)
    return f"within the song's most prog moment, {start} to {end}"


def _at(prediction: SongPrediction, moment_s: float) -> float:
    nearest = np.argmin(np.abs(prediction.middle_s - moment_s))
    return float(np.asarray(prediction.scores)[nearest])
