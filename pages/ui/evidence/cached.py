"""The caches of evidence: each bounded, keyed by content, TensorFlow imported only in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from genre_core.config import song_input
from genre_core.explain.hiding import Trial
from genre_core.runs.bundle import EVIDENCE_FILE, FAMILIES_FILE, Bundle
from genre_core.runs.evidence import StoredEvidence, load_evidence
from genre_core.runs.family_importance import FamilyImportance, load_families
from pages.ui.cached import KEYS, classifier, network_input
from pages.ui.media.choice import Choice

if TYPE_CHECKING:
    from genre_core.explain.cam import Cam
    from genre_core.explain.shuffled import Cascade


def stored(bundle: Bundle) -> StoredEvidence | None:
    """Read what was measured of a network's maps, anew when the file changes; None without any."""
    path = bundle.folder / EVIDENCE_FILE
    return _stored(bundle, path.stat().st_mtime_ns if path.is_file() else 0)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=KEYS)
def _stored(bundle: Bundle, changed_ns: int) -> StoredEvidence | None:
    return load_evidence(bundle) if changed_ns else None


def stored_families(bundle: Bundle) -> FamilyImportance | None:
    """Read which families of features a network needs, anew when the file changes."""
    path = bundle.folder / FAMILIES_FILE
    return _stored_families(bundle, path.stat().st_mtime_ns if path.is_file() else 0)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=KEYS)
def _stored_families(bundle: Bundle, changed_ns: int) -> FamilyImportance | None:
    return load_families(bundle) if changed_ns else None


@st.cache_data(max_entries=64, show_spinner="Hiding and showing what is marked", hash_funcs=KEYS)
def tried(
    choice: Choice, bundle: Bundle, method: str, stage: str, genre_index: int
) -> dict[str, Trial]:
    """Try a cover's map against maps that ask no network."""
    return _try(network_input(choice, bundle), bundle, method, stage, genre_index)


@st.cache_data(max_entries=64, show_spinner="Shuffling the network's weights", hash_funcs=KEYS)
def shuffled(choice: Choice, bundle: Bundle, method: str, stage: str, genre_index: int) -> Cascade:
    """Make a cover's map again and again while the network's layers are shuffled."""
    return _shuffle(network_input(choice, bundle), bundle, method, stage, genre_index)


@st.cache_data(max_entries=64, show_spinner="Hiding and showing what is marked", hash_funcs=KEYS)
def segment_tried(
    whose: tuple[str, int], bundle: Bundle, method: str, genre_index: int, _inputs: np.ndarray
) -> dict[str, Trial]:
    """Try the map of a song's segment over time; `whose` names it by checksum and number."""
    return _try(np.ascontiguousarray(_inputs), bundle, method, None, genre_index)


@st.cache_data(max_entries=64, show_spinner="Shuffling the network's weights", hash_funcs=KEYS)
def segment_shuffled(
    whose: tuple[str, int], bundle: Bundle, method: str, genre_index: int, _inputs: np.ndarray
) -> Cascade:
    """Make a segment's map again and again while the network's layers are shuffled."""
    return _shuffle(np.ascontiguousarray(_inputs), bundle, method, None, genre_index)


def _try(
    item: np.ndarray, bundle: Bundle, method: str, stage: str | None, genre_index: int
) -> dict[str, Trial]:
    from genre_core.explain.evidence import try_saliency

    cam, axis = _cam(bundle)
    one = cam.explain(item, genre_index, method=method, stage=stage or None, time_axis=axis)
    return try_saliency(cam, item, {method: one}, genre_index, time_axis=axis)


def _shuffle(
    item: np.ndarray, bundle: Bundle, method: str, stage: str | None, genre_index: int
) -> Cascade:
    from genre_core.explain.shuffled import cascade

    cam, axis = _cam(bundle)
    return cascade(
        cam, item[np.newaxis], [genre_index], [method], stage=stage or None, time_axis=axis
    )


def _cam(bundle: Bundle) -> tuple[Cam, int]:
    from genre_core.explain.cam import cam_of

    card: Any = bundle.card
    is_upright = card.media == "song" and song_input(card.input).layout == "frequency_time"
    return cam_of(classifier(bundle).network, card.head), int(is_upright)
