"""Which data set to look at: a network's, a built-in one, or one that was imported here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from genre_core.data.catalog import Catalog
from genre_core.data.importers.stored import StoredDataset, list_stored
from genre_core.runs.bundle import Bundle
from pages.ui import cached, controls
from pages.ui.data import cached as data_cached
from pages.ui.media import choosing

NETWORK, BUILT_IN, IMPORTED = "A network's", "Built in", "Imported here"
_MEDIA = {"Covers": "cover", "Songs": "track"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows.

    bundle: The network whose data it is.
    catalog: The items, where they are on this machine.
    stored: Where the data set is one of the home folder.
    """

    bundle: Bundle | None = None
    catalog: Catalog | None = None
    stored: StoredDataset | None = None


def ask(bundles: Sequence[Bundle]) -> Shown:
    """Ask which data set; the link carries the answer."""
    known = [stored for stored in list_stored() if stored.is_complete]
    kinds = [NETWORK] * bool(bundles) + [BUILT_IN] + [IMPORTED] * bool(known)
    if st.session_state.get("data_of") not in (None, *kinds):
        st.session_state.pop("data_of")  # the last imported one was deleted
    with st.container(horizontal=True, gap="medium"):
        kind = controls.switch("Whose data?", kinds, key="data_of")
        if kind == NETWORK:
            bundle = choosing.model("data_network", bundles)
            return Shown(bundle, cached.dataset_behind(bundle))
        if kind == IMPORTED:
            by_name = {stored.name: stored for stored in known}
            if st.session_state.get("data_set") not in (None, *by_name):
                st.session_state.pop("data_set")
            name = controls.select("Data set", by_name, key="data_set", width=380)
            chosen = by_name.get(name, known[0])
            return Shown(catalog=data_cached.stored(chosen.name), stored=chosen)
        media = controls.switch("Of what?", list(_MEDIA), key="data_media")
        return Shown(catalog=data_cached.built_in(_MEDIA.get(media, "cover")))
