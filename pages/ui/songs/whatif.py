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
from pages.ui.evidence.words import name_of, usual
from pages.ui.media.choice import Choice
from pages.ui.problems import plain
from pages.ui.songs import cached, listing
from pages.ui.songs.asked import By, genre_shown
from pages.ui.songs.edited import cached as edited
from pages.ui.songs.verdicts import short

if TYPE_CHECKING:
    from genre_core.runs.answers import SongPrediction, SongReading

_USUAL = By()
AS_IT_IS = "as it is"
_MOST_GENRES = 10
"""Of fifty tags most are near 0: the largest before or after are drawn."""
_PARTS = {"all of it": "all", "lasting tones": "harmonic", "drums and strokes": "percussive"}
_EDGES_HZ = (0, 60, 125, 250, 500, 1_000, 2_000, 4_000, 8_000, 11_000, 16_000, 22_050)
_WHOLE = (_EDGES_HZ[0], _EDGES_HZ[-1])
_USES = {"keep it alone": "keep", "mute it": "mute"}
_RATES = [rate for rate in (320, 256, 192, 128, 96, 64) if KBPS[0] <= rate <= KBPS[1]]
_LONGEST_S = round(edited.PART_S)
_UNCHANGED = {
    "trim": (0, _LONGEST_S),
    "sound": next(iter(_PARTS)),
    "band": _WHOLE,
    "band_use": next(iter(_USES)),
    "tempo": 0,
    "pitch": 0,
    "gain": 0,
    "kbps": AS_IT_IS,
    "looked_at": False,
}


@st.fragment
def section(
    choice: Choice,
    focus: Bundle,
    bundles: Sequence[Bundle],
    song: SongReading,
    selected: int | None,
    by: By = _USUAL,
) -> None:
    """Ask for a change; let all be heard, and show what the networks say of each.

    `by` tells by which method, and of which genre, the page shows what mattered.
    """
    index = song.segment_looked_at(focus.name, selected)
    own = song.predictions[focus.name]
    start_s, end_s = edited.window(float(own.middle_s[index]), song.duration_s)
    st.markdown(
        f"Change {end_s - start_s:.0f} s of the song, {listing.clock(start_s)} to "
        f"{listing.clock(end_s)} round the segment above, and hear both. If its level, an MP3 or "
        "a few per cent of tempo alone move the answer, the network has learned how recordings "
        "are made, not what music is."
    )
    genre_index = genre_shown(focus, own, index, by.genre)
    looks = edited.Looks(focus, genre_index, by.method)
    with problems.shown(choice.file):
        edit, share = _controls(choice, looks, end_s - start_s)
        whole = edited.Part(choice, start_s, end_s)
        heard = {AS_IT_IS: (whole, SongEdit())}
        if share and not edited.is_located(whole, looks):
            st.caption(f"Nothing here speaks for *{_genre(looks)}*: there is no part to hear.")
        elif share:
            only, without = (
                edited.Part(choice, start_s, end_s, looks, how, share)
                for how in ("only", "without")
            )
            heard |= {"the marked part": (only, edit), "all but that": (without, edit)}
        if len(heard) == 1 and not edit.is_empty:
            heard["changed"] = (whole, edit)
        answers = _heard(focus, heard, genre_index)
        st.markdown(_sentence(focus, answers, genre_index) if len(heard) > 1 else _NOTHING)
        if len(heard) == 2 and len(answers) == 2 and len(own.genres) > 2:
            before, after = answers.values()
            was, now = before.mean_probs, after.mean_probs
            shown = np.argsort(-np.maximum(was, now), kind="stable")[:_MOST_GENRES]
            figures.before_after(
                [before.genres[i] for i in shown],
                was[shown],
                now[shown],
                calibrated=before.calibration is not None,
            ).show("song_whatif_scores")
        if len(heard) > 1 and st.toggle("Ask every network", key="ask_every"):
            _every_network(heard, bundles)
        controls.command(
            f"python -m genre_core what-if {choice.shell_path} --model {focus.name} "
            f"{shlex.join(as_options(edit))}".rstrip()
        )
    st.caption("The command changes the whole song; it knows nothing of what a network looked at.")


_NOTHING = "Nothing is changed yet: move a control."


def _reset() -> None:
    for key, value in _UNCHANGED.items():
        st.session_state[key] = value


def _controls(
    choice: Choice, looks: edited.Looks, duration_s: float
) -> tuple[SongEdit, float | None]:
    """Ask for an edit, and how much counts as looked at; None where that is not heard apart."""
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
            share = _ask_region(choice, looks)
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
        share,
    )


