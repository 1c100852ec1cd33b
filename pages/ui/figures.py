"""Plotly figures of the pages: transparent, coloured by the theme, each with words for a reader.

No figure sets a background, and text takes the theme's own colour, so that every one of them
is legible in light and in dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

TINT = (107, 79, 216)
"""Red, green, blue of the matrix cells; only their opacity changes, so both themes show through."""

STRONG_CELL = 0.8
"""Share of the darkest cell from which white is easier to read than the theme's text colour."""

INK = {"light": "#241f2e", "dark": "#efecf5"}
"""The text colours of .streamlit/config.toml; Plotly's own grey is too pale on a tinted cell."""

_PLAIN = {"displayModeBar": False, "scrollZoom": False}


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure and what it says in words.

    Parameters
    ----------
    figure : go.Figure
        The picture.
    alt : str
        One or two sentences for somebody who cannot see it.
    """

    figure: go.Figure
    alt: str

    def show(self, key: str, **selection: Any) -> Any:
        """Draw the figure; `selection` goes to `st.plotly_chart` (on_select, selection_mode)."""
        return st.plotly_chart(self.figure, key=key, alt=self.alt, config=_PLAIN, **selection)


def ranking(genres: Sequence[str], probs: Sequence[float]) -> Chart:
    """Draw one bar a genre, the most probable on top.

    Parameters
    ----------
    genres : sequence of str
        Names, in the order of `probs`.
    probs : sequence of float
        Probabilities in [0, 1].

    Examples
    --------
    >>> ranking(("Rock", "Pop"), (0.25, 0.75)).alt
    'Bars: Pop 75 %, Rock 25 %.'
    """
    order = np.argsort(-np.asarray(probs), kind="stable")
    names = [genres[i] for i in order]
    values = [float(probs[i]) for i in order]
    bars = go.Bar(
        x=values,
        y=names,
        orientation="h",
        marker={"opacity": [1.0] + [0.45] * (len(names) - 1), "cornerradius": 4},
        text=[f"{100 * value:.0f} %" for value in values],
        textposition=["inside" if value > 0.8 else "outside" for value in values],
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.1%}<extra></extra>",
    )
    figure = _figure([bars], height=46 + 34 * len(names))
    figure.update_xaxes(range=[0, 1.08], visible=False, fixedrange=True)
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True, ticksuffix="  ")
    listed = ", ".join(f"{n} {100 * v:.0f} %" for n, v in zip(names, values, strict=True))
    return Chart(figure, f"Bars: {listed}.")


def confusion(
    matrix: Sequence[Sequence[int]],
    genres: Sequence[str],
    *,
    share: bool = False,
    chosen: tuple[int, int] | None = None,
) -> Chart:
    """Draw a confusion matrix that can be clicked, rows = true genre.

    Parameters
    ----------
    matrix : sequence of sequence of int [shape=(n_genres, n_genres)]
        Counts; rows are the true genre, columns the predicted one.
    genres : sequence of str
        In the order of the rows.
    share : bool
        Write each cell in per cent of its row (so the diagonal is the recall).
    chosen : tuple of int, optional
        Row and column of the cell to outline.

    Returns
    -------
    Chart
        A point's `customdata` is `[row, column]`.

    Notes
    -----
    Streamlit gets no selection from a Plotly heatmap, so the heatmap only paints and invisible
    square markers, one a cell, are what a click meets.

    Examples
    --------
    >>> confusion([[8, 2], [1, 4]], ("Rock", "Pop"), share=True).alt
    'Confusion matrix, rows = true. Rock: 80 % right of 10. Pop: 80 % right of 5.'
    """
    counts = np.asarray(matrix, dtype=np.int64)
    rows = counts.sum(axis=1, keepdims=True)
    parts = np.divide(counts, rows, out=np.zeros(counts.shape), where=rows > 0)
    shade = parts if share else counts / max(1, counts.max())
    names = list(genres)
    paint = go.Heatmap(
        z=shade,
        x=names,
        y=names,
        zmin=0,
        zmax=max(float(shade.max()), 1e-9),
        colorscale=[[0, _tint(0.05)], [1, _tint(1.0)]],
        showscale=False,
        hoverinfo="skip",
        xgap=3,
        ygap=3,
    )
    cells = [(row, col) for row in range(len(names)) for col in range(len(names))]
    strong = shade / max(float(shade.max()), 1e-9) >= STRONG_CELL
    written = [f"{100 * parts[c]:.0f}" if share else f"{counts[c]:,}" for c in cells]
    unit = " % of its row" if share else " covers"
    layers: list[Any] = [paint]
    # Two traces, because pale cells must keep the theme's text colour and strong ones need white.
    for is_strong in (False, True):
        mine = [i for i, cell in enumerate(cells) if bool(strong[cell]) is is_strong]
        layers.append(
            go.Scatter(
                x=[names[cells[i][1]] for i in mine],
                y=[names[cells[i][0]] for i in mine],
                mode="markers+text",
                text=[written[i] for i in mine],
                textfont={"size": 16, **({"color": "white"} if is_strong else _ink())},
                customdata=[list(cells[i]) for i in mine],
                marker={"symbol": "square", "size": 44, "color": "rgba(0,0,0,0)"},
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 1}, "textfont": {}},
                hovertemplate=f"true %{{y}}, predicted %{{x}}: %{{text}}{unit}<extra></extra>",
                showlegend=False,
            )
        )
    figure = _figure(layers, height=150 + int(np.clip(66 * len(names), 200, 640)))
    figure.update_layout(clickmode="event+select", dragmode=False, hoverdistance=30)
    figure.update_xaxes(title="predicted genre", side="top", showgrid=False, fixedrange=True)
    figure.update_yaxes(
        title="true genre",
        autorange="reversed",
        showgrid=False,
        fixedrange=True,
        scaleanchor="x",
        ticksuffix=" ",
    )
    figure.update_xaxes(constrain="domain")
    figure.update_yaxes(constrain="domain", constraintoward="top")
    if chosen is not None:
        row, col = chosen
        edge = {"color": "#f59e0b", "width": 3}
        figure.add_shape(
            type="rect", x0=col - 0.48, x1=col + 0.48, y0=row - 0.48, y1=row + 0.48, line=edge
        )
    said = " ".join(
        f"{name}: {100 * parts[i, i]:.0f} % right of {int(rows[i, 0]):,}."
        for i, name in enumerate(names)
    )
    return Chart(figure, f"Confusion matrix, rows = true. {said}")


def learning_curves(history: pd.DataFrame, metric: str, *, kept: int | None = None) -> Chart:
    """Draw training and validation over the epochs; several runs become a line and a band.

    Parameters
    ----------
    history : pd.DataFrame
        Columns run, epoch, `metric` and `val_<metric>` (those that are there).
    metric : str
        For example ``"loss"``.
    kept : int, optional
        The epoch whose weights were kept, marked by a line.
    """
    layers: list[Any] = []
    said = []
    for column, name, colour in (
        (metric, "training", (224, 122, 57)),
        (f"val_{metric}", "validation", (59, 130, 196)),
    ):
        if column not in history:
            continue
        table = history.pivot_table(index="epoch", columns="run", values=column)
        mean = table.mean(axis=1)
        if table.shape[1] > 1:
            ends = np.concatenate([table.max(axis=1), table.min(axis=1)[::-1]])
            epochs = np.concatenate([table.index, table.index[::-1]])
            layers.append(
                go.Scatter(
                    x=epochs,
                    y=ends,
                    fill="toself",
                    fillcolor=f"rgba{(*colour, 0.18)}",
                    line={"width": 0},
                    hoverinfo="skip",
                    showlegend=False,
                )
            )
        layers.append(
            go.Scatter(
                x=table.index,
                y=mean,
                name=name,
                mode="lines+markers",
                line={"color": f"rgb{colour}", "width": 2.5},
                marker={"size": 5},
                hovertemplate=f"epoch %{{x}}, {name}: %{{y:.3f}}<extra></extra>",
            )
        )
        said.append(f"{name} goes from {mean.iloc[0]:.3f} to {mean.iloc[-1]:.3f}")
    figure = _figure(layers, height=320)
    figure.update_layout(legend={"orientation": "h", "y": 1.12, "x": 0})
    last = int(history["epoch"].max())
    figure.update_xaxes(
        title="epoch",
        showgrid=False,
        fixedrange=True,
        range=[0.8, last + 0.2],
        dtick=max(1, last // 10),
    )
    figure.update_yaxes(title=metric.replace("_", " "), fixedrange=True)
    if kept is not None:
        figure.add_vline(
            x=kept,
            line_dash="dot",
            line_width=1.5,
            annotation_text="kept",
            annotation_position="top left",
        )
    runs = history["run"].nunique()
    band = f", mean of {runs} runs with their range" if runs > 1 else ""
    return Chart(figure, f"Learning curves of {metric}{band}: {'; '.join(said) or 'no data'}.")


def against_baselines(rows: Sequence[Mapping[str, Any]], label: str) -> Chart:
    """Draw one dot with its interval for the model and for each baseline.

    Parameters
    ----------
    rows : sequence of mapping
        ``name``, ``value`` and, where known, ``low`` and ``high``.
    label : str
        Name of the figure, for the axis.

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
    dots = go.Scatter(
        x=values,
        y=names,
        mode="markers+text",
        text=[f"{value:.3f}" for value in values],
        textposition="top center",
        marker={"size": 13, "opacity": [1.0] + [0.6] * (len(names) - 1)},
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
    figure = _figure([dots], height=100 + 58 * len(names))
    figure.update_xaxes(title=label, range=[0, max(1.0, float(highs.max()))], fixedrange=True)
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True, ticksuffix="  ")
    said = ", ".join(
        f"{n} {v:.3f}" + (f" ({lo:.3f} to {hi:.3f})" if hi > lo else "")
        for n, v, lo, hi in zip(names, values, lows, highs, strict=True)
    )
    return Chart(figure, f"{label}: {said}.")


def _figure(layers: Sequence[Any], *, height: int) -> go.Figure:
    figure = go.Figure(data=list(layers))
    figure.update_layout(
        height=height,
        font={"size": 14, **_ink()},
        margin={"l": 8, "r": 12, "t": 12, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=None,
    )
    text = {"size": 14, **_ink()}
    figure.update_xaxes(automargin=True, zeroline=False, tickfont=text, title_font=text)
    figure.update_yaxes(automargin=True, zeroline=False, tickfont=text, title_font=text)
    return figure


def _ink() -> dict[str, str]:
    """Give the theme's text colour, so that words on a figure are as dark as words beside it."""
    shown = st.context.theme.type
    return {} if shown is None else {"color": INK[shown]}


def _tint(alpha: float) -> str:
    return f"rgba{(*TINT, alpha)}"


def _known(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None or value != value else value
