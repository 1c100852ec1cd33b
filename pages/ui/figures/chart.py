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
    """Start a figure in the pages' one form.

    Parameters
    ----------
    layers : sequence
        Plotly traces, the lowest first.
    height : int
        In px.
    """
    figure = go.Figure(data=list(layers))
    figure.update_layout(
        height=height,
        font={"size": 14, **ink()},
        margin={"l": 8, "r": 12, "t": 12, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=None,
    )
    text = {"size": 14, **ink()}
    figure.update_xaxes(automargin=True, zeroline=False, tickfont=text, title_font=text)
    figure.update_yaxes(automargin=True, zeroline=False, tickfont=text, title_font=text)
    return figure


def ink() -> dict[str, str]:
    """Give the theme's text colour, so that words on a figure are as dark as words beside it."""
    shown = st.context.theme.type
    return {} if shown is None else {"color": INK[shown]}


def tint(alpha: float) -> str:
    """Give the cells' colour at an opacity in [0, 1]."""
    return f"rgba{(*TINT, alpha)}"
