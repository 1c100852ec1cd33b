"""What if it sounded otherwise: half a minute of the song, changed, heard and asked again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from genre_core.audio.edits import KBPS, SongEdit
from genre_core.config import song_input
from genre_core.config.options import as_options
from genre_core.runs.bundle import Bundle
from pages.ui import controls, figures, problems
from pages.ui.evidence.section import mark
from pages.ui.evidence.words import usual
from pages.ui.media.choice import Choice
from pages.ui.problems import plain
from pages.ui.songs import listing
from pages.ui.songs.edited import cached as edited
from pages.ui.songs.verdicts import short

if TYPE_CHECKING:
    from genre_core.runs.answers import SongPrediction, SongReading

AS_IT_IS = "as it is"
_MOST_GENRES = 10
"""Of fifty tags most are near 0: the largest before or after are drawn."""
_PARTS = {"all of it": "all", "lasting tones": "harmonic", "drums and strokes": "percussive"}
_EDGES_HZ = (0, 60, 125, 250, 500, 1_000, 2_000, 4_000, 8_000, 11_000, 16_000, 22_050)
_WHOLE = (_EDGES_HZ[0], _EDGES_HZ[-1])
_USES = {"keep it alone": "keep", "mute it": "mute"}
_RATES = [rate for rate in (320, 256, 192, 128, 96, 64) if KBPS[0] <= rate <= KBPS[1]]
_LONGEST_S = round(edited.PART_S)
_LOOKED = {"with the rest": "", "alone": "only", "left out": "without"}
_UNCHANGED = {
    "trim": (0, _LONGEST_S),
    "sound": next(iter(_PARTS)),
    "band": _WHOLE,
    "band_use": next(iter(_USES)),
    "tempo": 0,
    "pitch": 0,
    "gain": 0,
    "kbps": AS_IT_IS,
    "looked": next(iter(_LOOKED)),
}


@st.fragment
def section(
    choice: Choice,
    focus: Bundle,
    bundles: Sequence[Bundle],
    song: SongReading,
    selected: int | None,
) -> None:
    """Ask for a change; let both be heard, and show what the networks say of each."""
    index = song.segment_looked_at(focus.name, selected)
    middle_s = float(song.predictions[focus.name].middle_s[index])
    start_s, end_s = edited.window(middle_s, song.duration_s)
    st.markdown(
        f"Change {end_s - start_s:.0f} s of the song, {listing.clock(start_s)} to "
        f"{listing.clock(end_s)} round the segment above, and hear both. If its level, an MP3 or "
        "a few per cent of tempo alone move the answer, the network has learned how recordings "
        "are made, not what music is."
    )
    edit, looked, share = _controls(focus, end_s - start_s)
    with problems.shown(choice.file):
        part = edited.Part(choice, start_s, end_s, focus if looked else None, looked, share)
        before = edited.prediction(part.untouched, SongEdit(), focus)
        after = edited.prediction(part, edit, focus)
        _heard(part, edit)
        is_changed = bool(looked) or not edit.is_empty
        st.markdown(_sentence(focus, before, after) if is_changed else _NOTHING)
        if len(before.genres) > 2:
            was, now = before.mean_probs, after.mean_probs
            shown = np.argsort(-np.maximum(was, now), kind="stable")[:_MOST_GENRES]
            figures.before_after(
                [before.genres[i] for i in shown],
                was[shown],
                now[shown],
                calibrated=before.calibration is not None,
            ).show("song_whatif_scores")
        if is_changed and st.toggle("Ask every network", key="ask_every"):
            _every_network(part, edit, bundles)
    controls.command(
        f"python -m genre_core what-if {choice.shell_path} --model {focus.name} "
        f"{shlex.join(as_options(edit))}".rstrip()
    )
    st.caption("The command changes the whole song; it knows nothing of what a network looked at.")


_NOTHING = "Nothing is changed yet: move a control."


def _reset() -> None:
    for key, value in _UNCHANGED.items():
        st.session_state[key] = value


def _controls(focus: Bundle, duration_s: float) -> tuple[SongEdit, str, float]:
    bound = {"bind": "query-params", "persist_state": "page"}
    with st.grid(3, min_column_width=220):
        with st.container():
            part = controls.switch("Hear", list(_PARTS), key="sound", wrap=True)
        with st.container():
            low, high = st.select_slider(
                "Band", _EDGES_HZ, _WHOLE, key="band", format_func=_hertz, **bound
            )
            use = controls.switch("That band", list(_USES), key="band_use")
        with st.container():
            looked, share = _ask_region(focus)
        first, last = st.slider(
            "Trim: keep", 0, _LONGEST_S, (0, _LONGEST_S), 1, "%d s", key="trim", **bound
        )
        tempo = st.slider("Tempo", -6, 6, 0, 1, "%+d %%", key="tempo", **bound)
        pitch = st.slider("Pitch", -6, 6, 0, 1, "%+d %%", key="pitch", **bound)
        gain = st.slider("Level", -30, 20, 0, 1, "%+d dB", key="gain", **bound)
        kbps = st.select_slider("MP3, kbit/s", [AS_IT_IS, *map(str, _RATES)], key="kbps", **bound)
        st.button("Undo all", icon=":material/restart_alt:", on_click=_reset, key="undo_song")
    return (
        SongEdit(
            trim=_cut_off(first, last, duration_s),
            part=_PARTS[part],
            band=None if (low, high) == _WHOLE else (float(low), float(high)),
            band_use=_USES[use],
            tempo=1 + tempo / 100,
            pitch=1 + pitch / 100,
            gain=float(gain),
            mp3=None if kbps == AS_IT_IS else int(kbps),
        ),
        looked,
        share,
    )


def _ask_region(focus: Bundle) -> tuple[str, float]:
    """Ask whether only what the network looked at is heard, where it looks at a spectrogram."""
    if song_input(focus.card.input).bin_hz is None:
        st.caption(
            f"{plain(short(focus))} reads no spectrogram: what it looked at cannot be heard alone."
        )
        return "", 0.25
    looked = controls.switch(
        "Hear what it looked at",
        list(_LOOKED),
        key="looked",
        wrap=True,
        help="Of each segment the cells of the spectrogram that speak most for what is explained "
        "(Grad-CAM). An approximation: it sees bands, you hear what lies in them.",
    )
    mark(focus, usual(focus))
    share = 25
    if _LOOKED[looked]:
        share = st.slider("How much of it", 5, 50, 25, 5, "%d %%", key="looked_share")
    return _LOOKED[looked], share / 100


def _cut_off(first: int, last: int, duration_s: float) -> tuple[float, float] | None:
    """Turn what is kept of a part, in s, into what is cut off at its start and its end.

    >>> _cut_off(2, 20, 30.0), _cut_off(2, 30, 12.5), _cut_off(0, 30, 12.5)
    ((2.0, 10.0), (2.0, 0.0), None)
    """
    cut = float(first), round(max(0.0, duration_s - last), 3)
    return cut if any(cut) else None


def _hertz(value: int) -> str:
    return f"{value:,} Hz" if value < 1_000 else f"{value / 1_000:g} kHz"


def _heard(part: edited.Part, edit: SongEdit) -> None:
    words = "; ".join([*part.words, *edit.words]) or "unchanged"
    left, right = st.columns(2, gap="medium")
    with left:
        st.caption("As it is")
        st.audio(edited.wav(part.untouched, SongEdit()))
    with right:
        st.caption(plain(words[0].upper() + words[1:]))
        st.audio(edited.wav(part, edit))


def _sentence(focus: Bundle, before: SongPrediction, after: SongPrediction) -> str:
    """Say how the score and the answer of the network that is explained move."""
    words = []
    if before.prog_score is not None and after.prog_score is not None:
        words.append(
            f"{plain(short(focus))} gives this part a prog score of **{after.prog_score:.2f}**; "
            f"as it is, {before.prog_score:.2f}."
        )
    if len(before.genres) > 2:
        words.append(
            f"It still says **{plain(after.genre)}**."
            if before.genre == after.genre
            else f"It said {plain(before.genre)}; now it says **{plain(after.genre)}**."
        )
    return " ".join(words)


def _every_network(part: edited.Part, edit: SongEdit, bundles: Sequence[Bundle]) -> None:
    rows = []
    for bundle in bundles:
        with problems.shown(bundle.name):
            before = edited.prediction(part.untouched, SongEdit(), bundle)
            after = edited.prediction(part, edit, bundle)
            rows.append(
                {
                    "network": short(bundle),
                    "prog score before": before.prog_score,
                    "after": after.prog_score,
                    "answer before": before.genre if len(before.genres) > 2 else None,
                    "answer after": after.genre if len(after.genres) > 2 else None,
                }
            )
    number = st.column_config.NumberColumn
    controls.long_table(
        rows,
        "What each network says of this part before and after the change",
        **{name: number(name, format="%.2f") for name in ("prog score before", "after")},
    )
