"""Small drawings with axes, without the charting library: a first view would wait for it."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

_mount = st.components.v2.component(
    "genre_explorer_vector",
    html='<div class="vector"></div>\n',
    css=".vector { font: 0.8125rem var(--st-font, sans-serif); color: var(--st-text-color); }\n"
    ".vector svg { display: block; width: 100%; fill: currentColor; }\n"
    ".vector text { font-size: 13px; }\n",
    js=(Path(__file__).parent / "vector.js").read_text(encoding="utf-8"),
)
_GREY = "rgb(127,135,148)"


@dataclass(frozen=True, slots=True)
class Vector:
    """A drawing in px and what it says in words.

    inner: The shapes, as SVG.
    size: Width and height; a narrower page makes it smaller.
    alt: One or two sentences for somebody who cannot see it.
    """

    inner: str
    size: tuple[int, int]
    alt: str

    def show(self, key: str) -> None:
        """Draw it, its words in the page's own colour."""
        # A list, as in the player: of a dict Streamlit would look for tables.
        drawing = {"inner": self.inner, "size": list(self.size), "alt": self.alt}
        _mount(data=[drawing], key=key)


def cells(colours: NDArray[np.uint8], x: float, y: float, width: float, height: float) -> str:
    """Draw a picture [shape=(rows, columns, 4)] whose pixels stay squares, with a thin frame."""
    buffer = io.BytesIO()
    Image.fromarray(colours, "RGBA").save(buffer, "PNG")
    address = f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return (
        f'<image {place} preserveAspectRatio="none" style="image-rendering:pixelated" '
        f'href="{address}"/><rect {place} fill="none" stroke="{_GREY}"/>'
    )


def text(words: str, x: float, y: float, *, anchor: str = "middle", turned: bool = False) -> str:
    """Write words whose middle, start or end lies at x, on the line y; turned, they run upwards.

    >>> text("a < b", 1, 2)
    '<text x="1.0" y="2.0" text-anchor="middle">a &lt; b</text>'
    """
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{turn}>{escape(words)}</text>'


def line(left: float, y: float, right: float, *, dotted: bool = False) -> str:
    """Draw a level line: of a grid, or dotted, of what needs no looking."""
    style = f'stroke="{_GREY}"' + (' stroke-width="2" stroke-dasharray="2 4"' if dotted else "")
    faint = "" if dotted else ' opacity="0.3"'
    return f'<path d="M{left:.1f} {y:.1f}H{right:.1f}" {style}{faint}/>'


def dot(x: float, y: float, colour: str, says: str, *, square: bool = False) -> str:
    """Draw a dot, or a square; `says` stands under the mouse."""
    shape = (
        f'<rect x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7" fill="{colour}">'
        if square
        else f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}">'
    )
    return f"{shape}<title>{escape(says)}</title></{'rect' if square else 'circle'}>"
