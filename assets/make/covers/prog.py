"""Progressive rock: floating islands, a great planet and an ornate border."""

from __future__ import annotations

import numpy as np

from assets.make.covers.canvas import Canvas, Field, ramp, rgb, smoothstep
from assets.make.covers.ornate import paint_border, paint_name
from assets.make.covers.texture import (
    finish,
    noise,
    outline_noise,
    ridged,
    slope,
    warp,
)
from assets.make.covers.words import Words

# Sky from zenith to horizon, planet, and the two border colours.
_MOODS = (
    (
        ("#0b2545", "#1d6a78", "#7cc6a4", "#f6d58a", "#f3a06b"),
        ("#3a1f3d", "#b5563f", "#f4c58a"),
        ("#12263a", "#d9b25f"),
    ),
    (
        ("#170f33", "#4b2a7c", "#a9548f", "#f0986a", "#ffe3ac"),
        ("#12303f", "#2f8a8f", "#c8eec9"),
        ("#20123f", "#e0b066"),
    ),
    (
        ("#06243f", "#12628f", "#5bb3c9", "#bfe3cf", "#f7efc6"),
        ("#40203a", "#a8506a", "#f5b99a"),
        ("#0b2a3a", "#e3c97c"),
    ),
    (
        ("#2b0f14", "#8a2f26", "#d9703a", "#f5b45a", "#fbe6b0"),
        ("#0f2d3a", "#2b7a78", "#d6eab8"),
        ("#2c1416", "#e9bd68"),
    ),
)
_HORIZON = 0.74


def paint(canvas: Canvas, words: Words) -> None:
    """Paint one cover, in place."""
    rng = canvas.rng
    sky, planet, border = _MOODS[rng.integers(len(_MOODS))]
    side = 1.0 if rng.random() < 0.5 else -1.0  # where the planet hangs
    drift = noise(canvas, 2, octaves=5, aspect=0.5)
    canvas.pixels[:] = ramp(canvas.y / _HORIZON + 0.22 * (drift - 0.5), sky)
    _stars(canvas)
    _planet(canvas, 0.5 + 0.24 * side, 0.3, float(rng.uniform(0.17, 0.23)), planet, -side)
    _planet(canvas, 0.5 - 0.3 * side, 0.36, float(rng.uniform(0.025, 0.045)), planet, -side)
    _clouds(canvas, sky)
    for k in range(3):
        _needles(canvas, k, sky)
    _water(canvas, sky)
    far, near = 0.5 + 0.2 * side, 0.5 - 0.14 * side
    _island(canvas, far, 0.5, 0.13, 0.15, haze=0.35, sky=sky)
    _bridge(canvas, (near, 0.595), (far, 0.5))
    _island(canvas, near, 0.59, 0.23, 0.27, haze=0.0, sky=sky)
    paint_name(canvas, words, border[1], sky)
    paint_border(canvas, *border)
    finish(canvas, grain=0.012, vignette=0.2, fade=0.04)


def _stars(canvas: Canvas) -> None:
    where = canvas.rng.random((70, 3))
    stencil = canvas.stencil()
    for x, y, tone in where:
        stencil.disc(
            float(x), float(y) * 0.4, 0.0012 + 0.0016 * float(tone**4), 0.3 + 0.7 * float(tone)
        )
    canvas.glow(stencil.mask() * smoothstep(0.45, 0.05, canvas.y), "#fff6dd", 0.9)


def _planet(
    canvas: Canvas, cx: float, cy: float, radius: float, colours: tuple[str, ...], light: float
) -> None:
    away = canvas.distance(cx, cy) / np.float32(radius)
    disc = smoothstep(1 + 0.006 / radius * 0.3, 1 - 0.006 / radius * 0.3, away)
    canvas.glow(np.exp(-((away - 0.9) ** 2) * 6) * smoothstep(0.8, 1.0, away), colours[2], 0.35)
    u, v = (canvas.x - cx) / radius, (canvas.y - cy) / radius
    depth = np.sqrt(np.clip(1 - away**2, 0, 1))
    lit = np.clip(0.72 * light * u - 0.5 * v + 0.5 * depth, 0, 1).astype(np.float32)
    bands = noise(canvas, 9, octaves=4, aspect=0.35)
    swirl = warp(
        bands, 0.06 * (noise(canvas, 6) - 0.5), 0.05 * (noise(canvas, 5) - 0.5) + 0.05 * v * depth
    )
    skin = ramp(0.15 + 0.75 * lit + 0.35 * (swirl - 0.5) * (0.3 + lit), colours)
    canvas.paint(disc * (0.35 + 0.65 * smoothstep(0.0, 0.3, lit)), skin.astype(np.float32))
    if radius > 0.1:
        _rings(canvas, cx, cy, radius, u.astype(np.float32), v.astype(np.float32), colours[2])


