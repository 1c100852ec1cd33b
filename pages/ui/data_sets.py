"""Which data set to train on or to ask a network about: those that were read before come first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genre_core.data.catalog import CATALOG_FILE
from genre_core.data.home import home


def names() -> list[str]:
    """Name the data sets, imported ones first: reading another for the first time takes a while."""
    from genre_core.data.importers import list_datasets  # not before somebody asks for one

    return sorted(list_datasets(), key=lambda name: not is_imported(name))


def ask(place: Any, names: Sequence[str], *, key: str, **options: Any) -> str | None:
    """Ask which one; None until somebody chooses where none of them was imported.

    Importing may take minutes, which no visit may cost: a new one waits to be chosen. `options`
    goes to `st.selectbox`.
    """
    name: str | None = place.selectbox(
        "Data set",
        names,
        index=0 if is_imported(names[0]) else None,
        placeholder="Choose one; the first time it is read and checked",
        key=key,
        **options,
    )
    return name


def is_imported(name: str) -> bool:
    """Tell whether a data set was read before, so that opening it takes no import."""
    return (home() / "datasets" / name / CATALOG_FILE).is_file()
