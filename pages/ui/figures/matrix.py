"""Confusion matrices: one that is clicked, and those that studies printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.ui.figures.chart import Chart, blank, ink, tint

STRONG_CELL = 0.8
"""Share of the darkest cell from which white is easier to read than the theme's text colour."""

PALE = 0.6
"""Strongest tint on which the theme's own text colour is still easy to read."""


MANY = 15
"""More genres than this are drawn closer together."""


def confusion(
    matrix: Sequence[Sequence[int]],
    genres: Sequence[str],
    *,
    cells: str = "counts",
    errors_only: bool = False,
    chosen: tuple[int, int] | None = None,
    items: str = "covers",
    rows: str = "true",
    columns: str = "predicted",
) -> Chart:
    """Draw a confusion matrix of counts, rows = true genre, that can be clicked.

    `rows` and `columns` say whose genres they are.

    `cells` says what is written: "counts", or per cent of its "row", so that the diagonal is the
    recall, or of its "column", so that it is the precision. `errors_only` leaves the diagonal
    empty: what is left shows finer. `chosen` is the cell to outline; a point's `customdata` is
    `[row, column]`, too.
    Streamlit gets no selection from a Plotly heatmap, so the heatmap only paints and invisible
    square markers, one a cell, are what a click meets.

    Examples
    --------
    >>> confusion([[8, 2], [1, 4]], ("Rock", "Pop"), cells="row").alt
    'Confusion matrix, rows = true. Rock: 80 % right of 10. Pop: 80 % right of 5.'
    """
    counts = np.asarray(matrix, dtype=np.int64)
    per_row = counts.sum(axis=1, keepdims=True)
    recalls = _parts(counts, per_row)
    parts = _parts(counts, counts.sum(axis=0, keepdims=True)) if cells == "column" else recalls
    shown = ~np.eye(len(counts), dtype=bool) if errors_only else np.ones(counts.shape, bool)
    shade = np.where(shown, counts if cells == "counts" else parts, 0)
    shade = shade / max(shade.max(), 1e-9)
    names = list(genres)
    paint = go.Heatmap(
        z=shade,
        x=names,
        y=names,
        zmin=0,
        zmax=1,
        colorscale=[[0, tint(0.05)], [1, tint(1.0)]],
        showscale=False,
        hoverinfo="skip",
        xgap=3,
        ygap=3,
    )
    places = [(row, col) for row, col in np.ndindex(*counts.shape) if shown[row, col]]
    strong = shade >= STRONG_CELL
    is_count = cells == "counts"
    written = [f"{counts[at]:,}" if is_count else f"{100 * parts[at]:.0f}" for at in places]
    unit = f" {items}" if is_count else f" % of its {cells}"
    layers: list[Any] = [paint]
    # Two traces, because pale cells must keep the theme's text colour and strong ones need white.
    for is_strong in (False, True):
        mine = [i for i, at in enumerate(places) if bool(strong[at]) is is_strong]
        layers.append(
            go.Scatter(
                x=[names[places[i][1]] for i in mine],
                y=[names[places[i][0]] for i in mine],
                mode="markers+text",
                text=[written[i] for i in mine],
                textfont={"size": 16, **({"color": "white"} if is_strong else ink())},
                customdata=[list(places[i]) for i in mine],
                marker={"symbol": "square", "size": 44, "color": "rgba(0,0,0,0)"},
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 1}, "textfont": {}},
                hovertemplate=f"{rows} %{{y}}, {columns} %{{x}}: %{{text}}{unit}<extra></extra>",
                showlegend=False,
            )
        )
    figure = blank(layers, height=150 + int(np.clip(66 * len(names), 200, 640)))
    figure.update_layout(clickmode="event+select", dragmode=False, hoverdistance=30)
    figure.update_xaxes(
        title_text=f"{columns} genre", side="top", showgrid=False, constrain="domain"
    )
    figure.update_yaxes(
        title_text=f"{rows} genre",
        autorange="reversed",
        showgrid=False,
        scaleanchor="x",
        ticksuffix=" ",
        constrain="domain",
        constraintoward="top",
    )
    if chosen is not None:
        row, col = chosen
        edge = {"color": "#f59e0b", "width": 3}
        figure.add_shape(
            type="rect", x0=col - 0.48, x1=col + 0.48, y0=row - 0.48, y1=row + 0.48, line=edge
        )
    same = "right" if rows == "true" else "the same"
    told = " ".join(
        f"{name}: {100 * recalls[i, i]:.0f} % {same} of {int(per_row[i, 0]):,}."
        for i, name in enumerate(names)
    )
    return Chart(figure, f"Confusion matrix, rows = {rows}. {told}")


