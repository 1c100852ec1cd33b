"""Runs of one kind that are at work or ended lately: progress, cancel, resume."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import streamlit as st

from genre_core.errors import JobError
from genre_core.jobs import run_control
from genre_core.runs.run_folder import RunFolder, Status, list_runs
from pages.ui import acting, permission
from pages.ui.problems import plain
from pages.ui.training.words import STATE_ICONS

SHOWN = 5
"""Runs that are listed; older ones stand in the list of all runs."""

See = Callable[[str], None]
After = Callable[[RunFolder, Status], None]


def runs_of(kind: str) -> tuple[RunFolder, ...]:
    """Find the newest runs of a kind, such as "import"."""
    return tuple(islice((run for run in list_runs() if _is_of(run, kind)), SHOWN))


def section(kind: str, title: str, made: str, see: See, after: After | None = None) -> None:
    """List runs of a kind and follow those at work; survives a refresh and a closed tab.

    `made` says what became of a result, `see` shows it, `after` adds what belongs to a run.
    """
    acting.show_error()
    runs = runs_of(kind)
    if not runs:
        return
    is_busy = any(run.status().state in run_control.ACTIVE for run in runs)
    st.subheader(title, anchor=False)
    # Asked for again and again only while there is something to see.
    st.fragment(_followed, run_every=1 if is_busy else None)(kind, made, see, after)


def _followed(kind: str, made: str, see: See, after: After | None) -> None:
    n_active, key = 0, f"{kind}_n_active"
    for run in runs_of(kind):
        status = run.status()
        n_active += status.state in run_control.ACTIVE
        _one(run, status, made, see, after)
    before = st.session_state.get(key)
    st.session_state[key] = n_active
    if before is not None and n_active < before:
        st.rerun()  # What was made belongs into the lists of the page.


def _one(run: RunFolder, status: Status, made: str, see: See, after: After | None) -> None:
    with st.container(border=True, key=f"{run.request().kind}_{run.name}"):
        st.markdown(
            f"{STATE_ICONS[status.state]} **{plain(run.request().title)}** · {status.state}"
        )
        if status.state in run_control.ACTIVE:
            share = min(1.0, status.done / status.total) if status.total else 0.0
            counted = f"{status.done:,} of {status.total:,} · " if status.total else ""
            st.progress(share, f"{counted}{plain(status.text)}")
        elif status.state == "done":
            st.caption(f"{plain(status.result)} {made}")
            if st.button(
                "Look at it",
                icon=":material/visibility:",
                key=f"see_{run.name}",
                on_click=see,
                args=(status.result,),
            ):
                st.rerun()  # of the whole page, not of this list alone
        elif status.state == "stopped":
            st.caption("Resume goes on from here; what was read is not read again.")
        else:
            st.caption(plain(status.text))
        if after is not None and status.state not in run_control.ACTIVE:
            after(run, status)
        if not permission.may_change():
            return
        with st.container(horizontal=True):
            if status.state in run_control.ACTIVE:
                acting.run_button("Cancel", "stop", run, run_control.stop)
            if status.state in run_control.RESUMABLE:
                acting.run_button("Resume", "play_arrow", run, run_control.resume)
            if status.state not in run_control.ACTIVE:
                acting.run_button("Forget", "close", run, run_control.delete)


def _is_of(run: RunFolder, kind: str) -> bool:
    try:
        return run.request().kind == kind
    except JobError:
        return False
