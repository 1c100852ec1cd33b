"""How a number is spread: all items pale, the selected ones strong, each bar to be clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from pages.ui.figures.chart import SERIES, Chart, blank, legend_above, tint

if TYPE_CHECKING:
    from genre_core.analysis.histogram import Histogram


def histogram(counted: Histogram, name: str) -> Chart:
    """Draw all, selected and wrong items by a number; a bar's `customdata` is its place.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from genre_core.analysis.histogram import histogram as count
    >>> made = count(pd.Series([1.0, 2.0]), np.array([1]), np.array([True, False]))
    >>> histogram(made, "year").alt
    'Items by year, from 1 to 2: 2 in all, 1 selected, 1 wrong.'
    """
    middles = (counted.edges[:-1] + counted.edges[1:]) / 2
    width = float(counted.edges[1] - counted.edges[0]) * 0.92
    places = list(range(len(counted.counts)))
    layers = [
        go.Bar(
            x=middles,
            y=values,
            width=width,
            name=label,
            marker={"color": colour},
            customdata=places,
            hovertemplate=f"{label}: %{{y}}<extra></extra>",
        )
        for label, values, colour in (
            ("all", counted.counts, tint(0.25)),
            ("selected", counted.selected, SERIES[0]),
        )
    ]
    wrong = go.Scatter(
        x=middles,
        y=counted.wrong,
        mode="lines+markers",
        name="wrong",
        line={"color": SERIES[1], "width": 2, "shape": "hvh"},
        marker={"size": 1},
        hovertemplate="wrong: %{y}<extra></extra>",
    )
    figure = blank([*layers, wrong], height=340)
    legend_above(figure)
    figure.update_layout(barmode="overlay", clickmode="event+select", dragmode=False)
    figure.update_xaxes(title_text=name, showgrid=False)
    figure.update_yaxes(title_text="items")
    ends = f"{counted.edges[0]:.4g} to {counted.edges[-1]:.4g}"
    return Chart(
        figure,
        f"Items by {name}, from {ends}: {counted.counts.sum():,} in all, "
        f"{counted.selected.sum():,} selected, {counted.wrong.sum():,} wrong.",
    )
