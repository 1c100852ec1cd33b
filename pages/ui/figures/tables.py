"""What a study printed in small tables, as dots, and a printed matrix of shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.ui.figures.chart import LINE, TINT, TRAINING, VALIDATION, Chart, blank, ink
from pages.ui.figures.matrix import small_matrix

_MARKS = (("triangle-up", TRAINING), ("square", VALIDATION))
"""Of the two genres' own shares."""


def judged_tables(rows: Sequence[Mapping[str, Any]], unit: str, line: float) -> Chart:
    """Draw one row a table: all that is right with its interval, each genre, and as printed.

    Parameters
    ----------
    rows : sequence of mapping
        As `Table.to_dots` gives them.
    unit : str
        What is counted.
    line : float
        A blind guess, dotted.

    Examples
    --------
    >>> row = {"name": "LSTM", "rule": "vote", "value": 0.7, "low": 0.6, "high": 0.8,
    ...        "printed": 0.71, "recalls": {"prog": 0.9, "other": 0.5}}
    >>> judged_tables([row], "songs", 0.5).alt
    'Right, of the test songs. LSTM (vote): 70.0 % (60.0 to 80.0), printed 71.0 %; prog 90.0 %, \
other 50.0 %.'
    """
    places = list(range(len(rows)))
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
            x=[row["value"] for row in rows],
            y=places,
            name=f"all {unit}",
            mode="markers",
            marker={"size": 14, "color": f"rgb{TINT}"},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [(row["high"] or row["value"]) - row["value"] for row in rows],
                "arrayminus": [row["value"] - (row["low"] or row["value"]) for row in rows],
                "thickness": 2,
                "width": 6,
            },
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
    figure.add_vline(x=line, line={"color": LINE, "width": 2, "dash": "dot"}, layer="below")
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    figure.update_xaxes(
        title_text=f"right, of the test {unit}",
        range=[0, 1.02],
        tickformat=".0%",
        dtick=0.25,
        fixedrange=True,
    )
    figure.update_yaxes(
        tickvals=places,
        ticktext=[f"{row['name']}<br>{row['rule']}".removesuffix("<br>") for row in rows],
        range=[len(rows) - 0.5, -0.5],
        showgrid=False,
        fixedrange=True,
    )
    said = " ".join(_words(row) for row in rows)
    return Chart(figure, f"Right, of the test {unit}. {said}")


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
    figure = small_matrix(parts, genres, hover=hover)
    right = ", ".join(f"{genre} {100 * parts[k, k]:.2g} %" for k, genre in enumerate(genres))
    return Chart(
        figure,
        f"Confusion matrix of {name}, rows = true, in per cent of each row. Right: {right}.",
    )


def score_curve(rows: Sequence[Mapping[str, float]], name: str, *, line: float = 0.5) -> Chart:
    """Draw a song's printed scores, one flat step a segment.

    Parameters
    ----------
    rows : sequence of mapping
        ``start_s``, ``end_s`` and ``score`` in [0, 1].
    name : str
        Of the song.
    line : float
        What a segment must be above to count.

    Examples
    --------
    >>> score_curve([{"start_s": 0, "end_s": 46, "score": 0.35}], "Folklore").alt
    'Prog score of each segment of Folklore, first to last: 0.35. Dotted: 0.5.'
    """
    starts = [row["start_s"] for row in rows]
    scores = [row["score"] for row in rows]
    dots = go.Scatter(
        x=starts,
        y=scores,
        mode="lines+markers",
        line={"color": f"rgb{TINT}", "width": 2},
        marker={
            "size": 11,
            "color": [f"rgb{TINT}" if score > line else "rgba(0,0,0,0)" for score in scores],
            "line": {"color": f"rgb{TINT}", "width": 2},
        },
        customdata=[row["end_s"] for row in rows],
        hovertemplate="%{x:.0f} to %{customdata:.0f} s: %{y:.3f}<extra></extra>",
        cliponaxis=False,
    )
    figure = blank([dots], height=280)
    figure.add_hline(y=line, line={"color": LINE, "width": 2, "dash": "dot"}, layer="below")
    figure.update_xaxes(title_text="start of the segment in s", showgrid=False, fixedrange=True)
    figure.update_yaxes(title_text="prog score", range=[-0.03, 1.03], dtick=0.25, fixedrange=True)
    listed = ", ".join(f"{score:.2f}" for score in scores)
    return Chart(
        figure,
        f"Prog score of each segment of {name}, first to last: {listed}. Dotted: {line:g}.",
    )


def _words(row: Mapping[str, Any]) -> str:
    name = f"{row['name']} ({row['rule']})" if row["rule"] else row["name"]
    interval = "" if row["low"] is None else f" ({100 * row['low']:.1f} to {100 * row['high']:.1f})"
    genres = ", ".join(f"{genre} {100 * share:.1f} %" for genre, share in row["recalls"].items())
    return (
        f"{name}: {100 * row['value']:.1f} %{interval}, printed {100 * row['printed']:.1f} %; "
        f"{genres}."
    )
