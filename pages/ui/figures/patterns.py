"""Patterns as figures: many as one mosaic with coloured, named frames, and one large."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from PIL import Image
from plotly.colors import hex_to_rgb, sequential, unlabel_rgb

from genre_core.explain.kernel_pictures import grid_columns, grid_places
from pages.ui.figures.chart import LINE, SERIES, TINT, Chart, blank, ink, legend_above

BLUE, ORANGE, GREEN, PURPLE, PINK = SERIES
GROUP_LINES: Mapping[str, dict[str, Any]] = {
    "dots": {"color": BLUE},
    "horizontal": {"color": GREEN},
    "vertical": {"color": ORANGE},
    "low frequency": {"color": PURPLE},
    "blank": {"color": LINE, "dash": "dot"},
    "mixed": {"color": PINK, "dash": "dash"},
}
"""Frames of groups; dots, horizontal and low frequency have the colours of study S5's figures."""

SHORT = {"low frequency": "low f.", "horizontal": "horiz.", "vertical": "vert."}
"""Of names that do not fit under a picture."""

_MANY = 8
"""Pictures in a row from which on only a name's first letters fit, on a telephone too."""

_WORD_PX = 13
_BLANK_OPACITY = 40


def mosaic(
    pictures: np.ndarray,
    says: Sequence[str],
    *,
    alt: str,
    numbers: Sequence[int],
    words: Sequence[str] = (),
    frames: Sequence[str] = (),
    chosen: int | None = None,
    titles: tuple[str, str] = ("", ""),
    width: int = 560,
    aspect: float = 1.3,
) -> Chart:
    """Draw patterns side by side as one picture, each framed.

    `pictures` [shape=(n, height, width[, 3]), dtype=uint8] are drawn as they are, those without
    colours from dark to bright; `says` stands under the mouse, `words` under each; `frames` names
    each one's group; the grid is about `aspect` times as wide as high. A click gives its entry in
    `numbers`; the one at place `chosen` is marked.

    Examples
    --------
    >>> pictures = np.zeros((3, 8, 8), np.uint8)
    >>> chart = mosaic(pictures, ["a", "b", "c"], alt="Three.", numbers=[4, 5, 6],
    ...                frames=["dots", "dots", "blank"])
    >>> [trace.name for trace in chart.figure.data if trace.name]
    ['dots', 'blank']
    >>> [tuple(point) for point in chart.figure.data[-1].customdata]
    [(4,), (5,), (6,)]
    """
    n, rows, cols = pictures.shape[:3]
    columns = grid_columns(n, rows, cols, aspect=aspect)
    word = _WORD_PX * columns * cols / width if len(words) else 0.0
    height = rows + round(word + 0.5) * bool(len(words))
    places = grid_places(n, height, cols, columns)
    painted = _painted(pictures)
    last_row, last_column = places.max(axis=0)
    whole = np.zeros((last_row + height, last_column + cols, 4), np.uint8)
    for k, (picture, (row, column)) in enumerate(zip(painted, places, strict=True)):
        is_blank = len(frames) > k and frames[k] == "blank"
        whole[row : row + rows, column : column + cols, :3] = 127 if is_blank else picture
        whole[row : row + rows, column : column + cols, 3] = _BLANK_OPACITY if is_blank else 255
    layers: list[Any] = [go.Image(source=_as_source(whole), hoverinfo="skip")]
    if len(frames):
        for name, line in GROUP_LINES.items():
            own = places[np.array([frame == name for frame in frames], dtype=bool)]
            if len(own):
                layers.append(_boxes(own, rows, cols, {"width": 2, **line}, name))
    else:
        layers.append(_boxes(places, rows, cols, {"width": 1, "color": LINE}, ""))
    if chosen is not None:
        ring = {"width": 4, "color": f"rgb{TINT}"}
        layers.append(_boxes(places[[chosen]], rows, cols, ring, "", grow=1.5))
    middle = places[:, 1] + (cols - 1) / 2
    if len(words):
        layers.append(
            go.Scatter(
                x=middle,
                y=places[:, 0] + rows + word / 2,
                mode="text",
                text=[_fitting(text, columns) for text in words],
                textfont={"size": 10, **ink()},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    unseen = {"marker": {"opacity": 0}}
    layers.append(
        go.Scatter(
            x=middle,
            y=places[:, 0] + (rows - 1) / 2,
            mode="markers",
            marker={"symbol": "square", "size": min(90, width / columns), "opacity": 0},
            selected=unseen,
            unselected=unseen,
            customdata=[[int(k)] for k in numbers],
            text=list(says),
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
        )
    )
    n_rows, n_cols = whole.shape[:2]
    figure = blank(layers, height=90 + int(np.clip(width * n_rows / n_cols, 60, 1.3 * width)))
    figure.update_layout(clickmode="event+select", dragmode=False, hoverdistance=40)
    legend_above(figure)
    hidden = {"showgrid": False, "showticklabels": False, "ticks": ""}
    edge = max(1.2, 0.02 * n_cols)
    figure.update_xaxes(
        title_text=titles[0], range=[-edge, n_cols + edge], constrain="domain", **hidden
    )
    figure.update_yaxes(
        title_text=titles[1],
        range=[n_rows + edge, -edge],
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
        **hidden,
    )
    return Chart(figure, alt)


def enlarged(picture: np.ndarray, *, alt: str) -> Chart:
    """Draw one colour pattern [shape=(height, width, 3), dtype=uint8] large.

    Examples
    --------
    >>> enlarged(np.zeros((8, 8, 3), np.uint8), alt="One.").alt
    'One.'
    """
    rows, cols = picture.shape[:2]
    opaque = np.dstack([picture, np.full((rows, cols), 255, np.uint8)])
    figure = blank(
        [go.Image(source=_as_source(opaque), hoverinfo="skip")],
        height=20 + int(np.clip(320 * rows / cols, 60, 420)),
    )
    figure.update_layout(dragmode=False)
    bare = {"showgrid": False, "showticklabels": False, "ticks": "", "constrain": "domain"}
    figure.update_xaxes(range=[-0.5, cols - 0.5], **bare)
    figure.update_yaxes(range=[rows - 0.5, -0.5], scaleanchor="x", **bare)
    return Chart(figure, alt)


def _fitting(word: str, columns: int) -> str:
    """Shorten a group's name to what fits under its picture.

    >>> [_fitting("horizontal", n) for n in (4, 12)], _fitting("Rock", 12)
    (['horiz.', 'hor'], 'Rock')
    """
    return word[:3] if word in GROUP_LINES and columns > _MANY else SHORT.get(word, word)


def _painted(pictures: np.ndarray) -> np.ndarray:
    """Give colours to patterns without, dark to bright, as spectrograms have them."""
    if pictures.ndim == 4:
        return pictures
    ends = np.array(
        [hex_to_rgb(c) if c.startswith("#") else unlabel_rgb(c) for c in sequential.Magma], float
    )
    at = np.linspace(0, 255, len(ends))
    table = np.stack([np.interp(np.arange(256), at, ends[:, k]) for k in range(3)], axis=1)
    return np.rint(table).astype(np.uint8)[pictures]


def _as_source(picture: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(picture, "RGBA").save(buffer, "WEBP", quality=70)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def _boxes(
    places: np.ndarray,
    rows: int,
    cols: int,
    line: dict[str, Any],
    name: str,
    *,
    grow: float = 0.0,
) -> go.Scatter:
    """Draw a rectangle round each, all as one line with gaps."""
    x: list[float | None] = []
    y: list[float | None] = []
    out = 0.5 + grow
    for row, col in places.tolist():
        left, right, top, low = col - out, col + cols - 1 + out, row - out, row + rows - 1 + out
        x += [left, right, right, left, left, None]
        y += [top, top, low, low, top, None]
    return go.Scatter(
        x=x, y=y, mode="lines", line=line, name=name, hoverinfo="skip", showlegend=bool(name)
    )
