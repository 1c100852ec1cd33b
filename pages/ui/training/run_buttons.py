"""What can be done with a run: stop, resume, finish, promote, tag and delete, each asked for."""

from __future__ import annotations

from functools import partial

import streamlit as st

from genre_core.jobs import run_control
from genre_core.runs.run_folder import RunFolder, Status, find_run
from pages.ui import acting, frame, permission
from pages.ui.problems import plain

MAX_TAGS, MAX_TAG = 8, 40


def buttons(run: RunFolder, status: Status) -> None:
    """Draw what fits the state of a run; where a visitor may not, nothing is offered."""
    acting.show_error()
    if not permission.may_change():
        return
    is_training = run.request().kind == "train"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if status.state in run_control.ACTIVE:
            acting.run_button("Stop", "stop", run, run_control.stop)
        if status.state in run_control.RESUMABLE:
            acting.run_button("Resume", "play_arrow", run, run_control.resume, type="primary")
            if is_training and not run.history().empty:
                finish = partial(run_control.resume, finish=True)
                acting.run_button("Finish with the best epoch so far", "flag", run, finish)
        if status.state == "done" and is_training:
            acting.run_button("Use it in the app", "publish", run, _promote)
            if status.result:
                _links(run)
        if status.state not in run_control.ACTIVE:
            acting.delete_button(
                "Delete",
                partial(acting.on_run, run_control.delete),
                run.name,
                key=f"Delete_{run.name}",
                title="Delete this run?",
                text=f"**{plain(run.name)}** with its states, log and figures is removed for good. "
                "A model of it that is in use stays.",
            )
        st.text_input(
            "Tags",
            value=", ".join(run.tags()),
            key=f"tags_{run.name}",
            placeholder="baseline, to show in class",
            on_change=acting.guarded,
            args=(_write_tags, run.name),
            width=260,
        )


def _promote(run: RunFolder) -> None:
    bundle = run_control.promote(run)
    st.toast(f"{plain(bundle.name)} can be used on every page.", icon=":material/publish:")


def _write_tags(name: str) -> None:
    words = str(st.session_state.get(f"tags_{name}", "")).split(",")
    tags = [word.strip()[:MAX_TAG] for word in words if word.strip()]
    find_run(name).write_tags(tuple(dict.fromkeys(tags))[:MAX_TAGS])


def _links(run: RunFolder) -> None:
    bundle = run_control.made_by(run)
    if bundle is None:
        return
    frame.link("results", "Its results", query_params={"network": bundle.name})
    frame.link(f"{bundle.card.media}s", "Try it")
