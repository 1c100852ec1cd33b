"""A batch of repeats on the test covers, as one result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from genre_core.runs.bundle import Bundle
from genre_core.runs.repeats import STUCK_SHARE, repeat_rows, spread, stuck_runs
from pages.ui import cards, figures
from pages.ui.problems import plain

SHOWN = ("accuracy", "balanced_accuracy", "macro_f1")
"""What is drawn: shares of right answers, which have a majority line each."""


def section(bundle: Bundle, metrics: Mapping[str, Any]) -> None:
    """Draw the runs of the bundle's batch beside each other; nothing where it tells of none."""
    rows = repeat_rows(metrics)
    drawn = [row for row in spread(rows) if row["metric"] in SHOWN]
    if not drawn:
        return
    title = f"{len(rows)} runs of the same recipe" if len(rows) > 1 else "Its only run"
    st.subheader(title, anchor=False)
    majority = metrics.get("baselines", {}).get("majority", {})
    st.markdown(sentence(rows, str(majority.get("genre", ""))))
    kept = bundle.card.provenance.get("chosen_run")
    names = [
        f"run {row['run'] + 1} (seed {row.get('seed', '?')}, epoch {row.get('epoch', '?')}), "
        f"{row.get('n_predicted_genres', '?')} genres answered"
        for row in rows
    ]
    places = [row["run"] for row in rows]
    figures.repeated_runs(
        [
            {
                "label": cards.label(row["metric"]),
                "values": row["values"],
                "notes": names,
                "mean": row["mean"],
                "line": cards.entry(majority.get(row["metric"]))["value"],
                "kept": places.index(kept) if kept in places else None,
            }
            for row in drawn
        ]
    ).show(key=f"repeats_{bundle.name}")
    st.caption(plain(metrics["repeats"].get("rule", "")))


def sentence(rows: Sequence[Mapping[str, Any]], majority: str) -> str:
    """Say what the runs, as `repeat_rows` gives them, have in common.

    `majority` is the genre that is most common in training, empty where it is not known.

    Examples
    --------
    >>> run = {"most_predicted": "Rock", "most_predicted_share": 1.0, "values": {"accuracy": 0.2}}
    >>> sentence([run, run], "Rock")
    '**All 2 runs answer Rock for every cover: stuck on the most common genre.**'
    >>> sentence([run | {"most_predicted_share": 0.5}], "Rock")
    'The only run reaches 0.200 in accuracy.'
    """
    n = len(rows)
    stuck = stuck_runs(rows)
    n_stuck = sum(stuck.values())
    shares = [row["most_predicted_share"] for row in rows if "most_predicted_share" in row]
    whole = min((share for share in shares if share >= STUCK_SHARE), default=1.0) == 1.0
    covers = "every cover" if whole else f"at least {100 * STUCK_SHARE:.0f} % of the covers"
    who = f"All {n} runs" if n > 1 else "The only run"
    if n_stuck == n and len(stuck) == 1:
        genre = next(iter(stuck))
        line = "the most common genre" if genre == majority else "one genre"
        ending = "s" if n == 1 else ""
        return f"**{who} answer{ending} {plain(genre)} for {covers}: stuck on {line}.**"
    ranges = ", ".join(
        f"{figure['mean']:.3f} in {cards.label(figure['metric'])}"
        + (f" ({figure['low']:.3f} to {figure['high']:.3f})" if n > 1 else "")
        for figure in spread(rows)
        if figure["metric"] in SHOWN
    )
    reach = f"Mean of {n} runs: {ranges}." if n > 1 else f"The only run reaches {ranges}."
    if not n_stuck:
        return reach
    which = ", ".join(
        plain(genre) + (f" {count} times" if count > 1 else "") for genre, count in stuck.items()
    )
    one = "answers" if n_stuck == 1 else "answer"
    return f"**{n_stuck} of {n} runs {one} one genre for {covers}** ({which}). {reach}"
