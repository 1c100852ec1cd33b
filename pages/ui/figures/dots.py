"""Figures as dots: a network beside its baselines, and the runs of a batch beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.ui.figures.chart import LINE, VALIDATION, Chart, blank, ink


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

    Parameters
    ----------
    rows : sequence of mapping
        ``name``, ``value`` and, where known, ``low`` and ``high``.
    label : str
        Name of the figure, for the axis.
    line : float, optional
        What can be reached without looking: a dotted line through all rows.
    strong : int
        How many of the first rows are networks; the others are drawn paler.
    top : float
        Right end of the axis where no value lies beyond it.
    row_px : int
        Height of a row.

    Examples
    --------
    >>> rows = [{"name": "network", "value": 0.42, "low": 0.38, "high": 0.46}]
    >>> against_baselines(rows, "macro-F1").alt
    'macro-F1: network 0.420 (0.380 to 0.460).'
    """
    names = [str(row["name"]) for row in rows]
    values = np.array([float(row["value"]) for row in rows])
    lows = np.array([float(_known(row.get("low"), row["value"])) for row in rows])
    highs = np.array([float(_known(row.get("high"), row["value"])) for row in rows])
    end = max(top, float(highs.max()))
    # Beside the dotted line and not across it, where a value lies on it.
    is_near = np.zeros(len(names), bool) if line is None else np.abs(values - line) < 0.06 * end
    dots = go.Scatter(
        x=values,
        y=names,
        mode="markers+text",
        text=[f"{value:.3f}" for value in values],
        textposition=["top right" if near else "top center" for near in is_near],
        marker={"size": 13, "opacity": [1.0] * strong + [0.6] * (len(names) - strong)},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": highs - values,
            "arrayminus": values - lows,
            "thickness": 2,
            "width": 6,
        },
        hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        cliponaxis=False,
    )
    figure = blank([dots], height=100 + row_px * len(names))
    figure.update_xaxes(title_text=label, range=[0, end], fixedrange=True)
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True, ticksuffix="  ")
    if line is not None:
        figure.add_vline(x=line, line={"color": LINE, "width": 2, "dash": "dot"}, layer="below")
    said = ", ".join(
        f"{n} {v:.3f}" + (f" ({lo:.3f} to {hi:.3f})" if hi > lo else "")
        for n, v, lo, hi in zip(names, values, lows, highs, strict=True)
    )
    return Chart(figure, f"{label}: {said}.")


def repeated_runs(rows: Sequence[Mapping[str, Any]], *, each: str = "run") -> Chart:
    """Draw one dot a run for each metric, with their mean and the majority line of each.

    Parameters
    ----------
    rows : sequence of mapping
        ``label``; ``values`` and ``notes``, one a run; ``mean``; ``line`` (or None); ``kept``, the
        place of the run whose weights were kept (or None).
    each : {"run", "fold"}
        What a dot is.

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
            layers.append(
                go.Scatter(
                    x=[row["line"]] * 2,
                    y=[place - 0.42, place + 0.42],
                    name="always the most common genre",
                    mode="lines",
                    line={"color": LINE, "width": 2.5, "dash": "dot"},
                    showlegend=place == 0,
                    hovertemplate="always the most common genre: %{x:.3f}<extra></extra>",
                )
            )
        layers.append(
            go.Scatter(
                x=[row["mean"]] * 2,
                y=[place - 0.34, place + 0.34],
                name=f"mean of the {each}s",
                mode="lines",
                line={"color": blue, "width": 2},
                showlegend=place == 0,
                hovertemplate="mean: %{x:.3f}<extra></extra>",
            )
        )
        layers.append(
            go.Scatter(
                x=list(row["values"]),
                y=heights,
                name="one run (diamond: kept)" if each == "run" else f"one {each}",
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
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    figure.update_xaxes(range=[0, min(1.0, 1.15 * max(every)) or 1.0], fixedrange=True)
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[f"{row['label']}  " for row in rows],
        range=[len(rows) - 0.5, -0.5],
        showgrid=False,
        fixedrange=True,
    )
    said = " ".join(
        f"{row['label']}: {', '.join(f'{value:.3f}' for value in row['values'])}; "
        f"mean {row['mean']:.3f}"
        + ("." if row["line"] is None else f"; always the most common genre {row['line']:.3f}.")
        for row in rows
    )
    return Chart(figure, f"{each.capitalize()}s. {said}")


def _known(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None or value != value else value
