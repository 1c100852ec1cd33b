"""Reggae: a lion in a sun of red, gold and green stripes, palms and hand-cut type."""

from __future__ import annotations

import numpy as np

from assets.make.covers.canvas import Canvas, Stencil, ramp, smoothstep
from assets.make.covers.lettering import bend, lettering, shifted, thicken
from assets.make.covers.texture import finish, noise, warp
from assets.make.covers.words import Words

# Red, gold, green, dark.
_MOODS = (
    ("#c8202a", "#f6b81f", "#12863f", "#160d08"),
    ("#b31f24", "#f2a71b", "#0e6b3a", "#120b0a"),
    ("#d9382a", "#ffc93c", "#2a9247", "#1b120a"),
)


def paint(canvas: Canvas, words: Words) -> None:
    """Paint one cover, in place."""
    rng = canvas.rng
    red, gold, green, dark = _MOODS[rng.integers(len(_MOODS))]
    cx, cy = 0.5, 0.53
    angle = np.arctan2(canvas.y - cy, canvas.x - cx) + float(rng.uniform(0, 1))
    sector = np.floor((angle / (2 * np.pi) * 24 + 0.12 * np.sin(canvas.distance(cx, cy) * 9)) % 3)
    pick = ramp((sector / 2).astype(np.float32), [red, gold, green])
    canvas.pixels[:] = pick * (0.72 + 0.42 * noise(canvas, 4, octaves=5)[..., None])
    far = canvas.distance(cx, cy)
    canvas.shade(smoothstep(0.36, 0.75, far), 0.5)
    for radius, tint in ((0.375, dark), (0.36, red), (0.33, gold), (0.3, green), (0.27, dark)):
        canvas.paint(smoothstep(radius + 0.002, radius - 0.002, far), tint)
    canvas.paint(smoothstep(0.262, 0.258, far), ramp(far / 0.26, ["#fff0a8", gold, "#e87b1c"]))
    _palms(canvas, dark)
    _lion(canvas, red, gold, dark)
    _type(canvas, words, red, gold, green, dark)
    scuff = smoothstep(0.965, 1.0, noise(canvas, 60, octaves=3, gain=0.8))
    canvas.paint(scuff, "#f3dfb0", 0.35)
    finish(canvas, grain=0.025, vignette=0.3, fade=0.08)


def _palms(canvas: Canvas, dark: str) -> None:
    leaves = canvas.stencil()
    for side in (-1.0, 1.0):
        foot, crown = (
            (0.5 + side * 0.36, 1.0),
            (0.5 + side * 0.41, 0.44 + 0.04 * float(canvas.rng.random())),
        )
        t = np.linspace(0, 1, 12)
        trunk = [
            (
                foot[0] + (crown[0] - foot[0]) * float(k) + side * 0.02 * float(np.sin(np.pi * k)),
                foot[1] + (crown[1] - foot[1]) * float(k),
            )
            for k in t
        ]
        leaves.brush(trunk, [0.034 - 0.018 * float(k) for k in t])
        for turn in np.linspace(-0.25, np.pi + 0.25, 8) + canvas.rng.uniform(-0.1, 0.1, 8):
            _frond(leaves, crown, float(turn), float(canvas.rng.uniform(0.13, 0.17)))
    leaves.polygon(
        [
            (-0.01, 1.01),
            (-0.01, 0.86),
            (0.12, 0.88),
            (0.3, 0.91),
            (0.5, 0.93),
            (0.7, 0.91),
            (0.88, 0.88),
            (1.01, 0.86),
            (1.01, 1.01),
        ]
    )
    canvas.paint(leaves.mask(), dark)


def _frond(stencil: Stencil, crown: tuple[float, float], turn: float, reach: float) -> None:
    t = np.linspace(0, 1, 14)
    xs = crown[0] + reach * np.cos(turn) * t
    ys = crown[1] - reach * np.sin(turn) * t * 0.75 + 0.4 * reach * t**2
    spine = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
    stencil.brush(spine, [0.007 * (1 - 0.8 * float(k)) for k in t])
    for k in range(2, 14):
        size = 0.055 * np.sin(np.pi * (0.12 + 0.8 * t[k])) * reach / 0.15
        x, y = spine[k]
        along = 1.0 if np.cos(turn) >= 0 else -1.0
        stencil.polygon([(x - 0.006, y), (x + 0.006, y), (x + along * 0.35 * size, y + size)])
        stencil.polygon([(x - 0.005, y), (x + 0.005, y), (x + along * 0.7 * size, y - 0.35 * size)])


