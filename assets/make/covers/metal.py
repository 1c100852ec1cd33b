"""Metal: a burning skull under a thorny name that can hardly be read."""

from __future__ import annotations

import numpy as np

from assets.make.covers.canvas import Canvas, Field, Point, Stencil, ramp, smoothstep
from assets.make.covers.lettering import lettering, thicken
from assets.make.covers.texture import finish, noise, relief_light, ridged, warp
from assets.make.covers.words import Words

# Fire from dark to bright, bone, and the light in the sockets.
_MOODS = (
    (
        ("#050303", "#2a0603", "#8f1a05", "#f0640f", "#ffd86b"),
        ("#0b0806", "#4d3d2c", "#d9c49a"),
        "#ff5a14",
    ),
    (
        ("#020406", "#04141c", "#0c4a52", "#2fb6a0", "#d8ffe0"),
        ("#05080a", "#33443f", "#c8d6bd"),
        "#46ffc8",
    ),
    (
        ("#040207", "#180628", "#5a1668", "#d3468f", "#ffd0b0"),
        ("#08060a", "#443846", "#d8c4bd"),
        "#ff3d7a",
    ),
)


def paint(canvas: Canvas, words: Words) -> None:
    """Paint one cover, in place."""
    fire, bone, ember = _MOODS[canvas.rng.integers(len(_MOODS))]
    canvas.pixels[:] = ramp(0.05 + 0.3 * noise(canvas, 3, octaves=5) * canvas.y, fire)
    _flames(canvas, fire, 1.0)
    _crags(canvas)
    _skull(canvas, bone, ember)
    _flames(canvas, fire, 0.42)
    _sparks(canvas, fire)
    _logo(canvas, words.artist, bone[2], ember)
    title = lettering(
        canvas,
        words.title.upper(),
        (0.1, 0.925, 0.9, 0.95),
        weight=0.01,
        tracking=0.4,
        serif=True,
        align="centre",
    )
    canvas.paint(thicken(title, 0.006), "#000000", 0.6)
    canvas.paint(title, bone[2])
    finish(canvas, grain=0.026, vignette=0.75)


def _flames(canvas: Canvas, fire: tuple[str, ...], reach: float) -> None:
    """Send up tongues of fire from below; `reach` tells how far up they come."""
    curl = noise(canvas, 4, octaves=4)
    base = noise(canvas, 5, octaves=5, aspect=2.2, gain=0.55)
    sharp = noise(canvas, 9, octaves=3, aspect=3)
    tongues = warp(
        0.7 * base + 0.3 * ridged(sharp), 0.12 * (curl - 0.5), 0.16 * (noise(canvas, 3) - 0.5)
    )
    height = np.clip((canvas.y - (1 - reach)) / reach, 0, 1)
    inner = np.abs(canvas.x - 0.5) * 0.35
    heat = np.clip(
        1.5 * (tongues - 0.62) + (0.6 + 0.35 * reach) * height**1.5 - 0.25 * inner, 0, 1
    ).astype(np.float32)
    canvas.glow(smoothstep(0.02, 0.5, heat), ramp(heat**1.1, fire), 0.95 * reach)


def _crags(canvas: Canvas) -> None:
    """Set black rocks at both sides, closing towards the middle at the bottom."""
    rough = noise(canvas, 8, octaves=5, gain=0.6)
    gap = 0.47 - 0.12 * canvas.y**2 + 0.2 * (rough - 0.5)
    side = np.abs(canvas.x - 0.5)
    canvas.shade(smoothstep(-0.02, 0.03, (side - gap).astype(np.float32)), 0.94)


