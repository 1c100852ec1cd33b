"""The figure of near-duplicates: known pairs found against other covers falsely paired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from pages.ui.figures.chart import LINE, Chart, blank

_COLOURS = ("rgb(127,135,148)", "rgb(47,120,196)", "rgb(194,87,26)")
_MARKS = ("square", "circle", "diamond")
_LEGEND_PX = 24
_SHOWN = 0.05
"""Share of falsely paired covers up to which the curves are drawn: beyond it nobody would go."""


def found_and_false(methods: Sequence[Mapping[str, Any]], limit: float) -> Chart:
    """Draw for each method how recall grows as more other covers are falsely paired.

    Parameters
    ----------
    methods : sequence of mapping
        ``name``, ``curve``: points with ``recall``, ``falsely`` and ``falsely_looked_at``, and
        ``at_limit`` with ``recall`` as {value}.
    limit : float
        Share of falsely paired covers that one would accept: dotted.

    Examples
    --------
    >>> curve = [{"threshold": 0.6, "recall": 0.9, "falsely": 0.01, "falsely_looked_at": 0.0}]
    >>> methods = [{"name": "hash", "curve": curve, "at_limit": {"recall": {"value": 0.9}}}]
    >>> found_and_false(methods, 0.01).alt
    'Known pairs found where at most 1 % of the other covers are falsely paired: hash 0.90. Dashed \
lines leave out pairs that are not listed but show the same.'
    """
    layers = []
    for place, method in enumerate(methods):
        colour = _COLOURS[place % len(_COLOURS)]
        for column, dash in (("falsely", "solid"), ("falsely_looked_at", "dash")):
            curve = sorted(method["curve"], key=lambda point: (point["recall"], point[column]))
            seen = [point for point in curve if point[column] <= _SHOWN]
            layers.append(
                go.Scatter(
                    x=[100 * point[column] for point in seen],
                    y=[point["recall"] for point in seen],
                    name=method["name"]
                    + (", unlisted duplicates left out" if dash == "dash" else ""),
                    legendgroup=method["name"],
                    mode="lines+markers",
                    line={"color": colour, "width": 2.5, "dash": dash},
                    marker={
                        "symbol": _MARKS[place % len(_MARKS)],
                        "size": 8 if dash == "solid" else 5,
                    },
                    customdata=[point["threshold"] for point in seen],
                    hovertemplate="from %{customdata} on: %{y:.3f} found, %{x:.2f} % falsely paired"
                    "<extra>" + method["name"] + "</extra>",
                )
            )
    top = 44 + len(layers) * _LEGEND_PX
    figure = blank(layers, height=top + 360)
    figure.update_xaxes(
        title_text="other covers falsely paired, %",
        range=[-0.1, 100 * _SHOWN],
        fixedrange=True,
    )
    figure.update_yaxes(title_text="known pairs found", range=[0, 1.02], fixedrange=True)
    figure.add_vline(x=100 * limit, line={"color": LINE, "dash": "dot", "width": 1.5})
    # One name a line above all: beside the curves they would leave a phone no room.
    figure.update_layout(
        margin={"t": top},
        legend={
            "font": {"size": 14},
            "orientation": "v",
            "yref": "container",
            "y": 1,
            "yanchor": "top",
            "x": 0,
        },
    )
    listed = ", ".join(f"{m['name']} {m['at_limit']['recall']['value']:.2f}" for m in methods)
    return Chart(
        figure,
        f"Known pairs found where at most {100 * limit:g} % of the other covers are falsely paired:"
        f" {listed}. Dashed lines leave out pairs that are not listed but show the same.",
    )
