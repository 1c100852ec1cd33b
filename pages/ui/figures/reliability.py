"""How often what a network said came true, beside the line of those that keep their word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from pages.ui.figures.chart import LINE, Chart, blank, whiskers


def reliability(bins: Sequence[Mapping[str, Any]], said: str, came_true: str) -> Chart:
    """Draw one dot a bin of `metrics.reliability.reliability`, with its interval where known.

    `said` and `came_true` name the axes.

    Examples
    --------
    >>> bins = [{"n": 5, "said": 0.2, "true": 0.4, "low": 0.05, "high": 0.85}]
    >>> reliability(bins, "said", "true").alt
    'Said and come true: 0.20 and 0.40 of 5. On the dotted line both are the same.'
    """
    xs, ys = ([float(row[name]) for row in bins] for name in ("said", "true"))
    lows, highs = (
        [float(row.get(name, y)) for row, y in zip(bins, ys, strict=True)]
        for name in ("low", "high")
    )
    same = go.Scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": LINE, "width": 2, "dash": "dot"},
        hoverinfo="skip",
    )
    dots = go.Scatter(
        x=xs,
        y=ys,
        mode="markers+lines",
        line={"width": 1},
        marker={"size": 11},
        error_y=whiskers(ys, lows, highs),
        customdata=[row["n"] for row in bins],
        hovertemplate="said %{x:.2f}, came true %{y:.2f} of %{customdata}<extra></extra>",
        cliponaxis=False,
    )
    figure = blank([same, dots], height=380)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title_text=said, range=[0, 1])
    figure.update_yaxes(title_text=came_true, range=[0, 1])
    listed = "; ".join(f"{row['said']:.2f} and {row['true']:.2f} of {row['n']}" for row in bins)
    return Chart(figure, f"Said and come true: {listed}. On the dotted line both are the same.")