def _skull(canvas: Canvas, bone: tuple[str, ...], ember: str) -> None:
    tilt = float(canvas.rng.uniform(0.96, 1.04))

    def oval(x: float, y: float, rx: float, ry: float, blur: float) -> Field:
        return canvas.stencil().ellipse(x, y, rx * tilt, ry).mask(blur)

    head = canvas.stencil().ellipse(0.5, 0.5, 0.215 * tilt, 0.2)
    head.polygon(
        [
            (0.292, 0.52),
            (0.3, 0.6),
            (0.345, 0.655),
            (0.375, 0.7),
            (0.4, 0.83),
            (0.44, 0.868),
            (0.56, 0.868),
            (0.6, 0.83),
            (0.625, 0.7),
            (0.655, 0.655),
            (0.7, 0.6),
            (0.708, 0.52),
        ]
    )
    mask = head.mask(0.0015)
    cheek = canvas.stencil().polygon([(0.27, 0.63), (0.36, 0.72), (0.375, 0.9), (0.25, 0.9)])
    cheek.polygon([(0.73, 0.63), (0.64, 0.72), (0.625, 0.9), (0.75, 0.9)])
    mask = mask * (1 - cheek.mask(0.004))
    pits = canvas.stencil()
    for s in (-1, 1):
        pits.polygon(
            [
                (0.5 + s * a, b)
                for a, b in (
                    (0.035, 0.575),
                    (0.055, 0.535),
                    (0.12, 0.515),
                    (0.158, 0.545),
                    (0.15, 0.6),
                    (0.105, 0.635),
                    (0.06, 0.62),
                )
            ]
        )
    sockets = pits.mask(0.006)
    nose = (
        canvas.stencil()
        .polygon(
            [
                (0.5, 0.62),
                (0.522, 0.665),
                (0.533, 0.695),
                (0.512, 0.703),
                (0.5, 0.688),
                (0.488, 0.703),
                (0.467, 0.695),
                (0.478, 0.665),
            ]
        )
        .mask(0.0025)
    )
    cracks = smoothstep(0.93, 0.985, ridged(noise(canvas, 5, octaves=4)))
    height = (
        0.17 * oval(0.5, 0.49, 0.2, 0.19, 0.045)
        + 0.08 * mask * oval(0.5, 0.72, 0.14, 0.16, 0.03)
        + 0.035 * (oval(0.385, 0.655, 0.06, 0.03, 0.016) + oval(0.615, 0.655, 0.06, 0.03, 0.016))
        + 0.04 * (oval(0.4, 0.505, 0.075, 0.022, 0.014) + oval(0.6, 0.505, 0.075, 0.022, 0.014))
        - 0.045 * (oval(0.31, 0.57, 0.03, 0.06, 0.02) + oval(0.69, 0.57, 0.03, 0.06, 0.02))
        - 0.05 * canvas.stencil().disc(0.405, 0.575, 0.055).disc(0.595, 0.575, 0.055).mask(0.014)
        + 0.025 * noise(canvas, 9, octaves=5, gain=0.6)
        - 0.006 * cracks
        + 0.022 * _teeth(canvas)
    ).astype(np.float32)
    above = relief_light(height, (-0.35, -0.75), steepness=1.5)
    below = relief_light(height, (0.1, 0.95), steepness=1.5)
    tone = smoothstep(0.12, 0.98, above) * (1 - 0.35 * cracks)
    tone *= 0.95 + 0.6 * (noise(canvas, 30, octaves=3) - 0.5)
    tone = 0.1 + 0.9 * tone
    gaps = np.clip(sockets + nose, 0, 1)
    canvas.shade(np.clip(head.mask(0.03) * 1.3, 0, 1), 0.75)
    canvas.paint(mask, ramp(tone.astype(np.float32), bone))
    canvas.glow(mask * below**4 * (1 - gaps), ember, 0.5)
    canvas.shade(gaps * mask, 0.95)
    for x in (0.405, 0.595):
        away = canvas.distance(x, 0.583)
        canvas.glow(np.exp(-((away / 0.03) ** 2)).astype(np.float32) * mask, ember, 0.8)
        canvas.glow(np.exp(-((away / 0.009) ** 2)).astype(np.float32) * mask, "#fff0c0", 1.0)
    _horns(canvas, bone)


def _teeth(canvas: Canvas) -> Field:
    rows = canvas.stencil()
    for k in range(-4, 5):
        x, wide = 0.5 + 0.0215 * k, 0.0092
        fall = 0.008 * (k / 4) ** 2
        rows.rectangle(x - wide, 0.752 - fall, x + wide, 0.785 - fall)
        rows.rectangle(x - wide, 0.791 - fall, x + wide, 0.82 - fall)
    return 1.6 * rows.mask(0.0025) - 0.6 * canvas.stencil().ellipse(0.5, 0.786, 0.1, 0.042).mask(
        0.004
    )


