"""What the first lessons keep in memory, bounded; TensorFlow is imported only in here."""

from __future__ import annotations

import numpy as np
import streamlit as st

from genre_core.lessons.first.look import HEAD, STACK, CoverLook, load_look
from genre_core.lessons.first.slide import brightness
from genre_core.runs.bundle import Bundle
from pages.ui import cached as shared
from pages.ui.cached import KEYS
from pages.ui.media.choice import Choice


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
