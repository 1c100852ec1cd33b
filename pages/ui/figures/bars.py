"""One bar a genre."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pages.ui.figures.chart import Chart, blank


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
    figure = blank([bars], height=46 + 34 * len(names))
    figure.update_xaxes(range=[0, 1.08], visible=False, fixedrange=True)
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True, ticksuffix="  ")
    listed = ", ".join(f"{n} {100 * v:.0f} %" for n, v in zip(names, values, strict=True))
    return Chart(figure, f"Bars: {listed}.")
