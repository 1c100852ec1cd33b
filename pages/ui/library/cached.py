"""What the page Library keeps in memory: places of rows, never a table; each cache is bounded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from genre_core.data.library import (
    Library,
    Wanted,
    find_rows,
    genre_counts,
    read_rows,
    row_of_digest,
)
from genre_core.runs.bundle import list_bundles

KEYS = {
    Library: lambda library: (str(library.path), library.changed),
    np.ndarray: lambda rows: rows.tobytes(),
}
"""A table that was written again is a new entry."""


@st.cache_resource(max_entries=8, show_spinner="Looking through the library", hash_funcs=KEYS)
def rows(library: Library, wanted: Wanted) -> np.ndarray:
    """Find the rows that are wanted: 4 bytes each."""
    return find_rows(library, wanted)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=KEYS)
def read(library: Library, places: np.ndarray) -> pd.DataFrame:
    """Read the few rows of a page."""
    return read_rows(library, places)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=KEYS)
def row_of(library: Library, digest: str) -> int | None:
    """Find the row that a link names: every path is hashed for it."""
    return row_of_digest(library, digest)


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=KEYS)
def genres(library: Library, network: str) -> dict[str, int]:
    """Count what a network answered."""
    return genre_counts(library, network)


def titles(library: Library) -> dict[str, str]:
    """Title each network of the library; one that is not here any more by its name."""
    known = {bundle.name: bundle.card.title for bundle in list_bundles(media="song")}
    return {name: known.get(name, name) for name in (*library.genres, *library.prog)}
