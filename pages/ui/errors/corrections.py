"""What was noted on a data set: taken out and in as a table, and trained on as corrected labels."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import streamlit as st

from genre_core.data.catalog import Catalog
from genre_core.data.importers.corrected import corrected_dataset
from genre_core.data.notes import Note
from genre_core.data.notes_csv import export_csv, import_csv
from pages.ui import acting, controls, frame, limits, permission
from pages.ui.errors import cached, notes, state
from pages.ui.errors.cached import Opened
from pages.ui.media import item
from pages.ui.problems import plain
from pages.ui.training.words import DATA_KEY, NEW, RECIPE_KEY, VIEW_KEY

_TABLE, _MADE = "notes_table", "corrected_made"


def section(evaluation: Opened, noted: Mapping[str, Note]) -> None:
    """Sum up the notes on the data set, and offer to train on the corrected labels."""
    catalog, _ = cached.catalog(evaluation.record)
    if catalog is None:
        st.caption(item.not_here(str(evaluation.record.about["data"]["name"])))
        return
    new = [item for item, note in noted.items() if note.labels]
    st.markdown(
        f"**Items with a note: {len(noted):,}** on *{plain(catalog.head.name)}*; flagged: "
        f"{sum(note.flag for note in noted.values()):,}; with a new label: {len(new):,}."
    )
    if noted:
        _table(evaluation, noted)
    out, into = st.columns(2, gap="medium", vertical_alignment="bottom")
    with out:
        controls.download(
            "Notes as a table (CSV)",
            lambda: _as_csv(catalog),
            f"{catalog.head.name} notes.csv",
            "text/csv",
            disabled=not noted,
        )
    with into:
        _take_in(catalog)
    _train(evaluation, catalog, bool(new))


def _table(evaluation: Opened, noted: Mapping[str, Note]) -> None:
    places = {item: place for place, item in enumerate(evaluation.predictions["item_id"])}
    rows = [
        {
            "item": item,
            "true": evaluation.genres[evaluation.true[places[item]]] if item in places else "",
            "said": evaluation.genres[evaluation.predicted[places[item]]] if item in places else "",
            "new label": notes.for_list(note)["label"],
            "flag": note.flag,
            "note": note.text,
            "who": note.who,
        }
        for item, note in noted.items()
    ]
    controls.long_table(pd.DataFrame(rows), "What was noted on each item")


def _as_csv(catalog: Catalog) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "notes.csv"
        export_csv(catalog, file)
        return file.read_bytes()


def _take_in(catalog: Catalog) -> None:
    if not permission.may_change() or not limits.may_upload("tables"):
        return
    st.file_uploader(
        "Take a table of notes in (CSV)",
        type=["csv"],
        key=_TABLE,
        on_change=acting.guarded,
        args=(_import, catalog),
        help="What it has no column for stays as it was noted; a row that cannot be noted is named "
        "and nothing is taken in.",
    )


def _import(catalog: Catalog) -> None:
    upload = st.session_state[_TABLE]
    if upload is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "notes.csv"
        file.write_bytes(upload.getvalue())
        n_changed = import_csv(catalog, file, who=str(st.session_state.get(notes.WHO, "")))
    st.toast(f"{n_changed:,} notes are new or changed")


def _train(evaluation: Opened, catalog: Catalog, has_new: bool) -> None:
    st.button(
        "Train on the corrected labels",
        icon=":material/model_training:",
        key="correct",
        disabled=not (has_new and permission.may_change()),
        help="Makes a data set of its own with the new labels; every network that is trained on it "
        "says so on its card. The files are not copied.",
        on_click=acting.guarded,
        args=(_correct, catalog),
    )
    made = st.session_state.pop(_MADE, None)
    if made is not None:
        asked = {VIEW_KEY: NEW, DATA_KEY: made}
        bundle = cached.network(evaluation.record)
        if bundle is not None:
            asked[RECIPE_KEY] = str(bundle.card.experiment["name"])
        frame.go("training", asked)
    if not has_new:
        st.caption("Give an item a new label first: in the list, by its digit, by G or by Enter.")


def _correct(catalog: Catalog) -> None:
    st.session_state[_MADE] = corrected_dataset(catalog).head.name
    state.look_away()
