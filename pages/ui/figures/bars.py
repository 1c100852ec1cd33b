"""Figures as bars: genres by probability, before and after a change, and what a data set holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from pages.ui.figures.chart import (
    LINE,
    TINT,
    TRAINING,
    VALIDATION,
    Chart,
    blank,
    ink,
    legend_above,
    name_rows,
    share_text,
)

if TYPE_CHECKING:
    import pandas as pd

_FEW = 6
_SPLITS = {
    "train": ("training", f"rgb{TINT}"),
    "val": ("validation", f"rgb{VALIDATION}"),
    "test": ("test", f"rgb{TRAINING}"),
    "none": ("without a split", LINE),
}
_DESCRIBED = 12
_BINS = 30


def before_after(
    genres: Sequence[str],
    before: Sequence[float],
    after: Sequence[float],
    *,
    calibrated: bool = False,
) -> Chart:
    """Draw one bar a genre with what it is given after a change, and a mark where it was before.

    The likeliest before is on top, so that no bar changes its place while edits go on.

    Examples
    --------
    >>> before_after(("Rock", "Pop"), (0.25, 0.75), (0.5, 0.5), calibrated=True).alt
    'Before and after: Pop 75 % to 50 %, Rock 25 % to 50 %.'
    """
    order = np.argsort(-np.asarray(before), kind="stable")
    names = [genres[i] for i in order]
    was, now = ([float(values[i]) for i in order] for values in (before, after))
    shown = "%{x:.1%}" if calibrated else "score %{x:.3f}"
    bars = go.Bar(
        x=now,
        y=names,
        orientation="h",
        name="after" if calibrated else "score after",
        marker={"cornerradius": 4, "opacity": [1.0 if v == max(now) else 0.45 for v in now]},
        hovertemplate="%{y} after: " + shown + "<extra></extra>",
    )
    marks = go.Scatter(
        x=was,
        y=names,
        mode="markers",
        name="before",
        marker={"symbol": "line-ns", "size": 26, "line": {"width": 3, **ink()}},
        hovertemplate="%{y} before: " + shown + "<extra></extra>",
    )
    # Written in a column of their own: at a bar's end they would run into the marks.
    words = go.Scatter(
        x=[1.03] * len(names),
        y=names,
        mode="text",
        text=[_change(one, other, calibrated) for one, other in zip(was, now, strict=True)],
        textposition="middle right",
        hoverinfo="skip",
        showlegend=False,
        cliponaxis=False,
    )
    figure = blank([bars, marks, words], height=84 + 36 * len(names))
    legend_above(figure)
    figure.update_xaxes(range=[0, 1.45], visible=False)
    name_rows(figure)
    listed = ", ".join(
        f"{name} {share_text(one, calibrated=calibrated)} to "
        f"{share_text(other, calibrated=calibrated).removeprefix('score ')}"
        for name, one, other in zip(names, was, now, strict=True)
    )
    return Chart(figure, f"Before and after: {listed}.")


def label_balance(table: pd.DataFrame, items: str) -> Chart:
    """Draw one bar a label, in pieces by split, as `data.facts.balance` counts `items`.

    Examples
    --------
    >>> row = {"label": "Rock", "train": 7, "val": 2, "test": 1, "none": 0}
    >>> import pandas as pd
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
    figure.update_layout(barmode="stack", bargap=0.25, showlegend=True)
    legend_above(figure)
    figure.update_layout(legend_traceorder="normal")
    figure.update_xaxes(title_text=items, tickformat=",d")
    if table[there].sum(axis=1).max() < _FEW:
        figure.update_xaxes(dtick=1)  # else halves are labelled as whole numbers
    name_rows(figure)
    sentences = []
    for row in table.head(_DESCRIBED).to_dict("records"):
        pieces = ", ".join(f"{_SPLITS[s][0]} {row[s]:,}" for s in there if row[s])
        total = sum(row[split] for split in _SPLITS)
        sentences.append(f"{row['label']} {total:,} ({pieces})")
    listed = "; ".join(sentences)
    more = f"; and {len(table) - _DESCRIBED} more" if len(table) > _DESCRIBED else ""
    return Chart(figure, f"{items.capitalize()} of each genre, by split: {listed}{more}.")


def song_lengths(seconds: Sequence[float]) -> Chart:
    """Draw how many songs are how long: one or more finite lengths.

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
    figure.update_xaxes(title_text="length in minutes", showgrid=False)
    figure.update_yaxes(title_text="songs", tickformat=",d")
    return Chart(
        figure,
        f"Lengths of {len(minutes):,} songs: {minutes.min():.1f} to {minutes.max():.1f} minutes, "
        f"half of them at most {np.median(minutes):.1f}.",
    )


def _change(before: float, after: float, calibrated: bool) -> str:
    """Write a value and its change in the same unit, short enough for a phone.

    >>> _change(0.3, 0.32, True), _change(0.3, 0.32, False), _change(0.3, 0.299, False)
    ('32 % (+2)', '0.32 (+0.02)', '0.30 (±0)')
    """
    points = round(100 * after) - round(100 * before)
    number = f"{points:+d}" if calibrated else f"{points / 100:+.2f}"
    sign = number.replace("-", "\N{MINUS SIGN}") if points else "±0"
    value = share_text(after, calibrated=calibrated).removeprefix("score ")
    return f"{value} ({sign})"
