"""Caches of the patterns that the page Kernels shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from genre_core.config import song_input
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
from genre_core.jobs.removing import load_removed, removed_path
from genre_core.runs.bundle import Bundle
from pages.ui import cached
from pages.ui.cached import KEYS
from pages.ui.media.choice import Choice

if TYPE_CHECKING:
    import numpy as np

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


@st.cache_data(max_entries=24, show_spinner="Making it audible", hash_funcs=KEYS)
def heard(bundle: Bundle, layer: str, kernel: int, _picture: np.ndarray, how: str) -> bytes:
    """Turn a pattern in 0 to 1 into a WAV file; `how` tells patterns of one kernel apart."""
    spec = song_input(bundle.card.input)
    picture = _picture if len(spec.shape) == 3 else _picture[..., 0]
    return as_wav(hear_pattern(picture, spec), spec.sr)


@st.cache_data(max_entries=24, show_spinner=SEEKING, hash_funcs=KEYS)
def sought(bundle: Bundle, layer: str, kernel: int, of: str, start: Choice | None) -> Patterns:
    """Seek the pattern of one kernel, from noise or from a cover or a built-in song."""
    from genre_core.explain.patterns import excite_kernels
    from genre_core.explain.patterns_made import start_from

    card, begin = bundle.card, None
    if start is not None and card.media == "cover":
        begin = cached.network_input(start, bundle)
    elif start is not None:
        begin = start_from(card, start.source)
    return excite_kernels(
        cached.classifier(bundle).network,
        layer,
        [kernel],
        scale_of(card.input),
        of="peak" if of == "peak" else "mean",
        start=begin,
    )


def as_stored(found: Patterns) -> np.ndarray:
    """Bring one pattern into the form of stored ones [shape=(height, width, channels), uint8]."""
    pictures = found.pictures
    return shaded(pictures if pictures.ndim == 4 else pictures[..., None])[0]


def _changed(path: Any) -> float:
    return float(path.stat().st_mtime) if path.is_file() else 0.0
