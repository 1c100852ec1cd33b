"""Our own networks for a study's question, by the data they were measured on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from genre_core.runs.bundle import Bundle
from genre_core.runs.repeats import repeat_rows, spread
from pages.ui import cached, cards, controls, figures, problems
from pages.ui.problems import plain

FIGURE = "balanced_accuracy"
"""What is drawn: a constant answer reaches the same in it whatever the genres' shares are."""

SHOWN = ("accuracy", "balanced_accuracy", "macro_f1")
"""What the table holds; a network without any of them shows its headline."""


def section(bundles: Sequence[Bundle], media: str) -> None:
    """Show the bundles, one table and one picture for each task on each data set."""
    if not bundles:
        st.info(
            "No such network is trained here yet. "
            f"`python -m genre_core train RECIPE` makes one from your {media}s.",
            icon=":material/model_training:",
        )
        return
    tasks: dict[tuple[str, ...], list[Bundle]] = {}
    for bundle in bundles:
        tasks.setdefault(_task(bundle), []).append(bundle)
    for place, alike in enumerate(tasks.values()):
        card = alike[0].card
        st.markdown(
            f"**{plain(card.data.get('title') or card.data.get('name', 'unknown data'))}**: "
            f"{plain(', '.join(card.genres))}. {card.data.get('n_train', 0):,} {media}s to train "
            f"on, {card.data.get('n_val', 0):,} to choose by, {card.data.get('n_test', 0):,} to "
            f"measure on. Split: {plain(str(card.data.get('split_rule', 'unknown')).rstrip('.'))}."
        )
        table, drawn = [], []
        for bundle in alike:
            with problems.shown(bundle.name):
                metrics = cached.metrics_of(bundle)
                table += rows(bundle, metrics)
                if FIGURE in metrics.get("values", {}):
                    drawn.append((bundle, metrics))
        _picture(drawn, place)
        alt = "Our networks for this study's question with their baselines"
        controls.long_table(pd.DataFrame(table).fillna(""), alt)
    st.caption(
        f"Measured on test {media}s that the network never saw; brackets and whiskers: 95 % of a "
        "bootstrap over groups. Dotted: a constant answer. *One network* at the top shows each of "
        "them in full."
    )


def same_task(bundle: Bundle, bundles: Sequence[Bundle]) -> None:
    """List all networks that were measured on the same items for the same genres, best first."""
    alike = [one for one in bundles if _measured_on(one) == _measured_on(bundle)]
    known = [(one, cached.metrics_of(one)) for one in alike]
    metric = cards.main_metric(cached.metrics_of(bundle))
    listed = [
        (cards.entry(metrics["values"][metric])["value"], one, metrics)
        for one, metrics in known
        if metrics and cards.entry(metrics["values"].get(metric))["value"] is not None
    ]
    if len(listed) < 2:
        return
    listed.sort(key=lambda row: -row[0])
    table = [
        {
            "": "this one" if one.name == bundle.name else "",
            "network": one.card.title,
            cards.label(metric): cards.written(metrics["values"][metric]),
            "in plain words": cards.right(metrics, cards.items(one)),
            "name": one.name,
        }
        for _, one, metrics in listed
    ]
    if controls.is_simple():
        for row in table:
            del row["name"]
    st.subheader("Networks for the same task, the best first", anchor=False)
    controls.long_table(pd.DataFrame(table), "Networks measured on the same items, best first")


def rows(bundle: Bundle, metrics: dict[str, Any]) -> list[dict[str, Any]]:
    """List one bundle's figures, one a row: the kept run, all runs, and what needs no network."""
    head = {"network": bundle.name, "runs": bundle.card.provenance.get("n_runs")}
    if not metrics:
        return [head | {"figure": "not evaluated yet"}]
    values, baselines = metrics["values"], metrics.get("baselines", {})
    spreads = {row["metric"]: row for row in spread(repeat_rows(metrics))}
    shown = [metric for metric in SHOWN if metric in values] or [cards.main_metric(metrics)]
    return [
        head
        | {
            "figure": cards.label(metric),
            "kept run": cards.written(values[metric]),
            "all runs": f"{spreads[metric]['low']:.3f} to {spreads[metric]['high']:.3f}"
            if metric in spreads
            else "",
        }
        | {
            cards.label(name): cards.written(baselines[name][metric])
            for name in ("majority", "colour")
            if metric in baselines.get(name, {})
        }
        for metric in shown
    ]


def _picture(drawn: Sequence[tuple[Bundle, dict[str, Any]]], place: int) -> None:
    if not drawn:
        return
    rows = [{"name": b.name, **cards.entry(metrics["values"][FIGURE])} for b, metrics in drawn]
    rows = [row for row in rows if row["value"] is not None]
    constant = drawn[0][1].get("baselines", {}).get("majority", {}).get(FIGURE)
    figures.against_baselines(
        rows,
        f"{cards.label(FIGURE)}, ours",
        line=cards.entry(constant)["value"],
        strong=len(rows),
        top=0.6,
        row_px=46,
    ).show(key=f"ours_{place}")


def _measured_on(bundle: Bundle) -> tuple[str, ...]:
    """Name what must be the same for two figures to be ranked."""
    card = bundle.card
    data = (str(card.data.get(key)) for key in ("n_test", "split_rule"))
    return str(card.data.get("digest") or card.data.get("name")), card.head, *card.genres, *data


def _task(bundle: Bundle) -> tuple[str, ...]:
    """Name what must be the same for two networks to stand in one table of a study."""
    learned = (str(bundle.card.data.get(size)) for size in ("n_train", "n_val"))
    return (*_measured_on(bundle), *learned)
