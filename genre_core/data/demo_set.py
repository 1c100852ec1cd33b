"""A small data set of drawn covers, for a first training where nobody has data yet."""

from __future__ import annotations

from genre_core.data.catalog import CATALOG_FILE, Catalog
from genre_core.data.demo import made_dataset
from genre_core.data.home import home
from genre_core.data.importers import find_dataset, save_import
from genre_core.data.importers.genre_folders import import_genre_folders

NAME = "drawn-covers"
"""Of the data set."""

N_A_STYLE = 24


def drawn_covers() -> Catalog:
    """Draw covers of every style of `data.demo` and import them, or find those drawn before.

    Returns
    -------
    Catalog
        Named `drawn-covers`: 24 covers of 96 px a style, the styles its genres. They show how a
        training goes; what a network learns from them says nothing of real covers.
    """
    if (home() / "datasets" / NAME / CATALOG_FILE).is_file():
        return find_dataset(NAME)
    root = made_dataset(home() / "made" / NAME, n_per_style=N_A_STYLE)
    result = import_genre_folders(
        root,
        name=NAME,
        title="Covers drawn by this program",
        citation="Genre Explorer",
        licence="CC0",
    )
    save_import(result, source=root)
    return result.catalog
