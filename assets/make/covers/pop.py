"""Pop: a flat portrait in candy colours among confetti shapes."""

from __future__ import annotations

import numpy as np

from assets.make.covers.canvas import Canvas, Field, Point, ramp, smoothstep
from assets.make.covers.lettering import lettering, shifted, thicken
from assets.make.covers.texture import finish
from assets.make.covers.words import Words

# Ground (two), hair, skin (light, shade), dress, accents.
_MOODS = (
    (
        ("#ff8ac6", "#ffd23f"),
        "#5a2bd6",
        ("#ffc7a0", "#f09a78"),
        "#19c3c0",
        ("#19c3c0", "#ff4f5e", "#ffffff"),
    ),
    (
        ("#34d1e0", "#ff9ad0"),
        "#ff3d7f",
        ("#8d5338", "#6b3a28"),
        "#ffdf3a",
        ("#ffdf3a", "#7b3fe4", "#ffffff"),
    ),
    (
        ("#ffd84a", "#ff7a59"),
        "#1f2a6b",
        ("#f3b48b", "#d98865"),
        "#ff4fa3",
        ("#2bb7ff", "#ff4fa3", "#ffffff"),
    ),
    (
        ("#b79cff", "#7df0c0"),
        "#ff7a2f",
        ("#ffd9bd", "#f2a98c"),
        "#ff3f8e",
        ("#ff3f8e", "#fff04d", "#ffffff"),
    ),
)


def paint(canvas: Canvas, words: Words) -> None:
    """Paint one cover, in place."""
    rng = canvas.rng
    ground, hair, skin, dress, accents = _MOODS[rng.integers(len(_MOODS))]
    canvas.pixels[:] = ramp(0.15 + 0.3 * canvas.y, (ground[0], "#ffffff"))
    _rays(canvas, ground[0])
    canvas.paint(smoothstep(0.3655, 0.3625, canvas.distance(0.5, 0.5)), ground[1])
    ring = np.abs(canvas.distance(0.5, 0.5) - 0.395)
    canvas.paint(smoothstep(0.0065, 0.0045, ring), "#ffffff")
    _confetti(canvas, accents)
    _portrait(canvas, hair, skin, dress, accents, int(rng.integers(3)))
    _type(canvas, words, hair, accents)
    finish(canvas, grain=0.008, vignette=0.0)


def _rays(canvas: Canvas, colour: str) -> None:
    angle = np.arctan2(canvas.y - 0.5, canvas.x - 0.5)
    wave = np.sin(angle * 14 + float(canvas.rng.uniform(0, 1)))
    canvas.paint(smoothstep(-0.04, 0.04, wave.astype(np.float32)), colour, 0.55)


def _confetti(canvas: Canvas, accents: tuple[str, ...]) -> None:
    rng = canvas.rng
    sheets = [canvas.stencil() for _ in accents]
    for k, angle in enumerate(np.linspace(0, 2 * np.pi, 26, endpoint=False)):
        far = float(rng.uniform(0.43, 0.68))
        x, y = (
            0.5 + far * float(np.cos(angle + rng.uniform(-0.1, 0.1))),
            0.5 + far * float(np.sin(angle)),
        )
        sheet, turn, size = (
            sheets[k % len(sheets)],
            float(rng.uniform(0, 6.3)),
            float(rng.uniform(0.012, 0.024)),
        )
        kind = int(rng.integers(4))

        def at(
            u: float, v: float, x: float = x, y: float = y, turn: float = turn, size: float = size
        ) -> Point:
            c, s = float(np.cos(turn)), float(np.sin(turn))
            return x + size * (u * c - v * s), y + size * (u * s + v * c)

        if kind == 0:
            sheet.disc(x, y, 0.7 * size)
        elif kind == 1:
            sheet.polygon([at(-1, 0.8), at(1, 0.8), at(0, -1)])
        elif kind == 2:
            wiggle = np.linspace(-2.2, 2.2, 24)
            sheet.line([at(float(w), 0.6 * float(np.sin(w * 3))) for w in wiggle], 0.0075)
        else:
            sheet.line([at(-1, 0), at(1, 0)], 0.009).line([at(0, -1), at(0, 1)], 0.009)
    for sheet, tint in zip(sheets, accents, strict=True):
        canvas.paint(sheet.mask(), tint)


