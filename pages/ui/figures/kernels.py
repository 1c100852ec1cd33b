"""Kernels as figures: many as one mosaic, one enlarged with its axes, and all norms of a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from genre_core.explain.kernel_pictures import OUTLINE, grid_columns, grid_places, lay_out
from pages.ui.figures.chart import TINT, Chart, blank, dotted, ink, tint

ABOVE, BELOW = "rgba(194,87,26,1)", "rgba(47,120,196,1)"
"""Of weights above and below 0; the page's own ground shows through where they are 0."""

BLANK_EDGE = f"rgb{OUTLINE}"
WRITTEN = 49
"""Most cells of an enlarged kernel that have their value written in."""

_NOTHING = "rgba(127,135,148,0.08)"
_TICKS = 9
_FRAME = {"color": "rgba(127,135,148,0.55)", "width": 1}


def mosaic(
    pictures: NDArray[Any],
    says: Sequence[str],
    *,
    alt: str,
    numbers: Sequence[int] = (),
    blanks: Sequence[bool] = (),
    chosen: int | None = None,
    largest: float | None = None,
    titles: tuple[str, str] = ("", ""),
    bar: bool = True,
    aspect: float = 1.3,
    width: int = 560,
) -> Chart:
    """Draw kernels side by side as one picture, each framed, in the order given.

    `pictures` are weights [shape=(n, height, width)] or colours [shape=(n, height, width, 3),
    dtype=uint8]; `says` stands under the mouse over each, and a click gives its entry in `numbers`,
    else its place, as `customdata`. `blanks` are outlined, and the one at place `chosen` is marked.
    Colours end at `largest`, else at the largest weight; their range is centred at 0, or starts
    there where no value is negative. `aspect` is the wanted width in heights, `width` in px.

    Examples
    --------
    >>> chart = mosaic(np.ones((3, 2, 2), np.float32), ["a", "b", "c"], alt="Three.", chosen=1)
    >>> chart.figure.data[0].z.shape, [tuple(p) for p in chart.figure.data[-1].customdata]
    ((5, 5), [(0,), (1,), (2,)])
    """
    n, rows, cols = pictures.shape[:3]
    columns = grid_columns(n, rows, cols, aspect=aspect)
    places = grid_places(n, rows, cols, columns)
    paint = _colours(pictures, columns) if pictures.ndim == 4 else _weights(pictures, columns)
    if pictures.ndim == 3:
        top = largest or float(np.abs(pictures).max()) or 1.0
        paint.update(_scale(top, is_signed=bool((pictures < 0).any()), bar=bar))
    n_rows, n_cols = paint.z.shape[:2]
    marked = np.asarray(blanks if len(blanks) else [False] * n, dtype=bool)
    layers = [
        paint,
        _frames(places, rows, cols, _FRAME),
        _frames(places[marked], rows, cols, {"color": BLANK_EDGE, "width": 3}, grow=0.2),
    ]
    if chosen is not None:
        ring = {"color": f"rgb{TINT}", "width": 4}
        layers.append(_frames(places[[chosen]], rows, cols, ring, grow=0.45))
    unseen = {"marker": {"opacity": 0}}
    layers.append(
        go.Scatter(
            x=places[:, 1] + (cols - 1) / 2,
            y=places[:, 0] + (rows - 1) / 2,
            mode="markers",
            # About as large as a kernel, so that the mouse meets one wherever it is.
            marker={"symbol": "square", "size": min(90, width / columns), "opacity": 0},
            selected=unseen,
            unselected=unseen,
            customdata=[[int(k)] for k in (numbers if len(numbers) else range(n))],
            text=list(says),
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
        )
    )
    figure = blank(layers, height=80 + int(np.clip(width * n_rows / n_cols, 60, 1.3 * width)))
    figure.update_layout(clickmode="event+select", dragmode=False, hoverdistance=40)
    hidden = {"showgrid": False, "showticklabels": False, "ticks": ""}
    figure.update_xaxes(
        title_text=titles[0], range=[-1.2, n_cols + 0.2], constrain="domain", **hidden
    )
    figure.update_yaxes(
        title_text=titles[1],
        range=[n_rows + 0.2, -1.2],
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
        **hidden,
    )
    return Chart(figure, alt)


def enlarged(
    picture: NDArray[Any],
    *,
    alt: str,
    largest: float,
    across: tuple[str, Sequence[str]],
    upwards: tuple[str, Sequence[str]],
) -> Chart:
    """Draw one kernel large, with the edges of its cells on the axes.

    `picture` holds weights [shape=(height, width)] or colours [shape=(height, width, 3),
    dtype=uint8]; `largest` ends the colour range, of the whole layer, so that kernels can be
    compared. `across` and `upwards` are an axis' title and the labels of its edges, of columns from
    the left, of rows from the top; no labels where there is nothing to measure.

    Examples
    --------
    >>> axes = {"across": ("px", ["0", "1", "2"]), "upwards": ("px", ["0", "1"])}
    >>> chart = enlarged(np.ones((1, 2), np.float32), alt="One.", largest=2.0, **axes)
    >>> chart.figure.layout.xaxis.ticktext
    ('0', '1', '2')
    """
    rows, cols = picture.shape[:2]
    is_colour = picture.ndim == 3
    paint = _colours(picture[np.newaxis], 1) if is_colour else _weights(picture[np.newaxis], 1)
    if not is_colour:
        paint.update(_scale(largest, is_signed=bool((picture < 0).any()), bar=False))
        paint.update(hovertemplate="%{z:.3g}<extra></extra>", hoverinfo=None)
        if picture.size <= WRITTEN:
            paint.update(texttemplate="%{z:.2f}", textfont={"size": 13, **ink()})
    ring = _frames(np.zeros((1, 2)), rows, cols, _FRAME)
    figure = blank([paint, ring], height=70 + int(np.clip(300 * rows / cols, 40, 420)))
    figure.update_layout(dragmode=False)
    figure.update_xaxes(
        title_text=across[0],
        **_edges(across[1], cols, shape=cols / rows),
        range=[-0.6, cols - 0.4],
        constrain="domain",
    )
    figure.update_yaxes(
        title_text=upwards[0],
        **_edges(upwards[1], rows, shape=rows / cols),
        range=[rows - 0.4, -0.6],
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
    )
    return Chart(figure, alt)


