"""What families of features add to a network's answer, as bars and second by second."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from pages.ui.figures.chart import LINE, SERIES, Chart, blank, dotted

WORDS = {
    "mfcc": "timbre (MFCC)",
    "chroma_stft": "tones (chroma)",
    "chroma_cqt": "tones (constant-Q chroma)",
    "chroma_cens": "tones, smoothed (CENS)",
    "melspectrogram": "mel bands",
    "rms": "loudness (RMS)",
    "spectral_centroid": "brightness (centroid)",
    "spectral_bandwidth": "spread of the spectrum",
    "spectral_contrast": "peaks against valleys (contrast)",
    "spectral_flatness": "noise against tones (flatness)",
    "spectral_rolloff": "where the heights end (rolloff)",
    "poly_features": "slope of the spectrum",
    "tonnetz": "harmony (tonnetz)",
    "zero_crossing_rate": "zero crossings",
    "course": "course of the segment",
}
"""Each family as a student may read it."""


def families(names: Sequence[str], values: NDArray[np.float64], genre: str) -> Chart:
    """Draw a bar a family, the strongest on top: to the right it speaks for the genre.

    Examples
    --------
    >>> families(("rms", "mfcc"), np.array([0.5, -2.0]), "prog").alt
    'What speaks for prog (+) and against it: timbre (MFCC) -2.00, loudness (RMS) +0.50.'
    """
    order = np.argsort(np.abs(values), kind="stable")  # the last is drawn on top
    told = [WORDS[names[k]] for k in order]
    bars = go.Bar(
        x=values[order],
        y=told,
        orientation="h",
        marker={"color": [SERIES[0] if v > 0 else SERIES[1] for v in values[order]]},
        hovertemplate="%{y}: %{x:+.2f}<extra></extra>",
    )
    figure = blank([bars], height=60 + 24 * len(names))
    dotted(figure, x=0)
    strongest = [f"{WORDS[names[k]]} {values[k]:+.2f}" for k in order[::-1][:5]]
    return Chart(figure, f"What speaks for {genre} (+) and against it: {', '.join(strongest)}.")


def family_importance(
    names: Sequence[str],
    drops: Sequence[tuple[float, float | None, float | None]],
    figure: str,
) -> Chart:
    """Draw what a figure loses without each family: a bar a family, the dearest on top.

    `drops` holds value and the ends of the interval, None where there is none.

    Examples
    --------
    >>> chart = family_importance(("rms", "mfcc"), [(0.01, -0.02, 0.04), (0.2, None, None)], "AUC")
    >>> chart.alt
    'AUC lost where a family comes from other songs: timbre (MFCC) 0.200, loudness (RMS) 0.010.'
    """
    values = np.array([value for value, _, _ in drops])
    order = np.argsort(values, kind="stable")  # the last is drawn on top
    ends = [drops[k] for k in order]
    bars = go.Bar(
        x=values[order],
        y=[WORDS[names[k]] for k in order],
        orientation="h",
        marker={"color": SERIES[3]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [0 if high is None else high - value for value, _, high in ends],
            "arrayminus": [0 if low is None else value - low for value, low, _ in ends],
            "color": LINE,
            "thickness": 1.5,
            "width": 3,
        },
        hovertemplate="%{y}: %{x:.3f}<extra></extra>",
    )
    drawn = blank([bars], height=60 + 24 * len(names))
    dotted(drawn, x=0)
    drawn.update_xaxes(title_text=f"{figure} lost")
    strongest = [f"{WORDS[names[k]]} {values[k]:.3f}" for k in order[::-1][:5]]
    return Chart(
        drawn, f"{figure} lost where a family comes from other songs: {', '.join(strongest)}."
    )


def families_over_time(
    names: Sequence[str], over_time: NDArray[np.float64], start_s: NDArray[np.float64], genre: str
) -> Chart:
    """Draw the same second by second, a row a family.

    Examples
    --------
    >>> families_over_time(("rms",), np.array([[0.5], [-2.0]]), np.array([0.0, 1.0]), "prog").alt
    'Second by second, what each of 1 families adds for prog: from -2.00 to +0.50.'
    """
    order = np.argsort(np.abs(over_time).sum(axis=0), kind="stable")
    largest = float(np.abs(over_time).max()) or 1.0
    cells = go.Heatmap(
        z=over_time[:, order].T,
        x=start_s,
        y=[WORDS[names[k]] for k in order],
        zmin=-largest,
        zmax=largest,
        colorscale=[[0, SERIES[1]], [0.5, "rgba(127,135,148,0.15)"], [1, SERIES[0]]],
        # Above, where it takes nothing of a phone's width.
        colorbar={
            "title": {"text": "adds", "side": "top"},
            "orientation": "h",
            "y": 1,
            "yanchor": "bottom",
            "thickness": 10,
        },
        hovertemplate="%{y} from %{x:.0f} s: %{z:+.2f}<extra></extra>",
    )
    figure = blank([cells], height=130 + 24 * len(names))
    figure.update_xaxes(title_text="seconds of the segment")
    return Chart(
        figure,
        f"Second by second, what each of {len(names)} families adds for {genre}: from "
        f"{over_time.min():+.2f} to {over_time.max():+.2f}.",
    )
