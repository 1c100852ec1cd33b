"""People for covers: a bust as a height map to be lit, and standing players as silhouettes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genre_core.data.demo_covers.canvas import Canvas, Field, Point, Stencil, smoothstep
from genre_core.data.demo_covers.texture import noise


@dataclass(frozen=True, slots=True)
class Bust:
    """Parts of a head and shoulders, each [shape=(size, size), dtype=float32]."""

    height: Field
    body: Field
    face: Field
    glasses: Field
    beard: Field


def hooded_bust(canvas: Canvas, cx: float, top: float, scale: float) -> Bust:
    """Model a person in a hood with dark glasses.

    Parameters
    ----------
    canvas : Canvas
        Gives size and seed.
    cx, top : float
        Middle and upper edge of the hood.
    scale : float
        Height of the head.

    Returns
    -------
    Bust
        `height` suits `relief_light`; the others are masks.
    """

    def at(x: float, y: float) -> Point:
        return cx + x * scale, top + y * scale

    def oval(x: float, y: float, rx: float, ry: float, blur: float) -> Field:
        return canvas.stencil().ellipse(*at(x, y), rx * scale, ry * scale).mask(blur * scale)

    def shape(points: list[Point], blur: float = 0.0) -> Field:
        return canvas.stencil().polygon([at(*each) for each in points]).mask(blur * scale)

    shoulders = [
        (-1.35, 2.6),
        (-1.28, 1.75),
        (-1.05, 1.38),
        (-0.55, 1.12),
        (-0.4, 0.95),
        (0.4, 0.95),
        (0.55, 1.12),
        (1.05, 1.38),
        (1.28, 1.75),
        (1.35, 2.6),
    ]
    t = np.linspace(0, 2 * np.pi, 60)
    # A hood is an oval, a little pointed at the crown and wide at the collar.
    hood_x = 0.53 * np.sin(t) * (1 + 0.1 * np.cos(t + np.pi))
    hood_y = 0.58 - 0.6 * np.cos(t) * (1 + 0.05 * np.cos(t))
    hood = [(float(x), float(y)) for x, y in zip(hood_x, hood_y, strict=True)]
    body = np.maximum(shape(shoulders), shape(hood))
    opening = canvas.stencil().ellipse(*at(0, 0.64), 0.365 * scale, 0.5 * scale).mask()
    face = canvas.stencil().ellipse(*at(0, 0.6), 0.33 * scale, 0.47 * scale).mask() * opening
    glasses = canvas.stencil()
    for side in (-1, 1):
        glasses.polygon(
            [
                at(side * x, y)
                for x, y in (
                    (0.03, 0.49),
                    (0.3, 0.47),
                    (0.32, 0.53),
                    (0.26, 0.65),
                    (0.12, 0.66),
                    (0.05, 0.6),
                )
            ]
        )
    glasses.rectangle(*at(-0.05, 0.495), *at(0.05, 0.53))
    beard_area = oval(0, 0.93, 0.27, 0.22, 0.03) - oval(0, 0.845, 0.12, 0.03, 0.012)
    folds = noise(canvas, 5, octaves=4, aspect=1.6)
    height = (
        0.35 * shape(shoulders, 0.12)
        + 0.1 * shape(hood, 0.08)
        + 0.1 * shape(hood, 0.02)
        - 0.14 * oval(0, 0.64, 0.37, 0.5, 0.02)
    ) + (0.1 * (folds - 0.5)) * (1 - opening)
    height += opening * (
        0.22 * oval(0, 0.6, 0.31, 0.44, 0.06)
        + 0.05 * oval(0, 0.4, 0.24, 0.07, 0.03)
        + 0.05 * (oval(-0.19, 0.68, 0.09, 0.06, 0.03) + oval(0.19, 0.68, 0.09, 0.06, 0.03))
        + 0.09 * shape([(-0.025, 0.46), (0.025, 0.46), (0.085, 0.73), (-0.085, 0.73)], 0.022)
        + 0.035 * (oval(0, 0.825, 0.1, 0.022, 0.01) + oval(0, 0.875, 0.09, 0.028, 0.01))
        + 0.06 * oval(0, 1.0, 0.1, 0.06, 0.03)
    )
    return Bust(
        height=(height * scale).astype(np.float32),
        body=body,
        face=face,
        glasses=glasses.mask(),
        beard=np.clip(beard_area, 0, 1) * (0.55 + 0.45 * noise(canvas, 120, octaves=2)),
    )