def _lion(canvas: Canvas, red: str, gold: str, dark: str) -> None:
    """Cut a lion's head seen from the front, like a linoleum print."""
    cx, cy = 0.5, 0.535
    for ring, (reach, count, wide, tint) in enumerate(
        (
            (0.315, 30, 0.05, dark),
            (0.285, 28, 0.042, "#7a2c10"),
            (0.25, 26, 0.04, "#c2571a"),
            (0.205, 24, 0.036, "#e8912a"),
        )
    ):
        mane, cut = canvas.stencil(), canvas.stencil()
        for k in range(count):
            a = 2 * np.pi * (k + 0.5 * (ring % 2)) / count
            grow = reach * (
                1 + 0.09 * float(np.cos(a + np.pi / 2)) + float(canvas.rng.uniform(-0.05, 0.05))
            )
            t = np.linspace(0.25, 1, 9)
            curl = a + 0.22 * (1 if np.cos(a) > 0 else -1) * (t - 0.25) ** 2
            path = [
                (cx + grow * float(q * np.cos(c)), cy + 1.08 * grow * float(q * np.sin(c)))
                for q, c in zip(t, curl, strict=True)
            ]
            mane.brush(
                path,
                [
                    wide * float(np.sin(np.pi * (0.2 + 0.8 * (1 - (1 - q) / 0.75)))) ** 0.7 + 0.001
                    for q in t
                ],
            )
            cut.line(path[3:8], 0.0026)
        canvas.paint(mane.mask(), tint)
        canvas.paint(cut.mask(), dark, 0.75)
    both = (-1.0, 1.0)

    def mirrored(points: list[tuple[float, float]], stencil: Stencil) -> Stencil:
        for s in both:
            stencil.polygon([(cx + s * x, cy + y) for x, y in points])
        return stencil

    ears = canvas.stencil().disc(cx - 0.105, cy - 0.135, 0.036).disc(cx + 0.105, cy - 0.135, 0.036)
    canvas.paint(thicken(ears.mask(), 0.004), dark)
    canvas.paint(ears.mask(), "#d9822a")
    face = mirrored(
        [
            (0, -0.16),
            (0.06, -0.155),
            (0.105, -0.1),
            (0.112, -0.03),
            (0.09, 0.04),
            (0.085, 0.1),
            (0.06, 0.15),
            (0, 0.17),
        ],
        canvas.stencil(),
    )
    canvas.paint(thicken(face.mask(), 0.006), dark)
    lit = np.clip(0.75 - 2.3 * np.abs(canvas.x - cx) - 0.9 * (canvas.y - cy), 0, 1).astype(
        np.float32
    )
    canvas.paint(face.mask(), ramp(lit, ["#b4581a", "#e99a2c", gold, "#ffe08a"]))
    shade = mirrored(
        [
            (0.03, -0.07),
            (0.045, -0.01),
            (0.035, 0.05),
            (0.06, 0.06),
            (0.09, 0.03),
            (0.108, -0.03),
            (0.1, -0.06),
        ],
        canvas.stencil(),
    )
    canvas.paint(shade.mask(0.004), "#b4581a", 0.55)
    bridge = mirrored(
        [(0, -0.15), (0.016, -0.1), (0.022, -0.03), (0.034, 0.04), (0, 0.045)], canvas.stencil()
    )
    canvas.paint(bridge.mask(0.002), "#ffe9a6", 0.75)
    muzzle = (
        canvas.stencil()
        .ellipse(cx - 0.034, cy + 0.082, 0.044, 0.036)
        .ellipse(cx + 0.034, cy + 0.082, 0.044, 0.036)
    )
    canvas.paint(thicken(muzzle.mask(), 0.003), dark, 0.8)
    canvas.paint(muzzle.mask(), "#fff0c4")
    ink = mirrored(
        [(0, 0.03), (0.036, 0.03), (0.03, 0.048), (0.006, 0.068), (0, 0.07)], canvas.stencil()
    )
    mirrored(
        [
            (0.028, -0.052),
            (0.05, -0.066),
            (0.092, -0.062),
            (0.088, -0.04),
            (0.06, -0.03),
            (0.036, -0.036),
        ],
        ink,
    )
    mirrored(
        [
            (0.015, -0.072),
            (0.05, -0.09),
            (0.1, -0.082),
            (0.098, -0.074),
            (0.05, -0.077),
            (0.02, -0.058),
        ],
        ink,
    )
    for s in both:
        ink.line(
            [
                (cx, cy + 0.065),
                (cx, cy + 0.088),
                (cx + s * 0.022, cy + 0.112),
                (cx + s * 0.055, cy + 0.1),
            ],
            0.0055,
        )
        for k in range(3):
            ink.disc(cx + s * (0.036 + 0.011 * k), cy + 0.078 + 0.007 * (k % 2), 0.0024)
        for dy in (-0.13, -0.112):
            ink.brush(
                [(cx + s * 0.012, cy + dy), (cx + s * 0.055, cy + dy - 0.008)], [0.006, 0.001]
            )
    beard = canvas.stencil().polygon(
        [(cx - 0.05, cy + 0.122), (cx, cy + 0.235), (cx + 0.05, cy + 0.122), (cx, cy + 0.135)]
    )
    canvas.paint(beard.mask(), "#7a2c10")
    canvas.paint(ink.mask(), dark)
    eyes, pupils = canvas.stencil(), canvas.stencil()
    for s in both:
        eyes.ellipse(cx + s * 0.06, cy - 0.05, 0.016, 0.0105)
        pupils.disc(cx + s * 0.058, cy - 0.05, 0.0065)
    canvas.paint(eyes.mask(), "#ffd23f")
    canvas.paint(pupils.mask(), dark)


def _type(canvas: Canvas, words: Words, red: str, gold: str, green: str, dark: str) -> None:
    name = bend(
        lettering(
            canvas, words.artist.upper(), (0.07, 0.06, 0.93, 0.175), weight=0.05, tracking=0.04
        ),
        0.04,
    )
    name = warp(name, 0.0, 0.008 * (noise(canvas, 8, octaves=2) - 0.5))
    canvas.paint(thicken(shifted(name, 0.005, 0.007), 0.008), dark)
    for tint, low, high in ((red, 0.0, 0.123), (gold, 0.123, 0.153), (green, 0.153, 1.0)):
        band = (canvas.y - 0.16 * (canvas.x - 0.5) ** 2 >= low) & (
            canvas.y - 0.16 * (canvas.x - 0.5) ** 2 < high
        )
        canvas.paint(name * band, tint)
    canvas.paint(np.clip(name - shifted(name, 0.002, 0.003), 0, 1), "#fff2c8", 0.6)
    title = lettering(
        canvas,
        words.title.upper(),
        (0.15, 0.918, 0.85, 0.956),
        weight=0.03,
        tracking=0.14,
        align="centre",
    )
    canvas.paint(title, gold)