def _portrait(
    canvas: Canvas, hair: str, skin: tuple[str, str], dress: str, accents: tuple[str, ...], cut: int
) -> None:
    """Lay a singer from back to front: hair, neck and dress, face, fringe, glasses, lips."""
    back = canvas.stencil()
    if cut == 0:  # a long bob
        back.ellipse(0.5, 0.42, 0.215, 0.21).polygon(
            [(0.285, 0.42), (0.715, 0.42), (0.745, 0.7), (0.66, 0.735), (0.34, 0.735), (0.255, 0.7)]
        )
    elif cut == 1:  # two buns
        back.ellipse(0.5, 0.41, 0.195, 0.195).disc(0.33, 0.225, 0.085).disc(0.67, 0.225, 0.085)
        back.rectangle(0.305, 0.41, 0.695, 0.57)
    else:  # a cloud of curls
        for angle in np.linspace(0.72 * np.pi, 2.28 * np.pi, 15):
            back.disc(0.5 + 0.2 * float(np.cos(angle)), 0.43 + 0.2 * float(np.sin(angle)), 0.088)
        back.disc(0.5, 0.42, 0.2)
    mask = back.mask()
    canvas.paint(mask, hair)
    canvas.paint(
        mask * smoothstep(0.003, 0.0, np.abs(canvas.distance(0.5, 0.47) - 0.235)), "#ffffff", 0.35
    )
    bust = canvas.stencil().polygon(
        [
            (0.12, 1.01),
            (0.17, 0.86),
            (0.27, 0.79),
            (0.42, 0.755),
            (0.58, 0.755),
            (0.73, 0.79),
            (0.83, 0.86),
            (0.88, 1.01),
        ]
    )
    canvas.paint(bust.mask(0.001), skin[0])
    gown = (
        canvas.stencil()
        .polygon(
            [
                (0.12, 1.01),
                (0.17, 0.86),
                (0.25, 0.8),
                (0.31, 0.785),
                (0.41, 0.88),
                (0.5, 0.905),
                (0.59, 0.88),
                (0.69, 0.785),
                (0.75, 0.8),
                (0.83, 0.86),
                (0.88, 1.01),
            ]
        )
        .mask(0.0008)
    )
    canvas.paint(gown, dress)
    dots = (np.cos(canvas.x * 115) * np.cos(canvas.y * 115)).astype(np.float32)
    canvas.paint(gown * smoothstep(0.62, 0.72, dots), "#ffffff", 0.9)
    neck = canvas.stencil().polygon(
        [
            (0.435, 0.6),
            (0.565, 0.6),
            (0.57, 0.75),
            (0.6, 0.79),
            (0.5, 0.84),
            (0.4, 0.79),
            (0.43, 0.75),
        ]
    )
    canvas.paint(neck.mask(0.0008), skin[0])
    below = canvas.stencil().ellipse(0.512, 0.655, 0.085, 0.062).mask()
    canvas.paint(below * neck.mask(), skin[1])
    face = canvas.stencil().ellipse(0.5, 0.46, 0.142, 0.165)
    face.polygon(
        [
            (0.36, 0.48),
            (0.64, 0.48),
            (0.615, 0.58),
            (0.55, 0.655),
            (0.5, 0.67),
            (0.45, 0.655),
            (0.385, 0.58),
        ]
    )
    oval = face.mask(0.0008)
    canvas.paint(oval, skin[0])
    canvas.paint(
        oval * smoothstep(0.0, 0.012, canvas.x - 0.5 - 0.108 + 0.5 * (canvas.y - 0.46) ** 2 * 8),
        skin[1],
        0.55,
    )
    blush = canvas.stencil().ellipse(0.41, 0.555, 0.03, 0.019).ellipse(0.59, 0.555, 0.03, 0.019)
    canvas.paint(blush.mask(0.006), "#ff4f6e", 0.4)
    _fringe(canvas, hair, cut)
    _features(canvas, skin, accents)


