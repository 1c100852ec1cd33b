"""What there is to see in the lessons on sounds: bands, seconds, a curve, votes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from genre_core.audio.edits import SongEdit
from genre_core.config import song_input
from genre_core.image.overlay import colour_cells
from genre_core.lessons.first import PRESETS, slide
from genre_core.lessons.first.sound import BANDS_HZ, stretch
from genre_core.metrics.votes import judge
from genre_core.runs.bundle import Bundle
from pages.ui import controls, figures
from pages.ui.first_lessons import cached
from pages.ui.media.choice import Choice
from pages.ui.problems import plain
from pages.ui.songs.edited import cached as edited

if TYPE_CHECKING:
    from genre_core.runs.answers import SongPrediction

_ZOOMS = {"10 seconds": 10.0, "half a second": 0.5, "2 milliseconds": 0.002}
_HEARD_S = 10.0
_KERNELS = {
    "kernel for hits (left dark, right bright)": "left to right: dark, then bright",
    "kernel for long tones (dark below, bright above)": "top to bottom: dark, then bright",
}


def illustrate(choice: Choice) -> None:
    """Let a visitor hear the song that a lesson is about."""
    st.markdown(f"**{plain(choice.label)}**")
    st.audio(sound_of(choice))
    if not choice.is_own:
        st.caption("Made for this app by a program.")


def sound_of(choice: Choice) -> str | bytes:
    """Give what a player plays."""
    return str(choice.source) if isinstance(choice.source, Path) else choice.source


@st.fragment
def bands(choice: Choice) -> None:
    """Zoom into a wave, and hear one band of pitch alone."""
    clip = cached.clip(choice)
    last = max(0, int(clip.duration_s - _HEARD_S))
    start = st.slider("Start at second", 0, last, last // 2, key="band_start") if last else 0
    zoom = controls.switch("The wave, over", list(_ZOOMS), key="wave_zoom", is_linked=False)
    # Zoomed in on the middle of what is heard.
    from_s = start + (_HEARD_S - _ZOOMS[zoom]) / 2
    times, samples, n = stretch(clip.y, clip.sr, from_s, _ZOOMS[zoom])
    figures.wave(times, samples).show("wave")
    st.caption(
        f"{n:,} numbers, {clip.sr:,} a second"
        + (": each dot is one." if n <= 100 else ". Zoom in to see them.")
    )
    band = controls.switch("Hear", list(BANDS_HZ), key="band", is_linked=False, wrap=True)
    seen = cached.seen(choice)
    figures.spectrum(
        seen.picture, seen.ticks, clip.duration_s, (start, start + _HEARD_S), BANDS_HZ[band]
    ).show("spectrum")
    st.caption("The whole song: time to the right, pitch upwards. The frame is what you hear.")
    part = edited.Part(choice, float(start), min(start + _HEARD_S, clip.duration_s))
    st.audio(edited.wav(part, SongEdit(band=BANDS_HZ[band])), format="audio/wav")


@st.fragment
def second(choice: Choice, bundle: Bundle) -> None:
    """Show and play one second, and what two kernels find in it."""
    spec, clip = song_input(bundle.card.input), cached.clip(choice)
    n = max(1, int(clip.duration_s))
    at = st.slider("Second", 0, n - 1, min(cached.stroke(choice), n - 1), key="second")
    picture = cached.second_picture(choice, bundle, at)
    start_s = at * spec.n_frames * spec.frame_step_s
    left, right = st.columns(2, gap="medium")
    with left:
        figures.segment(picture, None, start_s)
        st.audio(sound_of(choice), start_time=at, end_time=at + 1)
        st.caption("Play: this second alone.")
    with right:
        upright = picture.values[::-1]
        for name, preset in _KERNELS.items():
            figures.cells(
                colour_cells(slide(upright, *PRESETS[preset]), "grey"),
                f"The map of the {name} in this second",
                height=170,
                is_stretched=True,
            ).show(f"second_{preset[:3]}")
            st.caption(f"The map of the {name}")


@st.fragment
def curve(choice: Choice, said: SongPrediction) -> None:
    """Show a song's scores over time, and play it from a chosen moment."""
    scores = said.scores if said.scores is not None else np.zeros(len(said))
    rows = [
        {"start_s": float(start), "end_s": float(end), "score": float(score)}
        for start, end, score in zip(said.start_s, said.end_s, scores, strict=True)
    ]
    at = st.slider("Moment", 0, len(rows) - 1, int(np.argmax(scores)), key="moment")
    chart = figures.score_curve(rows, choice.label, at=at)
    chart.figure.update_xaxes(title_text="second of the song")
    chart.show("first_curve")
    left, right = st.columns([2, 3], gap="medium")
    left.metric("Score of this second", f"{rows[at]['score']:.2f}", border=True)
    with right:
        start = round(rows[at]["start_s"])
        st.audio(sound_of(choice), start_time=start, end_time=start + 4)
        st.caption(f"Four seconds from second {start} on.")


@st.fragment
def votes(songs: list[tuple[str, SongPrediction]]) -> None:
    """Let a visitor set ten scores and compare two rules; then the built-in songs."""
    with st.container(horizontal=True):
        n_high = st.slider("Seconds with the higher score, of 10", 0, 10, 6, key="n_high")
        high = st.slider("Their score", 0.5, 1.0, 0.6, 0.05, key="high_score")
        low = st.slider("Score of the others", 0.0, 0.5, 0.1, 0.05, key="low_score")
    made = judge([high] * n_high + [low] * (10 - n_high))
    left, right = st.columns(2, gap="medium")
    left.metric(f"By votes: {made.n_above} of 10", _word(made.by_majority), border=True)
    right.metric(f"By the average: {made.mean:.2f}", _word(made.by_mean), border=True)
    if made.agrees:
        st.markdown("Both rules say the same.")
    else:
        st.markdown("**The two rules disagree.**")
    rows = []
    for title, said in songs:
        verdict = judge(said.scores if said.scores is not None else [0.0])
        rows.append(
            {
                "song": title,
                "seconds above 0.5": f"{verdict.n_above} of {verdict.n_segments}",
                "by votes": _word(verdict.by_majority),
                "average": f"{verdict.mean:.3f}",
                "by the average": _word(verdict.by_mean),
            }
        )
    st.markdown("**Built-in songs**, by the network of step 3:")
    controls.long_table(rows, "Votes and average of the built-in songs")


def _word(is_prog: bool) -> str:
    return "prog" if is_prog else "not prog"
