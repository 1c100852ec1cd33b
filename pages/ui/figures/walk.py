"""A network's layers as bars: how large their maps are, and how many there are of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from pages.ui.figures.chart import SERIES, Chart, blank, ink, legend_above

if TYPE_CHECKING:
    from genre_core.explain.walk import Step

_COLOURS = {
    "convolution": SERIES[0],
    "pooling": SERIES[2],
    "dense layer": SERIES[1],
    "LSTM": SERIES[3],
}
_OTHER = "rgb(127,135,148)"


def walk(steps: Sequence[Step], chosen: int) -> Chart:
    """Draw each step as a block, as high as its map and as wide as the number of its maps.

    Both on logarithmic scales; the chosen one is outlined.

    Examples
    --------
    >>> from genre_core.explain.walk import Step
    >>> one = Step("conv_1", "convolution", "8 kernels of 3 x 3", (16, 16, 8), 80)
    >>> walk([one], 0).alt
    'The 1 layers of the network from left to right, the first chosen: conv_1, 16 x 16 x 8.'
    """
    heights = [math.log2(_side(step)) + 1 for step in steps]
    widths = [math.log2(step.shape[-1]) + 1 for step in steps]
    lefts = [sum(widths[:k]) + 1.0 * k for k in range(len(steps))]
    layers = [
        go.Bar(
            x=[lefts[k] + widths[k] / 2 for k in members],
            y=[2 * heights[k] for k in members],
            base=[-heights[k] for k in members],
            width=[widths[k] for k in members],
            name=kind,
            marker={
                "color": _COLOURS.get(kind, _OTHER),
                "cornerradius": 3,
                "opacity": [1.0 if k == chosen else 0.5 for k in members],
                "line": {"width": [3 if k == chosen else 0 for k in members], **ink()},
            },
            customdata=members,
            text=[_hover(steps[k]) for k in members],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
        )
        for kind in dict.fromkeys(step.kind for step in steps)
        if (members := [k for k, step in enumerate(steps) if step.kind == kind])
    ]
    figure = blank(layers, height=260)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.update_layout(bargap=0, barmode="overlay")
    legend_above(figure)
    place = "first" if chosen == 0 else f"{chosen + 1}th"
    shape = " x ".join(map(str, steps[chosen].shape))
    return Chart(
        figure,
        f"The {len(steps)} layers of the network from left to right, the {place} chosen: "
        f"{steps[chosen].name}, {shape}.",
    )


def _side(step: Step) -> int:
    return max(step.shape[:-1], default=1)


def _hover(step: Step) -> str:
    shape = " x ".join(f"{side:,}" for side in step.shape)
    return f"{step.name}: {step.words}<br>{shape}<br>{step.n_parameters:,} parameters"