def _horns(canvas: Canvas, bone: tuple[str, ...]) -> None:
    spread = float(canvas.rng.uniform(0.85, 1.1))
    horn = canvas.stencil()
    t = np.linspace(0, 1, 26)
    for s in (-1.0, 1.0):
        xs = 0.5 + s * (0.15 + spread * (0.2 * np.sin(np.pi * 0.62 * t)))
        ys = 0.4 + 0.04 * np.sin(np.pi * t) - 0.2 * t**1.6
        horn.brush(
            [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)],
            [0.075 * (1 - float(k)) ** 0.85 + 0.002 for k in t],
        )
    ribs = 0.5 + 0.5 * np.sin((np.abs(canvas.x - 0.5) * 0.9 - canvas.y * 0.55) * 330)
    lit = relief_light(
        0.05 * horn.mask(0.012) + 0.0016 * ribs.astype(np.float32), (-0.3, -0.8), steepness=2.2
    )
    canvas.paint(horn.mask(), ramp(0.85 * smoothstep(0.25, 1.0, lit), bone))


def _sparks(canvas: Canvas, fire: tuple[str, ...]) -> None:
    dots = canvas.stencil()
    for x, y, r, dx in canvas.rng.random((110, 4)):
        px, py = float(x), 0.25 + 0.75 * float(y)
        dots.line(
            [(px, py), (px + 0.012 * float(dx - 0.5), py - 0.012 * float(r))],
            0.001 + 0.0025 * float(r) ** 3,
        )
    sheet = dots.mask()
    canvas.glow(np.clip(dots.mask(0.006) * 1.5, 0, 1), fire[3], 0.7)
    canvas.glow(sheet, fire[4], 0.95)


def _logo(canvas: Canvas, name: str, tint: str, ember: str) -> None:
    """Let thorns and roots grow from the letters, the same on both sides."""
    rng = canvas.rng
    core = lettering(canvas, name.upper(), (0.17, 0.1, 0.83, 0.21), weight=0.015, tracking=-0.02)
    core = warp(
        core,
        0.008 * np.sin(canvas.y * 130).astype(np.float32),
        0.02 * (noise(canvas, 14, octaves=2) - 0.5),
    )
    thorns = canvas.stencil()
    for _ in range(26):
        u = float(rng.uniform(0.0, 0.36))
        up = bool(rng.random() < 0.5)
        start = (u, 0.115 if up else 0.2)
        tall = float(rng.uniform(0.03, 0.085)) * (1 - 0.4 * u) * (-1 if up else 1)
        _thorn(
            thorns,
            start,
            (u + float(rng.uniform(-0.03, 0.05)), start[1] + tall),
            float(rng.uniform(0.006, 0.014)),
        )
    for k in range(5):
        y = 0.115 + 0.021 * k
        _thorn(
            thorns,
            (0.31, y),
            (0.39 + 0.075 * float(rng.random()), y + float(rng.uniform(-0.06, 0.06))),
            0.014,
        )
    _thorn(thorns, (0.0, 0.19), (0.0, 0.315), 0.02)
    _thorn(thorns, (0.0, 0.12), (0.0, 0.035), 0.016)
    ink = np.maximum(core, thorns.mask())
    canvas.shade(np.clip(thicken(ink, 0.012), 0, 1), 0.7)
    canvas.glow(thicken(ink, 0.006), ember, 0.35)
    canvas.paint(ink, ramp((canvas.y - 0.04) / 0.26, ("#ffffff", tint, "#6b5a4a")))


def _thorn(stencil: Stencil, start: Point, tip: Point, width: float) -> None:
    """Draw one curved spike and its mirror image."""
    t = np.linspace(0, 1, 10)
    bow = 0.25 * (tip[1] - start[1])
    xs = start[0] + (tip[0] - start[0]) * t + bow * np.sin(np.pi * t) * 0.3
    ys = start[1] + (tip[1] - start[1]) * t
    widths = [width * (1 - float(k)) ** 1.2 + 0.0008 for k in t]
    for s in (-1.0, 1.0):
        stencil.brush([(0.5 + s * float(x), float(y)) for x, y in zip(xs, ys, strict=True)], widths)
