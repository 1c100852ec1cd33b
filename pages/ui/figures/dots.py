"""Figures as dots: a network beside its baselines, the runs of a batch, the tables of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.ui.figures.chart import (
    LINE,
    TINT,
    TRAINING,
    VALIDATION,
    Chart,
    blank,
    dotted,
    ink,
    legend_above,
    name_rows,
    whiskers,
)

_MARKS = (("triangle-up", TRAINING), ("square", VALIDATION))
"""Of the two genres' own shares."""


def against_baselines(
    rows: Sequence[Mapping[str, Any]],
    label: str,
    *,
    line: float | None = None,
    strong: int = 1,
    top: float = 1.0,
    row_px: int = 58,
) -> Chart:
    """Draw one dot with its interval for the model and for each baseline.

    Rows have ``name``, ``value`` and, where known, ``low`` and ``high``; the first `strong` of them
    are networks, the others are drawn paler. `line` is what can be reached without looking, and
    `top` the right end of the axis where no value lies beyond it.

    Examples
    --------
    >>> rows = [{"name": "network", "value": 0.42, "low": 0.38, "high": 0.46}]
    >>> against_baselines(rows, "macro-F1").alt
    'macro-F1: network 0.420 (0.380 to 0.460).'
    """
    names = [str(row["name"]) for row in rows]
    values = [float(row["value"]) for row in rows]
    lows = [float(_known(row.get("low"), row["value"])) for row in rows]
    highs = [float(_known(row.get("high"), row["value"])) for row in rows]
    end = max(top, *highs)
    # Beside the dotted line and not across it, where a value lies on it.
    is_near = [line is not None and abs(value - line) < 0.06 * end for value in values]
    dots = go.Scatter(
        x=values,
        y=names,
        mode="markers+text",
        text=[f"{value:.3f}" for value in values],
        textposition=["top right" if near else "top center" for near in is_near],
        marker={"size": 13, "opacity": [1.0] * strong + [0.6] * (len(names) - strong)},
        error_x=whiskers(values, lows, highs),
        hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        cliponaxis=False,
    )
    figure = blank([dots], height=100 + row_px * len(names))
    figure.update_xaxes(title_text=label, range=[0, end])
    name_rows(figure)
    if line is not None:
        dotted(figure, x=line)
    listed = ", ".join(
        f"{n} {v:.3f}" + (f" ({lo:.3f} to {hi:.3f})" if hi > lo else "")
        for n, v, lo, hi in zip(names, values, lows, highs, strict=True)
    )
    return Chart(figure, f"{label}: {listed}.")


def repeated_runs(rows: Sequence[Mapping[str, Any]], *, unit: str = "run") -> Chart:
    """Draw one dot a run (or another unit) for each metric, with their mean and majority line.

    Rows have ``label``; ``values`` and ``notes``, one a run; ``mean``; ``line`` and ``kept``, the
    place of the run whose weights were kept, both of them may be None.

    Examples
    --------
    >>> row = {"label": "accuracy", "values": [0.2, 0.4], "notes": ["", ""], "mean": 0.3,
    ...        "line": 0.25, "kept": 0}
    >>> repeated_runs([row]).alt
    'Runs. accuracy: 0.200, 0.400; mean 0.300; always the most common genre 0.250.'
    """
    blue = f"rgb{VALIDATION}"
    layers: list[Any] = []
    for place, row in enumerate(rows):
        n = len(row["values"])
        # Equal runs would hide each other, so each has its own height within the row.
        heights = place + (np.linspace(-0.22, 0.22, n) if n > 1 else np.zeros(1))
        is_kept = [run == row["kept"] for run in range(n)]
        if row["line"] is not None:
            grey = {"color": LINE, "width": 2.5, "dash": "dot"}
            common = "always the most common genre"
            layers.append(_upright(row["line"], place, 0.42, common, grey))
        mean = f"mean of the {unit}s"
        layers.append(_upright(row["mean"], place, 0.34, mean, {"color": blue, "width": 2}))
        layers.append(
            go.Scatter(
                x=list(row["values"]),
                y=heights,
                name="one run (diamond: kept)" if unit == "run" else f"one {unit}",
                mode="markers",
                marker={
                    "size": [13 if kept else 10 for kept in is_kept],
                    "symbol": ["diamond" if kept else "circle" for kept in is_kept],
                    "color": blue,
                    "opacity": 0.85,
                    "line": {"width": 1, **ink()},
                },
                text=list(row["notes"]),
                showlegend=place == 0,
                hovertemplate="%{text}: %{x:.3f}<extra></extra>",
                cliponaxis=False,
            )
        )
    every = [x for row in rows for x in (*row["values"], row["line"] or 0.0)]
    figure = blank(layers, height=110 + 76 * len(rows))
    legend_above(figure)
    figure.update_xaxes(range=[0, min(1.0, 1.15 * max(every)) or 1.0])
    name_rows(figure, [row["label"] for row in rows])
    described = " ".join(
        f"{row['label']}: {', '.join(f'{value:.3f}' for value in row['values'])}; "
        f"mean {row['mean']:.3f}"
        + ("." if row["line"] is None else f"; always the most common genre {row['line']:.3f}.")
        for row in rows
    )
    return Chart(figure, f"{unit.capitalize()}s. {described}")


