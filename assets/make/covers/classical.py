"""Classical: a painted landscape in an ornate frame, with engraved type."""

from __future__ import annotations

import numpy as np

from assets.make.covers.canvas import Canvas, Field, Stencil, ramp, rgb, smoothstep
from assets.make.covers.lettering import lettering
from assets.make.covers.texture import finish, noise, outline_noise, relief_light, warp
from assets.make.covers.words import Words

# Panel, ornament, sky from zenith to horizon, near rocks.
_MOODS = (
    ("#f2ead6", "#8a6a2f", ("#5f7891", "#a9b7ba", "#ecd9b8", "#f7e6c4"), "#1f2429"),
    ("#10271f", "#c9a75a", ("#33455e", "#8b8fa0", "#e5b489", "#f8dcae"), "#16191f"),
    ("#4a1018", "#d8b56a", ("#473a55", "#9b6f79", "#e9a878", "#fbdca6"), "#1c1418"),
    ("#16233f", "#cdb06c", ("#2b4a6f", "#7fa0b3", "#d9d7c0", "#f6ecd0"), "#151c26"),
)
_LEFT, _RIGHT, _TOP, _BASE = 0.13, 0.87, 0.375, 0.885


def paint(canvas: Canvas, words: Words) -> None:
    """Paint one cover, in place."""
    panel, gold, sky, rocks = _MOODS[canvas.rng.integers(len(_MOODS))]
    weave = noise(canvas, 120, octaves=2) - 0.5
    canvas.pixels[:] = rgb(panel) * (
        1 + 0.07 * weave[..., None] + 0.08 * (noise(canvas, 2, octaves=3)[..., None] - 0.5)
    )
    background = canvas.pixels.copy()
    _landscape(canvas, sky, rocks)
    window = canvas.stencil().rectangle(_LEFT, _TOP, _RIGHT, _BASE).mask()
    canvas.pixels = background + (canvas.pixels - background) * window[..., None]
    _ornament(canvas, gold, panel)
    _type(canvas, words, gold, panel)
    finish(canvas, grain=0.014, vignette=0.18, fade=0.04)


def _landscape(canvas: Canvas, sky: tuple[str, ...], rocks: str) -> None:
    """Paint ridges that rise out of a sea of fog, seen from a rock with one small walker."""
    rng = canvas.rng
    depth = (canvas.y - _TOP) / (_BASE - _TOP)
    cloud = noise(canvas, 5, octaves=5, aspect=0.4)
    cloud = warp(cloud, 0.05 * (noise(canvas, 4) - 0.5), 0.03 * (noise(canvas, 5) - 0.5))
    canvas.pixels[:] = ramp((depth * 1.5 + 0.35 * (cloud - 0.5)).astype(np.float32), sky)
    light = float(rng.uniform(0.35, 0.65))
    canvas.glow(
        np.exp(-((canvas.distance(light, 0.56) / 0.16) ** 2)).astype(np.float32), sky[3], 0.55
    )
    for layer in range(5):
        wave = outline_noise(rng, canvas.size, 3 + layer, octaves=7, gain=0.52)
        peak = rng.uniform(0.2, 0.8)
        crest = 0.1 * np.exp(-(((canvas.x[0] - peak) / 0.12) ** 2)) * (layer != 4)
        top = 0.585 + 0.052 * layer - 0.16 * (1 - 0.1 * layer) * (wave - 0.4) - crest
        mask = smoothstep(-0.0015, 0.0015, (canvas.y - top[None]).astype(np.float32))
        part = (layer + 1) / 5.6
        tint = rgb(sky[1]) * (1 - part) + rgb(rocks) * part
        fog = smoothstep(0.0, 0.085, (canvas.y - top[None]).astype(np.float32))
        fog *= 0.35 + 0.9 * noise(canvas, 6, octaves=4, aspect=0.4)
        colour = tint + (rgb(sky[2]) - tint) * np.clip(fog, 0, 0.92)[..., None]
        canvas.paint(mask, colour.astype(np.float32))
    _lookout(canvas, rocks, sky)
    strokes = noise(canvas, 90, octaves=2, aspect=0.3)
    canvas.pixels *= (0.93 + 0.14 * strokes)[..., None]
    crackle = relief_light(0.004 * noise(canvas, 70, octaves=2), (-0.6, -0.6))
    canvas.pixels *= (0.72 + 0.41 * crackle)[..., None]


def _lookout(canvas: Canvas, rocks: str, sky: tuple[str, ...]) -> None:
    x = float(canvas.rng.uniform(0.38, 0.62))
    u = canvas.x[0] - x
    wave = outline_noise(canvas.rng, canvas.size, 12, octaves=5, gain=0.6)
    top = (
        0.775
        + 0.16 * np.clip(np.abs(u) - 0.02, 0, 1) ** 0.75
        + 0.05 * (wave - 0.5) * np.clip(np.abs(u) * 18, 0, 1)
    )
    mask = smoothstep(-0.0015, 0.0015, (canvas.y - top[None]).astype(np.float32))
    lit = relief_light(0.035 * noise(canvas, 16, octaves=5, gain=0.6), (-0.4, -0.7), steepness=1.6)
    canvas.paint(mask, ramp(0.75 * lit, [rocks, rocks, "#6d6257", sky[2]]))
    foot = float(np.interp(x, canvas.x[0], top)) + 0.004
    man = canvas.stencil()
    man.polygon(
        [
            (x - 0.017, foot - 0.03),
            (x - 0.013, foot - 0.078),
            (x + 0.013, foot - 0.078),
            (x + 0.019, foot - 0.03),
        ]
    )
    man.brush([(x - 0.006, foot - 0.035), (x - 0.009, foot)], [0.011, 0.007])
    man.brush([(x + 0.007, foot - 0.035), (x + 0.011, foot - 0.002)], [0.011, 0.007])
    man.ellipse(x, foot - 0.088, 0.0085, 0.0105)
    man.brush(
        [(x + 0.012, foot - 0.073), (x + 0.024, foot - 0.052), (x + 0.022, foot - 0.036)],
        [0.008, 0.007, 0.005],
    )
    man.line([(x + 0.023, foot - 0.042), (x + 0.033, foot + 0.006)], 0.0026)
    canvas.paint(man.mask(), "#0f0d0f")


