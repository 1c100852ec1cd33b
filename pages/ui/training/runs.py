"""The runs of this machine: start one, pick one, list all."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

import streamlit as st

from genre_core.config import load_experiment, to_dict
from genre_core.jobs import run_control
from genre_core.jobs.engines import engine_settings
from genre_core.runs.comparison import summary
from genre_core.runs.run_folder import RunFolder, find_run, list_runs
from pages.ui import cards, controls, frame, permission
from pages.ui.problems import plain
from pages.ui.training.device_picker import DeviceChoice
from pages.ui.training.form import Plan, command_words
from pages.ui.training.words import STATE_ICONS

_STARTED = "training_started"
SHOWN = 200
"""Runs in the list; older ones are found from the command line."""


def newest_first() -> tuple[RunFolder, ...]:
    """Every run, the newest first."""
    return list_runs()[:SHOWN]


def start(plan: Plan, choice: DeviceChoice) -> None:
    """Start what the form holds, where this visitor may."""
    permission.need_permission()
    experiment = plan.experiment
    if experiment is None:
        return
    words = command_words(load_experiment(experiment.name), experiment, plan.data, plan.grid)
    if choice.engine != "local":
        words += [
            "--engine",
            choice.engine,
            *(["--address", choice.address] if choice.address else []),
        ]
    run = run_control.start(
        run_control.training_request(
            to_dict(experiment),
            plan.data,
            title=f"{experiment.name} on {plan.data}",
            command=shlex.join(["python", "-m", "genre_core", *words]),
            device=choice.device,
            precision=choice.precision,
            promote_it=choice.is_promoted,
            tensorboard=choice.tensorboard,
            deterministic=choice.deterministic,
            grid=plan.grid,
            engine=engine_settings(choice.engine, address=choice.address),
        )
    )
    st.session_state[_STARTED] = run.name


def say_what_started() -> None:
    """Lead to the run that was just started."""
    if _STARTED in st.session_state:
        _follow(st.session_state[_STARTED])


@st.fragment(run_every=5)
def _follow(name: str) -> None:
    if find_run(name).status().state not in run_control.ACTIVE:
        st.session_state.pop(_STARTED, None)
        st.rerun()
    st.success(
        f"**{plain(name)}** has started. It goes on when you close this page.",
        icon=":material/rocket_launch:",
    )
    st.button(
        "Watch it",
        type="primary",
        icon=":material/monitoring:",
        key="watch_started",
        on_click=_watch,
        args=(name,),
    )
    if _STARTED not in st.session_state:
        st.rerun()  # of the whole page: another view is asked for


def _watch(name: str) -> None:
    st.session_state["desk"], st.session_state["run"] = "Runs", name
    st.session_state.pop(_STARTED, None)
    frame.go_to_top()


def pick(known: Sequence[RunFolder]) -> RunFolder:
    """Ask which run to look at; the newest by default."""
    by_name = {run.name: run for run in known}
    if st.session_state.get("run") not in by_name:
        st.session_state.pop("run", None)
    name = controls.select("Run", by_name, key="run", format_func=lambda n: _line(by_name[n]))
    return by_name[name]


def table(known: Sequence[RunFolder]) -> None:
    """List runs, filtered by state and by words in title, data or tags."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input("Filter", key="runs_filter", placeholder="recipe, data or tag")
        states = st.pills("State", list(STATE_ICONS), key="runs_states", selection_mode="multi")
    rows = [row for row in map(summary, known) if _is_wanted(row, words, states)]
    if not rows:
        st.caption("No run matches.")
        return
    controls.long_table(
        [
            {
                "run": row["name"],
                "what": row["title"],
                "state": row["state"],
                "epochs": row["n_epochs"] if row["best_figure"] else None,
                "best": row["best"],
                "of": cards.label(row["best_figure"]),
                "minutes": row["minutes"],
                "device": row["device"],
                "tags": row["tags"],
            }
            for row in rows
        ],
        f"{len(rows)} runs with state, epochs, best validation figure and minutes",
        best=st.column_config.NumberColumn(format="%.4f"),
        tags=st.column_config.ListColumn(),
    )


def _line(run: RunFolder) -> str:
    return f"{run.request().title} · {run.status().state} · {run.name[:15]}"


def _is_wanted(row: dict[str, Any], words: str | None, states: Sequence[str] | None) -> bool:
    text = " ".join([row["name"], row["title"], row["data"], *row["tags"]]).lower()
    return (not states or row["state"] in states) and all(
        word in text for word in (words or "").lower().split()
    )
