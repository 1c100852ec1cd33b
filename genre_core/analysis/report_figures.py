"""Figures of a report as tables and inline SVG: bars with intervals, a matrix, calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genre_core.analysis.markup import Markup, element, table

_SIGN_W, _BAR_W, _TEXT_W, _ROW_H = 7.5, 300, 190, 28
_SIDE, _EDGE = 240, 40


def written(figure: Mapping[str, Any] | None) -> str:
    """Write a figure with its interval, or why it has none.

    >>> written({"value": 0.4166, "low": 0.3759, "high": 0.4573})
    '0.417 (0.376 to 0.457)'
    >>> written({"value": 0.5, "no_interval": "3 groups"}), written(None)
    ('0.500 (no interval: 3 groups)', 'not measured')
    """
    if figure is None or figure.get("value") is None:
        return "not measured"
    text = f"{figure['value']:.3f}"
    if figure.get("low") is not None:
        return f"{text} ({figure['low']:.3f} to {figure['high']:.3f})"
    return f"{text} (no interval: {figure['no_interval']})" if "no_interval" in figure else text


def bars(rows: Sequence[tuple[str, Mapping[str, Any]]], title: str) -> Markup:
    """Draw figures of 0 to 1 as bars with whiskers, the first one filled."""
    parts: list[Markup] = [element("title", title)]
    start = 8 + round(_SIGN_W * max(len(name) for name, _ in rows))
    for place, (name, figure) in enumerate(rows):
        y, value = place * _ROW_H, min(max(float(figure["value"]), 0), 1)
        parts += [
            element("text", name, x=start - 8, y=y + 18, text_anchor="end"),
            element(
                "rect",
                x=start,
                y=y + 5,
                width=round(value * _BAR_W, 1),
                height=_ROW_H - 10,
                class_="plain" if place else "bar",
            ),
            element("text", written(figure), x=start + _BAR_W + 8, y=y + 18),
        ]
        if figure.get("low") is not None:
            low, high = (start + min(max(figure[end], 0), 1) * _BAR_W for end in ("low", "high"))
            parts.append(_line(low, y + _ROW_H / 2, high, y + _ROW_H / 2, "whisker"))
    height = len(rows) * _ROW_H
    parts.append(_line(start, 0, start, height, "axis"))
    return _svg(start + _BAR_W + _TEXT_W, height, parts)


def matrix(counts: Sequence[Sequence[int]], genres: Sequence[str]) -> Markup:
    """Lay out a confusion matrix: counts, shaded by their share of the row's true genre."""
    rows = []
    for true, row in enumerate(counts):
        total = max(sum(row), 1)
        cells = [
            element(
                "td",
                f"{n:,}",
                class_="share",
                style=f"--part:{n / total:.3f};--tint:var(--{'mark' if k == true else 'wrong'})",
                title=f"{100 * n / total:.0f} % of {genres[true]}",
            )
            for k, n in enumerate(row)
        ]
        rows.append([element("td", element("b", genres[true])), *cells, f"{sum(row):,}"])
    return table(["true ↓ said →", *genres, "all"], rows)


def calibration_curve(bins: Sequence[Mapping[str, Any]]) -> Markup:
    """Draw what was said against what came true, with exact intervals; the diagonal is ideal."""

    def x(value: float) -> float:
        return round(_EDGE + value * _SIDE, 1)

    def y(value: float) -> float:
        return round(_EDGE / 2 + (1 - value) * _SIDE, 1)

    parts = [
        element("title", "Calibration: probability said against share that came true"),
        _line(x(0), y(0), x(1), y(1), "axis", stroke_dasharray="4 4"),
        _line(x(0), y(0), x(1), y(0), "axis"),
        _line(x(0), y(0), x(0), y(1), "axis"),
        element("text", "0", x=x(0) - 14, y=y(0) + 4),
        element("text", "1", x=x(0) - 14, y=y(1) + 10),
        element("text", "probability said, 0 to 1", x=x(0.5), y=y(0) + 20, text_anchor="middle"),
        element("text", "came true", x=x(0.04), y=y(0.93)),
    ]
    for own in bins:
        if "low" in own:
            parts.append(
                _line(x(own["said"]), y(own["low"]), x(own["said"]), y(own["high"]), "whisker")
            )
        parts.append(element("circle", cx=x(own["said"]), cy=y(own["true"]), r=4, class_="bar"))
    return _svg(_SIDE + _EDGE + 10, _SIDE + _EDGE + 10, parts)


def _line(x1: float, y1: float, x2: float, y2: float, kind: str, **further: object) -> Markup:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind, **further)


def _svg(width: int, height: int, parts: Sequence[Markup]) -> Markup:
    return element(
        "svg", *parts, width=width, height=height, viewBox=f"0 0 {width} {height}", role="img"
    )