def _rings(
    canvas: Canvas, cx: float, cy: float, radius: float, u: Field, v: Field, colour: str
) -> None:
    turn = float(canvas.rng.uniform(-0.5, 0.5))
    along = u * np.cos(turn) + v * np.sin(turn)
    across = (v * np.cos(turn) - u * np.sin(turn)) / 0.22
    far = np.hypot(along, across).astype(np.float32)
    grooves = 0.65 + 0.35 * np.sin(far * 62)
    ring = smoothstep(1.28, 1.34, far) * smoothstep(1.95, 1.85, far) * grooves
    in_front = (across > 0) | (np.hypot(u, v) > 1)
    canvas.paint((ring * in_front).astype(np.float32), colour, 0.62)


def _clouds(canvas: Canvas, sky: tuple[str, ...]) -> None:
    puff = noise(canvas, 5, octaves=5, aspect=0.45, gain=0.55)
    puff = warp(puff, 0.0, 0.04 * (noise(canvas, 4) - 0.5))
    where = smoothstep(0.3, 0.5, canvas.y) * smoothstep(0.74, 0.6, canvas.y)
    right, down = slope(puff)
    bright = np.clip(0.75 - 0.05 * down - 0.03 * right, 0, 1).astype(np.float32)
    tone = rgb(sky[-1]) * bright[..., None] + rgb(sky[2]) * (1 - bright[..., None])
    canvas.paint(smoothstep(0.5, 0.8, puff) * where, tone.astype(np.float32), 0.6)


def _needles(canvas: Canvas, layer: int, sky: tuple[str, ...]) -> None:
    """Raise rock needles on the horizon, paler the farther."""
    rng, columns = canvas.rng, canvas.x[0]
    height = 0.03 * outline_noise(rng, canvas.size, 6 + 3 * layer, octaves=5)
    for _ in range(9 - layer):
        where, tall = rng.random(), rng.uniform(0.04, 0.17 - 0.02 * layer)
        lean = np.abs(columns - where) / rng.uniform(0.012, 0.035)
        height = np.maximum(height, tall * np.exp(-(lean**1.15)))
    rough = 1 + 0.25 * (outline_noise(rng, canvas.size, 40, octaves=3) - 0.5)
    top = _HORIZON + 0.005 - (height * rough)[None]
    mask = smoothstep(-0.0015, 0.0015, (canvas.y - top).astype(np.float32))
    fog = 0.62 - 0.2 * layer
    tint = rgb(sky[0]) * (1 - fog) + rgb(sky[3]) * fog
    mist = 0.65 * smoothstep(_HORIZON - 0.14, _HORIZON, canvas.y)[..., None]
    canvas.paint(mask, (tint + (rgb(sky[4]) - tint) * mist).astype(np.float32))


def _water(canvas: Canvas, sky: tuple[str, ...]) -> None:
    """Mirror what stands above the horizon in rippled water."""
    size = canvas.size
    start = round(_HORIZON * size)
    near = (canvas.y - _HORIZON) / (1 - _HORIZON)
    ripple = noise(canvas, 34, octaves=3, aspect=0.16) - 0.5
    source = 2 * _HORIZON - canvas.y - 0.12 * near
    rows = np.clip((source + 0.05 * ripple * (0.2 + near)) * size, 0, start - 1).astype(np.intp)
    cols = np.clip((canvas.x + 0.02 * ripple) * size, 0, size - 1).astype(np.intp)
    mirror = canvas.pixels[rows, cols]
    deep = rgb(sky[0]) * 0.75 + rgb(sky[1]) * 0.25
    mirror = mirror + (deep - mirror) * np.clip(0.25 + 0.6 * near, 0, 0.85)[..., None]
    glint = smoothstep(0.16, 0.3, noise(canvas, 60, octaves=2, aspect=0.12) - 0.5) * 0.45
    glint *= smoothstep(1.0, 0.0, near)
    mirror += glint[..., None] * rgb(sky[4])
    canvas.pixels[start:] = mirror[start:]
    line = np.exp(-((canvas.y - _HORIZON) ** 2) / 4e-5).astype(np.float32)
    canvas.glow(line, sky[4], 0.35)


