"""Curves over the epochs, of one run or of a batch of repeats; and over the segments of a song."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from pages.ui.figures.chart import (
    CLEAR,
    LINE,
    SERIES,
    TINT,
    TRAINING,
    VALIDATION,
    Chart,
    blank,
    dotted,
    ink,
    legend_above,
)

if TYPE_CHECKING:
    import pandas as pd


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

    `history` has the columns run, epoch, `metric` and `val_<metric>`; what is missing is not drawn.
    `label` is the metric in words, `kept` run and epoch of the weights that were kept (a diamond),
    `line` name and value of what can be reached without looking (dotted). `singles` draws one thin
    line a run in place of mean and band.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"run": [0, 0, 1, 1], "epoch": [1, 2, 1, 2], "loss": [2, 1, 4, 3.0]})
    >>> learning_curves(runs, "loss", line=("genre shares alone", 1.61)).alt
    'Learning curves of loss, mean of 2 runs with their range: training goes from 3.000 to 2.000. \
Dotted: genre shares alone, 1.610.'
    """
    layers: list[Any] = []
    trends = []
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
            layers += _one_by_one(table, name, colour)
        else:
            layers += _together(table, mean, name, colour)
        trends.append(f"{name} goes from {mean.iloc[0]:.3f} to {mean.iloc[-1]:.3f}")
        if kept is not None and kept[0] in table and kept[1] in table.index:
            marked = float(table.loc[kept[1], kept[0]]), f"rgb{colour}"
    last = int(history["epoch"].max())
    if line is not None:
        layers.append(_line(*line, last))
    if kept is not None and marked is not None and np.isfinite(marked[0]):
        layers.append(_diamond(kept, marked[0], marked[1], n_runs))
    figure = blank(layers, height=360)
    legend_above(figure)
    figure.update_xaxes(
        title_text="epoch", showgrid=False, range=[0.8, last + 0.2], dtick=max(1, last // 10)
    )
    figure.update_yaxes(title_text=label or metric.replace("_", " "))
    how = "each of" if singles else "mean of"
    band = f", {how} {n_runs} runs{'' if singles else ' with their range'}" if n_runs > 1 else ""
    dotted = "" if line is None else f" Dotted: {line[0]}, {line[1]:.3f}."
    star = "" if marked is None or kept is None else f" Kept: run {kept[0] + 1}, epoch {kept[1]}."
    words = "; ".join(trends) or "no data"
    return Chart(figure, f"Learning curves of {label or metric}{band}: {words}.{dotted}{star}")


def runs_side_by_side(history: pd.DataFrame, metric: str, *, label: str = "") -> Chart:
    """Draw one curve a training, named in the column `of`, the mean where it has several runs.

    Examples
    --------
    >>> import pandas as pd
    >>> both = pd.DataFrame({"of": ["a", "b"], "run": [0, 1], "epoch": [1, 1], "loss": [2, 1.5]})
    >>> runs_side_by_side(both, "loss").alt
    'loss of 2 trainings over the epochs: a ends at 2.000; b ends at 1.500.'
    """
    label = label or metric.replace("_", " ")
    layers: list[Any] = []
    ends = []
    for name, own in history.groupby("of", sort=False):
        mean = own.groupby("epoch")[metric].mean()
        layers.append(_curve(mean, str(name), {"width": 2.5}, f"{name}, epoch %{{x}}"))
        ends.append(f"{name} ends at {mean.iloc[-1]:.3f}")
    figure = blank(layers, height=380)
    legend_above(figure)
    figure.update_xaxes(title_text="epoch", showgrid=False)
    figure.update_yaxes(title_text=label)
    return Chart(figure, f"{label} of {len(ends)} trainings over the epochs: {'; '.join(ends)}.")


def score_curve(
    rows: Sequence[Mapping[str, float]], name: str, *, line: float = 0.5, at: int | None = None
) -> Chart:
    """Draw a song's scores in [0, 1], segment by segment; above `line` one counts.

    The segment `at` is ringed.

    Examples
    --------
    >>> score_curve([{"start_s": 0, "end_s": 46, "score": 0.35}], "Folklore").alt
    'Prog score of each segment of Folklore, first to last: 0.35. Dotted: 0.5.'
    """
    starts = [row["start_s"] for row in rows]
    scores = [row["score"] for row in rows]
    dots = go.Scatter(
        x=starts,
        y=scores,
        mode="lines+markers",
        line={"color": f"rgb{TINT}", "width": 2},
        marker={
            "size": 11,
            "color": [f"rgb{TINT}" if score > line else "rgba(0,0,0,0)" for score in scores],
            "line": {"color": f"rgb{TINT}", "width": 2},
        },
        customdata=[row["end_s"] for row in rows],
        hovertemplate="%{x:.0f} to %{customdata:.0f} s: %{y:.3f}<extra></extra>",
        cliponaxis=False,
    )
    figure = blank([dots], height=280)
    if at is not None:
        ring = {"size": 20, "color": CLEAR, "line": {"color": SERIES[1], "width": 3}}
        figure.add_scatter(
            x=[starts[at]], y=[scores[at]], mode="markers", marker=ring, hoverinfo="skip"
        )
        figure.update_layout(showlegend=False)
    dotted(figure, y=line)
    figure.update_xaxes(title_text="start of the segment in s", showgrid=False)
    figure.update_yaxes(title_text="prog score", range=[-0.03, 1.03], dtick=0.25)
    listed = ", ".join(f"{score:.2f}" for score in scores)
    return Chart(
        figure, f"Prog score of each segment of {name}, first to last: {listed}. Dotted: {line:g}."
    )


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
    line = {"color": f"rgb{colour}", "width": 2.5}
    return [*layers, _curve(mean, name, line, f"epoch %{{x}}, {name}")]


def _one_by_one(table: pd.DataFrame, name: str, colour: tuple[int, int, int]) -> list[Any]:
    line = {"color": f"rgba{(*colour, 0.75)}", "width": 1.5}
    return [
        _curve(
            table[run],
            name,
            line,
            f"run {int(run) + 1}, epoch %{{x}}, {name}",
            legendgroup=name,
            showlegend=place == 0,
        )
        for place, run in enumerate(table.columns)
    ]


def _curve(values: pd.Series, name: str, line: dict[str, Any], hover: str, **legend: Any) -> Any:
    """Draw values by epoch; `hover` stands under the mouse before each."""
    return go.Scatter(
        x=values.index,
        y=values,
        name=name,
        mode="lines+markers",
        line=line,
        marker={"size": 2 * line["width"]},
        hovertemplate=f"{hover}: %{{y:.3f}}<extra></extra>",
        **({"showlegend": True} | legend),
    )


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
