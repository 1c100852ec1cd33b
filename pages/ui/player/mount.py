"""The player as one call; the drawing and the sound are done by JavaScript in this folder."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from genre_core.config import require
from pages.ui.player import choice, media, packing
from pages.ui.player.lanes import Lane, Spectrogram

_HERE = Path(__file__).parent
# One after the other they are one module: the component takes one text and can import nothing.
_SCRIPTS = [
    _HERE / f"{name}.js" for name in ("geometry", "drawing", "view", "events", "player", "mount")
]
MOUNTED = _HERE.parent / "mounted.js"
"""What every component of ours begins with: where the server is, and how it outlives a run."""

_mount = st.components.v2.component(
    "genre_explorer_song_player",
    html='<div class="player" data-testid="player"></div>\n',
    css=(_HERE / "player.css").read_text(encoding="utf-8"),
    js="\n".join(path.read_text(encoding="utf-8") for path in (MOUNTED, *_SCRIPTS)),
)


def song_player(
    audio: bytes | Path,
    lanes: Sequence[Lane],
    *,
    duration_s: float,
    key: str,
    segments: Sequence[tuple[float, float]] | None = None,
    selected: int | None = None,
    moment: tuple[str, float] | None = None,
    name: str = "Song",
) -> int | None:
    """Play a song under lanes that share its time axis, and return the segment that was clicked.

    Playing, seeking and zooming happen in the browser and rerun nothing. A click on a segment in
    the ruler, in curves, a taggram or a strip (or Enter on the segment under the playhead) plays
    that segment and reruns the page once. A rerun never stops the sound while `audio` stays the
    same, and sends nothing again while `lanes` stay the same.

    `audio` is a file that browsers play: WAV, MP3, Ogg (Vorbis, Opus), FLAC, AAC, MP4 or WebM;
    `name` says what is played to somebody who cannot see it. `lanes` of any kind and number stand
    from top to bottom. `segments` (start and end in s, in order of time) can be selected; they may
    overlap, and a click takes the one whose middle is nearest. Without them those of the first lane
    that has some are taken. `selected` is outlined on the first run and whenever it changes between
    runs (a link, a button); else the visitor's own choice stands. A `moment` (what it is, and when
    in s) has a button that plays from there. Raises `ParameterError` where anything does not fit.
    """
    require(
        0 < duration_s < 86_400,
        "duration_s must be above 0 s and below a day.",
        duration_s,
        "Give the song's length in seconds.",
    )
    plain = [_sent(lane, f"{key}.lane{k}") for k, lane in enumerate(lanes)]
    starts, ends, n_segments = _segments(segments, plain)
    if selected is not None:
        require(
            0 <= selected < n_segments,
            "selected must be the index of a segment.",
            selected,
            f"There are {n_segments}, counted from 0.",
        )
    require(
        moment is None or 0 <= moment[1] <= duration_s,
        "moment must lie within the song.",
        moment,
        f"Give a time from 0 to {duration_s:.1f} s.",
    )
    song = media.address(audio, media.sound_mime(audio), f"{key}.audio")
    # What the browser said last is there before the component is mounted.
    clicked = st.session_state.get(key, {}).get("chosen")
    # An index means nothing among other segments, as when another network is looked at.
    whole = f"{song} {hash((starts, ends))}"
    asked = choice.ask(st.session_state.get(f"{key}.asked"), clicked, whole, selected)
    st.session_state[f"{key}.asked"] = asked
    data = {
        "audio": song,
        "name": name,
        "duration_s": float(duration_s),
        "start_s": starts,
        "end_s": ends,
        "lanes": plain,
        "moment": moment and {"label": moment[0], "start_s": float(moment[1])},
        "asked": {"index": asked.index, "count": asked.count},
    }
    # Of a list Streamlit does not ask whether something in it is a table, for which it would load
    # pandas while the first visitor waits.
    clicked = _mount(data=[data], key=key, on_chosen_change=_nothing).get("chosen")
    index = choice.current(asked, clicked)
    return index if index is None or index < n_segments else None


def _sent(lane: Lane, place: str) -> dict[str, Any]:
    if isinstance(lane, Spectrogram) and isinstance(lane.picture, bytes):
        # The largest lane by far: fetched once, like the sound.
        lane = replace(lane, picture=media.address(lane.picture, lane.mime(), place))
    return lane.to_plain()


def _segments(
    given: Sequence[tuple[float, float]] | None, lanes: Sequence[dict[str, Any]]
) -> tuple[str, str, int]:
    if given is not None and len(given) > 0:
        starts, ends = zip(*given, strict=True)
        starts, ends = packing.spans(starts, ends, len(given), "segments")
        return packing.packed(starts, "f4"), packing.packed(ends, "f4"), len(given)
    if given is not None:
        return "", "", 0
    for lane in lanes:
        holder = lane["series"][0] if lane["kind"] == "curves" else lane
        if "start_s" in holder:
            return holder["start_s"], holder["end_s"], len(base64.b64decode(holder["start_s"])) // 4
    return "", "", 0


def _nothing() -> None:
    """Stand in for a callback: Streamlit returns only state that has one."""
