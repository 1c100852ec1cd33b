"""One segment of a song as a network reads it, with where it looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from pages.ui.figures.chart import Chart, blank

if TYPE_CHECKING:
    from genre_core.audio.segment_picture import SegmentPicture

HEIGHT_PX = 380
LOOKED_AT = 0.5
"""Where the map is at least half as strong as at its strongest, an outline is drawn."""


def segment(picture: SegmentPicture, heat: np.ndarray | None, start_s: float) -> Chart:
    """Draw what a network reads of a segment as a heat map, time to the right.

    Parameters
    ----------
    picture : SegmentPicture
        Values, times and rows.
    heat : np.ndarray [shape as the values], optional
        Where it looked, in [0, 1]: outlined.
    start_s : float
        Where the segment starts in the song.
    """
    time_s = picture.time_s + start_s
    names = np.broadcast_to(np.array(picture.rows)[:, np.newaxis], picture.values.shape)
    layers: list[go.Heatmap | go.Contour] = [
        go.Heatmap(
            z=picture.values,
            x=time_s,
            y=np.arange(len(picture.rows)),
            text=names,
            colorscale="Magma",
            showscale=False,
            hovertemplate="%{x:.2f} s, %{text}: %{z:.2f}<extra></extra>",
        )
    ]
    if heat is not None:
        layers.append(
            go.Contour(
                z=heat,
                x=time_s,
                y=np.arange(len(picture.rows)),
                contours={"start": LOOKED_AT, "end": LOOKED_AT, "size": 1, "coloring": "none"},
                line={"width": 2.5, "color": "#7fffd4"},
                showscale=False,
                hoverinfo="skip",
            )
        )
    figure = blank(layers, height=HEIGHT_PX)
    figure.update_xaxes(title="seconds", fixedrange=True, showgrid=False)
    places, words = zip(*picture.ticks, strict=True) if picture.ticks else ((), ())
    figure.update_yaxes(tickvals=places, ticktext=words, fixedrange=True, showgrid=False)
    outlined = "" if heat is None else " An outline shows where the network looked."
    return Chart(
        figure,
        f"{len(picture.rows)} rows from {picture.rows[0]} to {picture.rows[-1]} over "
        f"{float(time_s[-1] - time_s[0]):.1f} seconds.{outlined}",
    )
