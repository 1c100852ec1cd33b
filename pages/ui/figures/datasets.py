"""What a data set holds: bars by genre and split, and how long its songs are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pages.ui.figures.chart import LINE, TINT, TRAINING, VALIDATION, Chart, blank

_FEW = 6
_SPLITS = {
    "train": ("training", f"rgb{TINT}"),
    "val": ("validation", f"rgb{VALIDATION}"),
    "test": ("test", f"rgb{TRAINING}"),
    "none": ("without a split", LINE),
}
_SAID = 12
_BINS = 30


def label_balance(table: pd.DataFrame, items: str) -> Chart:
    """Draw one bar a label, in pieces by split.

    Parameters
    ----------
    table : pandas.DataFrame
        As `data.facts.balance` counts it.
    items : str
        What is counted: "covers" or "songs".

    Examples
    --------
    >>> row = {"label": "Rock", "train": 7, "val": 2, "test": 1, "none": 0}
    >>> label_balance(pd.DataFrame([row]), "covers").alt
    'Covers of each genre, by split: Rock 10 (training 7, validation 2, test 1).'
    """
    there = [split for split in _SPLITS if table[split].sum()] or ["none"]
    layers = [
        go.Bar(
            x=table[split].tolist(),
            y=table["label"].tolist(),
            name=_SPLITS[split][0],
            orientation="h",
            marker={"color": _SPLITS[split][1]},
            hovertemplate="%{y}, " + _SPLITS[split][0] + ": %{x:,}<extra></extra>",
        )
        for split in there
    ]
    figure = blank(layers, height=110 + 30 * len(table))
    figure.update_layout(
        barmode="stack",
        bargap=0.25,
        showlegend=True,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
    )
    figure.update_xaxes(title_text=items, fixedrange=True, tickformat=",d")
    if table[there].sum(axis=1).max() < _FEW:
        figure.update_xaxes(dtick=1)  # else halves are labelled as whole numbers
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True, ticksuffix="  ")
    said = []
    for row in table.head(_SAID).to_dict("records"):
        pieces = ", ".join(f"{_SPLITS[s][0]} {row[s]:,}" for s in there if row[s])
        total = sum(row[split] for split in _SPLITS)
        said.append(f"{row['label']} {total:,} ({pieces})")
    more = f"; and {len(table) - _SAID} more" if len(table) > _SAID else ""
    return Chart(figure, f"{items.capitalize()} of each genre, by split: {'; '.join(said)}{more}.")


def song_lengths(seconds: Sequence[float]) -> Chart:
    """Draw how many songs are how long.

    Parameters
    ----------
    seconds : sequence of float
        One or more, finite.

    Examples
    --------
    >>> song_lengths([30.0, 240.0, 270.0]).alt
    'Lengths of 3 songs: 0.5 to 4.5 minutes, half of them at most 4.0.'
    """
    minutes = np.asarray(seconds, dtype=np.float64) / 60
    counts, edges = np.histogram(minutes, bins=min(_BINS, max(1, len(minutes))))
    bars = go.Bar(
        x=((edges[:-1] + edges[1:]) / 2).tolist(),
        y=counts.tolist(),
        width=np.diff(edges).tolist(),
        marker={"color": f"rgb{TINT}"},
        hovertemplate="about %{x:.1f} min: %{y:,} songs<extra></extra>",
    )
    figure = blank([bars], height=260)
    figure.update_layout(bargap=0.04)
    figure.update_xaxes(title_text="length in minutes", showgrid=False, fixedrange=True)
    figure.update_yaxes(title_text="songs", fixedrange=True, tickformat=",d")
    return Chart(
        figure,
        f"Lengths of {len(minutes):,} songs: {minutes.min():.1f} to {minutes.max():.1f} minutes, "
        f"half of them at most {np.median(minutes):.1f}.",
    )
