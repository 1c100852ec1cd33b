"""Electronic: gradients, grids and glitches."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from assets.make.covers.canvas import Canvas, Field, ramp, smoothstep
from assets.make.covers.lettering import lettering
from assets.make.covers.texture import finish, noise, ridged, warp
from assets.make.covers.words import Words

# Night sky, sun, grid, and the colour of the type.
_MOODS = (
    (("#070318", "#1d0b4a", "#6a1b8f", "#ff4fa0"), ("#ffe66b", "#ff8a4c", "#ff2d87"), "#38e8ff"),
    (("#020b16", "#04334a", "#0a7d86", "#7ef0c8"), ("#f8ffd0", "#7df5c6", "#1aa7c9"), "#ff5fa2"),
    (("#0a0410", "#2a0a3a", "#a01a5a", "#ff9a5a"), ("#fff1c0", "#ff9e6b", "#e0347b"), "#8a7bff"),
)


def paint(canvas: Canvas, words: Words) -> None:
    """Paint one cover, in place."""
    mood = _MOODS[canvas.rng.integers(len(_MOODS))]
    if canvas.rng.random() < 0.5:
        _plain(canvas, *mood)
    else:
        _interference(canvas, *mood)
    _glitch(canvas)
    _type(canvas, words, mood[2])
    finish(canvas, grain=0.022, vignette=0.3)


def _plain(canvas: Canvas, sky: tuple[str, ...], sun: tuple[str, ...], neon: str) -> None:
    """Put a sliced sun over mountains and a grid that runs to the horizon."""
    horizon = 0.62
    canvas.pixels[:] = ramp((canvas.y / horizon) ** 1.5, sky)
    dots = canvas.stencil()
    for x, y, r in canvas.rng.random((90, 3)):
        dots.disc(float(x), 0.5 * float(y), 0.0008 + 0.0018 * float(r) ** 3)
    canvas.glow(dots.mask(), "#ffffff", 0.8)
    far = canvas.distance(0.5, 0.43)
    canvas.glow(np.exp(-((far / 0.3) ** 2) * 1.2).astype(np.float32), sun[2], 0.75)
    disc = smoothstep(0.2515, 0.2485, far)
    t = (canvas.y - 0.43) / 0.25
    slit = smoothstep(
        0.02, -0.02, (np.cos(t * 44) + 0.9 - 1.3 * np.clip(t, 0, 1)).astype(np.float32)
    )
    canvas.paint(disc * (1 - slit * (t > -0.02)), ramp(0.5 + 0.5 * t, sun))
    for layer, dark in ((0, sky[1]), (1, sky[0])):
        _range(canvas, horizon, layer, dark, neon)
    ground = (canvas.y > horizon).astype(np.float32)
    depth = np.maximum(canvas.y - horizon, 1e-4)
    canvas.paint(ground, ramp((canvas.y - horizon) / 0.38, (sky[2], sky[1], sky[0])))
    rows, cols = 0.105 / depth, (canvas.x - 0.5) / depth * 1.05
    pen = max(0.0012, 0.5 / canvas.size)
    # A line's width in grid units grows with the distance, so that it stays one pixel wide.
    thin_r = np.clip(pen * 0.105 / depth**2, 0.015, 3)
    thin_c = np.clip(pen * 1.05 / depth, 0.02, 3)
    line_r = np.exp(-((np.abs((rows + 0.5) % 1 - 0.5) / thin_r) ** 2))
    line_c = np.exp(-((np.abs((cols + 0.5) % 1 - 0.5) / thin_c) ** 2))
    haze_r = 0.22 * np.exp(-((np.abs((rows + 0.5) % 1 - 0.5) / (thin_r * 4)) ** 2))
    haze_c = 0.22 * np.exp(-((np.abs((cols + 0.5) % 1 - 0.5) / (thin_c * 4)) ** 2))
    near = smoothstep(0.0, 0.1, depth)
    grid = np.clip(np.maximum(line_r * near, line_c) + haze_r + haze_c, 0, 1) * ground
    canvas.glow((grid * (0.35 + 0.65 * near)).astype(np.float32), neon)
    canvas.glow(np.exp(-((canvas.y - horizon) ** 2) / 2.5e-4).astype(np.float32), sky[3], 0.9)


def _range(canvas: Canvas, horizon: float, layer: int, dark: str, neon: str) -> None:
    count = 15 - 4 * layer
    xs = np.linspace(-0.05, 1.05, count) + canvas.rng.uniform(-0.02, 0.02, count)
    valley = 0.1 + 1.9 * np.abs(xs - 0.5)  # lower in the middle, where the sun is
    ys = horizon - (0.17 - 0.05 * layer) * valley * canvas.rng.uniform(0.3, 1.0, count)
    crest = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
    rock = canvas.stencil().polygon([(-0.1, 1.0), *crest, (1.1, 1.0)])
    canvas.paint(rock.mask() * (canvas.y < horizon), dark)
    wire = canvas.stencil().line(crest, 0.0025)
    for (x0, y0), (x1, y1) in pairwise(crest):
        wire.line([(x0, y0), (0.6 * x0 + 0.4 * x1, horizon)], 0.0016)
        wire.line([(x1, y1), (0.6 * x0 + 0.4 * x1, horizon)], 0.0012)
    canvas.glow(wire.mask() * (canvas.y < horizon), neon, 0.3 + 0.3 * layer)


def _interference(canvas: Canvas, sky: tuple[str, ...], sun: tuple[str, ...], neon: str) -> None:
    """Draw bent rings of light, like two waves that meet."""
    rng = canvas.rng
    canvas.pixels[:] = ramp(0.15 + 0.45 * canvas.y, sky[:3])
    swell = noise(canvas, 2, octaves=2)
    a = canvas.distance(*(float(v) for v in rng.uniform(0.25, 0.45, 2)))
    b = canvas.distance(*(float(v) for v in rng.uniform(0.55, 0.75, 2)))
    phase = (a + 0.7 * b + 0.35 * (swell - 0.5)).astype(np.float32)
    folds = 0.5 + 0.5 * np.sin(phase * float(rng.uniform(24, 32)))
    silk = ramp(
        np.clip(0.1 + 0.9 * folds**1.6, 0, 1).astype(np.float32),
        (sky[0], sky[2], sun[2], sun[1], sun[0]),
    )
    lens = smoothstep(0.373, 0.367, canvas.distance(0.5, 0.44))
    canvas.glow(np.exp(-((canvas.distance(0.5, 0.44) / 0.42) ** 4)).astype(np.float32), sky[2], 0.8)
    canvas.paint(lens, silk.astype(np.float32))
    fine = 0.5 + 0.5 * np.sin(phase * 210)
    canvas.paint((lens * smoothstep(0.72, 0.92, fine.astype(np.float32))), sky[0], 0.6)
    bright = smoothstep(0.9, 1.0, ridged(np.asarray((phase * 3.2) % 1, dtype=np.float32)))
    canvas.glow(lens * bright, neon, 0.9)
    ring = np.abs(canvas.distance(0.5, 0.44) - 0.387)
    canvas.glow(smoothstep(0.0025, 0.0005, ring), neon, 0.9)
    angle = np.arctan2(canvas.y - 0.44, canvas.x - 0.5)
    ticks = smoothstep(0.5, 0.9, np.cos(angle * 120).astype(np.float32))
    canvas.glow(
        ticks * smoothstep(0.006, 0.004, np.abs(canvas.distance(0.5, 0.44) - 0.401)), sun[0], 0.6
    )


def _glitch(canvas: Canvas) -> None:
    """Shift bands of rows and split the colours there, like a damaged stream."""
    rng, size = canvas.rng, canvas.size
    band: Field = np.zeros((size, size), dtype=np.float32)
    for y, tall, shift in rng.uniform((0.08, 0.003, -0.07), (0.84, 0.026, 0.07), (7, 3)):
        rows = slice(round(float(y) * size), round(float(y + tall) * size) + 1)
        band[rows] = np.float32(shift)
    moved = warp(canvas.pixels, band, 0.0)
    split = np.float32(0.004) + np.abs(band) * np.float32(0.16)
    red = warp(np.ascontiguousarray(moved[..., 0]), split, 0.0)
    blue = warp(np.ascontiguousarray(moved[..., 2]), -split, 0.0)
    canvas.pixels = np.stack([red, moved[..., 1], blue], axis=-1)
    lines = 0.93 + 0.07 * np.cos(2 * np.pi * np.arange(size) / max(2.0, size / 213))
    canvas.pixels *= lines.astype(np.float32)[:, None, None]


def _type(canvas: Canvas, words: Words, neon: str) -> None:
    canvas.shade(smoothstep(0.78, 0.9, canvas.y), 0.6)
    name = lettering(
        canvas,
        words.artist.upper(),
        (0.07, 0.865, 0.93, 0.9),
        weight=0.02,
        tracking=0.5,
        align="centre",
    )
    canvas.paint(name, "#ffffff")
    title = lettering(
        canvas, words.title.lower(), (0.07, 0.918, 0.93, 0.94), tracking=0.35, align="centre"
    )
    canvas.paint(title, neon)
    marks = canvas.stencil()
    for x in (0.05, 0.95):
        for y in (0.05, 0.95):
            inward_x, inward_y = (0.03 if x < 0.5 else -0.03), (0.03 if y < 0.5 else -0.03)
            marks.line([(x + inward_x, y), (x, y), (x, y + inward_y)], 0.002)
    canvas.paint(marks.mask(), "#ffffff", 0.8)
