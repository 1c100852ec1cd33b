"""Which network and which songs stand side by side: built in, the visitor's, or of a data set."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from genre_core.config import SongInput
from genre_core.data.catalog import Catalog
from genre_core.runs.bundle import Bundle
from pages.ui import cached as results
from pages.ui.media.choice import Choice
from pages.ui.media.choosing import SONG, built_in, upload
from pages.ui.problems import plain
from pages.ui.songs import cached
from pages.ui.songs.linked import file_choice

MAX_SONGS = 6
"""Songs side by side; more could not be told apart, and each is read whole."""


def networks() -> tuple[Bundle, ...]:
    """List the networks that read spectrograms, study S5's first."""
    found = [each for each in cached.bundles() if reads_spectrogram(each)]
    return tuple(sorted(found, key=lambda each: each.card.architecture != "s5_cnn"))


def reads_spectrogram(bundle: Bundle) -> bool:
    """Tell whether a network's input has bands of frequencies."""
    spec = bundle.card.input
    return isinstance(spec, SongInput) and spec.bin_hz is not None


def songs(bundle: Bundle) -> list[Choice]:
    """Ask for the songs; on the first visit these are the built-in ones."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        mine = upload(SONG, key="board_upload")
    ready = [*built_in(SONG), *mine]
    with right:
        labels = [choice.label for choice in ready]
        picked = st.pills(
            "Songs side by side",
            labels,
            selection_mode="multi",
            default=[choice.label for choice in built_in(SONG)],
            key="board_songs",
            bind="query-params",
            wrap=True,
        )
        more = _of_dataset(bundle)
    chosen = [choice for choice in ready if choice.label in picked or choice.is_own] + more
    if len(chosen) > MAX_SONGS:
        st.caption(f"The first {MAX_SONGS} of {len(chosen)} songs are shown.")
    return chosen[:MAX_SONGS]


def _of_dataset(bundle: Bundle) -> list[Choice]:
    """Offer the songs of the data set that the network was measured on, if it is imported here."""
    data = bundle.card.data
    catalog = results.dataset_of(str(data.get("digest", "")), str(data.get("name", "")))
    if catalog is None:
        return []
    names = _names(catalog)
    picked = st.multiselect(
        f"Songs of {plain(catalog.head.title or catalog.head.name)}",
        list(names),
        format_func=names.__getitem__,
        max_selections=MAX_SONGS,
        key=f"board_items_{catalog.head.name}",
        help="Sorted by genre. Type to search.",
    )
    found = [file_choice(catalog, item) for item in picked]
    if None in found:
        st.caption("A song whose file is not there any more is left out.")
    return [each for each in found if each is not None]


def _names(catalog: Catalog) -> dict[str, str]:
    rows = catalog.frame[["item_id", "labels", "title"]].to_dict("records")
    named = {
        row[
            "item_id"
        ]: f"{', '.join(row['labels']) or 'no label'}: {row['title'] or row['item_id']}"
        for row in rows
    }
    return dict(sorted(named.items(), key=lambda pair: pair[1]))


def short_names(choices: Sequence[Choice]) -> list[str]:
    """Give names that fit beside each other."""
    return [label if len(label) <= 40 else f"{label[:39]}…" for label in (c.label for c in choices)]
