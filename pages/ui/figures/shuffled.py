"""How much a heat map resembles itself while the network's layers are shuffled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from pages.ui.figures.chart import SERIES, Chart, blank, dotted, legend_above


def shuffled(
    layers: Sequence[int], names: Sequence[str], rows: Mapping[str, Sequence[float]], line: float
) -> Chart:
    """Draw rank correlations by how many layers are shuffled, a curve a method.

    `names` is the last layer that was shuffled; below the dotted `line` a map has changed.

    Examples
    --------
    >>> shuffled([0, 1, 8], ["", "logits", "conv_1"], {"Grad-CAM": [1, 0.4, 0.1]}, 0.5).alt
    'Rank correlation with the map of the trained network while layers are shuffled, from the \
output on: Grad-CAM goes from 1.00 to 0.10. Dotted: 0.5.'
    """
    texts = [f"up to {name}" if name else "none shuffled" for name in names]
    curves = [
        go.Scatter(
            x=list(layers),
            y=list(row),
            name=name,
            mode="lines+markers",
            line={"color": SERIES[place % len(SERIES)], "width": 2.5},
            marker={"size": 8},
            text=texts,
            hovertemplate=f"{name}, %{{x}} layers shuffled (%{{text}}): %{{y:.2f}}<extra></extra>",
            showlegend=True,
            cliponaxis=False,
        )
        for place, (name, row) in enumerate(rows.items())
    ]
    figure = blank(curves, height=320)
    legend_above(figure)
    dotted(figure, y=line)
    figure.update_xaxes(title_text="layers shuffled, from the output on", showgrid=False)
    figure.update_yaxes(title_text="rank correlation", range=[-1.05, 1.05], dtick=0.5)
    told = "; ".join(
        f"{name} goes from {row[0]:.2f} to {row[-1]:.2f}" for name, row in rows.items()
    )
    return Chart(
        figure,
        "Rank correlation with the map of the trained network while layers are shuffled, from the "
        f"output on: {told}. Dotted: {line:g}.",
    )
