"""The strip of references: a dot a song that people know, row by row, and the visitor's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from pages.ui.figures.chart import SERIES, Chart, blank, dotted, ink, name_rows

_ROW_PX = 30
_PROG, _OTHER = SERIES[1], SERIES[0]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One kind of songs: its name, their scores, and whether they are known to be prog.

    A name may break with `<br>`.
    """

    name: str
    scores: NDArray[np.float64]
    is_prog: bool = False


def reference_strip(
    rows: Sequence[Row], score: float, song: str, *, threshold: float | None = None
) -> Chart:
    """Draw the scores of references, a row a kind, with the song's own score across all of them.

    Examples
    --------
    >>> rows = [Row("Jazz", np.array([0.1, 0.3])), Row("Prog", np.array([0.4]), is_prog=True)]
    >>> reference_strip(rows, 0.25, "My song").alt
    'Prog scores. My song: 0.25. References, middle of each kind: Jazz 0.20 (2 songs), Prog 0.40 \
(1 songs).'
    """
    layers = []
    for place, row in enumerate(rows):
        # Dots of equal scores beside one another: the same place for the same row each time.
        heights = place + 0.3 * np.random.default_rng(0).uniform(-1, 1, len(row.scores))
        layers.append(
            go.Scatter(
                x=row.scores,
                y=heights,
                mode="markers",
                marker={
                    "size": 8,
                    "symbol": "square" if row.is_prog else "circle",
                    "color": _PROG if row.is_prog else _OTHER,
                    "opacity": 0.75,
                },
                hovertemplate=f"{row.name}: %{{x:.3f}}<extra></extra>",
                showlegend=False,
                cliponaxis=False,
            )
        )
    figure = blank(layers, height=96 + _ROW_PX * len(rows))
    figure.add_vline(x=score, line={"width": 2.5, **ink()})
    figure.add_annotation(
        x=score,
        y=1,
        yref="paper",
        yanchor="bottom",
        # Beside the line where the name would else leave the figure.
        xanchor="left" if score < 0.5 * _end(rows, score) else "right",
        text=f"<b>{song}</b> {score:.2f}",
        showarrow=False,
        font={"size": 14, **ink()},
    )
    if threshold is not None:
        dotted(figure, x=threshold)
    figure.update_layout(margin={"t": 34})
    figure.update_xaxes(title_text="prog score of this network", range=[0, _end(rows, score)])
    name_rows(figure, [row.name for row in rows])
    listed = ", ".join(
        f"{row.name.replace('<br>', ' ')} {np.median(row.scores):.2f} ({len(row.scores)} songs)"
        for row in rows
    )
    return Chart(
        figure, f"Prog scores. {song}: {score:.2f}. References, middle of each kind: {listed}."
    )


def _end(rows: Sequence[Row], score: float) -> float:
    return min(1.0, 1.06 * max(score, *(float(row.scores.max()) for row in rows)) + 0.01)