def _island(
    canvas: Canvas,
    cx: float,
    cy: float,
    half: float,
    depth: float,
    *,
    haze: float,
    sky: tuple[str, ...],
) -> None:
    """Build one floating rock: meadow above, roots of stone below, trees and a tower on top."""
    rng = canvas.rng
    u = (canvas.x[0] - cx) / half
    inside = np.clip(1 - np.abs(u), 0, 1)
    hills = outline_noise(rng, canvas.size, 14, octaves=4)
    top = cy - half * (0.16 * np.sqrt(inside) + 0.22 * (hills - 0.5) * inside)
    teeth = ridged(outline_noise(rng, canvas.size, 20, octaves=4, gain=0.6))
    low = cy + depth * inside**1.15 * (0.45 + 0.75 * teeth) + 0.02 * half * (inside > 0)
    soft = 0.0016
    body = smoothstep(-soft, soft, (canvas.y - top).astype(np.float32))
    body *= smoothstep(soft, -soft, (canvas.y - low).astype(np.float32)) * (inside > 0)
    crag = noise(canvas, 14, octaves=5, aspect=2.4, gain=0.6)
    right, down = slope(crag)
    relief = 0.47 - 0.011 * right - 0.006 * down - 0.22 * u
    fall = (canvas.y - cy) / depth
    rock = ramp(
        (relief - 0.3 * fall).astype(np.float32),
        ["#140f1c", "#3b2b3a", "#7a5a4e", "#c79a6b", "#f6ddb0"],
    )
    turf = 0.05 * half / 0.2 * (0.45 + noise(canvas, 30, octaves=2))
    meadow = smoothstep(turf.max(), 0.0, (canvas.y - top - turf + turf.max()).astype(np.float32))
    leaf = noise(canvas, 60, octaves=2)
    grass = ramp(
        (0.5 - 0.25 * u + 0.9 * (leaf - 0.5)).astype(np.float32),
        ["#10281d", "#2c5a2c", "#73943a", "#d5cf6a"],
    )
    canvas.paint(body, rock)
    canvas.paint(body * smoothstep(0.05, 0.3, meadow), grass)
    where = float(rng.uniform(-0.1, 0.15))
    ground = float(np.interp(cx + where * half, canvas.x[0], top))
    _tower(canvas, cx + where * half, ground + 0.012, half)
    _trees(canvas, cx, half, top.astype(np.float32))
    _waterfall(canvas, cx + float(rng.choice([-0.55, 0.6])) * half, top.astype(np.float32), half)
    if haze:
        veil = body * haze
        canvas.paint(veil, sky[3])


def _trees(canvas: Canvas, cx: float, half: float, top: Field) -> None:
    trunks, shade, light = canvas.stencil(), canvas.stencil(), canvas.stencil()
    for place in canvas.rng.uniform(-0.85, 0.85, 9):
        if abs(place) < 0.22:
            continue
        x = cx + float(place) * half
        foot = float(np.interp(x, canvas.x[0], top)) + 0.004
        tall = half * float(canvas.rng.uniform(0.14, 0.3))
        lean = tall * float(canvas.rng.uniform(-0.35, 0.35))
        crown = (x + lean, foot - tall)
        trunks.brush(
            [(x, foot), (x + 0.1 * lean, foot - 0.5 * tall), crown],
            [0.09 * tall, 0.06 * tall, 0.04 * tall],
        )
        for dx, dy, r in canvas.rng.uniform((-1, -0.3, 0.25), (1, 0.1, 0.5), (8, 3)):
            cloud = (crown[0] + 0.6 * tall * float(dx), crown[1] + 0.35 * tall * float(dy))
            reach = 0.55 * tall * float(r)
            shade.ellipse(*cloud, 1.25 * reach, 0.6 * reach)
            light.ellipse(cloud[0] - 0.2 * reach, cloud[1] - 0.22 * reach, reach, 0.4 * reach)
    canvas.paint(trunks.mask(), "#2a1a18")
    fleck = noise(canvas, 80, octaves=2)
    canvas.paint(shade.mask() * smoothstep(0.15, 0.4, fleck), "#173a2a")
    canvas.paint(light.mask() * smoothstep(0.35, 0.6, fleck), "#8fae4b", 0.9)


