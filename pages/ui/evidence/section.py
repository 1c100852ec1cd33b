"""Below a heat map: which method is to be believed here, and tests of the map that is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from genre_core.explain.hiding import EDGES, Trial
from genre_core.explain.saliency import Saliency
from genre_core.runs.bundle import Bundle
from pages.ui import controls, figures
from pages.ui.evidence import cached, words
from pages.ui.media.choice import Choice
from pages.ui.problems import plain

if TYPE_CHECKING:
    from genre_core.explain.shuffled import Cascade


def beside(bundle: Bundle, method: str, stage: str = "") -> None:
    """Say beside the choice of a method whether it is to be believed, and what it costs.

    `stage` is the layer that is shown, "" for the one that was measured.
    """
    st.caption(words.verdict(cached.stored(bundle), method, bundle.card.media, stage))


def mark(bundle: Bundle, method: str, stage: str = "") -> None:
    """Warn of a method that is no better than edges, where nobody chooses one."""
    if text := words.mark(cached.stored(bundle), method, bundle.card.media, stage):
        st.caption(text)


def looked(bundle: Bundle, method: str, where: str, stage: str = "") -> None:
    """Say what the network looked at, as far as the map is to be believed."""
    st.markdown(words.looked(cached.stored(bundle), method, where, stage))


def tests(choice: Choice, bundle: Bundle, saliency: Saliency, genre: str) -> None:
    """Test the map of one cover; nothing is computed before it is asked for."""
    stage, index = saliency.stage, saliency.genre_index
    if not st.toggle(
        "Can this map be believed? Test it",
        key="evidence",
        bind="query-params",
        help="The cover is shown and hidden bit by bit, the marked places first, and the network "
        "is asked each time; so it is by maps that ask no network.",
    ):
        return
    trials = cached.tried(choice, bundle, saliency.method, stage, index)
    _trials(trials, saliency.method, "cover", "cover", genre)
    if _asked_to_shuffle("shuffled"):
        found = cached.shuffled(choice, bundle, saliency.method, stage, index)
        _shuffled(found, saliency.method, "cover")
    measured(bundle)


def segment_tests(
    bundle: Bundle, method: str, kind: str, genre: str, ask: Callable[[Callable[..., Any]], Any]
) -> None:
    """Test what a method marks in a song's segment.

    `ask` makes one of `evidence.cached`'s tests of segments, where it is asked for; it gives None
    of a network that has no maps.
    """
    if not st.toggle("Can this be believed? Test it on this segment", key="segment_evidence"):
        return
    found = ask(cached.segment_tried)
    if found is None:
        st.caption(
            "This network reads statistics of a segment: it has no map that could be tested."
        )
        return
    _trials(found, method, "segment", kind, genre)
    if _asked_to_shuffle("segment_shuffled"):
        _shuffled(ask(cached.segment_shuffled), method, "segment")
    measured(bundle)


def _trials(trials: Mapping[str, Trial], method: str, what: str, kind: str, genre: str) -> None:
    st.markdown(words.trials_sentence(trials, method, what))
    controls.table(
        words.trials_table(trials, method),
        "Insertion and deletion of this map, and of maps that ask no network",
    )
    st.caption(words.how(words.settings_now(kind, f"*{plain(genre)}*")))


def _asked_to_shuffle(key: str) -> bool:
    return st.toggle(
        "Shuffle the network's weights, layer by layer",
        key=key,
        help="A map that stays the same does not show what the network has learnt. A copy of the "
        "network is shuffled, from its last layer to its first.",
    )


def _shuffled(found: Cascade, method: str, what: str) -> None:
    own = found.correlation[method][0]
    rows = {
        words.name_of(method): own.tolist(),
        "an edge map, which asks no network": found.correlation[EDGES][0].tolist(),
    }
    st.markdown(words.shuffled_sentence(float(own[-1]), method, what))
    figures.shuffled(found.layers.tolist(), found.names, rows, words.CHANGED_AT_MOST).show(
        f"{what}_shuffled_curve"
    )


def measured(bundle: Bundle) -> None:
    """List what was measured of every method, on test items of the network."""
    stored = cached.stored(bundle)
    if stored is None:
        controls.command(f"python -m genre_core evidence {bundle.name} --data SET")
        return
    st.markdown(
        f"**Every method**, on {words.tried_on(stored, bundle.card.media)} (data set "
        f"*{plain(stored.data['title'])}*), the best first; below, maps that ask no network:"
    )
    controls.table(words.methods_table(stored), "What each method's maps of this network are worth")
    if many := words.how_many(stored, bundle.card.media):
        st.caption(many)
    if not controls.is_simple():
        st.caption(f"{words.how(stored.settings)} {words.columns(stored)}")
        controls.command(stored.command)
