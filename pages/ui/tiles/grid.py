"""Pictures side by side as one call; JavaScript in this folder draws them and tells of clicks."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "genre_explorer_tiles",
    html='<div class="tiles"></div>\n',
    css=(_HERE / "tiles.css").read_text(encoding="utf-8"),
    js=(_HERE / "tiles.js").read_text(encoding="utf-8"),
)
_TALLEST = 1.3
"""Of a grid's height in widths: higher ones are made narrower."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The range of colours above a grid: CSS colours from left to right, and what its ends are."""

    colours: tuple[str, ...]
    ticks: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """Pictures in a grid, row by row.

    pictures [shape=(n, height, width, 4), dtype=uint8]: With their opacity, one size for all.
    columns: So many stand side by side.
    says: What stands under the mouse over each, and what a screen reader says of it.
    alt: What the whole grid says in words.
    numbers: What a click on each gives; empty: nothing can be clicked.
    words: What stands under each; empty: nothing.
    edges: The CSS border of each; empty: a thin grey one.
    chosen: The place of the one that is marked.
    legend: Names of edges, with the border of each.
    bar: The range of colours.
    titles: What runs to the right in each picture, and what upwards.
    is_smooth: Whether pixels are blended where they are enlarged.
    width: In px at most.
    """

    pictures: NDArray[np.uint8]
    columns: int
    says: Sequence[str]
    alt: str
    numbers: Sequence[int] = ()
    words: Sequence[str] = ()
    edges: Sequence[str] = ()
    chosen: int | None = None
    legend: Sequence[tuple[str, str]] = ()
    bar: Bar | None = None
    titles: tuple[str, str] = ("", "")
    is_smooth: bool = False
    width: int = 560

    def to_plain(self) -> dict[str, Any]:
        """Write it down for JavaScript.

        Examples
        --------
        >>> grey = np.full((3, 2, 4, 4), 127, np.uint8)
        >>> plain = Tiles(grey, 2, ["a", "b", "c"], "Three.", numbers=[7, 8, 9]).to_plain()
        >>> plain["size"], plain["columns"], plain["width"], plain["numbers"]
        ([4, 2], 2, 560, [7, 8, 9])
        """
        n, rows, cols = self.pictures.shape[:3]
        n_rows = -(-n // self.columns)
        shape = n_rows * rows / (self.columns * cols)
        return {
            "picture": _as_source(self.pictures, is_smooth=self.is_smooth),
            "size": [cols, rows],
            "columns": self.columns,
            "width": round(min(self.width, _TALLEST * self.width / shape)),
            "says": list(self.says),
            "alt": self.alt,
            "numbers": [int(k) for k in self.numbers],
            "words": list(self.words),
            "edges": list(self.edges),
            "chosen": self.chosen,
            "legend": [list(pair) for pair in self.legend],
            "bar": [list(self.bar.colours), list(self.bar.ticks)] if self.bar else None,
            "titles": list(self.titles),
            "smooth": self.is_smooth,
        }

    def show(self, key: str, on_chosen: Callable[[int], None] | None = None) -> None:
        """Draw it; `on_chosen` gets the number of a picture that was clicked, before the rerun."""

        def chosen() -> None:
            event = st.session_state[key].get("chosen")
            if on_chosen is not None and isinstance(event, Mapping):
                number = event.get("number")
                if isinstance(number, int) and number in set(self.numbers):
                    on_chosen(number)

        # A list, as in the player: of a dict Streamlit would look for tables.
        _mount(data=[self.to_plain()], key=key, on_chosen_change=chosen)


def _as_source(pictures: NDArray[np.uint8], *, is_smooth: bool) -> str:
    """Write pictures one below the other as the address of an image."""
    n, rows, cols = pictures.shape[:3]
    form, options = ("WEBP", {"quality": 70}) if is_smooth else ("PNG", {})
    # A side of WebP has at most 16,383 px: many pictures stand in several columns.
    across = max(1, -(-n * rows // 8_192))
    down = -(-n // across)
    sheet = np.zeros((down, across, rows, cols, 4), np.uint8)
    sheet.reshape(-1, rows, cols, 4)[:n] = pictures
    whole = np.ascontiguousarray(sheet.swapaxes(1, 2)).reshape(down * rows, across * cols, 4)
    buffer = io.BytesIO()
    Image.fromarray(whole, "RGBA").save(buffer, form, **options)
    return f"data:image/{form.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"