def _parts(counts: np.ndarray, sums: np.ndarray) -> np.ndarray:
    return np.divide(counts, sums, out=np.zeros(counts.shape), where=sums > 0)


def printed_matrix(counts: Sequence[Sequence[int]], genres: Sequence[str], name: str) -> Chart:
    """Draw counts of many genres small, rows = true: each cell the per cent of its row.

    Examples
    --------
    >>> printed_matrix([[8, 2], [4, 1]], ("Rock", "Pop"), "model 6").alt
    'Confusion matrix of model 6, rows = true: Rock is answered for 12 of 15 covers. Right: Rock \
80 %, Pop 20 %.'
    """
    cells = np.asarray(counts, dtype=np.int64)
    parts = _parts(cells, cells.sum(axis=1, keepdims=True))
    hover = "true %{y}, predicted %{x}: %{customdata} covers, %{z:.1%}<extra></extra>"
    figure = _small_matrix(parts, genres, hover=hover, counts=cells)
    names = list(genres)
    most = int(cells.sum(axis=0).argmax())
    right = ", ".join(f"{names[k]} {100 * parts[k, k]:.0f} %" for k in range(len(names)))
    return Chart(
        figure,
        f"Confusion matrix of {name}, rows = true: {names[most]} is answered for "
        f"{int(cells[:, most].sum()):,} of {int(cells.sum()):,} covers. Right: {right}.",
    )


def share_matrix(shares: Sequence[Sequence[float]], genres: Sequence[str], name: str) -> Chart:
    """Draw a printed matrix of shares, rows = true genre.

    Examples
    --------
    >>> share_matrix([[0.84, 0.16], [0.5, 0.5]], ("Rock", "Pop"), "network B").alt
    'Confusion matrix of network B, rows = true, in per cent of each row. Right: Rock 84 %, Pop \
50 %.'
    """
    parts = np.asarray(shares, dtype=np.float64)
    hover = "true %{y}, predicted %{x}: %{z:.1%}<extra></extra>"
    figure = _small_matrix(parts, genres, hover=hover)
    right = ", ".join(f"{genre} {100 * parts[k, k]:.2g} %" for k, genre in enumerate(genres))
    return Chart(
        figure, f"Confusion matrix of {name}, rows = true, in per cent of each row. Right: {right}."
    )


def _small_matrix(
    parts: np.ndarray, genres: Sequence[str], *, hover: str, counts: np.ndarray | None = None
) -> go.Figure:
    """Paint shares of rows in [0, 1], each written in per cent; `hover` may use the counts."""
    names = list(genres)
    is_many = len(names) > MANY
    paint = go.Heatmap(
        z=parts,
        x=names,
        y=names,
        zmin=0,
        zmax=1,
        colorscale=[[0, tint(0.04)], [0.3, tint(0.35)], [1, tint(PALE)]],
        showscale=False,
        xgap=1 if is_many else 2,
        ygap=1 if is_many else 2,
        text=[[f"{100 * part:.0f}" if part >= 0.005 else "" for part in row] for row in parts],
        texttemplate="%{text}",
        textfont={"size": 10 if is_many else 11, **ink()},
        customdata=counts,
        hovertemplate=hover,
    )
    figure = blank([paint], height=150 + 27 * len(names))
    figure.update_layout(dragmode=False)
    small = {"size": 12, **ink()}
    figure.update_xaxes(
        title_text="predicted genre",
        side="top",
        tickangle=-90 if is_many else -60,
        dtick=1,
        tickfont=small,
        title_font=small,
        showgrid=False,
    )
    figure.update_yaxes(autorange="reversed", tickfont=small, showgrid=False, ticksuffix=" ")
    return figure
