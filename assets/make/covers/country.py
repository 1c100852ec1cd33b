"""Country: sunset over the prairie, a rail fence, a wind pump and a guitar."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from assets.make.covers.canvas import Canvas, Field, Point, Stencil, ramp, smoothstep
from assets.make.covers.lettering import bend, lettering, shifted, thicken
from assets.make.covers.texture import finish, noise, outline_noise, slope, worn
from assets.make.covers.words import Words

# Sky from zenith to horizon, far hills, near ground.
_MOODS = (
    (("#1f2a4a", "#7a3f5e", "#d96b45", "#f7b35a", "#ffe9ae"), "#7a3b4a", "#2a1216"),
    (("#24456b", "#5f86a0", "#e2a06a", "#f6c877", "#fff0c4"), "#6b5a5e", "#2b1a10"),
    (("#3a1d2e", "#8f2f36", "#e0622f", "#f9a03f", "#ffdf8e"), "#6b2a2a", "#1f0d0e"),
)
_HORIZON = 0.66


def paint(canvas: Canvas, words: Words) -> None:
    """Paint one cover, in place."""
    rng = canvas.rng
    sky, hills, ground = _MOODS[rng.integers(len(_MOODS))]
    sun_x = float(rng.uniform(0.36, 0.64))
    canvas.pixels[:] = ramp(0.04 + 0.96 * (canvas.y / _HORIZON) ** 1.25, sky)
    far = canvas.distance(sun_x, _HORIZON - 0.1)
    canvas.glow(np.exp(-((far / 0.32) ** 1.4) * 1.5).astype(np.float32), sky[3], 0.75)
    _clouds(canvas, sky)
    canvas.glow(np.exp(-((far / 0.12) ** 2)).astype(np.float32), sky[4], 0.7)
    canvas.paint(smoothstep(0.0855, 0.083, far), "#fff6d2")
    for layer in range(3):
        _hills(canvas, layer, hills, sky[3], ground)
    side = 1.0 if rng.random() < 0.5 else -1.0
    _windpump(canvas, 0.5 - 0.32 * side, _HORIZON + 0.06, ground)
    _birds(canvas, ground)
    _prairie(canvas, sky, ground, sun_x)
    _fence(canvas, ground, sky[3])
    _guitar(canvas, 0.5 + 0.27 * side, side, ground, sky[4])
    _grass(canvas, ground)
    _type(canvas, words, sky, ground)
    finish(canvas, grain=0.022, vignette=0.3, fade=0.09)


def _clouds(canvas: Canvas, sky: tuple[str, ...]) -> None:
    puff = noise(canvas, 7, octaves=5, aspect=0.22, gain=0.58)
    streak = noise(canvas, 16, octaves=4, aspect=0.12)
    where = smoothstep(0.1, 0.35, canvas.y) * smoothstep(_HORIZON, 0.5, canvas.y)
    cover = smoothstep(0.5, 0.75, 0.65 * puff + 0.35 * streak) * where
    _, down = slope(puff)
    belly = np.clip(0.5 + 0.035 * down, 0, 1).astype(np.float32)  # lit from below
    canvas.paint(cover, ramp(belly, [sky[1], sky[2], sky[3], sky[4]]), 0.8)


def _hills(canvas: Canvas, layer: int, hills: str, glow: str, ground: str) -> None:
    wave = outline_noise(canvas.rng, canvas.size, 2 + layer, octaves=6, gain=0.42)
    top = _HORIZON - 0.045 + 0.035 * layer - (0.085 - 0.02 * layer) * (wave - 0.35)
    mask = smoothstep(-0.0015, 0.0015, (canvas.y - top[None]).astype(np.float32))
    tint = ramp(np.array([layer / 2.6], dtype=np.float32), [glow, hills, ground])[0]
    canvas.paint(mask, tint)


def _prairie(canvas: Canvas, sky: tuple[str, ...], ground: str, sun_x: float) -> None:
    top = _HORIZON + 0.045
    near = np.clip((canvas.y - top) / (1 - top), 0, 1)
    mask = smoothstep(
        top - 0.004, top + 0.004, canvas.y + 0.01 * (noise(canvas, 24, aspect=1.0) - 0.5)
    )
    straw = noise(canvas, 60, octaves=4, aspect=0.25, gain=0.7)
    sheen = np.exp(-(((canvas.x - sun_x) / (0.16 + 0.5 * near)) ** 2)) * (1 - near) ** 0.7
    tone = 0.16 + 0.3 * (1 - near) * straw + 0.34 * sheen * (0.8 + 0.4 * straw)
    canvas.paint(mask, ramp(tone.astype(np.float32), [ground, "#7a4220", sky[2], sky[3], sky[4]]))


def _windpump(canvas: Canvas, x: float, foot: float, dark: str) -> None:
    iron = canvas.stencil()
    hub = (x, foot - 0.27)
    for dx in (-0.034, -0.011, 0.011, 0.034):
        iron.line([(x + dx, foot), (hub[0] + 0.12 * dx, hub[1])], 0.0034)
    for k in range(1, 6):
        y = foot - 0.046 * k
        half, above = 0.034 * (1 - 0.15 * k), 0.034 * (1 - 0.15 * (k + 1))
        iron.line([(x - half, y), (x + half, y)], 0.0024)
        iron.line([(x - half, y), (x + above, y - 0.046)], 0.0018)
    for angle in np.arange(18) * 2 * np.pi / 18 + float(canvas.rng.uniform(0, 0.3)):
        ring = [(0.02, -0.03), (0.064, -0.1), (0.064, 0.1), (0.02, 0.03)]
        iron.polygon(
            [
                (hub[0] + r * float(np.cos(angle + a)), hub[1] + r * float(np.sin(angle + a)))
                for r, a in ring
            ]
        )
    iron.disc(*hub, 0.009)
    iron.line([hub, (x + 0.1, hub[1] + 0.004)], 0.004)
    iron.polygon(
        [(x + 0.075, hub[1] - 0.004), (x + 0.12, hub[1] - 0.026), (x + 0.12, hub[1] + 0.034)]
    )
    canvas.paint(iron.mask(), dark)


def _birds(canvas: Canvas, dark: str) -> None:
    wings = canvas.stencil()
    cx, cy = canvas.rng.uniform((0.3, 0.36), (0.7, 0.42))
    for dx, dy, s in canvas.rng.uniform((-0.12, -0.04, 0.006), (0.12, 0.04, 0.012), (6, 3)):
        x, y, r = float(cx + dx), float(cy + dy), float(s)
        wings.line(
            [
                (x - r, y - 0.35 * r),
                (x - 0.4 * r, y - 0.55 * r),
                (x, y),
                (x + 0.4 * r, y - 0.55 * r),
                (x + r, y - 0.35 * r),
            ],
            0.0022,
        )
    canvas.paint(wings.mask(), dark)


def _fence(canvas: Canvas, dark: str, rim: str) -> None:
    wood, lit = canvas.stencil(), canvas.stencil()
    posts: list[Point] = []
    for k in range(7):
        x = -0.04 + 0.18 * k + float(canvas.rng.uniform(-0.01, 0.01))
        lean, top = (
            float(canvas.rng.uniform(-0.008, 0.008)),
            0.735 + float(canvas.rng.uniform(-0.008, 0.008)),
        )
        wood.polygon(
            [
                (x - 0.013, 0.93),
                (x - 0.011 + lean, top),
                (x + 0.004 + lean, top - 0.012),
                (x + 0.012 + lean, top + 0.004),
                (x + 0.014, 0.93),
            ]
        )
        lit.line([(x - 0.008 + lean, top + 0.002), (x + 0.004 + lean, top - 0.01)], 0.0028)
        posts.append((x, top))
    for (x0, y0), (x1, y1) in pairwise(posts):
        for drop in (0.028, 0.075, 0.122):
            bow = 0.004 * float(canvas.rng.standard_normal())
            path = [(x0, y0 + drop), ((x0 + x1) / 2, (y0 + y1) / 2 + drop + bow), (x1, y1 + drop)]
            wood.brush(path, [0.013, 0.011, 0.013])
            lit.line([(x, y - 0.0055) for x, y in path], 0.002)
    canvas.paint(wood.mask(), dark)
    canvas.paint(lit.mask(), rim, 0.65)


def _guitar(canvas: Canvas, x: float, side: float, dark: str, rim: str) -> None:
    """Draw a guitar that leans against the fence, its neck to the outside."""
    tilt = 0.2 * side

    def at(u: float, v: float) -> Point:
        return x + u * float(np.cos(tilt)) + v * float(np.sin(tilt)), 0.8 - v * float(
            np.cos(tilt)
        ) + u * float(np.sin(tilt))

    t = np.linspace(0, 2 * np.pi, 90)
    v = 0.125 * np.cos(t)
    # Lower bout, waist, upper bout.
    half = 0.105 * np.sqrt(np.clip(1 - (v / 0.1255) ** 2, 0, 1)) ** 0.8
    half *= 1 - 0.17 * (v > -0.2) * (v / 0.125 + 0.3) - 0.27 * np.exp(-(((v - 0.035) / 0.035) ** 2))
    body = [at(float(np.sign(np.sin(k)) * h), float(w)) for k, h, w in zip(t, half, v, strict=True)]
    shape, hole, wire, pegs = (canvas.stencil() for _ in range(4))
    shape.polygon(body)
    neck = canvas.stencil().polygon(
        [at(-0.0125, 0.06), at(-0.0105, 0.34), at(0.0105, 0.34), at(0.0125, 0.06)]
    )
    neck.polygon(
        [
            at(-0.0105, 0.335),
            at(-0.018, 0.35),
            at(-0.015, 0.415),
            at(0.015, 0.415),
            at(0.018, 0.35),
            at(0.0105, 0.335),
        ]
    )
    for k in range(3):
        for s in (-1, 1):
            pegs.disc(*at(s * 0.024, 0.362 + 0.019 * k), 0.0055)
    hole.disc(*at(0, 0.045), 0.028)
    hole.polygon([at(-0.032, -0.056), at(-0.032, -0.044), at(0.032, -0.044), at(0.032, -0.056)])
    for k in range(6):
        gap = (k - 2.5) * 0.0031
        wire.line([at(gap * 1.4, -0.05), at(gap, 0.345)], 0.0008)
    mask = shape.mask()
    wood = noise(canvas, 60, octaves=3, aspect=0.2)
    glowing = np.clip(
        0.75 - (canvas.y - 0.68) / 0.3 + 0.5 * (wood - 0.5) - 1.2 * side * (canvas.x - x), 0, 1
    )
    canvas.paint(shifted(mask, -0.006 * side, 0.008), "#000000", 0.45)
    canvas.paint(mask, ramp(glowing.astype(np.float32), [dark, "#6d2c10", "#c4691f", "#f1b049"]))
    canvas.paint(np.clip(mask - _inner(shape), 0, 1), rim, 0.8)
    canvas.paint(np.maximum(neck.mask(), pegs.mask()), "#2a130c")
    canvas.paint(hole.mask(), "#150806")
    canvas.paint(wire.mask(), rim, 0.75)


def _inner(shape: Stencil) -> Field:
    soft = shape.mask(0.004)
    return smoothstep(0.55, 0.9, soft)


def _grass(canvas: Canvas, dark: str) -> None:
    blades = canvas.stencil()
    for x, tall, lean, pen in canvas.rng.uniform(
        (-0.02, 0.03, -0.04, 0.002), (1.02, 0.13, 0.04, 0.005), (190, 4)
    ):
        tip = (float(x + lean), 1.0 - float(tall))
        blades.polygon(
            [
                (float(x - pen), 1.01),
                (float(x + 0.35 * lean - 0.5 * pen), 1 - 0.55 * float(tall)),
                tip,
                (float(x + 0.35 * lean + 0.5 * pen), 1 - 0.55 * float(tall)),
                (float(x + pen), 1.01),
            ]
        )
    canvas.paint(blades.mask(), dark)


def _type(canvas: Canvas, words: Words, sky: tuple[str, ...], dark: str) -> None:
    name = lettering(
        canvas, words.artist.upper(), (0.1, 0.1, 0.9, 0.2), weight=0.03, tracking=0.05, serif=True
    )
    name = bend(name, 0.045)
    canvas.paint(shifted(thicken(name, 0.003), 0.004, 0.006), dark, 0.75)
    canvas.paint(name * worn(canvas, amount=0.25), "#fff1cd")
    title = lettering(
        canvas,
        words.title,
        (0.14, 0.235, 0.86, 0.285),
        weight=0.02,
        tracking=0.04,
        slant=0.25,
        serif=True,
        align="centre",
    )
    canvas.paint(shifted(title, 0.0025, 0.004), dark, 0.7)
    canvas.paint(title, sky[3])
    rules = canvas.stencil()
    for s in (-1, 1):
        rules.line([(0.5 + s * 0.045, 0.318), (0.5 + s * 0.3, 0.318)], 0.0028)
    t = np.arange(10) * np.pi / 5 - np.pi / 2
    r = np.where(np.arange(10) % 2 == 0, 0.017, 0.007)
    rules.polygon(
        [
            (0.5 + float(q * np.cos(a)), 0.318 + float(q * np.sin(a)))
            for a, q in zip(t, r, strict=True)
        ]
    )
    canvas.paint(rules.mask(), "#fff1cd", 0.9)
