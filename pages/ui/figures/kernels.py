"""Kernels as figures: many side by side, one enlarged with its axes, and all norms of a layer.

They stand on a first view: nothing here needs Plotly, for which its visitor would wait seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genre_core.explain.kernel_pictures import OUTLINE, grid_columns
from pages.ui.figures.vector import Vector, cells, dot, line, text
from pages.ui.tiles import Bar, Tiles

_ABOVE, _BELOW, _ZERO = (194, 87, 26), (47, 120, 196), (127, 135, 148)
ABOVE, BELOW = f"rgb{_ABOVE}", f"rgb{_BELOW}"
"""Of weights above and below 0; the page's own ground shows through where they are 0."""

TINT = (107, 79, 216)
BLANK_EDGE = f"rgb{OUTLINE}"
WRITTEN = 49
"""Most cells of an enlarged kernel that have their value written in."""

_FAINT = 20
"""Opacity of a weight of 0, of 255."""
_TICKS = 9
_WIDTH, _TALL, _MARGIN = 380, 420, (64, 30)


def mosaic(
    pictures: NDArray[np.float32] | NDArray[np.uint8],
    says: Sequence[str],
    *,
    alt: str,
    numbers: Sequence[int] = (),
    blanks: Sequence[bool] = (),
    chosen: int | None = None,
    largest: float | None = None,
    titles: tuple[str, str] = ("", ""),
    bar: bool = True,
    aspect: float = 1.3,
    width: int = 560,
) -> Tiles:
    """Draw kernels side by side, in the order given.

    `pictures` are weights [shape=(n, height, width)] or colours [shape=(n, height, width, 3),
    dtype=uint8]; `says` stands under the mouse over each, and a click gives its entry in `numbers`.
    `blanks` are outlined, and the one at place `chosen` is marked. Colours end at `largest`, else
    at the largest weight; their range is centred at 0, or starts there where no value is negative.
    `aspect` is the wanted width in heights, `width` in px.

    Examples
    --------
    >>> drawn = mosaic(np.ones((3, 2, 2), np.float32), ["a", "b", "c"], alt="Three.", chosen=1)
    >>> drawn.pictures.shape, drawn.columns, drawn.bar.ticks
    ((3, 2, 2, 4), 2, ('0', '1'))
    """
    n, rows, cols = pictures.shape[:3]
    top = largest or float(np.abs(pictures.astype(np.float32)).max()) or 1.0
    is_signed = bool((pictures < 0).any())
    marked = [f"3px solid {BLANK_EDGE}" if blank else "" for blank in blanks]
    return Tiles(
        painted(pictures, top, is_signed=is_signed),
        grid_columns(n, rows, cols, aspect=aspect),
        says,
        alt,
        numbers=numbers,
        edges=marked if any(marked) else (),
        chosen=chosen,
        bar=_bar(top, is_signed=is_signed) if bar and pictures.ndim == 3 else None,
        titles=titles,
        width=width,
    )


def painted(pictures: NDArray[np.generic], top: float, *, is_signed: bool) -> NDArray[np.uint8]:
    """Give weights their colours [shape=(..., 4), dtype=uint8]; colours become opaque.

    Examples
    --------
    >>> painted(np.array([[[-1.0, 0.0, 1.0]]]), 1.0, is_signed=True)[0, 0].tolist()
    [[47, 120, 196, 255], [127, 135, 148, 20], [194, 87, 26, 255]]
    """
    if pictures.ndim == 4:
        opaque = np.full((*pictures.shape[:3], 1), 255, np.uint8)
        return np.concatenate([pictures.astype(np.uint8), opaque], axis=-1)
    at = np.clip(pictures.astype(np.float64) / top, -1, 1)
    above = np.array(_ABOVE if is_signed else TINT)
    colours = np.where(at[..., None] > 0, above, np.array(_BELOW))
    colours[at == 0] = _ZERO
    opacity = _FAINT + (255 - _FAINT) * np.abs(at)
    return np.rint(np.concatenate([colours, opacity[..., None]], axis=-1)).astype(np.uint8)


