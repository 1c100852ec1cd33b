"""A cover to draw a region on."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from pages.ui.figures.chart import Chart, blank

DRAWN_PX = 380
"""Longest side of the picture that is drawn on; it travels with the figure at every change."""

_STEP = 3.125
"""Distance of the invisible markers in per cent; a box around none of them is no selection."""

_EDGE = "#f59e0b"


def drawing(
    picture: np.ndarray, region: Sequence[float] | None = None, *, is_kept: bool = False
) -> Chart:
    """Draw a cover [shape=(height, width, 3), dtype=uint8] on which a rectangle can be drawn.

    `region` is the rectangle to show: left, top, right and bottom in per cent of the sides; where
    it alone `is_kept`, the rest is dark. So is a selection's box: x of the width and y of the
    height, from the top left. Plotly selects markers and nothing else, so a lattice of invisible
    ones lies over the picture.

    Examples
    --------
    >>> drawing(np.zeros((40, 60, 3), dtype=np.uint8), (10, 20, 30, 50)).alt
    'The cover, to draw a rectangle on. Drawn: 10 to 30 % across, 20 to 50 % down.'
    """
    height, width = picture.shape[:2]
    lattice = np.arange(0, 100 + _STEP, _STEP)
    x, y = (axis.ravel() for axis in np.meshgrid(lattice, lattice))
    unseen = {"marker": {"opacity": 0}}
    markers = go.Scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"size": 4, "opacity": 0},
        selected=unseen,
        unselected=unseen,
        hoverinfo="skip",
        showlegend=False,
    )
    figure = blank([markers], height=8 + round(DRAWN_PX * min(1.0, height / width)))
    figure.add_layout_image(
        source=_as_address(_alone(picture, region) if region and is_kept else picture),
        xref="x",
        yref="y",
        x=0,
        y=0,
        sizex=100,
        sizey=100,
        sizing="stretch",
        layer="below",
    )
    figure.update_layout(
        dragmode="select",
        hovermode=False,
        margin={"l": 0, "r": 0, "t": 4, "b": 4},
        newselection={"line": {"color": _EDGE, "width": 3, "dash": "solid"}},
        activeselection={"fillcolor": _EDGE, "opacity": 0.15},
    )
    hidden = {"visible": False, "constrain": "domain"}
    figure.update_xaxes(range=[0, 100], constraintoward="left", **hidden)
    figure.update_yaxes(
        range=[100, 0], scaleanchor="x", scaleratio=height / width, constraintoward="top", **hidden
    )
    if region is None:
        return Chart(figure, "The cover, to draw a rectangle on. Nothing is drawn.")
    left, top, right, bottom = region
    figure.add_shape(
        type="rect", x0=left, y0=top, x1=right, y1=bottom, line={"color": _EDGE, "width": 3}
    )
    drawn = f"{left:g} to {right:g} % across, {top:g} to {bottom:g} % down"
    return Chart(figure, f"The cover, to draw a rectangle on. Drawn: {drawn}.")


def _alone(picture: np.ndarray, region: Sequence[float]) -> np.ndarray:
    """Darken what lies outside a region."""
    height, width = picture.shape[:2]
    left, top, right, bottom = (
        round(share * side / 100)
        for share, side in zip(region, (width, height, width, height), strict=True)
    )
    dark = picture // 4
    dark[top:bottom, left:right] = picture[top:bottom, left:right]
    return dark


def _as_address(picture: np.ndarray) -> str:
    image = Image.fromarray(picture)
    image.thumbnail((DRAWN_PX, DRAWN_PX), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
