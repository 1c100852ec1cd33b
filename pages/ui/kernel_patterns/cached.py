"""Caches of the patterns that the page Kernels shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from genre_core.config import SongInput, song_input
from genre_core.data.catalog import Catalog
from genre_core.errors import DatasetError, GenreError
from genre_core.explain.exciting_store import (
    ExcitingFacts,
    ExcitingLayer,
    exciting_path,
    list_exciting,
    load_exciting,
)
from genre_core.explain.patterns_heard import as_wav, hear_pattern
from genre_core.explain.patterns_scale import scale_of
from genre_core.explain.patterns_store import (
    SHIPPED,
    StoredLayer,
    home_folder,
    load_patterns,
    path_of,
    shaded,
)
from genre_core.explain.removed_store import load_removed, removed_path
from genre_core.runs.bundle import Bundle
from pages.ui import cached
from pages.ui.cached import KEYS
from pages.ui.media.choice import Choice
from pages.ui.media.item import file_of
from pages.ui.media.linked import file_choice
from pages.ui.songs import cached as songs

if TYPE_CHECKING:
    from genre_core.explain.patterns import Patterns

SEEKING = "Going uphill step by step"


def stored(bundle: Bundle) -> dict[str, StoredLayer]:
    """Read the stored patterns of a network, by layer; again when a file changes."""
    files = [path_of(bundle.card, folder) for folder in (SHIPPED, home_folder())]
    return _stored(bundle, tuple(map(_changed, files)))


@st.cache_resource(max_entries=6, show_spinner=False, hash_funcs=KEYS)
def _stored(bundle: Bundle, changed: tuple[float, ...]) -> dict[str, StoredLayer]:
    return load_patterns(bundle.card)


def removed(bundle: Bundle) -> list[dict[str, Any]]:
    """Read what was measured of a network with kernels taken out."""
    files = [removed_path(bundle.card, folder) for folder in (SHIPPED, home_folder())]
    return _removed(bundle, tuple(map(_changed, files)))


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=KEYS)
def _removed(bundle: Bundle, changed: tuple[float, ...]) -> list[dict[str, Any]]:
    return load_removed(bundle.card)


def asked(bundle: Bundle) -> tuple[ExcitingFacts, ...]:
    """List the data sets that a network's kernels were asked about; again when a file changes."""
    files = sorted(exciting_path(bundle.card.model_sha256, "x").parent.glob("*.npz"))
    return _asked(bundle, tuple(map(_changed, files)))


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=KEYS)
def _asked(bundle: Bundle, changed: tuple[float, ...]) -> tuple[ExcitingFacts, ...]:
    return list_exciting(bundle.card)


def asked_layer(bundle: Bundle, facts: ExcitingFacts, layer: str) -> ExcitingLayer:
    """Read where the kernels of a layer answer most in a data set."""
    path = exciting_path(facts.model_sha256, facts.data["digest"])
    return _asked_layer(facts, layer, _changed(path))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs={ExcitingFacts: repr})
def _asked_layer(facts: ExcitingFacts, layer: str, changed: float) -> ExcitingLayer:
    return load_exciting(facts, layer)


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """What excites a kernel: a part of a cover, or of what a network reads of a song.

    value: What the kernel answers.
    picture [shape=(rows, columns[, 3])]: As the network reads it.
    start_s, end_s: Of a song, when.
    """

    item_id: str
    value: float
    picture: np.ndarray
    start_s: float = 0.0
    end_s: float = 0.0


