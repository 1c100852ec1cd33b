"""Parts of songs as they are changed on the page, and what networks say of them; all bounded."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import soundfile
import streamlit as st

from genre_core import guarded
from genre_core.audio.clip import Clip
from genre_core.audio.edits import HEARD_SR, SongEdit, at_rate, edit_song
from genre_core.audio.regions import part_by_heat
from genre_core.config import song_input
from genre_core.runs.bundle import Bundle
from genre_core.turns import READINGS
from pages.ui.cached import KEYS, classifier
from pages.ui.media.choice import Choice
from pages.ui.songs.cached import song_cam

if TYPE_CHECKING:
    from genre_core.runs.answers import SongPrediction

PART_S = 30.0
"""Length of a part, in s: every network hears it within a second or two."""


SHARE = 0.25
"""Of each segment's cells, how many count as looked at unless told."""


class Looks(NamedTuple):
    """Whose heat maps say what was looked at, of which genre, and by which method.

    method: "" for the one that is usual for the network.
    """

    bundle: Bundle
    genre_index: int
    method: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a song, and whether of it only what a network looked at is heard.

    looked {"", "only", "without"}: all of it, what `by` marks, or all but that.
    share: Of each segment's cells, how many count as looked at.
    """

    choice: Choice
    start_s: float
    end_s: float
    by: Looks | None = None
    looked: str = ""
    share: float = SHARE

    @property
    def untouched(self) -> Part:
        """The same part, all of it."""
        return replace(self, by=None, looked="", share=SHARE)

    @property
    def words(self) -> tuple[str, ...]:
        """What is left out of it, in words."""
        what = f"the {100 * self.share:.0f} % that it looked at"
        return {"only": (f"only {what}",), "without": (f"all but {what}",)}.get(self.looked, ())


_KEYS = KEYS | {
    Part: lambda part: (
        part.choice.checksum,
        part.start_s,
        part.end_s,
        part.by and (KEYS[Bundle](part.by.bundle), *part.by[1:]),
        part.looked,
        part.share,
    )
}


def window(middle_s: float, duration_s: float) -> tuple[float, float]:
    """Give start and end of the part round a moment, in whole seconds where the song allows.

    >>> window(42.4, 240.0), window(3.0, 240.0), window(238.0, 240.0), window(2.0, 9.5)
    ((27.0, 57.0), (0.0, 30.0), (210.0, 240.0), (0.0, 9.5))
    """
    start = max(0.0, min(round(middle_s - PART_S / 2), duration_s - PART_S))
    return float(start), min(start + PART_S, duration_s)


@st.cache_resource(max_entries=4, show_spinner="Reading the song", hash_funcs=_KEYS)
def _untouched(part: Part) -> Clip:
    """Decode the part, whatever is left out of it later."""
    decoded = guarded.decode_clip(part.choice.source, sr=HEARD_SR, name=part.choice.file)
    start, end = (round(seconds * HEARD_SR) for seconds in (part.start_s, part.end_s))
    return replace(decoded, y=decoded.y[start:end].copy())


@st.cache_resource(max_entries=4, show_spinner="Asking where it looked", hash_funcs=_KEYS)
def _maps(part: Part, by: Looks) -> tuple[np.ndarray, np.ndarray]:
    """Ask where a network looks in the whole part: heat (n, *shape[:2]), and start of each in s.

    Heat of a segment where nothing is located is 0.
    """
    spec, clip = song_input(by.bundle.card.input), _untouched(part)
    with READINGS:
        segments = classifier(by.bundle).prepare(at_rate(clip, spec.sr))
    heat = np.zeros((len(segments), *spec.shape[:2]), np.float32)
    if (cam := song_cam(by.bundle)) is not None:
        maps, located = cam.maps(
            segments.inputs,
            by.genre_index,
            method=by.method or None,
            time_axis=int(spec.layout == "frequency_time"),
        )
        heat[located] = maps[located]
    return heat, segments.start_s


def is_located(part: Part, by: Looks) -> bool:
    """Tell whether a network's maps of a part mark anything at all."""
    return bool(_maps(part.untouched, by)[0].any())


@st.cache_resource(max_entries=4, show_spinner="Parting the sound", hash_funcs=_KEYS)
def _parted(part: Part, by: Looks, share: float) -> tuple[Clip, Clip]:
    """Part the whole part into what the network marks and all but that."""
    heat, start_s = _maps(part, by)
    spec = song_input(by.bundle.card.input)
    return part_by_heat(_untouched(part), heat, start_s, spec, share=share)


@st.cache_resource(max_entries=12, show_spinner="Changing the sound", hash_funcs=_KEYS)
def _changed(part: Part, edit: SongEdit) -> Clip:
    clip = _untouched(part.untouched)
    if part.by is not None:
        clip = _parted(part.untouched, part.by, part.share)[part.looked == "without"]
    return edit_song(clip, edit)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_KEYS)
def wav(part: Part, edit: SongEdit) -> bytes:
    """Give the changed part as a WAV file."""
    clip, file = _changed(part, edit), io.BytesIO()
    soundfile.write(file, clip.y, clip.sr, format="WAV")
    return file.getvalue()


@st.cache_data(max_entries=128, show_spinner="Asking the network", hash_funcs=_KEYS)
def prediction(part: Part, edit: SongEdit, bundle: Bundle) -> SongPrediction:
    """Ask a network about the changed part."""
    clip = at_rate(_changed(part, edit), song_input(bundle.card.input).sr)
    with READINGS:
        return classifier(bundle).classify(clip)
