"""ROC, precision and recall by genre, and accuracy against how much is answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from pages.ui.figures.chart import LINE, SERIES, Chart, blank, legend_list

if TYPE_CHECKING:
    from genre_core.analysis.working_points import CoverageCurve, CoveragePoint, GenreCurves

_DASHES = ("solid", "dot", "dash", "dashdot")
"""Told apart by dashes where there are more genres than colours."""


def genre_curves(curves: Sequence[GenreCurves], kind: str) -> Chart:
    """Draw one curve a genre, `kind` "roc" or "precision", with the point the network works at.

    Examples
    --------
    >>> import pandas as pd
    >>> from genre_core.analysis.working_points import genre_curves as measured
    >>> rows = pd.DataFrame({"genre_index": [0, 1], "predicted": [0, 1], "prob_0": [0.9, 0.2],
    ...                      "prob_1": [0.1, 0.8]})
    >>> genre_curves(measured(rows, ["Rock", "Pop"]), "roc").alt
    'ROC curve of each genre. Area: Rock 1.00, Pop 1.00.'
    """
    is_roc = kind == "roc"
    layers: list[go.Scatter] = []
    if is_roc:
        line = {"color": LINE, "width": 2, "dash": "dot"}
        layers.append(
            go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line=line, name="a coin", hoverinfo="skip")
        )
    for place, one in enumerate(curves):
        colour = SERIES[place % len(SERIES)]
        dash = _DASHES[place // len(SERIES) % len(_DASHES)]
        xs, ys = (one.fpr, one.tpr) if is_roc else (one.tpr, one.precision)
        at = (one.at_fpr, one.at_recall) if is_roc else (one.at_recall, one.at_precision)
        layers.append(
            go.Scatter(
                x=xs,
                y=ys,
                mode="lines",
                name=one.genre,
                line={"color": colour, "width": 2, "dash": dash},
                hovertemplate=f"{one.genre}: %{{x:.2f}}, %{{y:.2f}}<extra></extra>",
            )
        )
        layers.append(
            go.Scatter(
                x=[at[0]],
                y=[at[1]],
                mode="markers",
                marker={"color": colour, "size": 11},
                showlegend=False,
                hovertemplate=f"{one.genre} works here: %{{x:.2f}}, %{{y:.2f}}<extra></extra>",
            )
        )
    figure = blank(layers, height=420)
    legend_list(figure, len(curves) + is_roc)
    names = ("false alarms, share of the others", "found, share of the genre")
    if not is_roc:
        names = ("recall: found, share of the genre", "precision: share of its answers")
    figure.update_xaxes(title_text=names[0], range=[-0.01, 1.01])
    figure.update_yaxes(title_text=names[1], range=[-0.01, 1.02])
    areas = ", ".join(
        f"{one.genre} {one.roc_auc if is_roc else one.average_precision:.2f}" for one in curves
    )
    what = "ROC curve" if is_roc else "Precision-recall curve"
    return Chart(figure, f"{what} of each genre. Area: {areas}.")


def coverage(curve: CoverageCurve, point: CoveragePoint) -> Chart:
    """Draw the share of right answers as fewer, surer ones are given, and one place on it.

    Examples
    --------
    >>> from genre_core.analysis.working_points import at_coverage, coverage_curve
    >>> held = coverage_curve([True, False], [0.9, 0.6])
    >>> coverage(held, at_coverage(held, 0.5)).alt
    'Share of right answers among those given: 0.50 answering all, 1.00 answering 0.50 of them.'
    """
    line = go.Scatter(
        x=curve.coverage,
        y=curve.accuracy,
        mode="lines",
        line={"color": SERIES[0], "width": 2},
        hovertemplate="answering %{x:.0%}: %{y:.0%} right<extra></extra>",
    )
    dot = go.Scatter(
        x=[point.coverage],
        y=[point.accuracy],
        mode="markers",
        marker={"color": SERIES[1], "size": 13},
        hoverinfo="skip",
    )
    figure = blank([line, dot], height=300)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title_text="share answered", range=[0, 1.01], tickformat=".0%")
    figure.update_yaxes(title_text="right among them", range=[0, 1.02], tickformat=".0%")
    return Chart(
        figure,
        f"Share of right answers among those given: {curve.accuracy[-1]:.2f} answering all, "
        f"{point.accuracy:.2f} answering {point.coverage:.2f} of them.",
    )
