"""The figure of the scaling question: each training tested on covers made in each way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from pages.ui.figures.chart import LINE, Chart, blank

_MARKS = ("circle", "square", "diamond", "triangle-up", "cross")
_COLOURS = (
    "rgb(47,120,196)",
    "rgb(194,87,26)",
    "rgb(45,138,90)",
    "rgb(140,96,205)",
    "rgb(196,70,130)",
)
_LINE_PX, _LEGEND_PX = 24, 24


def trained_and_tested(rows: Sequence[Mapping[str, Any]]) -> Chart:
    """Draw one dot with its interval for each pair of training and test.

    Parameters
    ----------
    rows : sequence of mapping
        ``trained_on``, ``tested_on`` and ``roc_auc`` as {value, low, high}.

    Examples
    --------
    >>> area = {"value": 0.75, "low": 0.7, "high": 0.8}
    >>> rows = [{"trained_on": "as they are", "tested_on": "neutralised", "roc_auc": area}]
    >>> trained_and_tested(rows).alt
    'ROC AUC. Trained on covers as they are: tested on neutralised 0.75.'
    """
    trained = list(dict.fromkeys(row["trained_on"] for row in rows))
    tested = list(dict.fromkeys(row["tested_on"] for row in rows))
    layers, said = [], []
    for place, name in enumerate(trained):
        mine = [row for row in rows if row["trained_on"] == name]
        values = [row["roc_auc"]["value"] for row in mine]
        # All dots of a test one under the other, so that no whisker hides another.
        shift = 0.7 * ((place + 0.5) / len(trained) - 0.5)
        layers.append(
            go.Scatter(
                x=values,
                y=[tested.index(row["tested_on"]) + shift for row in mine],
                name=name,
                mode="markers",
                cliponaxis=False,
                marker={
                    "symbol": _MARKS[place % len(_MARKS)],
                    "size": 12,
                    "color": _COLOURS[place % len(_COLOURS)],
                },
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [row["roc_auc"]["high"] - row["roc_auc"]["value"] for row in mine],
                    "arrayminus": [row["roc_auc"]["value"] - row["roc_auc"]["low"] for row in mine],
                    "thickness": 2,
                    "width": 5,
                },
                customdata=[row["tested_on"] for row in mine],
                hovertemplate="tested on covers %{customdata}: %{x:.3f}<extra></extra>",
            )
        )
        pairs = zip(mine, values, strict=True)
        listed = ", ".join(f"{row['tested_on']} {value:.2f}" for row, value in pairs)
        said.append(f"Trained on covers {name}: tested on {listed}.")
    height = 90 + len(tested) * (len(trained) + 1) * _LINE_PX
    figure = blank(layers, height=height + (len(trained) + 1) * _LEGEND_PX)
    figure.update_xaxes(title_text="ROC AUC", range=[-0.02, 1.02], fixedrange=True)
    figure.update_yaxes(
        title_text="tested on covers",
        tickvals=list(range(len(tested))),
        ticktext=[f"{name}  " for name in tested],
        range=[len(tested) - 0.5, -0.5],
        showgrid=False,
        fixedrange=True,
    )
    figure.add_vline(
        x=0.5,
        line={"color": LINE, "dash": "dot", "width": 1.5},
        annotation_text="a coin",
        annotation_position="top",
    )
    for line in range(1, len(tested)):
        figure.add_hline(y=line - 0.5, line={"color": LINE, "width": 0.5})
    # One name a line above all, measured in pixels: in a row they would cover the dots of a phone.
    figure.update_layout(
        margin={"t": 44 + len(trained) * _LEGEND_PX},
        legend={
            "title": {"text": "trained on covers"},
            "font": {"size": 14},
            "yref": "container",
            "y": 1,
            "yanchor": "top",
            "x": 0,
        },
    )
    return Chart(figure, f"ROC AUC. {' '.join(said)}")
