"""What a network reads of a segment and where it looked, drawn without the charting library.

It stands on the first view of Songs, whose visitor would wait a second longer for 5 MB of Plotly.
"""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from genre_core.image.overlay import colour_cells

if TYPE_CHECKING:
    from genre_core.audio.segment_picture import SegmentPicture

LOOKED_AT = 0.5
"""Where the map is at least half as strong as at its strongest, an outline is drawn."""

_N_SECONDS = 5
_REM_A_LETTER = 0.45
_STYLE = """<style>
.segment { position: relative; height: 23rem; }
.segment > img, .segment > div { position: absolute; inset: .4rem .4rem 3.2rem var(--names); }
.segment > img { width: calc(100% - .4rem - var(--names)); height: calc(100% - 3.6rem); }
.segment > img { max-width: none; }
.segment > div { display: flex; flex-direction: column; font-size: .875rem; }
.segment i { flex: 1; }
.segment span { position: absolute; white-space: nowrap; }
.segment .row { right: calc(100% + .5rem); transform: translateY(50%); }
.segment .second { top: calc(100% + .3rem); transform: translateX(-50%); }
</style>"""


def segment(picture: SegmentPicture, heat: NDArray[np.floating] | None, start_s: float) -> None:
    """Draw a segment that starts at `start_s`, time to the right; a row's name is under the mouse.

    `heat`, of the picture's shape and in [0, 1], is where the network looked: outlined.
    """
    n_rows, n_columns = picture.values.shape
    length_s = float(picture.time_s[-1] - picture.time_s[0])
    alt = f"{n_rows} rows from {picture.rows[0]} to {picture.rows[-1]} over {length_s:.1f} seconds."
    if heat is not None:
        alt += " An outline shows where the network looked."
    rows = "".join(f'<i title="{escape(name)}"></i>' for name in reversed(picture.rows))
    ticks = "".join(
        f'<span class="row" style="bottom:{100 * (place + 0.5) / n_rows:.2f}%">'
        f"{escape(name)}</span>"
        for place, name in picture.ticks
    )
    seconds = "".join(
        f'<span class="second" style="left:{100 * (column + 0.5) / n_columns:.2f}%">'
        f"{start_s + picture.time_s[column]:.1f}</span>"
        for column in np.linspace(0, n_columns - 1, min(_N_SECONDS, n_columns)).astype(int)
    )
    # Beside a picture on a phone there is no more room than is left for them here.
    names_rem = max(
        4.8, 0.8 + _REM_A_LETTER * max((len(name) for _, name in picture.ticks), default=0)
    )
    drawn = base64.b64encode(_svg(picture.values[::-1], None if heat is None else heat[::-1]))
    st.html(
        f'{_STYLE}<div class="segment" style="--names:{names_rem:.1f}rem"><img alt="{escape(alt)}" '
        f'src="data:image/svg+xml;base64,{drawn.decode()}">'
        f'<div aria-hidden="true">{rows}{ticks}{seconds}'
        '<span style="left:50%;top:calc(100% + 1.7rem)" class="second">seconds</span></div></div>'
    )


def _svg(values: NDArray[np.floating], heat: NDArray[np.floating] | None) -> bytes:
    """Draw cells, row 0 on top, and the outline of those of high heat."""
    n_rows, n_columns = values.shape
    cells = io.BytesIO()
    Image.fromarray(colour_cells(values, "inferno")).save(cells, "PNG")
    outline = "" if heat is None else _outline(heat >= LOOKED_AT)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" preserveAspectRatio="none" '
        f'viewBox="0 0 {n_columns} {n_rows}"><image width="{n_columns}" height="{n_rows}" '
        'preserveAspectRatio="none" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{base64.b64encode(cells.getvalue()).decode()}"/>'
        f'<path d="{outline}" fill="none" stroke="#7fffd4" stroke-width="2.5" '
        'vector-effect="non-scaling-stroke"/></svg>'
    ).encode()


def _outline(inside: NDArray[np.bool_]) -> str:
    """Write the edges between cells inside and outside as an SVG path.

    Examples
    --------
    >>> _outline(np.array([[True]]))
    'M0 0h1M0 1h1M0 0v1M1 0v1'
    """
    padded = np.pad(inside, 1)
    across = np.argwhere(np.diff(padded, axis=0)[:, 1:-1])
    down = np.argwhere(np.diff(padded, axis=1)[1:-1])
    edges = [f"M{x} {y}h1" for y, x in across] + [f"M{x} {y}v1" for y, x in down]
    return "".join(edges)