def norms(values: NDArray[np.float64], threshold: float, layer: str) -> Chart:
    """Draw the norms of a layer's kernels, strongest first, and the line below which one is blank.

    Examples
    --------
    >>> norms(np.array([2.0, 1e-9, 1.0]), 0.02, "conv_1").alt
    'Norms of the 3 kernels of conv_1, strongest first: from 2 down to 1e-09. Below 0.02: 1.'
    """
    falling = np.sort(values)[::-1]
    # A norm of exactly 0 has no place on a logarithmic axis.
    lowest = max(float(falling.min()), threshold / 100)
    below = falling < threshold
    layers = [
        go.Scatter(
            x=np.flatnonzero(part) + 1,
            y=np.maximum(falling[part], lowest),
            mode="markers",
            name=name,
            marker={"size": 7, "color": colour, "symbol": symbol},
            customdata=falling[part],
            hovertemplate="place %{x}: norm %{customdata:.3g}<extra></extra>",
        )
        for part, name, colour, symbol in (
            (~below, "kernel", f"rgb{TINT}", "circle"),
            (below, "blank kernel", BLANK_EDGE, "square"),
        )
        if part.any()
    ]
    figure = blank(layers, height=260)
    dotted(figure, y=threshold)
    # On a logarithmic axis Plotly places lines by their value and words by its logarithm.
    figure.add_annotation(
        text="blank below",
        x=1,
        xref="paper",
        xanchor="right",
        y=np.log10(threshold),
        yanchor="top",
        showarrow=False,
        font=ink(),
    )
    figure.update_layout(showlegend=False, dragmode=False)
    figure.update_xaxes(title_text="kernels, strongest first", showgrid=False)
    figure.update_yaxes(title_text="norm", type="log", dtick=1, exponentformat="none")
    return Chart(
        figure,
        f"Norms of the {len(falling)} kernels of {layer}, strongest first: from {falling[0]:.3g} "
        f"down to {falling[-1]:.3g}. Below {threshold:.3g}: {int(below.sum())}.",
    )


def _weights(pictures: NDArray[np.float32], columns: int) -> go.Heatmap:
    return go.Heatmap(z=lay_out(pictures, columns), hoverinfo="skip", hoverongaps=False)


def _scale(largest: float, *, is_signed: bool, bar: bool = True) -> dict[str, Any]:
    """Give a colour range from -largest to largest, see-through at 0."""
    low = -largest if is_signed else 0.0
    colours = [[0, _NOTHING], [1, tint(1)]]
    if is_signed:
        colours = [[0, BELOW], [0.5, _NOTHING], [1, ABOVE]]
    scale: dict[str, Any] = {"zmin": low, "zmax": largest, "colorscale": colours, "showscale": bar}
    if bar:
        ticks = sorted({low, 0.0, largest})
        scale["colorbar"] = {
            "orientation": "h",
            "thickness": 10,
            "len": 0.5,
            "x": 0,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "tickvals": ticks,
            "ticktext": [f"{tick:.2g}" for tick in ticks],
            "tickfont": {"size": 12, **ink()},
            "outlinewidth": 0,
        }
    return scale


def _colours(pictures: NDArray[np.uint8], columns: int) -> go.Image:
    red, green, blue = (lay_out(pictures[..., k].astype(np.float32), columns) for k in range(3))
    seen = np.where(np.isnan(red), 0, 255)  # what lies between kernels shows the page
    colours = np.stack([red, green, blue, seen], axis=-1)
    return go.Image(z=np.nan_to_num(colours).astype(np.uint8), colormodel="rgba", hoverinfo="skip")


def _frames(
    places: NDArray[Any], rows: int, cols: int, line: dict[str, Any], *, grow: float = 0.0
) -> go.Scatter:
    """Draw a rectangle round each kernel, all as one line with gaps: fast for hundreds."""
    x: list[float | None] = []
    y: list[float | None] = []
    out = 0.5 + grow
    for row, col in places:
        left, right, top, low = col - out, col + cols - 1 + out, row - out, row + rows - 1 + out
        x += [left, right, right, left, left, None]
        y += [top, top, low, low, top, None]
    return go.Scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip", showlegend=False)


def _edges(labels: Sequence[str], n: int, *, shape: float) -> dict[str, Any]:
    """Put labels at the edges of n cells; of many, or on a side that is short, only some."""
    n_labels = min(n, max(1, round(_TICKS * min(1.0, shape))))
    kept = np.linspace(0, n, n_labels + 1).round().astype(int) if labels else []
    return {
        "tickvals": [k - 0.5 for k in kept],
        "ticktext": [labels[k] for k in kept],
        "tickangle": 0,
        "showgrid": False,
        "ticks": "",
    }