def _fringe(canvas: Canvas, hair: str, cut: int) -> None:
    front = canvas.stencil()
    if cut == 2:
        for x, y, r in (
            (0.38, 0.335, 0.062),
            (0.46, 0.305, 0.06),
            (0.54, 0.305, 0.06),
            (0.62, 0.335, 0.062),
        ):
            front.disc(x, y, r)
    else:
        t = np.linspace(0, 1, 30)
        drop = (
            0.385 + 0.018 * np.sin(np.pi * t) if cut == 0 else 0.3 + 0.12 * np.abs(t - 0.42) ** 0.8
        )
        low = [(0.345 + 0.31 * float(k), float(d)) for k, d in zip(t, drop, strict=True)]
        dome = [
            (0.5 - 0.165 * float(np.cos(a)), 0.41 - 0.16 * float(np.sin(a)))
            for a in np.pi * (1 - t)
        ]
        front.polygon(low + dome)
        if cut == 0:
            front.polygon([(0.335, 0.38), (0.37, 0.38), (0.375, 0.5), (0.345, 0.66), (0.32, 0.66)])
            front.polygon([(0.665, 0.38), (0.63, 0.38), (0.625, 0.5), (0.655, 0.66), (0.68, 0.66)])
    canvas.paint(front.mask(), hair)


def _features(canvas: Canvas, skin: tuple[str, str], accents: tuple[str, ...]) -> None:
    rim, lens = canvas.stencil(), canvas.stencil()
    heart = bool(canvas.rng.random() < 0.5)
    t = np.linspace(0, 2 * np.pi, 50)
    for cx in (0.432, 0.568):
        for sheet, r in ((rim, 0.064), (lens, 0.052)):
            if heart:
                hx = cx + r * np.sin(t) ** 3 * 1.02
                hy = (
                    0.483
                    - r
                    * (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
                    / 15
                )
                sheet.polygon([(float(a), float(b)) for a, b in zip(hx, hy, strict=True)])
            else:
                sheet.disc(cx, 0.475, r)
    rim.rectangle(0.48, 0.458, 0.52, 0.472)
    canvas.paint(rim.mask(), "#ffffff")
    glass = lens.mask()
    canvas.paint(glass, ramp((canvas.y - 0.42) / 0.11, ("#2b1b5e", accents[1], "#ffb36b")))
    shine: Field = np.asarray((canvas.x - 0.6 * canvas.y - 0.12) % 0.136, dtype=np.float32)
    streak = smoothstep(0.004, 0.0, np.abs(shine - np.float32(0.035)) - np.float32(0.009))
    canvas.paint(glass * streak, "#ffffff", 0.75)
    nose = canvas.stencil().line([(0.507, 0.515), (0.517, 0.556), (0.495, 0.56)], 0.005)
    canvas.paint(nose.mask(), skin[1])
    lips = canvas.stencil().polygon(
        [
            (0.455, 0.605),
            (0.485, 0.59),
            (0.5, 0.597),
            (0.515, 0.59),
            (0.545, 0.605),
            (0.52, 0.63),
            (0.5, 0.634),
            (0.48, 0.63),
        ]
    )
    canvas.paint(lips.mask(0.0008), "#e0245e")
    part = canvas.stencil().line([(0.464, 0.606), (0.5, 0.611), (0.536, 0.606)], 0.004)
    canvas.paint(part.mask(), "#7d0f3a")
    gloss = canvas.stencil().ellipse(0.507, 0.621, 0.014, 0.004)
    canvas.paint(gloss.mask(), "#ffffff", 0.7)
    rings = canvas.stencil().disc(0.347, 0.595, 0.024).disc(0.653, 0.595, 0.024)
    canvas.paint(rings.mask(), accents[0])
    pearls = canvas.stencil().disc(0.347, 0.595, 0.011).disc(0.653, 0.595, 0.011)
    canvas.paint(pearls.mask(), "#ffffff")


def _type(canvas: Canvas, words: Words, dark: str, accents: tuple[str, ...]) -> None:
    name = lettering(
        canvas,
        words.artist.lower(),
        (0.05, 0.8, 0.95, 0.935),
        weight=0.035,
        tracking=0.01,
        slant=0.12,
    )
    canvas.paint(thicken(shifted(name, 0.008, 0.01), 0.008), accents[1])
    canvas.paint(thicken(name, 0.007), dark)
    canvas.paint(name, "#ffffff")
    title = lettering(
        canvas,
        words.title.upper(),
        (0.05, 0.045, 0.95, 0.085),
        weight=0.035,
        tracking=0.22,
        align="centre",
    )
    canvas.paint(thicken(title, 0.006), dark)
    canvas.paint(title, "#ffffff")
