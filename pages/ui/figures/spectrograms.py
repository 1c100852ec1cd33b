"""What networks read of songs: a stretch, and patches that excite kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from pages.ui.figures.chart import CLEAR, Chart, blank, ink
from pages.ui.figures.kernels import ABOVE, BELOW

if TYPE_CHECKING:
    from genre_core.explain.song_spectrogram import SongSpectrogram

OCTAVES_HZ = tuple(125 * 2**k for k in range(8))
"""Frequencies that are written on the axis, as far as they are there."""

_NAMES = 12
"""Most names that fit above each other."""

_HOVERED = 240
"""Most columns of a spectrogram whose frequencies are told under the mouse: words weigh a lot."""

_GAP = 0.03
"""Between a kernel and patches beside each other, as a share of the figure's width."""

_BARE = {"visible": False, "fixedrange": True}


def spectrogram(shown: SongSpectrogram, name: str, ends: tuple[float, float]) -> Chart:
    """Draw a stretch of a song, low frequencies at the bottom.

    `ends` are those of the colour range, the same for all songs side by side.
    """
    hz = shown.hz
    rows = np.arange(len(hz))
    octaves: list[int] = []
    places: list[float] = []
    for octave in reversed(OCTAVES_HZ):
        place = float(np.interp(octave, hz, rows))
        # Low octaves lie close together on a mel scale, too close for their names.
        if hz[0] <= octave <= hz[-1] and (not places or places[-1] - place >= len(hz) / _NAMES):
            octaves.append(octave)
            places.append(place)
    n_columns = shown.values.shape[1]
    has_words = n_columns <= _HOVERED
    hover = "%{x:.2f} s, %{text}: %{z:.1f}" if has_words else "%{x:.1f} s: %{z:.1f}"
    picture = go.Heatmap(
        z=shown.values,
        x=shown.time_s,
        y=rows,
        zmin=ends[0],
        zmax=ends[1],
        text=[[f"{height:,.0f} Hz"] * n_columns for height in hz] if has_words else None,
        colorscale="Magma",
        showscale=False,
        hovertemplate=f"{hover}<extra></extra>",
    )
    figure = blank([picture], height=280)
    figure.update_xaxes(title_text="seconds", showgrid=False)
    figure.update_yaxes(
        title_text="Hz",
        tickvals=places,
        ticktext=[f"{hz // 1000}k" if hz >= 1000 else str(hz) for hz in octaves],
        showgrid=False,
    )
    loudest = float(hz[int(shown.values.mean(axis=1).argmax())])
    return Chart(
        figure,
        f"Spectrogram of {name}, {shown.time_s[0]:.1f} to {shown.time_s[-1]:.1f} s, "
        f"{hz[0]:,.0f} to {hz[-1]:,.0f} Hz; on average loudest near {loudest:,.0f} Hz.",
    )


def kernel_and_patches(
    weights: np.ndarray, patches: Sequence[np.ndarray], *, largest: float, alt: str
) -> Chart:
    """Draw a kernel's weights, and beside them what excites it, numbered.

    All are [shape=(rows, columns)], row 0 at the top. The patches, the strongest first, have one
    range of colours; the kernel's ends at `largest`.

    Examples
    --------
    >>> chart = kernel_and_patches(np.eye(3), [np.zeros((4, 4)), np.ones((4, 4))], largest=1.0,
    ...                            alt="Two.")
    >>> len(chart.figure.data)
    3
    """
    low = min((float(patch.min()) for patch in patches), default=0.0)
    high = max((float(patch.max()) for patch in patches), default=1.0)
    signed = [[0, BELOW], [0.5, "rgba(127,135,148,0.08)"], [1, ABOVE]]
    own = {"zmin": -largest, "zmax": largest, "colorscale": signed, "xgap": 1, "ygap": 1}
    theirs = {"zmin": low, "zmax": max(high, low + 1e-6), "colorscale": "Magma"}
    layers: list[go.Heatmap] = []
    words: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    step = (1 + _GAP) / (1 + len(patches))
    # Plotly's own subplots say the same, and take ten times as long over it.
    for place, picture in enumerate((weights, *patches)):
        number = str(place + 1) if place else ""
        layers.append(
            go.Heatmap(
                z=picture,
                **(theirs if place else own),
                showscale=False,
                hovertemplate="%{z:.1f}<extra></extra>" if place else "%{z:.3g}<extra></extra>",
                xaxis=f"x{number}",
                yaxis=f"y{number}",
            )
        )
        left = place * step
        across = {"domain": [left, left + step - _GAP], "anchor": f"y{number}"}
        axes[f"xaxis{number}"] = _BARE | across | {"constrain": "domain"}
        axes[f"yaxis{number}"] = _BARE | {"anchor": f"x{number}", "autorange": "reversed"}
        words.append(
            {
                "text": str(place) if place else "kernel",
                "x": left + (step - _GAP) / 2,
                "y": 1,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "center",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 13, **ink()},
            }
        )
    layout = {
        "height": 150,
        "margin": {"l": 4, "r": 4, "t": 26, "b": 4},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "dragmode": False,
        "annotations": words,
    }
    figure = go.Figure(layers, layout | axes)
    return Chart(figure, alt)
