"""Caches of the page on data sets, each bounded and keyed by what the data sets hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from genre_core.data.catalog import CATALOG_FILE, HEAD_FILE, Catalog, DatasetHead
from genre_core.data.catalog_index import StoredCatalog
from genre_core.data.facts import Sharing, balance, durations, sharing
from genre_core.data.files import atomic_write
from genre_core.data.home import home
from genre_core.data.importers.stored import DUPLICATES_FILE
from genre_core.data.item import items_frame
from pages.ui import cached
from pages.ui.frame import ROOT

if TYPE_CHECKING:
    import pandas as pd

MAX_PROBED = 1_000
"""Songs whose lengths are read for a page; of more, every so many."""

_DUPLICATES = "data_duplicates"


@st.cache_resource(max_entries=2, show_spinner=False)
def built_in(media: str) -> Catalog:
    """List what comes with the app as a data set: "cover" or "track"."""
    rows: list[dict[str, Any]] = []
    for item, checksum in cached.built_in_covers() if media == "cover" else cached.built_in_songs():
        rows.append(
            {
                "item_id": item.name,
                "path": item.path.relative_to(ROOT).as_posix(),
                "checksum": checksum,
                "labels": [item.style],
                "title": item.title,
                "artist": item.artist,
            }
        )
    what = "covers" if media == "cover" else "songs"
    head = DatasetHead(
        f"built-in {what}",
        f"The {what} that come with the app",
        "made for this app; titles and artists are invented",
        "MIT, as the app",
        media,
        tuple(sorted({row["labels"][0] for row in rows})),
    )
    return Catalog(head, ROOT, items_frame(rows))


@st.cache_resource(max_entries=4, show_spinner="Reading the data set's index")
def _stored(folder: str, changed: float) -> Catalog:
    return StoredCatalog(Path(folder))


def stored(name: str) -> Catalog:
    """Read the index of a data set of the home folder, anew when it changes."""
    folder = home() / "datasets" / name
    changed = max(_time(folder / CATALOG_FILE), _time(folder / HEAD_FILE))
    return _stored(str(folder), changed)


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=cached.KEYS)
def balance_of(catalog: Catalog) -> pd.DataFrame:
    """Count the items of each label and split, as `data.facts.balance`."""
    return balance(catalog.table(("labels", "split")))


@st.cache_data(max_entries=24, show_spinner=False, hash_funcs=cached.KEYS)
def sharing_of(catalog: Catalog, column: str) -> Sharing:
    """Find what stands in two splits, as `data.facts.sharing`."""
    return sharing(catalog.table(tuple(dict.fromkeys((column, "artist", "split")))), column)


@st.cache_data(max_entries=8, show_spinner="Reading how long the songs are", hash_funcs=cached.KEYS)
def lengths(catalog: Catalog) -> np.ndarray:
    """Read how long the songs are, of at most `MAX_PROBED` of them; unreadable ones left out."""
    step = -(-len(catalog) // MAX_PROBED)
    seconds = durations(catalog, range(0, len(catalog), step))
    return seconds[np.isfinite(seconds)]


def found_duplicates(catalog: Catalog, name: str | None) -> dict[str, Any] | None:
    """Return what a search for duplicates found in this very data set; None before any."""
    kept = st.session_state.get(_DUPLICATES, {})
    if name is not None:
        try:
            kept = json.loads(_duplicates_file(name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
    is_same = isinstance(kept, dict) and kept.get("digest") == catalog.digest
    return kept["report"] if is_same else None


def keep_duplicates(catalog: Catalog, name: str | None, report: dict[str, Any]) -> None:
    """Keep what was found: beside an imported data set for everybody, else for this visitor."""
    kept = {"digest": catalog.digest, "report": report}
    if name is None:
        st.session_state[_DUPLICATES] = kept
    else:
        atomic_write(_duplicates_file(name), json.dumps(kept, ensure_ascii=False) + "\n")


def _duplicates_file(name: str) -> Path:
    return home() / "datasets" / name / DUPLICATES_FILE


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