def _spiral(
    stencil: Stencil, x: float, y: float, sx: float, sy: float, size: float, turns: float
) -> None:
    t = np.linspace(0, 1, 60)
    angle, reach = 2 * np.pi * turns * t, size * (1 - t) ** 0.9
    xs = x + sx * (size - reach * np.cos(angle) + size * 0.5 * t)
    ys = y + sy * (reach * np.sin(angle))
    stencil.brush(
        [(float(a), float(b)) for a, b in zip(xs, ys, strict=True)],
        [0.0012 + 0.0052 * float(np.sin(np.pi * k) ** 0.8) for k in t],
    )
    stencil.disc(float(xs[-1]), float(ys[-1]), 0.0048)


def _ornament(canvas: Canvas, gold: str, panel: str) -> None:
    lines = canvas.stencil()
    for inset, pen in ((0.03, 0.005), (0.042, 0.0016), (0.078, 0.0016), (0.086, 0.0032)):
        corner = [(inset, inset), (1 - inset, inset), (1 - inset, 1 - inset), (inset, 1 - inset)]
        lines.line([*corner, corner[0]], pen)
    for inset, pen in ((0.006, 0.006), (0.016, 0.0018)):
        box = [
            (_LEFT - inset, _TOP - inset),
            (_RIGHT + inset, _TOP - inset),
            (_RIGHT + inset, _BASE + inset),
            (_LEFT - inset, _BASE + inset),
        ]
        lines.line([*box, box[0]], pen)
    # A running braid between the two outer lines.
    t = np.linspace(0.086, 0.914, 420)
    for phase in (0.0, np.pi):
        wave = 0.06 + 0.0125 * np.sin((t - 0.086) / 0.828 * 2 * np.pi * 18 + phase)
        for along, across in ((t, wave), (t, 1 - wave), (wave, t), (1 - wave, t)):
            lines.line([(float(a), float(b)) for a, b in zip(along, across, strict=True)], 0.0026)
    for k in range(36):
        c = 0.086 + 0.828 * (k + 0.5) / 36
        for x, y in ((c, 0.06), (c, 0.94), (0.06, c), (0.94, c)):
            lines.disc(x, y, 0.0028)
    mask = lines.mask()
    corners = canvas.stencil()
    for x in (0.06, 0.94):
        for y in (0.06, 0.94):
            corners.disc(x, y, 0.026).disc(x, y, 0.0225, 0.0)
            for k in range(8):
                a = k * np.pi / 4
                corners.ellipse(
                    x + 0.0125 * float(np.cos(a)), y + 0.0125 * float(np.sin(a)), 0.0058, 0.0058
                )
            corners.disc(x, y, 0.005)
    holes = canvas.stencil()
    for x in (0.06, 0.94):
        for y in (0.06, 0.94):
            holes.disc(x, y, 0.027)
    canvas.paint(holes.mask(), panel)
    flourish = canvas.stencil()
    for sx in (-1.0, 1.0):
        _spiral(flourish, 0.5 + sx * 0.02, 0.335, sx, 1.0, 0.022, 1.4)
        _spiral(flourish, 0.5 + sx * 0.075, 0.335, sx, -1.0, 0.019, 1.4)
        _spiral(flourish, 0.5 + sx * 0.125, 0.335, sx, 1.0, 0.014, 1.3)
    flourish.polygon([(0.5, 0.322), (0.511, 0.335), (0.5, 0.348), (0.489, 0.335)])
    ink = np.maximum.reduce([mask * (1 - holes.mask()), corners.mask(), flourish.mask()])
    canvas.paint(ink, _gilding(canvas, gold, ink))


def _gilding(canvas: Canvas, gold: str, ink: Field) -> Field:
    shine = 0.55 + 0.35 * np.sin((canvas.x + canvas.y) * 9 + 2 * noise(canvas, 3))
    tint: Field = (rgb(gold) * (0.75 + 0.5 * shine[..., None])).astype(np.float32)
    return tint


def _type(canvas: Canvas, words: Words, gold: str, panel: str) -> None:
    dark = float(rgb(panel).mean()) < 0.5
    ink = "#f4e8cc" if dark else "#2a2018"
    title = lettering(
        canvas,
        words.title.upper(),
        (0.14, 0.19, 0.86, 0.265),
        weight=0.0,
        tracking=0.08,
        serif=True,
        align="centre",
    )
    canvas.paint(title, ink)
    name = lettering(
        canvas,
        words.artist.upper(),
        (0.16, 0.13, 0.84, 0.155),
        tracking=0.28,
        serif=True,
        align="centre",
    )
    canvas.paint(name, gold)
    rule = canvas.stencil().line([(0.36, 0.292), (0.64, 0.292)], 0.0018)
    canvas.paint(rule.mask(), gold)