def _ask_region(choice: Choice, looks: edited.Looks) -> float | None:
    """Ask whether what the network looked at is heard apart, and how much; None where not."""
    focus = looks.bundle
    if song_input(focus.card.input).bin_hz is None:
        st.caption(
            f"{plain(short(focus))} reads no spectrogram: what it looked at cannot be heard alone."
        )
        return None
    if not cached.has_maps(choice, focus):
        st.caption(
            f"{plain(short(focus))} has no map of where it looked: that cannot be heard alone."
        )
        return None
    method = looks.method or usual(focus)
    is_apart = st.toggle(
        "Hear what it looked at, and all but that",
        key="looked_at",
        bind="query-params",
        help="Of each segment the cells of the spectrogram that speak most for what is explained, "
        "by the method chosen above. An approximation: it sees bands, you hear what lies in them.",
    )
    st.caption(f"What speaks for *{_genre(looks)}* by {name_of(method)}.")
    mark(focus, method)
    if not is_apart:
        return None
    return st.slider("How much of it", 5, 50, 25, 5, "%d %%", key="looked_share") / 100


def _genre(looks: edited.Looks) -> str:
    return plain(looks.bundle.card.genres[looks.genre_index])


def _cut_off(first: int, last: int, duration_s: float) -> tuple[float, float] | None:
    """Turn what is kept of a part, in s, into what is cut off at its start and its end.

    >>> _cut_off(2, 20, 30.0), _cut_off(2, 30, 12.5), _cut_off(0, 30, 12.5)
    ((2.0, 10.0), (2.0, 0.0), None)
    """
    cut = float(first), round(max(0.0, duration_s - last), 3)
    return cut if any(cut) else None


def _hertz(value: int) -> str:
    return f"{value:,} Hz" if value < 1_000 else f"{value / 1_000:g} kHz"


_Heard = dict[str, tuple[edited.Part, SongEdit]]
"""What is heard side by side, by name; first the part as it is."""


def _heard(focus: Bundle, heard: _Heard, genre_index: int) -> dict[str, SongPrediction]:
    """Show a player and the network's score for each; give the answers that there are."""
    answers: dict[str, SongPrediction] = {}
    for (name, (part, edit)), column in zip(
        heard.items(), st.columns(max(2, len(heard)), gap="medium"), strict=False
    ):
        with column, problems.shown(name):
            words = "; ".join([*part.words, *edit.words]) or AS_IT_IS
            st.caption(plain(words[0].upper() + words[1:]))
            st.audio(edited.wav(part, edit))
            answers[name] = answer = edited.prediction(part, edit, focus)
            what, score = _score(answer, genre_index)
            st.metric(what, f"{score:.2f}")
    return answers


def _score(answer: SongPrediction, genre_index: int) -> tuple[str, float]:
    """Give what is shown below a player: the prog score, or what the genre is given."""
    if answer.prog_score is not None:
        return "prog score", answer.prog_score
    return f"score of {plain(answer.genres[genre_index])}", float(answer.mean_probs[genre_index])


def _sentence(focus: Bundle, answers: dict[str, SongPrediction], genre_index: int) -> str:
    """Say how the score and the answer of the network that is explained move."""
    if AS_IT_IS not in answers or len(answers) < 2:
        return ""
    (_, before), *others = answers.items()
    what, was = _score(before, genre_index)
    now = [(name, f"**{_score(one, genre_index)[1]:.2f}**") for name, one in others]
    says = [(name, f"**{plain(one.genre)}**") for name, one in others]
    is_same = all(one.genre == before.genre for _, one in others)
    text = f"{plain(short(focus))} gives this part a {what} of "
    if len(others) == 1:
        text += f"{now[0][1]}; {AS_IT_IS}, {was:.2f}."
        answer = f"It said {plain(before.genre)}; now it says {says[0][1]}."
    else:
        text += f"{was:.2f}; {', '.join(' '.join(one) for one in now)}."
        answer = f"It says {plain(before.genre)}; of {', of '.join(' '.join(one) for one in says)}."
    if before.prog_score is not None and len(before.genres) == 2:
        return text
    return f"{text} {f'It still says **{plain(before.genre)}**.' if is_same else answer}"


def _every_network(heard: _Heard, bundles: Sequence[Bundle]) -> None:
    names = ("before", "after") if len(heard) == 2 else tuple(heard)
    rows = []
    for bundle in bundles:
        with problems.shown(bundle.name):
            answers = [edited.prediction(*one, bundle) for one in heard.values()]
            is_naming = len(answers[0].genres) > 2
            row: dict[str, object] = {"network": short(bundle)}
            for name, answer in zip(names, answers, strict=True):
                row[f"prog score {name}"] = answer.prog_score
            for name, answer in zip(names, answers, strict=True):
                row[f"answer {name}"] = answer.genre if is_naming else None
            rows.append(row)
    number = st.column_config.NumberColumn
    controls.long_table(
        rows,
        "What each network says of this part before and after the change",
        **{f"prog score {name}": number(format="%.2f") for name in names},
    )
