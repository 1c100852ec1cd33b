"""One run as it stands now: figures, curves, log, and what can be done with it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from genre_core.jobs.run_control import ACTIVE
from genre_core.runs.comparison import as_one_batch, best_of_each, best_value, overfitting_alarm
from genre_core.runs.run_folder import RunFolder, Status, find_run
from pages.ui import cached, cards, controls, curves, figures, frame
from pages.ui.problems import plain, shown
from pages.ui.training import cached as training_cached
from pages.ui.training import grid, run_buttons
from pages.ui.training.words import STATE_ICONS, time_in_words

EVERY = 2


def section(name: str) -> None:
    """Show a run; while it is at work, anew every two seconds."""
    is_active = find_run(name).status().state in ACTIVE
    st.fragment(_look, run_every=EVERY if is_active else None)(name, is_active)


def _look(name: str, was_active: bool) -> None:
    run = find_run(name)
    status = run.status()
    if was_active and status.state not in ACTIVE:
        st.rerun()  # it is over: the rest of the page changes too
    with shown(name):
        _head(run, status)
        if run.request().kind == "train":
            _figures(run, status)
            grid.table(run)
        run_buttons.buttons(run, status)
        _log(run)


def _head(run: RunFolder, status: Status) -> None:
    text = f"**{status.state.capitalize()}** · {plain(status.text)}"
    if status.state in ("failed", "interrupted"):
        st.error(text, icon=STATE_ICONS[status.state])
    else:
        st.markdown(f"{STATE_ICONS[status.state]} {text}")
    if status.state in ACTIVE and status.total:
        place = f"{status.place}, " if status.place else ""
        st.progress(
            min(1.0, status.done / status.total),
            text=f"{plain(place)}{status.done:,} of {status.total:,} {status.unit}",
        )


def _figures(run: RunFolder, status: Status) -> None:
    history = run.history()
    settings = run.request().settings.get("experiment", {})
    select = settings.get("training", {}).get("select", "val_loss")
    figure, best = best_value(history, str(select))
    rate, held = status.items_per_s, status.memory_mb
    left = status.remaining_s if status.state in ACTIVE else 0.0
    device, _, more = status.device.partition(": ")  # "Ray: 2 machines, 2 CPUs" fits no tile
    controls.metrics(
        (
            ("epochs done", str(len(history)), None),
            (
                f"best {cards.label(figure)}",
                "-" if best is None else f"{best:.4f}",
                "On validation, where the recipe holds some back.",
            ),
            ("items per second", f"{rate:,.1f}" if rate else "-", None),
            (
                "time left",
                time_in_words(left) if left else "-",
                "Less if training stops early; measuring the test set comes on top.",
            ),
            ("device", device or "-", more or None),
            ("memory", f"{held / 1000:.1f} GB" if held else "-", None),
        ),
        columns=6,
    )
    if history.empty:
        st.caption("The curves start when the first epoch is done.")
        return
    if alarm := overfitting_alarm(history):
        st.warning(alarm, icon=":material/call_split:")
    head = str(settings.get("task", {}).get("head", ""))
    data = str(run.request().settings.get("data", ""))
    counts = training_cached.counts(data, json.dumps(settings))
    _curves(run.name, as_one_batch(history), head, counts)
    rows = best_of_each(history, figure)
    if len(rows) > 1:
        figures.against_baselines(
            rows, f"best {cards.label(figure)}", strong=len(rows), row_px=34
        ).show(key=f"parts_{run.name}")


def _curves(
    name: str, history: pd.DataFrame, head: str, per_genre: Mapping[str, Mapping[str, int]]
) -> None:
    curve, singles = curves.pick(
        history, key=f"live_curve_{name}", singles_key=f"live_singles_{name}", is_linked=False
    )
    figures.learning_curves(
        history,
        curve,
        label=cards.label(curve),
        line=curves.line(head, per_genre, history, curve),
        singles=singles,
    ).show(key=f"live_{name}_{curve}_{singles}")


def _log(run: RunFolder) -> None:
    with st.expander("The log's last lines", icon=":material/terminal:"):
        st.code(run.log_tail() or "nothing yet", language="log", wrap_lines=True)


def shipped_example() -> None:
    """Show how a training looks, by one that the project ships."""
    bundles = [bundle for bundle in cached.records() if len(bundle.history())]
    if not bundles:
        frame.no_models()
        return
    bundle = bundles[0]
    st.info(
        "Nothing was trained here yet. This is how a training looks: "
        f"{plain(bundle.card.title)}, which comes with the app.",
        icon=":material/info:",
    )
    history = bundle.history()
    if alarm := overfitting_alarm(history):
        st.warning(alarm, icon=":material/call_split:")
    _curves(bundle.name, history, bundle.card.head, bundle.card.data.get("per_genre", {}))
