"""Imports that are at work or ended lately: progress, cancel, resume; and deleting data sets."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from genre_core.data.importers.embedded import covers_table
from genre_core.data.importers.stored import StoredDataset, list_stored
from genre_core.jobs import run_control
from genre_core.jobs.importing import LEFT_OUT_FILE, delete_dataset, start_import_of_covers
from genre_core.runs.run_folder import RunFolder, Status
from pages.ui import acting, controls, frame, permission, running
from pages.ui.data import choosing
from pages.ui.problems import plain


def section() -> None:
    """List imports and follow those that are at work."""
    running.section("import", "Imports", "is among the data sets now.", _see, _left_out)


def deleting(stored: StoredDataset) -> None:
    """Offer to delete a data set, asked first."""
    if not permission.may_change():
        return
    goes = "What was unpacked for it goes too" if stored.is_unpacked else "Your own files stay"
    acting.delete_button(
        "Delete this data set",
        delete_dataset,
        stored.name,
        key=f"delete_{stored.name}",
        title="Delete this data set?",
        text=f"**{plain(stored.name)}** is taken out of the lists. {goes}. Networks that were "
        "trained on it stay.",
    )


def covers_of(stored: StoredDataset) -> None:
    """Offer to make a data set of the covers that songs carry."""
    if permission.may_change() and covers_table(stored.name).is_file():
        st.button(
            "Make a data set of the covers in these songs",
            icon=":material/album:",
            key=f"covers_of_{stored.name}",
            on_click=acting.guarded,
            args=(start_import_of_covers, stored.name),
        )


def unfinished() -> None:
    """List what was unpacked for imports that never came to their end."""
    busy = {
        str(run.request().settings.get("name"))
        for run in running.runs_of("import")
        if _can_go_on(run)
    }
    for stored in list_stored():
        if not stored.is_complete and stored.name not in busy:
            st.caption(f"{plain(stored.name)} was unpacked, but its import was never finished.")
            deleting(stored)


def _see(name: str) -> None:
    st.session_state["data_of"], st.session_state["data_set"] = choosing.IMPORTED, name
    frame.go_to_top()


def _left_out(run: RunFolder, _: Status) -> None:
    try:
        table = pd.read_csv(run.path / LEFT_OUT_FILE, keep_default_na=False)
    except (OSError, ValueError):
        return
    if len(table):
        with st.expander(f"{len(table):,} left out or not understood"):
            controls.long_table(table.head(2_000), "What was left out or not understood")


def _can_go_on(run: RunFolder) -> bool:
    return run.status().state in (*run_control.ACTIVE, *run_control.RESUMABLE)
