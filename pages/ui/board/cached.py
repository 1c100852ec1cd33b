"""The caches of the board: bounded, keyed by checksums, TensorFlow imported only in here."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from genre_core.runs.bundle import Bundle
from pages.ui.cached import classifier
from pages.ui.media.choice import Choice

if TYPE_CHECKING:
    from genre_core.audio.segments import Segments
    from genre_core.explain.exciting import Patch
    from genre_core.explain.peaks import Peaks

# One reading at a time: a class shares the processor better in a queue.
_READING = threading.Lock()


def prepared(choice: Choice, bundle: Bundle) -> Segments:
    """Give a song as a network reads it."""
    return _prepared(choice.checksum, bundle.name, bundle.card.model_sha256, choice.source)


@st.cache_resource(max_entries=12, show_spinner="Reading the songs")
def _prepared(checksum: str, name: str, model_sha256: str, _source: Path | bytes) -> Segments:
    with _READING:
        return classifier(name, model_sha256).prepare(_source)


def peaks(bundle: Bundle, layer: str, choices: Sequence[Choice]) -> Peaks:
    """Find what each kernel of a layer answers in each song."""
    key = tuple(choice.checksum for choice in choices)
    songs = [prepared(choice, bundle).inputs for choice in choices]
    return _peaks(bundle.name, bundle.card.model_sha256, layer, key, songs)


@st.cache_resource(max_entries=8, show_spinner="Asking every kernel")
def _peaks(
    name: str,
    model_sha256: str,
    layer: str,
    checksums: tuple[str, ...],
    _songs: list[np.ndarray],
) -> Peaks:
    from genre_core.explain.exciting import layer_peaks

    return layer_peaks(classifier(name, model_sha256).network, layer, _songs)


def patches(
    bundle: Bundle, found: Peaks, kernel: int, choices: Sequence[Choice], n: int
) -> tuple[Patch, ...]:
    """Cut out what excites a kernel most."""
    from genre_core.explain.exciting import exciting_patches

    network = classifier(bundle.name, bundle.card.model_sha256).network
    songs = [prepared(choice, bundle).inputs for choice in choices]
    return exciting_patches(network, found, kernel, songs, n=n)
