"""The figures of the question of length: what each set of columns is worth, and songs' lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from pages.ui.figures.chart import LINE, Chart, blank, ink

_COLOURS = ("rgb(47,120,196)", "rgb(194,87,26)", "rgb(45,138,90)")
_BAR_PX, _LEGEND_PX = 26, 24
_LEGEND = {
    "font": {"size": 14},
    "orientation": "v",
    "traceorder": "normal",
    "yref": "container",
    "y": 1,
    "yanchor": "top",
    "x": 0,
}
# Inside, at the foot: at the head it would stand under a whisker.
_TEXT_INSIDE: dict[str, Any] = {
    "textposition": "inside",
    "insidetextanchor": "start",
    "textangle": 0,
    "insidetextfont": {"color": "white"},
}


def worth_of_columns(rows: Sequence[Mapping[str, Any]], majority: float) -> Chart:
    """Draw one bar for each set of columns and model, with the spread of its repeats.

    Parameters
    ----------
    rows : sequence of mapping
        ``features``, ``n_columns``, ``model`` and ``accuracy`` as {mean, lowest, highest}.
    majority : float
        Accuracy of always giving the commoner answer.

    Examples
    --------
    >>> right = {"mean": 0.7, "lowest": 0.6, "highest": 0.75}
    >>> rows = [{"features": "all", "n_columns": 41, "model": "forest", "accuracy": right}]
    >>> worth_of_columns(rows, 0.53).alt
    'Accuracy on test songs. All 41 columns: forest 0.70. Always the commoner answer: 0.53.'
    """
    sets = list(dict.fromkeys((row["features"], row["n_columns"]) for row in rows))
    models = list(dict.fromkeys(row["model"] for row in rows))
    names = {each: _set_name(*each) for each in sets}
    bars = []
    for place, model in enumerate(models):
        mine = [row for row in rows if row["model"] == model]
        values = [row["accuracy"]["mean"] for row in mine]
        bars.append(
            go.Bar(
                x=values,
                y=[names[row["features"], row["n_columns"]] for row in mine],
                name=model,
                orientation="h",
                marker={"color": _COLOURS[place % len(_COLOURS)]},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [row["accuracy"]["highest"] - row["accuracy"]["mean"] for row in mine],
                    "arrayminus": [
                        row["accuracy"]["mean"] - row["accuracy"]["lowest"] for row in mine
                    ],
                    # As dark as words: it has to stand out from the bars, not only from the page.
                    "color": ink().get("color", LINE),
                    "thickness": 2,
                    "width": 4,
                },
                text=[f"{value:.2f}" for value in values],
                **_TEXT_INSIDE,
                hovertemplate="%{y}: %{x:.3f}<extra>" + model + "</extra>",
            )
        )
    top = 44 + len(models) * _LEGEND_PX
    figure = blank(bars, height=top + 60 + len(sets) * (len(models) + 1) * _BAR_PX)
    figure.update_xaxes(title_text="accuracy on test songs", range=[0, 1], fixedrange=True)
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True, ticksuffix="  ")
    figure.add_vline(
        x=majority,
        line={"color": LINE, "dash": "dot", "width": 2},
        annotation_text="always “not prog”",
        annotation_position="top",
    )
    figure.update_layout(
        barmode="group",
        bargap=0.25,
        margin={"t": top},
        legend=_LEGEND,
    )
    said = [
        f"{names[each].replace('<br>', ' ')}: "
        + ", ".join(
            f"{row['model']} {row['accuracy']['mean']:.2f}"
            for row in rows
            if (row["features"], row["n_columns"]) == each
        )
        + "."
        for each in sets
    ]
    words = f"Accuracy on test songs. {' '.join(said)} Always the commoner answer: {majority:.2f}."
    return Chart(figure, words)


def lengths(parts: Sequence[tuple[str, float, float]]) -> Chart:
    """Draw how long prog songs and others are on average, part by part.

    Parameters
    ----------
    parts : sequence of (str, float, float)
        Name, mean length of prog songs and of others, in seconds.

    Examples
    --------
    >>> lengths([("S5, test", 593.1, 303.8)]).alt
    'Mean length of a song. S5, test: prog 593 s, not prog 304 s.'
    """
    names = [name for name, _, _ in parts]
    bars = [
        go.Bar(
            x=[part[place] for part in parts],
            y=names,
            name=label,
            orientation="h",
            marker={"color": _COLOURS[place - 1]},
            text=[f"{part[place]:.0f} s" for part in parts],
            **_TEXT_INSIDE,
            hovertemplate="%{y}: %{x:.0f} s<extra>" + label + "</extra>",
        )
        for place, label in ((1, "prog"), (2, "not prog"))
    ]
    top = 20 + 2 * _LEGEND_PX
    figure = blank(bars, height=top + 60 + len(parts) * 3 * _BAR_PX)
    figure.update_xaxes(title_text="mean length of a song (s)", rangemode="tozero", fixedrange=True)
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True, ticksuffix="  ")
    figure.update_layout(
        barmode="group",
        bargap=0.3,
        margin={"t": top},
        legend=_LEGEND,
    )
    said = [
        f"{name.replace('<br>', ' ')}: prog {prog:.0f} s, not prog {other:.0f} s"
        for name, prog, other in parts
    ]
    return Chart(figure, f"Mean length of a song. {'; '.join(said)}.")


def _set_name(features: str, n_columns: int) -> str:
    # Two short lines: beside the bars of a telephone one long one would leave no room.
    if n_columns == 1:
        return "Length<br>alone"
    if features == "all":
        return f"All {n_columns}<br>columns"
    return f"{features[0].upper()}{features[1:]}<br>({n_columns})"
