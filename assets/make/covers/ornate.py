"""Ornate name and frame of the progressive rock covers."""

from __future__ import annotations

import numpy as np

from assets.make.covers.canvas import Canvas, Field, ramp, smoothstep
from assets.make.covers.lettering import bend, lettering, shifted, thicken
from assets.make.covers.texture import warp
from assets.make.covers.words import Words


def paint_name(canvas: Canvas, words: Words, gold: str, sky: tuple[str, ...]) -> None:
    """Set a flowing, gilded name above and a small engraved title below, in place.

    Parameters
    ----------
    canvas : Canvas
        The picture.
    words : Words
        What is set.
    gold : str
        Middle colour of the name.
    sky : tuple of str
        The first colour darkens the shadow.
    """
    name = bend(
        lettering(canvas, words.artist, (0.19, 0.085, 0.81, 0.185), weight=0.035, tracking=0.02),
        -0.025,
    )
    sway = (0.006 * np.sin(canvas.x * 23 + 1)).astype(np.float32)
    name = warp(name, 0.0, sway)
    rim, shadow = thicken(name, 0.0055), shifted(thicken(name, 0.006), 0.003, 0.007)
    canvas.paint(shadow, sky[0], 0.8)
    canvas.paint(rim, "#2a1030")
    fill = ramp((canvas.y - 0.08) / 0.11, ["#fff7d0", gold, "#d0603f", "#7a2348"])
    canvas.paint(name, fill)
    title = lettering(
        canvas,
        words.title.upper(),
        (0.2, 0.905, 0.8, 0.927),
        weight=0.02,
        tracking=0.16,
        serif=True,
        align="centre",
    )
    canvas.paint(thicken(title, 0.004), sky[0], 0.45)
    canvas.paint(title, "#fff2cf")


def paint_border(canvas: Canvas, dark: str, gold: str) -> None:
    """Frame the picture with a woven band, double lines and spirals in the corners, in place.

    Parameters
    ----------
    canvas : Canvas
        The picture.
    dark, gold : str
        Colours of the band and of its ornament.
    """
    edge = np.minimum(np.minimum(canvas.x, 1 - canvas.x), np.minimum(canvas.y, 1 - canvas.y))
    canvas.paint(smoothstep(0.0435, 0.0425, edge), dark)
    weave: Field = 0.5 + np.float32(0.5) * np.sin(canvas.x * 190) * np.sin(canvas.y * 190)
    canvas.paint(smoothstep(0.5, 0.9, weave) * (edge > 0.012) * (edge < 0.032), gold, 0.55)
    lines = canvas.stencil()
    for inset, pen in ((0.0095, 0.003), (0.035, 0.0022), (0.0435, 0.0045)):
        corners = [(inset, inset), (1 - inset, inset), (1 - inset, 1 - inset), (inset, 1 - inset)]
        lines.line([*corners, corners[0]], pen)
    t = np.linspace(0, 1, 50)
    reach = 0.052 * (1 - t) ** 0.8 + 0.002
    for sx in (0, 1):
        for sy in (0, 1):
            for swap in (False, True):
                a = 0.047 + 0.066 + reach * np.cos(2 * np.pi * 1.6 * t + np.pi)
                b = 0.047 + 0.018 + 0.6 * reach * np.sin(2 * np.pi * 1.6 * t + np.pi)
                px, py = (b, a) if swap else (a, b)
                lines.brush(
                    [(abs(sx - float(x)), abs(sy - float(y))) for x, y in zip(px, py, strict=True)],
                    [0.0015 + 0.004 * (1 - float(k)) for k in t],
                )
            lines.disc(abs(sx - 0.0435), abs(sy - 0.0435), 0.013)
    canvas.paint(lines.mask(), gold)
    jewels = canvas.stencil()
    for x in (0.0435, 1 - 0.0435):
        for y in (0.0435, 1 - 0.0435):
            jewels.disc(x, y, 0.0085)
    canvas.paint(jewels.mask(), "#9c2f3f")
