"""Patterns side by side, with coloured frames that tell their groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from genre_core.explain.kernel_pictures import grid_columns
from pages.ui.tiles import Tiles

BLUE, ORANGE, GREEN = "rgb(47, 120, 196)", "rgb(194, 87, 26)", "rgb(45, 138, 90)"
PURPLE, PINK, GREY = "rgb(140, 96, 205)", "rgb(196, 70, 130)", "rgb(127, 135, 148)"
GROUP_EDGES: Mapping[str, str] = {
    "dots": f"3px solid {BLUE}",
    "horizontal": f"3px solid {GREEN}",
    "vertical": f"3px solid {ORANGE}",
    "low frequency": f"3px solid {PURPLE}",
    "blank": f"3px dotted {GREY}",
    "mixed": f"3px dashed {PINK}",
}
"""Frames of groups; dots, horizontal and low frequency have the colours of study S5's figures."""

SHORT = {"low frequency": "low f.", "horizontal": "horiz.", "vertical": "vert."}
"""Of names that do not fit under a picture."""

_MANY = 8
"""Pictures in a row from which on only a name's first letters fit, on a telephone too."""

_BLANK = (127, 127, 127, 40)
# As Plotly's spectrograms have them; Smith and van der Walt 2015 (CC0).
_MAGMA = "000004 180f3d 440f76 721f81 9e2f7f cd4071 f1605d fd9668 feca8d fcfdbf"


def mosaic(
    pictures: np.ndarray,
    says: Sequence[str],
    *,
    alt: str,
    numbers: Sequence[int] = (),
    words: Sequence[str] = (),
    frames: Sequence[str] = (),
    chosen: int | None = None,
    titles: tuple[str, str] = ("", ""),
    width: int = 560,
    aspect: float = 1.3,
) -> Tiles:
    """Draw patterns side by side, each framed.

    `pictures` [shape=(n, height, width[, 3]), dtype=uint8] are drawn as they are, those without
    colours from dark to bright; `says` stands under the mouse, `words` under each; `frames` names
    each one's group; the grid is about `aspect` times as wide as high. A click gives its entry in
    `numbers`; the one at place `chosen` is marked.

    Examples
    --------
    >>> pictures = np.zeros((3, 8, 8), np.uint8)
    >>> drawn = mosaic(pictures, ["a", "b", "c"], alt="Three.", numbers=[4, 5, 6],
    ...                frames=["dots", "dots", "blank"])
    >>> [name for name, _ in drawn.legend], drawn.pictures[2, 0, 0].tolist()
    (['dots', 'blank'], [127, 127, 127, 40])
    """
    n, rows, cols = pictures.shape[:3]
    columns = grid_columns(n, rows, cols, aspect=aspect)
    painted = np.full((n, rows, cols, 4), 255, np.uint8)
    painted[..., :3] = pictures if pictures.ndim == 4 else _coloured(pictures)
    for place, name in enumerate(frames):
        if name == "blank":
            painted[place] = _BLANK
    return Tiles(
        painted,
        columns,
        says,
        alt,
        numbers=list(numbers),
        words=[_fitting(word, columns) for word in words],
        edges=[GROUP_EDGES[name] for name in frames],
        chosen=chosen,
        legend=[(name, edge) for name, edge in GROUP_EDGES.items() if name in frames],
        titles=titles,
        is_smooth=True,
        width=width,
    )


def _fitting(word: str, columns: int) -> str:
    """Shorten a group's name to what fits under its picture.

    >>> [_fitting("horizontal", n) for n in (4, 12)], _fitting("Rock", 12)
    (['horiz.', 'hor'], 'Rock')
    """
    return word[:3] if word in GROUP_EDGES and columns > _MANY else SHORT.get(word, word)


def _coloured(pictures: np.ndarray) -> np.ndarray:
    """Give colours to patterns without, dark to bright, as spectrograms have them."""
    ends = np.array([tuple(bytes.fromhex(colour)) for colour in _MAGMA.split()], float)
    at = np.linspace(0, 255, len(ends))
    table = np.stack([np.interp(np.arange(256), at, ends[:, k]) for k in range(3)], axis=1)
    return np.rint(table).astype(np.uint8)[pictures]
