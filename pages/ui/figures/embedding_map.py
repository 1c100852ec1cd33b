"""Items as dots of a map, coloured by what they are called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pages.ui.figures.chart import LINE, SERIES, Chart, blank, legend_above

_MOST = 10
"""Names with a colour of their own; the rest is grey."""
_MARKS = ("circle", "diamond")
"""Told apart by shape where there are more names than colours."""


def embedding_map(
    places: np.ndarray, names: Sequence[str], selected: np.ndarray, items: str
) -> Chart:
    """Draw one dot an item at `places` [shape=(n, 2)], to be circled; what is not selected is pale.

    A point's `customdata` is the item's place.

    Examples
    --------
    >>> embedding_map(np.zeros((3, 2)), ["Rock", "Pop", "Rock"], np.array([0]), "covers").alt
    'Map of 3 covers, 1 selected: 2 Rock, 1 Pop.'
    """
    labels = np.asarray(names, dtype=object)
    values, counts = np.unique(labels.astype(str), return_counts=True)
    ordered = [str(values[k]) for k in np.argsort(-counts, kind="stable")]
    is_selected = np.zeros(len(labels), bool)
    is_selected[selected] = True
    layers = []
    for place, name in enumerate(ordered[:_MOST]):
        rows = np.flatnonzero(labels == name)
        mark = _MARKS[place // len(SERIES) % len(_MARKS)]
        layers.append(_dots(places, rows, is_selected, SERIES[place % len(SERIES)], mark, name))
    rest = np.flatnonzero(~np.isin(labels.astype(str), ordered[:_MOST]))
    if len(rest):
        layers.append(_dots(places, rest, is_selected, LINE, "circle", "others"))
    figure = blank(layers, height=520)
    legend_above(figure)
    figure.update_layout(dragmode="lasso", clickmode="event+select")
    figure.update_xaxes(showgrid=False, showticklabels=False)
    figure.update_yaxes(showgrid=False, showticklabels=False)
    named = ", ".join(f"{counts[values == name][0]:,} {name}" for name in ordered[:_MOST])
    return Chart(
        figure, f"Map of {len(labels):,} {items}, {is_selected.sum():,} selected: {named}."
    )


def _dots(
    places: np.ndarray,
    rows: np.ndarray,
    is_selected: np.ndarray,
    colour: str,
    mark: str,
    name: str,
) -> go.Scattergl:
    shade = np.where(is_selected[rows], 0.9, 0.18)
    return go.Scattergl(
        x=places[rows, 0].round(3),
        y=places[rows, 1].round(3),
        mode="markers",
        name=name,
        customdata=rows,
        marker={"color": colour, "symbol": mark, "size": 7, "opacity": shade},
        hovertemplate=f"{name}<extra></extra>",
    )
