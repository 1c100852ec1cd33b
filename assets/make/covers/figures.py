"""People for covers: a bust as a height map to be lit, and standing players as silhouettes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.make.covers.canvas import Canvas, Field, Point, Stencil
from assets.make.covers.texture import noise


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


def player(
    stencil: Stencil, x: float, foot: float, tall: float, *, part: str, mirror: bool, sway: float
) -> None:
    """Draw a standing musician as a silhouette.

    Parameters
    ----------
    stencil : Stencil
        Drawn into.
    x, foot : float
        Middle and ground line.
    tall : float
        Height of the body.
    part : {"guitar", "bass", "singer", "drums"}
        What the musician does.
    mirror : bool
        Swap left and right.
    sway : float
        Lean of the upper body, about -0.1 to 0.1.
    """
    side = -1.0 if mirror else 1.0

    def at(u: float, v: float) -> Point:
        return x + side * tall * (u + sway * v), foot - tall * v

    def limb(points: list[Point], widths: list[float]) -> None:
        stencil.brush([at(*each) for each in points], [tall * w for w in widths])

    if part == "drums":
        _drums(stencil, x, foot, tall)
        limb([(0.0, 0.35), (0.0, 0.62)], [0.2, 0.22])
        stencil.ellipse(*at(0, 0.76), 0.06 * tall, 0.075 * tall)
        limb([(0, 0.8), (0.06, 0.72), (0.1, 0.6)], [0.1, 0.06, 0.02])
        limb([(-0.1, 0.64), (-0.22, 0.7), (-0.17, 0.88)], [0.07, 0.055, 0.04])
        limb([(0.1, 0.64), (0.24, 0.62), (0.3, 0.76)], [0.07, 0.055, 0.04])
        limb([(-0.17, 0.86), (-0.1, 1.06)], [0.014, 0.01])
        limb([(0.3, 0.74), (0.24, 0.92)], [0.014, 0.01])
        return
    limb([(-0.05, 0.5), (-0.13, 0.26), (-0.19, 0.015)], [0.105, 0.075, 0.055])
    limb([(0.05, 0.5), (0.11, 0.27), (0.17, 0.015)], [0.105, 0.075, 0.055])
    limb([(-0.2, 0.012), (-0.26, 0.008)], [0.035, 0.02])
    limb([(0.17, 0.012), (0.25, 0.008)], [0.035, 0.02])
    stencil.polygon(
        [
            at(-0.095, 0.48),
            at(-0.125, 0.8),
            at(-0.05, 0.845),
            at(0.05, 0.845),
            at(0.125, 0.8),
            at(0.095, 0.48),
        ]
    )
    limb([(0, 0.82), (0.005, 0.88)], [0.07, 0.06])
    stencil.ellipse(*at(0.01, 0.925), 0.055 * tall, 0.07 * tall)
    # Hair: a few locks that fall and swing.
    for u, v, w in ((-0.07, 0.8, 0.05), (-0.1, 0.84, 0.04), (0.07, 0.82, 0.04), (0.0, 0.79, 0.05)):
        limb([(0.0, 0.97), (0.7 * u, 0.93), (u, v)], [0.08, 0.07, w * 0.3])
    if part == "singer":
        limb([(0.11, 0.79), (0.26, 0.86), (0.25, 1.07)], [0.065, 0.052, 0.04])
        stencil.disc(*at(0.25, 1.09), 0.032 * tall)
        limb([(-0.11, 0.79), (-0.18, 0.66), (-0.06, 0.82)], [0.065, 0.052, 0.04])
        limb([(-0.05, 0.89), (-0.13, 0.0)], [0.016, 0.016])
        stencil.ellipse(*at(-0.045, 0.9), 0.026 * tall, 0.032 * tall)
        limb([(-0.24, 0.006), (-0.03, 0.006)], [0.014, 0.014])
        return
    neck = 0.5 if part == "bass" else 0.4
    limb([(0.02, 0.52), (neck, 0.72)], [0.03, 0.024])
    limb([(neck, 0.72), (neck + 0.07, 0.76)], [0.05, 0.03])
    limb([(-0.12, 0.46), (-0.02, 0.5), (0.07, 0.545)], [0.17, 0.11, 0.13])
    limb([(-0.1, 0.5), (-0.01, 0.585)], [0.04, 0.02])
    limb([(-0.11, 0.79), (-0.21, 0.63), (-0.06, 0.52)], [0.065, 0.055, 0.04])
    limb([(0.11, 0.79), (0.22, 0.6), (0.3, 0.665)], [0.065, 0.052, 0.042])


def _drums(stencil: Stencil, x: float, foot: float, tall: float) -> None:
    stencil.disc(x, foot - 0.2 * tall, 0.2 * tall)
    for dx, dy, r in (
        (-0.26, 0.4, 0.1),
        (0.26, 0.4, 0.1),
        (-0.12, 0.46, 0.085),
        (0.12, 0.46, 0.085),
    ):
        stencil.rectangle(
            x + (dx - r) * tall, foot - dy * tall, x + (dx + r) * tall, foot - (dy - 0.16) * tall
        )
        stencil.line(
            [(x + dx * tall, foot - dy * tall + 0.1 * tall), (x + 1.2 * dx * tall, foot)],
            0.018 * tall,
        )
    for dx, dy in ((-0.46, 0.72), (0.46, 0.76), (-0.3, 0.92)):
        stencil.line([(x + dx * tall, foot), (x + dx * tall, foot - dy * tall)], 0.016 * tall)
        stencil.line(
            [
                (x + (dx - 0.13) * tall, foot - (dy - 0.02) * tall),
                (x + (dx + 0.13) * tall, foot - (dy + 0.03) * tall),
            ],
            0.018 * tall,
        )
