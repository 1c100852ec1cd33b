"""The figures of the lessons: scaled files, length, rules of votes, near-duplicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from pages.ui.figures.chart import (
    LINE,
    SERIES,
    Chart,
    blank,
    dotted,
    ink,
    legend_list,
    name_rows,
    whiskers,
)

_MARKS = ("circle", "square", "diamond", "triangle-up", "cross")
_BAR_PX, _LINE_PX = 26, 24
_FEW = 0.05
"""Share of falsely paired covers up to which the curves are drawn: beyond it nobody would go."""

# Inside, at the foot: at the head it would stand under a whisker.
_TEXT_INSIDE: dict[str, Any] = {
    "textposition": "inside",
    "insidetextanchor": "start",
    "textangle": 0,
    "insidetextfont": {"color": "white"},
}


def trained_and_tested(rows: Sequence[Mapping[str, Any]]) -> Chart:
    """Draw one dot with its interval for each pair of training and test.

    Rows have ``trained_on``, ``tested_on`` and ``roc_auc`` as {value, low, high}.

    Examples
    --------
    >>> area = {"value": 0.75, "low": 0.7, "high": 0.8}
    >>> rows = [{"trained_on": "as they are", "tested_on": "neutralised", "roc_auc": area}]
    >>> trained_and_tested(rows).alt
    'ROC AUC. Trained on covers as they are: tested on neutralised 0.75.'
    """
    trained = list(dict.fromkeys(row["trained_on"] for row in rows))
    tested = list(dict.fromkeys(row["tested_on"] for row in rows))
    layers, sentences = [], []
    for place, name in enumerate(trained):
        mine = [row for row in rows if row["trained_on"] == name]
        values = [row["roc_auc"]["value"] for row in mine]
        lows, highs = (  # of a figure without an interval the value itself: no whisker
            [row["roc_auc"].get(end, row["roc_auc"]["value"]) for row in mine]
            for end in ("low", "high")
        )
        # All dots of a test one under the other, so that no whisker hides another.
        shift = 0.7 * ((place + 0.5) / len(trained) - 0.5)
        layers.append(
            go.Scatter(
                x=values,
                y=[tested.index(row["tested_on"]) + shift for row in mine],
                name=name,
                mode="markers",
                cliponaxis=False,
                marker={
                    "symbol": _MARKS[place % len(_MARKS)],
                    "size": 12,
                    "color": SERIES[place % len(SERIES)],
                },
                error_x=whiskers(values, lows, highs),
                customdata=[row["tested_on"] for row in mine],
                hovertemplate="tested on covers %{customdata}: %{x:.3f}<extra></extra>",
            )
        )
        pairs = zip(mine, values, strict=True)
        listed = ", ".join(f"{row['tested_on']} {value:.2f}" for row, value in pairs)
        sentences.append(f"Trained on covers {name}: tested on {listed}.")
    figure = blank(layers, height=70 + len(tested) * (len(trained) + 1) * _LINE_PX)
    figure.update_xaxes(title_text="ROC AUC", range=[-0.02, 1.02])
    figure.update_yaxes(title_text="tested on covers")
    name_rows(figure, tested)
    dotted(figure, x=0.5, annotation_text="a coin", annotation_position="top")
    for line in range(1, len(tested)):
        figure.add_hline(y=line - 0.5, line={"color": LINE, "width": 0.5})
    legend_list(figure, len(trained), title="trained on covers")
    return Chart(figure, f"ROC AUC. {' '.join(sentences)}")


def worth_of_columns(rows: Sequence[Mapping[str, Any]], majority: float) -> Chart:
    """Draw one bar for each set of columns and model, with the spread of its repeats.

    Rows have ``features``, ``n_columns``, ``model`` and ``accuracy`` as {mean, lowest, highest};
    `majority` is the accuracy of always giving the commoner answer.

    Examples
    --------
    >>> right = {"mean": 0.7, "lowest": 0.6, "highest": 0.75}
    >>> rows = [{"features": "all", "n_columns": 41, "model": "forest", "accuracy": right}]
    >>> worth_of_columns(rows, 0.53).alt
    'Accuracy on test songs. All 41 columns: forest 0.70. Always the commoner answer: 0.53.'
    """
    sets = list(dict.fromkeys((row["features"], row["n_columns"]) for row in rows))
    models = list(dict.fromkeys(row["model"] for row in rows))
    names = {columns: _set_name(*columns) for columns in sets}
    bars = []
    for place, model in enumerate(models):
        mine = [row for row in rows if row["model"] == model]
        values, lows, highs = (
            [row["accuracy"][part] for row in mine] for part in ("mean", "lowest", "highest")
        )
        bars.append(
            go.Bar(
                x=values,
                y=[names[row["features"], row["n_columns"]] for row in mine],
                name=model,
                orientation="h",
                marker={"color": SERIES[place % len(SERIES)]},
                # As dark as words: it has to stand out from the bars, not only from the page.
                error_x=whiskers(values, lows, highs, width=4, color=ink().get("color", LINE)),
                text=[f"{value:.2f}" for value in values],
                **_TEXT_INSIDE,
                hovertemplate="%{y}: %{x:.3f}<extra>" + model + "</extra>",
            )
        )
    figure = blank(bars, height=60 + len(sets) * (len(models) + 1) * _BAR_PX)
    figure.update_xaxes(title_text="accuracy on test songs", range=[0, 1])
    name_rows(figure)
    dotted(
        figure,
        x=majority,
        layer="above",
        annotation_text="always “not prog”",
        annotation_position="top",
    )
    figure.update_layout(barmode="group", bargap=0.25)
    legend_list(figure, len(models))
    sentences = [
        f"{names[columns].replace('<br>', ' ')}: "
        + ", ".join(
            f"{row['model']} {row['accuracy']['mean']:.2f}"
            for row in rows
            if (row["features"], row["n_columns"]) == columns
        )
        + "."
        for columns in sets
    ]
    return Chart(
        figure,
        f"Accuracy on test songs. {' '.join(sentences)} Always the commoner answer: "
        f"{majority:.2f}.",
    )


def lengths(parts: Sequence[tuple[str, float, float]]) -> Chart:
    """Draw how long prog songs and others are on average, in seconds, for each named part.

    Examples
    --------
    >>> lengths([("S5, test", 593.1, 303.8)]).alt
    'Mean length of a song. S5, test: prog 593 s, not prog 304 s.'
    """
    names = [name for name, _, _ in parts]
    bars = [
        go.Bar(
            x=[part[place] for part in parts],
            y=names,
            name=label,
            orientation="h",
            marker={"color": SERIES[place - 1]},
            text=[f"{part[place]:.0f} s" for part in parts],
            **_TEXT_INSIDE,
            hovertemplate="%{y}: %{x:.0f} s<extra>" + label + "</extra>",
        )
        for place, label in ((1, "prog"), (2, "not prog"))
    ]
    figure = blank(bars, height=60 + len(parts) * 3 * _BAR_PX)
    figure.update_xaxes(title_text="mean length of a song (s)", rangemode="tozero")
    name_rows(figure)
    figure.update_layout(barmode="group", bargap=0.3)
    legend_list(figure, 2, gap_px=20)
    described = [
        f"{name.replace('<br>', ' ')}: prog {prog:.0f} s, not prog {other:.0f} s"
        for name, prog, other in parts
    ]
    return Chart(figure, f"Mean length of a song. {'; '.join(described)}.")


def rules_compared(rows: Sequence[Mapping[str, Any]]) -> Chart:
    """Draw two dots a rule: its ROC AUC on all songs, and on songs of like length.

    Rows have ``rule``, ``roc_auc`` and ``matched_roc_auc`` as {value, low, high}.

    Examples
    --------
    >>> area = {"value": 0.9, "low": 0.8, "high": 0.95}
    >>> rules_compared([{"rule": "mean", "roc_auc": area, "matched_roc_auc": area}]).alt
    'ROC AUC of each rule. All songs: mean 0.90. Songs of like length: mean 0.90.'
    """
    layers, sentences = [], []
    for place, (key, name) in enumerate(
        (("roc_auc", "all songs"), ("matched_roc_auc", "songs of like length"))
    ):
        values = [row[key]["value"] for row in rows]
        lows, highs = (
            [row[key].get(end, row[key]["value"]) for row in rows] for end in ("low", "high")
        )
        layers.append(
            go.Scatter(
                x=values,
                y=[line + 0.3 * (place - 0.5) for line in range(len(rows))],
                name=name,
                mode="markers",
                marker={"symbol": _MARKS[place], "size": 11, "color": SERIES[place]},
                error_x=whiskers(values, lows, highs),
                customdata=[row["rule"] for row in rows],
                hovertemplate="%{customdata}: %{x:.3f}<extra>" + name + "</extra>",
            )
        )
        listed = ", ".join(f"{row['rule']} {row[key]['value']:.2f}" for row in rows)
        sentences.append(f"{name[0].upper()}{name[1:]}: {listed}.")
    figure = blank(layers, height=60 + 2 * len(rows) * _LINE_PX)
    figure.update_xaxes(title_text="ROC AUC", range=[0.45, 1.0])
    name_rows(figure, [str(row["rule"]).replace(", ", ",<br>") for row in rows])
    dotted(figure, x=0.5)
    legend_list(figure, 2, gap_px=20)
    return Chart(figure, f"ROC AUC of each rule. {' '.join(sentences)}")


def found_and_false(methods: Sequence[Mapping[str, Any]], limit: float) -> Chart:
    """Draw for each method how recall grows as more other covers are falsely paired.

    Methods have ``name``, ``curve``: points with ``recall``, ``falsely`` and ``falsely_looked_at``,
    and ``at_limit`` with ``recall`` as {value}; `limit` is the share of falsely paired covers that
    one would accept.

    Examples
    --------
    >>> curve = [{"threshold": 0.6, "recall": 0.9, "falsely": 0.01, "falsely_looked_at": 0.0}]
    >>> methods = [{"name": "hash", "curve": curve, "at_limit": {"recall": {"value": 0.9}}}]
    >>> found_and_false(methods, 0.01).alt
    'Known pairs found where at most 1 % of the other covers are falsely paired: hash 0.90. Dashed \
lines leave out pairs that are not listed but show the same.'
    """
    layers = []
    for place, method in enumerate(methods):
        colour = (LINE, *SERIES)[place % 3]
        for column, dash in (("falsely", "solid"), ("falsely_looked_at", "dash")):
            curve = sorted(method["curve"], key=lambda point: (point["recall"], point[column]))
            seen = [point for point in curve if point[column] <= _FEW]
            layers.append(
                go.Scatter(
                    x=[100 * point[column] for point in seen],
                    y=[point["recall"] for point in seen],
                    name=method["name"]
                    + (", unlisted duplicates left out" if dash == "dash" else ""),
                    legendgroup=method["name"],
                    mode="lines+markers",
                    line={"color": colour, "width": 2.5, "dash": dash},
                    marker={
                        "symbol": ("square", "circle", "diamond")[place % 3],
                        "size": 8 if dash == "solid" else 5,
                    },
                    customdata=[point["threshold"] for point in seen],
                    hovertemplate="from %{customdata} on: %{y:.3f} found, %{x:.2f} % falsely paired"
                    "<extra>" + method["name"] + "</extra>",
                )
            )
    figure = blank(layers, height=360)
    figure.update_xaxes(title_text="other covers falsely paired, %", range=[-0.1, 100 * _FEW])
    figure.update_yaxes(title_text="known pairs found", range=[0, 1.02])
    dotted(figure, x=100 * limit)
    legend_list(figure, len(layers))
    listed = ", ".join(f"{m['name']} {m['at_limit']['recall']['value']:.2f}" for m in methods)
    return Chart(
        figure,
        f"Known pairs found where at most {100 * limit:g} % of the other covers are falsely paired:"
        f" {listed}. Dashed lines leave out pairs that are not listed but show the same.",
    )


def _set_name(features: str, n_columns: int) -> str:
    # Two short lines: beside the bars of a telephone one long one would leave no room.
    if n_columns == 1:
        return "Length<br>alone"
    if features == "all":
        return f"All {n_columns}<br>columns"
    return f"{features[0].upper()}{features[1:]}<br>({n_columns})"
