"""Figures of the first lessons: pictures as cells to count, and bars that a student can read."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from pages.ui.figures.chart import SERIES, Chart, blank, dotted, name_rows

_EDGE = "#f59e0b"
_PX = 320
_DOTS = 100
_MIDDLE = 140
"""Brightness from which black is read better than white."""


def cells(
    picture: np.ndarray,
    alt: str,
    *,
    outline: Sequence[float] | None = None,
    numbers: np.ndarray | None = None,
    height: int = _PX,
    is_stretched: bool = False,
) -> Chart:
    """Draw a picture [shape=(h, w, 3 or 4), dtype=uint8] so that each pixel is a square.

    Where `is_stretched` it fills the width instead.

    `outline` is the left, top, width and height of a frame, in cells; `numbers` [shape=(h, w)] or
    [shape=(h, w, 3)] are written into the cells.

    Examples
    --------
    >>> cells(np.zeros((2, 2, 3), dtype=np.uint8), "Four black cells").alt
    'Four black cells'
    """
    rows, columns = picture.shape[:2]
    y, x = (axis.ravel() for axis in np.mgrid[0:rows, 0:columns])
    texts, colours = [], []
    if numbers is not None:
        texts = [
            "<br>".join(map(str, np.atleast_1d(numbers[r, c]))) for r, c in zip(y, x, strict=True)
        ]
        colours = [
            "#000" if picture[r, c, :3].mean() > _MIDDLE else "#fff"
            for r, c in zip(y, x, strict=True)
        ]
    layer = go.Scatter(
        x=x if texts else [],
        y=y if texts else [],
        mode="text",
        text=texts,
        textfont={"color": colours, "size": 13 if columns <= 6 else 11},
        hoverinfo="skip",
    )
    figure = blank([layer], height=height)
    figure.add_layout_image(
        source=_address(picture),
        xref="x",
        yref="y",
        x=-0.5,
        y=-0.5,
        sizex=columns,
        sizey=rows,
        sizing="stretch",
        layer="below",
    )
    if outline is not None:
        left, top, width, tall = outline
        figure.add_shape(
            type="rect",
            x0=left - 0.5,
            y0=top - 0.5,
            x1=left + width - 0.5,
            y1=top + tall - 0.5,
            line={"color": _EDGE, "width": 3},
        )
    hidden = {"visible": False, "constrain": "domain"}
    figure.update_xaxes(range=[-0.5, columns - 0.5], constraintoward="left", **hidden)
    figure.update_yaxes(range=[rows - 0.5, -0.5], constraintoward="top", **hidden)
    if not is_stretched:
        figure.update_yaxes(scaleanchor="x")
    figure.update_layout(margin={"l": 0, "r": 0, "t": 4, "b": 4}, hovermode=False)
    return Chart(figure, alt)


def simple_bars(
    names: Sequence[str],
    values: Sequence[float],
    texts: Sequence[str],
    what: str,
    *,
    line: float | None = None,
    most: float | None = None,
    marked: Sequence[int] = (),
) -> Chart:
    """Draw a bar a name, with its value written at it; `line` is what needs no looking.

    Those `marked` have another colour.

    Examples
    --------
    >>> simple_bars(["a", "b"], [0.5, 0.25], ["50 %", "25 %"], "Share").alt
    'Share: a 50 %, b 25 %.'
    """
    bars = go.Bar(
        x=list(values),
        y=list(range(len(names))),
        orientation="h",
        text=list(texts),
        textposition="outside",
        cliponaxis=False,
        marker={"color": [SERIES[1] if k in marked else SERIES[0] for k in range(len(names))]},
        hoverinfo="skip",
    )
    figure = blank([bars], height=44 + 44 * len(names))
    low, high = min(0.0, *values), max(most or 0.0, *values)
    room = 0.25 * (high - low or 1)
    figure.update_xaxes(range=[low - (room if low < 0 else 0), high + room], visible=False)
    name_rows(figure, [name.replace("\n", "<br>") for name in names])
    figure.update_layout(bargap=0.35, margin={"r": 12})
    told = ", ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True))
    if line is None:
        return Chart(figure, f"{what}: {told}.".replace("\n", " "))
    dotted(figure, x=line)
    figure.add_annotation(
        x=line,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="right" if line > 0.5 * (low + high) else "left",
        text=f"majority line {100 * line:.0f} %",
        showarrow=False,
    )
    figure.update_layout(margin={"t": 30}, height=figure.layout.height + 20)
    return Chart(figure, f"{what}: {told}. Majority line {100 * line:.0f} %.".replace("\n", " "))


def wave(times: np.ndarray, samples: np.ndarray) -> Chart:
    """Draw a wave over time in s; where there are few samples each is a dot.

    Examples
    --------
    >>> wave(np.array([0.0, 0.1]), np.array([0.5, -0.5])).alt
    'The wave from 0.000 s to 0.100 s: numbers between -0.50 and 0.50.'
    """
    is_few = len(samples) <= _DOTS
    layer = go.Scatter(
        x=times,
        y=samples,
        mode="lines+markers" if is_few else "lines",
        line={"color": SERIES[0], "width": 1.5},
        marker={"size": 7},
        hoverinfo="skip",
    )
    figure = blank([layer], height=200)
    figure.update_xaxes(title_text="time, s")
    reach = float(max(0.01, np.abs(samples).max()))
    figure.update_yaxes(range=[-1.1 * reach, 1.1 * reach])
    return Chart(
        figure,
        f"The wave from {times[0]:.3f} s to {times[-1]:.3f} s: numbers between "
        f"{samples.min():.2f} and {samples.max():.2f}.",
    )


def spectrum(
    picture: bytes,
    ticks: Sequence[tuple[float, str]],
    duration_s: float,
    heard_s: tuple[float, float],
    band_hz: tuple[float, float] | None,
) -> Chart:
    """Draw a song's spectrogram with what is heard framed.

    `picture` is a PNG, `ticks` are heights in [0, 1]. Octaves are equally high, so a
    frequency's height follows from two ticks.

    Examples
    --------
    >>> empty = io.BytesIO()
    >>> Image.new("RGB", (4, 4)).save(empty, "PNG")
    >>> spectrum(empty.getvalue(), [(0.2, "125 Hz"), (0.4, "250 Hz")], 9.0, (1, 3), (0, 250)).alt
    'Spectrogram of 9 s. Framed: 1 to 3 s, 0 to 250 Hz.'
    """
    figure = blank([go.Scatter(x=[], y=[])], height=230)
    source = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    figure.add_layout_image(
        source=source, xref="x", yref="y", x=0, y=1, sizex=duration_s, sizey=1, sizing="stretch",
        layer="below",
    )  # fmt: skip
    (low, low_name), (high, _) = ticks[0], ticks[1]
    first_hz = float(low_name.split()[0])

    def height(hertz: float) -> float:
        if hertz <= 0:
            return 0.0
        return float(np.clip(low + (high - low) * np.log2(hertz / first_hz), 0, 1))

    bottom, top = (0.0, 1.0) if band_hz is None else map(height, band_hz)
    figure.add_shape(
        type="rect", x0=heard_s[0], x1=heard_s[1], y0=bottom, y1=top,
        line={"color": "#fff", "width": 3},
    )  # fmt: skip
    figure.update_xaxes(title_text="time, s", range=[0, duration_s])
    heights, names = zip(*ticks, strict=True)
    figure.update_yaxes(range=[0, 1], tickvals=heights, ticktext=names, showgrid=False)
    of = "all pitches" if band_hz is None else f"{band_hz[0]:g} to {band_hz[1]:g} Hz"
    return Chart(
        figure,
        f"Spectrogram of {duration_s:.0f} s. Framed: {heard_s[0]:g} to {heard_s[1]:g} s, {of}.",
    )


def _address(picture: np.ndarray) -> str:
    # Enlarged here: a browser would smooth the edges between the cells away.
    times = max(1, 480 // max(picture.shape[:2]))
    file = io.BytesIO()
    Image.fromarray(picture.repeat(times, axis=0).repeat(times, axis=1)).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
