"""Imports that are at work or ended lately: progress, cancel, resume; and deleting data sets."""

from __future__ import annotations

from itertools import islice

import pandas as pd
import streamlit as st

from genre_core.data.importers.embedded import covers_table
from genre_core.data.importers.stored import StoredDataset, list_stored
from genre_core.errors import JobError
from genre_core.jobs import run_control
from genre_core.jobs.importing import LEFT_OUT_FILE, delete_dataset, start_import_of_covers
from genre_core.runs.run_folder import RunFolder, Status, list_runs
from pages.ui import acting, controls, frame, permission
from pages.ui.data import choosing
from pages.ui.problems import plain
from pages.ui.training.words import STATE_ICONS

_N_ACTIVE = "data_n_active"
SHOWN = 5
"""Imports that are listed; older ones stand in the list of all runs."""


def imports() -> tuple[RunFolder, ...]:
    """Find the newest imports."""
    return tuple(islice(filter(_is_import, list_runs()), SHOWN))


def section() -> None:
    """List imports and follow those that are at work; survives a refresh and a closed tab."""
    acting.show_error()
    runs = imports()
    if not runs:
        return
    is_busy = any(run.status().state in run_control.ACTIVE for run in runs)
    st.subheader("Imports", anchor=False)
    # Asked for again and again only while there is something to see.
    st.fragment(_followed, run_every="1s" if is_busy else None)()


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
    busy = {str(run.request().settings.get("name")) for run in imports() if _can_go_on(run)}
    for stored in list_stored():
        if not stored.is_complete and stored.name not in busy:
            st.caption(f"{plain(stored.name)} was unpacked, but its import was never finished.")
            deleting(stored)


def _followed() -> None:
    runs = imports()
    n_active = 0
    for run in runs:
        status = run.status()
        n_active += status.state in run_control.ACTIVE
        _one(run, status)
    before = st.session_state.get(_N_ACTIVE)
    st.session_state[_N_ACTIVE] = n_active
    if before is not None and n_active < before:
        st.rerun()  # What was imported belongs into the lists of the page.


def _one(run: RunFolder, status: Status) -> None:
    with st.container(border=True, key=f"import_{run.name}"):
        st.markdown(
            f"{STATE_ICONS[status.state]} **{plain(run.request().title)}** · {status.state}"
        )
        if status.state in run_control.ACTIVE:
            share = min(1.0, status.done / status.total) if status.total else 0.0
            counted = f"{status.done:,} of {status.total:,} · " if status.total else ""
            st.progress(share, f"{counted}{plain(status.text)}")
        elif status.state == "done":
            st.caption(f"{plain(status.result)} is among the data sets now.")
            if st.button(
                "Look at it",
                icon=":material/visibility:",
                key=f"see_{run.name}",
                on_click=_see,
                args=(status.result,),
            ):
                st.rerun()  # of the whole page, not of this list alone
        elif status.state == "stopped":
            st.caption("Resume goes on from here; what was read is not read again.")
        else:
            st.caption(plain(status.text))
        _left_out(run, status)
        if not permission.may_change():
            return
        with st.container(horizontal=True):
            if status.state in run_control.ACTIVE:
                acting.run_button("Cancel", "stop", run, run_control.stop)
            if status.state in run_control.RESUMABLE:
                acting.run_button("Resume", "play_arrow", run, run_control.resume)
            if status.state not in run_control.ACTIVE:
                acting.run_button("Forget", "close", run, run_control.delete)


def _see(name: str) -> None:
    st.session_state["data_of"], st.session_state["data_set"] = choosing.IMPORTED, name
    frame.go_to_top()


def _left_out(run: RunFolder, status: Status) -> None:
    if status.state in run_control.ACTIVE:
        return
    try:
        table = pd.read_csv(run.path / LEFT_OUT_FILE, keep_default_na=False)
    except (OSError, ValueError):
        return
    if len(table):
        with st.expander(f"{len(table):,} left out or not understood"):
            controls.long_table(table.head(2_000), "What was left out or not understood")


def _is_import(run: RunFolder) -> bool:
    try:
        return run.request().kind == "import"
    except JobError:
        return False


def _can_go_on(run: RunFolder) -> bool:
    return run.status().state in (*run_control.ACTIVE, *run_control.RESUMABLE)