def enlarged(
    picture: NDArray[np.float32] | NDArray[np.uint8],
    *,
    alt: str,
    largest: float,
    across: tuple[str, Sequence[str]],
    upwards: tuple[str, Sequence[str]],
) -> Vector:
    """Draw one kernel large, with the edges of its cells on the axes.

    `picture` holds weights [shape=(height, width)] or colours [shape=(height, width, 3),
    dtype=uint8]; `largest` ends the colour range, of the whole layer, so that kernels can be
    compared. `across` and `upwards` are an axis' title and the labels of its edges, of columns from
    the left, of rows from the top; no labels where there is nothing to measure.

    Examples
    --------
    >>> axes = {"across": ("px", ["0", "1", "2"]), "upwards": ("px", ["0", "1"])}
    >>> drawn = enlarged(np.ones((1, 2), np.float32), alt="One.", largest=2.0, **axes)
    >>> drawn.alt, drawn.inner.count("<text")
    ('One.', 9)
    """
    rows, cols = picture.shape[:2]
    left, below = _MARGIN[0], _MARGIN[1] + 18 * bool(across[0])
    inner = _WIDTH - left - 12
    tall = float(np.clip(inner * rows / cols, 30, _TALL))
    side = tall / rows if tall == _TALL else inner / cols  # cells stay square but at the limit
    wide = min(inner, side * cols) if tall == _TALL else inner
    colours = painted(picture[np.newaxis], largest, is_signed=bool((picture < 0).any()))[0]
    parts = [cells(colours, left, 8, wide, tall)]
    if picture.ndim == 2 and picture.size <= WRITTEN:
        parts += [
            text(
                f"{picture[row, col]:.2f}",
                left + (col + 0.5) * wide / cols,
                8 + (row + 0.5) * tall / rows + 4,
            )
            for row, col in np.ndindex(rows, cols)
        ]
    for k in _kept(across[1], cols, shape=cols / rows):
        parts.append(text(across[1][k], left + k * wide / cols, 8 + tall + 18))
    for k in _kept(upwards[1], rows, shape=rows / cols):
        parts.append(text(upwards[1][k], left - 8, 8 + k * tall / rows + 4, anchor="end"))
    if across[0]:
        parts.append(text(across[0], left + wide / 2, 8 + tall + 38))
    if upwards[0]:
        parts.append(text(upwards[0], 14, 8 + tall / 2, turned=True))
    return Vector("".join(parts), (_WIDTH, round(8 + tall + below)), alt)


def norms(values: NDArray[np.float64], threshold: float, layer: str) -> Vector:
    """Draw the norms of a layer's kernels, strongest first, and the line below which one is blank.

    Examples
    --------
    >>> norms(np.array([2.0, 1e-9, 1.0]), 0.02, "conv_1").alt
    'Norms of the 3 kernels of conv_1, strongest first: from 2 down to 1e-09. Below 0.02: 1.'
    """
    falling = np.sort(values)[::-1]
    # A norm of exactly 0 has no place on a logarithmic axis.
    lowest = max(float(falling.min()), threshold / 100)
    heights = np.log10(np.maximum(falling, lowest))
    low = float(min(heights.min(), np.log10(threshold))) - 0.1
    high = float(max(heights.max(), np.log10(threshold))) + 0.1
    wide, tall, left = 640, 200, 64

    def y(logarithm: float) -> float:
        return 12 + tall * (high - logarithm) / (high - low)

    parts = [line(left, y(float(np.log10(threshold))), wide, dotted=True)]
    parts.append(text("blank below", wide, y(float(np.log10(threshold))) + 16, anchor="end"))
    for power in range(int(np.ceil(low)), int(np.floor(high)) + 1):
        parts.append(line(left, y(power), wide))
        parts.append(text(f"{10.0**power:g}", left - 8, y(power) + 4, anchor="end"))
    step = (wide - left - 16) / max(1, len(falling) - 1)
    for place, (norm, height) in enumerate(zip(falling, heights, strict=True)):
        is_blank = bool(norm < threshold)
        says = f"{'blank kernel' if is_blank else 'kernel'}, place {place + 1}: norm {norm:.3g}"
        colour = BLANK_EDGE if is_blank else f"rgb{TINT}"
        parts.append(dot(left + 8 + place * step, y(float(height)), colour, says, square=is_blank))
    parts.append(text("kernels, strongest first", (left + wide) / 2, tall + 34))
    parts.append(text("norm", 14, 12 + tall / 2, turned=True))
    return Vector(
        "".join(parts),
        (wide, tall + 44),
        f"Norms of the {len(falling)} kernels of {layer}, strongest first: from {falling[0]:.3g} "
        f"down to {falling[-1]:.3g}. Below {threshold:.3g}: {int((falling < threshold).sum())}.",
    )


def _bar(top: float, *, is_signed: bool) -> Bar:
    zero = f"rgba(127, 135, 148, {_FAINT / 255:.2f})"
    if not is_signed:
        return Bar((zero, f"rgb{TINT}"), ("0", f"{top:.2g}"))
    return Bar((BELOW, zero, ABOVE), (f"{-top:.2g}", "0", f"{top:.2g}"))


def _kept(labels: Sequence[str], n: int, *, shape: float) -> list[int]:
    """Choose which of the edges of n cells have a label; of many, or on a short side, only some."""
    if not labels:
        return []
    n_labels = min(n, max(1, round(_TICKS * min(1.0, shape))))
    return [int(k) for k in np.linspace(0, n, n_labels + 1).round()]
