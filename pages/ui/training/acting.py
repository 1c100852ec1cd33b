"""What can be done with a run: stop, resume, finish, promote, tag and delete, each asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from genre_core.errors import GenreError
from genre_core.jobs import run_control
from genre_core.runs.run_folder import RunFolder, Status, find_run
from pages.ui import deleting, frame, permission, problems
from pages.ui.problems import plain

_WENT_WRONG = "desk_error"
_ASKED = "desk_delete"
MAX_TAGS, MAX_TAG = 8, 40


def buttons(run: RunFolder, status: Status) -> None:
    """Draw what fits the state of a run; where a visitor may not, nothing is offered."""
    if (error := st.session_state.pop(_WENT_WRONG, None)) is not None:
        problems.show(error)
    if not permission.may_change():
        return
    is_training = run.request().kind == "train"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if status.state in run_control.ACTIVE:
            _button("Stop", ":material/stop:", run, _stop)
        if status.state in run_control.RESUMABLE:
            _button("Resume", ":material/play_arrow:", run, _resume, primary=True)
            if is_training and not run.history().empty:
                _button("Finish with the best epoch so far", ":material/flag:", run, _finish)
        if status.state == "done" and is_training:
            _button("Use it in the app", ":material/publish:", run, _promote)
            if status.result:
                _links(run)
        if status.state not in run_control.ACTIVE:
            _button("Delete", ":material/delete:", run, _ask_to_delete)
        st.text_input(
            "Tags",
            value=", ".join(run.tags()),
            key=f"tags_{run.name}",
            placeholder="baseline, to show in class",
            on_change=_tag,
            args=(run.name,),
            width=260,
        )
    if st.session_state.pop(_ASKED, None) == run.name:
        deleting.confirm(
            "Delete this run?",
            f"**{plain(run.name)}** with its states, log and figures is removed for good. A model "
            "of it that is in use stays.",
            partial(_guarded, _delete, run.name),
        )


def _button(
    label: str, icon: str, run: RunFolder, act: Callable[[str], None], *, primary: bool = False
) -> None:
    st.button(
        label,
        icon=icon,
        key=f"{label}_{run.name}",
        type="primary" if primary else "secondary",
        on_click=_guarded,
        args=(act, run.name),
    )


def _guarded(act: Callable[[str], None], name: str) -> None:
    """Do something to a run where this visitor may; an error is shown with the next drawing."""
    try:
        permission.need_permission()
        act(name)
    except GenreError as error:
        st.session_state[_WENT_WRONG] = error


def _stop(name: str) -> None:
    run_control.stop(find_run(name))


def _resume(name: str) -> None:
    run_control.resume(find_run(name))


def _finish(name: str) -> None:
    run_control.resume(find_run(name), finish=True)


def _promote(name: str) -> None:
    bundle = run_control.promote(find_run(name))
    st.toast(f"{bundle.name} can be used on every page.", icon=":material/publish:")


def _ask_to_delete(name: str) -> None:
    st.session_state[_ASKED] = name


def _tag(name: str) -> None:
    words = str(st.session_state.get(f"tags_{name}", ""))

    def write(name: str) -> None:
        tags = [word.strip()[:MAX_TAG] for word in words.split(",") if word.strip()]
        find_run(name).write_tags(tuple(dict.fromkeys(tags))[:MAX_TAGS])

    _guarded(write, name)


def _delete(name: str) -> None:
    run_control.delete(find_run(name))


def _links(run: RunFolder) -> None:
    bundle = run_control.made_by(run)
    if bundle is None:
        return
    frame.link("results", "Its results", query_params={"result": bundle.name})
    frame.link(f"{bundle.card.media}s", "Try it")
