"""Curves over the epochs: of one run, of a batch of repeats, and the line under them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pages.ui.figures.chart import LINE, TRAINING, VALIDATION, Chart, blank, ink


def learning_curves(
    history: pd.DataFrame,
    metric: str,
    *,
    label: str = "",
    kept: tuple[int, int] | None = None,
    line: tuple[str, float] | None = None,
    singles: bool = False,
) -> Chart:
    """Draw training and validation over the epochs; several runs as mean and band, or one by one.

    Parameters
    ----------
    history : pd.DataFrame
        Columns run, epoch, `metric` and `val_<metric>` (those that are there and hold a number).
    metric : str
        For example ``"loss"``.
    label : str
        Name of the metric in words; its key by default.
    kept : (int, int), optional
        Run and epoch whose weights were kept, marked by a diamond.
    line : (str, float), optional
        What can be reached without looking, and its name: dotted, with its value.
    singles : bool
        One thin line a run in place of mean and band.

    Examples
    --------
    >>> runs = pd.DataFrame({"run": [0, 0, 1, 1], "epoch": [1, 2, 1, 2], "loss": [2, 1, 4, 3.0]})
    >>> learning_curves(runs, "loss", line=("genre shares alone", 1.61)).alt
    'Learning curves of loss, mean of 2 runs with their range: training goes from 3.000 to 2.000. \
Dotted: genre shares alone, 1.610.'
    """
    layers: list[Any] = []
    said = []
    n_runs = history["run"].nunique()
    marked: tuple[float, str] | None = None
    for column, name, colour in (
        (metric, "training", TRAINING),
        (f"val_{metric}", "validation", VALIDATION),
    ):
        if column not in history or history[column].isna().all():
            continue
        table = history.pivot_table(index="epoch", columns="run", values=column)
        mean = table.mean(axis=1)
        if singles and n_runs > 1:
            layers += _each(table, name, colour)
        else:
            layers += _together(table, mean, name, colour)
        said.append(f"{name} goes from {mean.iloc[0]:.3f} to {mean.iloc[-1]:.3f}")
        if kept is not None and kept[0] in table and kept[1] in table.index:
            marked = float(table.loc[kept[1], kept[0]]), f"rgb{colour}"
    last = int(history["epoch"].max())
    if line is not None:
        layers.append(_line(*line, last))
    if kept is not None and marked is not None and np.isfinite(marked[0]):
        layers.append(_diamond(kept, marked[0], marked[1], n_runs))
    figure = blank(layers, height=360)
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    figure.update_xaxes(
        title_text="epoch",
        showgrid=False,
        fixedrange=True,
        range=[0.8, last + 0.2],
        dtick=max(1, last // 10),
    )
    figure.update_yaxes(title_text=label or metric.replace("_", " "), fixedrange=True)
    how = "each of" if singles else "mean of"
    band = f", {how} {n_runs} runs{'' if singles else ' with their range'}" if n_runs > 1 else ""
    dotted = "" if line is None else f" Dotted: {line[0]}, {line[1]:.3f}."
    star = "" if marked is None or kept is None else f" Kept: run {kept[0] + 1}, epoch {kept[1]}."
    words = "; ".join(said) or "no data"
    return Chart(figure, f"Learning curves of {label or metric}{band}: {words}.{dotted}{star}")


def runs_side_by_side(history: pd.DataFrame, metric: str, *, label: str = "") -> Chart:
    """Draw one curve a training, the mean where it has several runs.

    Parameters
    ----------
    history : pd.DataFrame
        Columns of (which training), run, epoch and `metric`.
    metric, label : str
        As for `learning_curves`.

    Examples
    --------
    >>> both = pd.DataFrame({"of": ["a", "b"], "run": [0, 1], "epoch": [1, 1], "loss": [2, 1.5]})
    >>> runs_side_by_side(both, "loss").alt
    'loss of 2 trainings over the epochs: a ends at 2.000; b ends at 1.500.'
    """
    label = label or metric.replace("_", " ")
    layers: list[Any] = []
    said = []
    for name, own in history.groupby("of", sort=False):
        mean = own.groupby("epoch")[metric].mean()
        layers.append(
            go.Scatter(
                x=mean.index,
                y=mean,
                name=str(name),
                mode="lines+markers",
                line={"width": 2.5},
                marker={"size": 5},
                hovertemplate=f"{name}, epoch %{{x}}: %{{y:.3f}}<extra></extra>",
                showlegend=True,
            )
        )
        said.append(f"{name} ends at {mean.iloc[-1]:.3f}")
    figure = blank(layers, height=380)
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    figure.update_xaxes(title_text="epoch", showgrid=False, fixedrange=True)
    figure.update_yaxes(title_text=label, fixedrange=True)
    return Chart(figure, f"{label} of {len(said)} trainings over the epochs: {'; '.join(said)}.")


def _together(
    table: pd.DataFrame, mean: pd.Series, name: str, colour: tuple[int, int, int]
) -> list[Any]:
    layers = []
    if table.shape[1] > 1:
        ends = np.concatenate([table.max(axis=1), table.min(axis=1)[::-1]])
        epochs = np.concatenate([table.index, table.index[::-1]])
        layers.append(
            go.Scatter(
                x=epochs,
                y=ends,
                mode="lines",  # a short band would get markers of its own
                fill="toself",
                fillcolor=f"rgba{(*colour, 0.2)}",
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    layers.append(
        go.Scatter(
            x=table.index,
            y=mean,
            name=name,
            mode="lines+markers",
            line={"color": f"rgb{colour}", "width": 2.5},
            marker={"size": 5},
            showlegend=True,
            hovertemplate=f"epoch %{{x}}, {name}: %{{y:.3f}}<extra></extra>",
        )
    )
    return layers


def _each(table: pd.DataFrame, name: str, colour: tuple[int, int, int]) -> list[Any]:
    return [
        go.Scatter(
            x=table.index,
            y=table[run],
            name=name,
            legendgroup=name,
            mode="lines+markers",
            line={"color": f"rgba{(*colour, 0.75)}", "width": 1.5},
            marker={"size": 4},
            showlegend=place == 0,
            hovertemplate=f"run {int(run) + 1}, epoch %{{x}}, {name}: %{{y:.3f}}<extra></extra>",
        )
        for place, run in enumerate(table.columns)
    ]


def _line(name: str, value: float, last: int) -> Any:
    # A trace and not a shape: the axis makes room for it, a reader can point at it, and its name
    # and value stand in the legend, where no curve crosses them.
    return go.Scatter(
        x=[0.8, last + 0.2],
        y=[value, value],
        name=f"{name}: {value:.3f}",
        mode="lines",
        line={"color": LINE, "width": 2.5, "dash": "dot"},
        hovertemplate=f"{name}: {value:.4f}<extra></extra>",
        showlegend=True,
    )


def _diamond(kept: tuple[int, int], value: float, colour: str, n_runs: int) -> Any:
    run = f"run {kept[0] + 1}, " if n_runs > 1 else ""
    return go.Scatter(
        x=[kept[1]],
        y=[value],
        name=f"kept: {run}epoch {kept[1]}",
        mode="markers",
        marker={"symbol": "diamond", "size": 13, "color": colour, "line": {"width": 2, **ink()}},
        hovertemplate=f"kept: {run}epoch {kept[1]}, %{{y:.3f}}<extra></extra>",
    )
