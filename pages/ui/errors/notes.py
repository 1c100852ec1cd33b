"""What people noted on the items of an evaluation, and how the page writes it down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from genre_core.data import notes
from genre_core.data.catalog import Catalog
from genre_core.data.notes import Note
from genre_core.data.notes_file import last_change
from pages.ui import acting, permission
from pages.ui.errors import cached, state
from pages.ui.errors.cached import Opened

WHO = "errors_who"
MARKS: dict[str, Callable[[Note], object]] = {
    "flagged": lambda note: note.flag,
    "with a note": lambda note: note.text,
    "with a new label": lambda note: note.labels,
}
"""What the list may be narrowed to."""


def of(evaluation: Opened) -> dict[str, Note]:
    """Give the notes on its items, by item; none where the data set is not here."""
    catalog, _ = cached.catalog(evaluation.record)
    return {} if catalog is None else cached.noted(catalog, last_change())


def marked(noted: Mapping[str, Note], mark: str) -> dict[str, list[str]]:
    """Name the items that have a mark, for `selection.select`; none where none is asked for."""
    if mark not in MARKS:
        return {}
    return {mark: [item for item, note in noted.items() if MARKS[mark](note)]}


def may_note(evaluation: Opened) -> bool:
    """Tell whether this visitor may note something on the items, which must be here."""
    return cached.catalog(evaluation.record)[0] is not None and permission.may_change()


def for_list(note: Note | None) -> dict[str, Any]:
    """Give what the list shows of a note."""
    if note is None:
        return {}
    shares = [f"{share:.0%} " for share in note.weights] or [""] * len(note.labels)
    label = ", ".join(f"{share}{label}" for share, label in zip(shares, note.labels, strict=True))
    return {"flagged": note.flag, "label": label, "note": note.text}


def labels(evaluation: Opened, catalog: Catalog) -> dict[str, str]:
    """Give the data set's label for each of the network's genres that has one, the commonest."""
    known, back = set(catalog.head.labels), {}
    for label, genre in reversed(cached.mapping(evaluation, catalog).items()):
        # A recipe's rule may name a source too; "*", or all of a source, is no label.
        own = label if label in known else label.partition(":")[2]
        if own in known:
            back[genre] = own
    back |= {genre: genre for genre in evaluation.genres if genre in known}
    return {genre: back[genre] for genre in evaluation.genres if genre in back}


def genres_to_give(evaluation: Opened) -> list[str]:
    """List the network's genres that the data set has a label for: those that keys can give."""
    catalog, _ = cached.catalog(evaluation.record)
    return [] if catalog is None else list(labels(evaluation, catalog))


def keeper(evaluation: Opened) -> Callable[[str, str, Any], None]:
    """Give what the list calls with what was done to an item."""
    return partial(_keep, evaluation)


def keep(evaluation: Opened, item_id: str, **change: Any) -> None:
    """Write a change to an item's note down, where this visitor may; else say why not."""
    catalog, _ = cached.catalog(evaluation.record)
    if catalog is not None:
        who = str(st.session_state.get(WHO, ""))
        acting.guarded(partial(notes.note, catalog, item_id, who=who, **change))


def _keep(evaluation: Opened, what: str, item_id: str, value: Any) -> None:
    if what == "open":
        state.look_at(item_id)
    elif what == "flag":
        keep(evaluation, item_id, flag=bool(value))
    elif what == "note":
        keep(evaluation, item_id, text=str(value))
    elif what == "label":
        catalog, _ = cached.catalog(evaluation.record)
        known = {} if catalog is None else labels(evaluation, catalog)
        if not value or value in known:
            keep(evaluation, item_id, labels=[known[value]] if value else [])