def passage(
    bundle: Bundle, catalog: Catalog, found: ExcitingLayer, kernel: int, place: int
) -> Passage | None:
    """Cut out the passage at one of a kernel's places; None where its file is gone or changed."""
    item_id = str(found.item_ids[kernel, place])
    segment, value = int(found.segments[kernel, place]), float(found.values[kernel, place])
    (top, bottom), (left, right) = found.spans[kernel, place].tolist()
    if file_of(catalog, item_id) is None:
        return None
    try:
        whole, start_s = _item_input(bundle, catalog, item_id, segment)
    except GenreError:
        return None
    spec = bundle.card.input
    picture = whole[top:bottom, left:right]
    if not isinstance(spec, SongInput):
        return Passage(item_id, value, picture)
    frames = (top, bottom) if spec.layout == "time_frequency" else (left, right)
    step_s = spec.frame_step_s
    return Passage(
        item_id, value, picture, start_s + frames[0] * step_s, start_s + frames[1] * step_s
    )


@st.cache_data(max_entries=64, show_spinner="Reading what excites it", hash_funcs=KEYS)
def _item_input(
    bundle: Bundle, catalog: Catalog, item_id: str, segment: int
) -> tuple[np.ndarray, float]:
    """Give a cover, or one segment of a song and when it starts, as the network reads it."""
    spec = bundle.card.input
    if isinstance(spec, SongInput):
        from genre_core.data.song_inputs import read_song_file  # half a second, not at first sight

        row = catalog.frame[catalog.frame["item_id"] == item_id].iloc[0]
        song = read_song_file(catalog.path_of(item_id), row["checksum"], spec)
        inputs = song.inputs[segment]
        return inputs.reshape(inputs.shape[:2]), float(song.start_s[segment])
    choice = file_choice(catalog, item_id)
    if choice is None:
        raise DatasetError("The cover must be there.", received=item_id, cure="Import it again.")
    return cached.network_input(choice, bundle), 0.0


@st.cache_data(max_entries=24, show_spinner="Making it audible", hash_funcs=KEYS)
def heard(bundle: Bundle, layer: str, kernel: int, _picture: np.ndarray, how: str) -> bytes:
    """Turn a pattern in 0 to 1 into a WAV file; `how` tells patterns of one kernel apart."""
    spec = song_input(bundle.card.input)
    picture = _picture if len(spec.shape) == 3 else _picture[..., 0]
    return as_wav(hear_pattern(picture, spec), spec.sr)


@st.cache_data(max_entries=24, show_spinner=SEEKING, hash_funcs=KEYS)
def sought(
    bundle: Bundle, layer: str, kernel: int, of: str, start: Choice | None, second: int | None
) -> Patterns:
    """Seek the pattern of one kernel, from noise, a cover, or the segment of a song at a second."""
    from genre_core.explain.patterns import excite_kernels

    return excite_kernels(
        cached.classifier(bundle).network,
        layer,
        [kernel],
        scale_of(bundle.card.input),
        of="peak" if of == "peak" else "mean",
        start=_begin(bundle, start, second),
    )


@st.cache_data(max_entries=24, show_spinner=SEEKING, hash_funcs=KEYS)
def sought_genre(bundle: Bundle, genre: int, start: Choice | None, second: int | None) -> Patterns:
    """Seek what speaks most for a genre, from noise, a cover, or a song's segment at a second."""
    from genre_core.explain.patterns import excite_genres

    return excite_genres(
        cached.classifier(bundle).network,
        bundle.card.head,
        [genre],
        scale_of(bundle.card.input),
        start=_begin(bundle, start, second),
    )


def _begin(bundle: Bundle, start: Choice | None, second: int | None) -> np.ndarray | None:
    """Prepare what a pattern begins with; None for noise."""
    if start is None:
        return None
    if bundle.card.media == "cover":
        return cached.network_input(start, bundle)
    song = songs.prepared(start, bundle)
    return np.array(song.inputs[song.at(second)], np.float32)


def as_stored(found: Patterns) -> np.ndarray:
    """Bring one pattern into the form of stored ones [shape=(height, width, channels), uint8]."""
    pictures = found.pictures
    return shaded(pictures if pictures.ndim == 4 else pictures[..., None])[0]


def _changed(path: Any) -> float:
    return float(path.stat().st_mtime) if path.is_file() else 0.0