def _tower(canvas: Canvas, x: float, foot: float, half: float) -> None:
    """Build a cluster of tapering towers under onion domes."""
    body, dark, dome, lamp = (canvas.stencil() for _ in range(4))
    for dx, scale in ((0.0, 1.0), (-0.115, 0.62), (0.11, 0.72), (0.2, 0.42)):
        cx, w, h = x + dx * half, 0.055 * half * (0.5 + scale), 0.62 * half * scale
        neck = foot - h
        body.polygon([(cx - w, foot), (cx - 0.55 * w, neck), (cx + 0.55 * w, neck), (cx + w, foot)])
        dark.polygon(
            [(cx + 0.15 * w, foot), (cx + 0.15 * w, neck), (cx + 0.55 * w, neck), (cx + w, foot)]
        )
        body.rectangle(cx - 0.85 * w, neck - 0.25 * w, cx + 0.85 * w, neck + 0.12 * w)
        t = np.linspace(0, 1, 14)
        bulge = w * (0.75 + 0.45 * np.sin(np.pi * t**0.75)) * (1 - t) ** 0.55
        rise = neck - 0.25 * w - t * 2.7 * w
        right = [(cx + float(b), float(r)) for b, r in zip(bulge, rise, strict=True)]
        dome.polygon(right + [(2 * cx - px, py) for px, py in reversed(right)])
        dome.line([(cx, neck - 2.6 * w), (cx, neck - 3.9 * w)], 0.12 * w)
        for k in range(3):
            lamp.ellipse(cx - 0.12 * w, neck + (0.18 + 0.24 * k) * h, 0.13 * w, 0.3 * w)
    canvas.paint(body.mask(), "#e8cfa2")
    canvas.paint(dark.mask(), "#7b5a5c", 0.75)
    canvas.paint(
        dome.mask(),
        ramp(smoothstep(-1, 1, (x - canvas.x) / (0.2 * half)), ["#4a1f3f", "#a63d4e", "#f2b56b"]),
    )
    canvas.paint(lamp.mask(), "#3b1d2b")


def _waterfall(canvas: Canvas, x: float, top: Field, half: float) -> None:
    start = float(np.interp(x, canvas.x[0], top))
    sway = 0.008 * (noise(canvas, 10, aspect=0.5) - 0.5)
    spread = 0.03 * half + 0.05 * half * np.clip((canvas.y - start) / 0.3, 0, 1)
    column = np.exp(-(((canvas.x - x + sway) / spread) ** 2) * 1.6).astype(np.float32)
    strands = noise(canvas, 6, octaves=4, aspect=12, gain=0.7)
    fade = smoothstep(start - 0.002, start + 0.01, canvas.y)
    fade = fade * smoothstep(start + 0.42 * half / 0.23, start + 0.06, canvas.y)
    canvas.paint(column * fade * smoothstep(0.15, 0.6, strands), "#f4fbff", 0.9)


def _bridge(canvas: Canvas, start: tuple[float, float], stop: tuple[float, float]) -> None:
    t = np.linspace(0, 1, 40)
    xs = start[0] + (stop[0] - start[0]) * t
    ys = start[1] + (stop[1] - start[1]) * t - 0.05 * np.sin(np.pi * t)
    deck, lit = canvas.stencil(), canvas.stencil()
    path = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
    deck.brush(path, [0.009 + 0.012 * abs(2 * float(k) - 1) ** 2 for k in t])
    for k in range(2, 38, 3):
        deck.line(
            [path[k], (path[k][0], path[k][1] + 0.004 + 0.045 * abs(2 * float(t[k]) - 1) ** 2)],
            0.0035,
        )
    lit.line([(x, y - 0.004) for x, y in path], 0.0025)
    canvas.paint(deck.mask(), "#4b3440")
    canvas.paint(lit.mask(), "#f6ddb0")
