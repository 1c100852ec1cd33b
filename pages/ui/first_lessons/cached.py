"""What the first lessons keep in memory, bounded; TensorFlow is imported only in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from genre_core import guarded
from genre_core.audio.decode import decode_clip
from genre_core.audio.overview import Overview, overview
from genre_core.audio.segment_picture import SegmentPicture, segment_picture
from genre_core.audio.spectrograms import mel_patches
from genre_core.config import song_input
from genre_core.lessons.first.look import HEAD, STACK, CoverLook, load_look
from genre_core.lessons.first.slide import brightness
from genre_core.lessons.first.sound import strongest_stroke
from genre_core.runs.bundle import Bundle, list_bundles
from pages.ui import cached as shared
from pages.ui.cached import KEYS
from pages.ui.media.choice import Choice

if TYPE_CHECKING:
    from genre_core.audio.clip import Clip
    from genre_core.runs.answers import SongPrediction

SINGER = "s5_cnn.soft_prog"
"""The network of the sound lessons: one score a second."""


def networks() -> tuple[Bundle, Bundle] | None:
    """Find the two networks of the picture lessons; None where one is not here."""
    by_name = {bundle.name: bundle for bundle in shared.bundles()}
    if STACK not in by_name or HEAD not in by_name:
        return None
    return by_name[STACK], by_name[HEAD]


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=KEYS)
def stored_look(choice: Choice, stack: Bundle, head: Bundle) -> CoverLook | None:
    """Read what is stored of a built-in cover; None of any other."""
    return load_look(choice.checksum, stack.card, head.card)


@st.cache_data(max_entries=8, show_spinner="Asking two networks", hash_funcs=KEYS)
def asked_look(choice: Choice, stack: Bundle, head: Bundle) -> CoverLook:
    """Ask both networks about a visitor's cover."""
    from genre_core.lessons.cover_look import look_into

    return look_into(
        shared.classifier(stack), shared.classifier(head), shared.cover_picture(choice)
    )


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=KEYS)
def grey_cells(choice: Choice, side: int) -> np.ndarray:
    """Bring a cover to `side` x `side` grey cells."""
    return brightness(shared.cover_picture(choice), side)


def singer() -> Bundle | None:
    """Find the network of the sound lessons; None where it is not here."""
    songs = list_bundles(media="song", need_network=True)
    return next((bundle for bundle in songs if bundle.name == SINGER), None)


def said_of(choice: Choice, bundle: Bundle) -> SongPrediction | None:
    """Read what is stored of a built-in song."""
    reading = shared.prepared(choice).reading([bundle.card])
    return None if reading is None else reading.predictions.get(bundle.name)


@st.cache_resource(max_entries=4, show_spinner="Reading the song", hash_funcs=KEYS)
def clip(choice: Choice) -> Clip:
    """Decode a song at the rate that networks hear."""
    decode = guarded.decode_clip if choice.is_own else decode_clip
    return decode(choice.source, name=choice.file)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=KEYS)
def stroke(choice: Choice) -> int:
    """Find the second with the song's strongest stroke."""
    own = clip(choice)
    return strongest_stroke(own.y, own.sr)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=KEYS)
def second_picture(choice: Choice, bundle: Bundle, second: int) -> SegmentPicture:
    """Draw one of a song's seconds as the network receives it."""
    spec = song_input(bundle.card.input)
    length = spec.n_frames * spec.hop_length
    y = clip(choice).y[second * length : (second + 1) * length]
    picture = segment_picture(mel_patches(y, spec)[0][..., np.newaxis], spec)
    if picture is None:
        raise ValueError("Seconds of mel_128 can be drawn.")
    return picture


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=KEYS)
def seen(choice: Choice) -> Overview:
    """Look over a whole song: what is stored of a built-in one, else its clip."""
    return shared.prepared(choice).overview() or overview(clip(choice))
