"""What the walk keeps in memory, bounded; TensorFlow is imported only in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from genre_core.config import SongInput
from genre_core.runs.bundle import Bundle
from pages.ui.cached import KEYS, classifier

if TYPE_CHECKING:
    from genre_core.explain.activations import ActivationGrid
    from genre_core.explain.walk import Step


@st.cache_data(max_entries=24, show_spinner="Loading the network", hash_funcs=KEYS)
def steps(bundle: Bundle) -> tuple[Step, ...]:
    """List the steps of a network."""
    from genre_core.explain.walk import steps as steps_of

    return steps_of(classifier(bundle).network)


@st.cache_resource(max_entries=2, show_spinner="Building it anew", hash_funcs=KEYS)
def _untrained(bundle: Bundle) -> Any:
    from genre_core.explain.walk import untrained

    return untrained(classifier(bundle).network)


@st.cache_data(max_entries=32, show_spinner="Asking the layer", hash_funcs=KEYS)
def maps(
    bundle: Bundle, step: str, item: str, *, is_trained: bool, _inputs: np.ndarray
) -> ActivationGrid:
    """Draw what a convolution makes of an input, whose checksum is `item`."""
    from genre_core.explain.activations import draw_activations

    network = classifier(bundle).network if is_trained else _untrained(bundle)
    spec = bundle.card.input
    layout = spec.layout if isinstance(spec, SongInput) else ""
    return draw_activations(network, _inputs, step, layout=layout)