def judged_tables(rows: Sequence[Mapping[str, Any]], unit: str, line: float) -> Chart:
    """Draw one row a table: all that is right with its interval, each genre, and as printed.

    Rows are as `Table.to_dots` gives them, `unit` is what they count, `line` a blind guess.

    Examples
    --------
    >>> row = {"name": "LSTM", "rule": "vote", "value": 0.7, "low": 0.6, "high": 0.8,
    ...        "printed": 0.71, "recalls": {"prog": 0.9, "other": 0.5}}
    >>> judged_tables([row], "songs", 0.5).alt
    'Right, of the test songs. LSTM (vote): 70.0 % (60.0 to 80.0), printed 71.0 %; prog 90.0 %, \
other 50.0 %.'
    """
    places = list(range(len(rows)))
    values = [row["value"] for row in rows]
    lows, highs = ([row[end] or row["value"] for row in rows] for end in ("low", "high"))
    layers: list[Any] = [
        go.Scatter(
            x=[row["recalls"][genre] for row in rows],
            y=places,
            name=f"{genre} {unit}",
            mode="markers",
            marker={"symbol": symbol, "size": 10, "color": f"rgb{colour}"},
            hovertemplate=f"{genre}: %{{x:.1%}}<extra></extra>",
            cliponaxis=False,
        )
        for genre, (symbol, colour) in zip(rows[0]["recalls"], _MARKS, strict=True)
    ]
    layers.append(
        go.Scatter(
            x=values,
            y=places,
            name=f"all {unit}",
            mode="markers",
            marker={"size": 14, "color": f"rgb{TINT}"},
            error_x=whiskers(values, lows, highs),
            hovertemplate="all: %{x:.2%}<extra></extra>",
        )
    )
    layers.append(
        go.Scatter(
            x=[row["printed"] for row in rows],
            y=[place - 0.28 for place in places],
            name="as printed",
            mode="markers",
            marker={"symbol": "line-ns", "size": 12, "line": {"width": 3, **ink()}},
            hovertemplate="as printed: %{x:.2%}<extra></extra>",
        )
    )
    figure = blank(layers, height=150 + 62 * len(rows))
    dotted(figure, x=line)
    legend_above(figure)
    figure.update_xaxes(
        title_text=f"right, of the test {unit}", range=[0, 1.02], tickformat=".0%", dtick=0.25
    )
    name_rows(figure, [f"{row['name']}<br>{row['rule']}".removesuffix("<br>") for row in rows])
    return Chart(figure, f"Right, of the test {unit}. {' '.join(map(_words, rows))}")


def _words(row: Mapping[str, Any]) -> str:
    name = f"{row['name']} ({row['rule']})" if row["rule"] else row["name"]
    interval = "" if row["low"] is None else f" ({100 * row['low']:.1f} to {100 * row['high']:.1f})"
    genres = ", ".join(f"{genre} {100 * share:.1f} %" for genre, share in row["recalls"].items())
    return (
        f"{name}: {100 * row['value']:.1f} %{interval}, printed {100 * row['printed']:.1f} %; "
        f"{genres}."
    )


def _upright(value: float, place: int, half: float, name: str, line: dict[str, Any]) -> Any:
    """Draw an upright line at a value within one row; only the first row's is in the legend."""
    return go.Scatter(
        x=[value] * 2,
        y=[place - half, place + half],
        name=name,
        mode="lines",
        line=line,
        showlegend=place == 0,
        hovertemplate=f"{name}: %{{x:.3f}}<extra></extra>",
    )


def _known(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None or value != value else value
