"""What every figure of the pages shares: a see-through ground, the theme's ink, words for a reader.

No figure sets a background, and text takes the theme's own colour, so that every one of them
is legible in light and in dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import streamlit as st

TINT = (107, 79, 216)
"""Red, green, blue of the matrix cells; only their opacity changes, so both themes show through."""

INK = {"light": "#241f2e", "dark": "#efecf5"}
"""The text colours of .streamlit/config.toml; Plotly's own grey is too pale on a tinted cell."""

TRAINING = (194, 87, 26)
VALIDATION = (47, 120, 196)
"""Two of the theme's chart colours, at least 3:1 on both backgrounds."""

LINE = "rgb(127,135,148)"
"""Of what can be reached without looking: the theme's grey, 3:1 on both backgrounds."""

SERIES = (
    f"rgb{VALIDATION}",
    f"rgb{TRAINING}",
    "rgb(45,138,90)",
    "rgb(140,96,205)",
    "rgb(196,70,130)",
)
"""Of the rows of a legend, in their order."""

CLEAR = "rgba(0,0,0,0)"
"""The ground of every figure: the page's own shows through."""

_LEGEND_PX = 24
_PLAIN = {"displayModeBar": False, "scrollZoom": False}


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure and what it says in words.

    figure: The picture.
    alt: One or two sentences for somebody who cannot see it.
    """

    figure: go.Figure
    alt: str

    def show(self, key: str, **selection: Any) -> Any:
        """Draw the figure; `selection` goes to `st.plotly_chart` (on_select, selection_mode)."""
        return st.plotly_chart(self.figure, key=key, alt=self.alt, config=_PLAIN, **selection)


def blank(layers: Sequence[Any], *, height: int) -> go.Figure:
    """Start a figure in the pages' one form: traces, the lowest first, and a height in px."""
    text = {"size": 14, **ink()}
    axis = {
        "fixedrange": True,
        "automargin": True,
        "zeroline": False,
        "tickfont": text,
        "title": {"font": text},
    }
    # All at once: Plotly checks a figure anew at each change.
    layout = {
        "height": height,
        "font": text,
        "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "xaxis": axis,
        "yaxis": axis,
    }
    return go.Figure(data=list(layers), layout=layout)


def legend_above(figure: go.Figure) -> None:
    """Put the legend in one row above the figure."""
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})


def legend_list(figure: go.Figure, n: int, *, gap_px: int = 44, title: str = "") -> None:
    """Put a legend of `n` rows above the figure, which grows by them and a gap.

    One name a line, measured in px: in a row, or beside, they would leave a phone no room.
    """
    top = gap_px + n * _LEGEND_PX
    figure.update_layout(
        height=figure.layout.height + top,
        margin={"t": top},
        legend={
            "title": {"text": title},
            "font": {"size": 14},
            "orientation": "v",
            "traceorder": "normal",
            "yref": "container",
            "y": 1,
            "yanchor": "top",
            "x": 0,
        },
    )


def name_rows(figure: go.Figure, places: Sequence[str] = ()) -> None:
    """Set names at the left, the first on top: of `places` 0, 1, ..., else the bars' own."""
    if places:
        figure.update_yaxes(
            tickvals=list(range(len(places))),
            ticktext=[f"{name}  ".replace("<br>", "  <br>") for name in places],
            range=[len(places) - 0.5, -0.5],
        )
    else:
        figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    figure.update_yaxes(showgrid=False)


def dotted(
    figure: go.Figure, *, x: float | None = None, y: float | None = None, **style: Any
) -> None:
    """Draw a dotted line across the figure, under all else, at what needs no looking."""
    style = {"line": {"color": LINE, "width": 2, "dash": "dot"}, "layer": "below", **style}
    if x is not None:
        figure.add_vline(x=x, **style)
    else:
        figure.add_hline(y=y, **style)


def whiskers(
    values: Sequence[float], lows: Sequence[float], highs: Sequence[float], **style: Any
) -> dict[str, Any]:
    """Give the error bars from `lows` to `highs` through `values`."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - value for high, value in zip(highs, values, strict=True)],
        "arrayminus": [value - low for low, value in zip(lows, values, strict=True)],
        "thickness": 2,
        "width": 6,
        **style,
    }


def ink() -> dict[str, str]:
    """Give the theme's text colour, so that words on a figure are as dark as words beside it."""
    shown = st.context.theme.type
    return {} if shown is None else {"color": INK[shown]}


def share_text(value: float, *, calibrated: bool) -> str:
    """Write what a network gives a genre: per cent where that holds, otherwise a score.

    Examples
    --------
    >>> share_text(0.28, calibrated=True), share_text(0.28, calibrated=False)
    ('28 %', 'score 0.28')
    """
    return f"{100 * value:.0f} %" if calibrated else f"score {value:.2f}"


def tint(alpha: float) -> str:
    """Give the cells' colour at an opacity in [0, 1]."""
    return f"rgba{(*TINT, alpha)}"
