"""Jazz: a tinted photograph or plain bars, tight type, much air."""

from __future__ import annotations

import numpy as np

from assets.make.covers.canvas import Canvas, ramp, rgb, smoothstep
from assets.make.covers.lettering import lettering
from assets.make.covers.texture import finish, halftone, noise, relief_light
from assets.make.covers.words import Words

# Tint of the picture (dark, light), paper, accent.
_MOODS = (
    (("#04122e", "#1559a8", "#8fd0f5"), "#f3ecdc", "#f2b31b"),
    (("#1c0803", "#b8431a", "#ffc98a"), "#f4ead4", "#142c54"),
    (("#06140f", "#1b7a5d", "#b9ecc8"), "#f1ead8", "#e2502c"),
    (("#14060f", "#8a1f4d", "#ffb0b8"), "#f5ebdd", "#f0b429"),
)


def paint(canvas: Canvas, words: Words) -> None:
    """Paint one cover, in place."""
    tint, paper, accent = _MOODS[canvas.rng.integers(len(_MOODS))]
    if canvas.rng.random() < 0.6:
        _photograph(canvas, tint)
        _type_over(canvas, words, paper, accent)
    else:
        _keys(canvas, tint, paper, accent)
        _type_below(canvas, words, tint, accent)
    _wear(canvas)
    finish(canvas, grain=0.024, vignette=0.12, fade=0.07)


def _photograph(canvas: Canvas, tint: tuple[str, ...]) -> None:
    """Light a saxophone out of the dark, lit from one side, printed in one tint."""
    smoke = noise(canvas, 2, octaves=5)
    light = np.exp(-((canvas.distance(0.72, 0.42) / 0.5) ** 2))
    tone = 0.1 + 0.42 * light * (0.4 + 0.9 * smoke)
    t = np.linspace(0, 1, 70)
    # Crook, straight body, bow and bell, as one pipe that widens.
    knots_t = [0, 0.05, 0.12, 0.17, 0.22, 0.62, 0.7, 0.77, 0.84, 0.93, 1]
    knots_x = [0.455, 0.49, 0.545, 0.575, 0.585, 0.632, 0.66, 0.715, 0.765, 0.8, 0.845]
    knots_y = [0.232, 0.19, 0.165, 0.185, 0.235, 0.79, 0.865, 0.885, 0.845, 0.7, 0.575]
    knots_w = [0.016, 0.02, 0.025, 0.03, 0.034, 0.074, 0.086, 0.094, 0.1, 0.125, 0.2]
    smooth = np.linspace(0, 1, 400)
    kernel = np.hanning(41) / np.hanning(41).sum()
    xs, ys, ws = (
        np.interp(t, smooth[20:-20], np.convolve(np.interp(smooth, knots_t, each), kernel, "valid"))
        for each in (knots_x, knots_y, knots_w)
    )
    xs = xs + 0.035
    path = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
    pipe = canvas.stencil().brush(path[:-1], [float(w) for w in ws[:-1]])
    mouth = canvas.stencil().brush([(0.445, 0.262), (0.522, 0.2)], [0.012, 0.024])
    bell = canvas.stencil().ellipse(0.884, 0.56, 0.098, 0.03)
    inside = canvas.stencil().ellipse(0.884, 0.558, 0.084, 0.021)
    keys, rods = canvas.stencil(), canvas.stencil()
    for k in range(9):
        u = 0.29 + 0.045 * k
        x, y = float(np.interp(u, t, xs)), float(np.interp(u, t, ys))
        r = 0.015 + 0.0018 * k
        keys.ellipse(x + 0.3 * r, y, 1.25 * r, r)
    for dx, a, b in ((-0.03, 0.26, 0.6), (0.045, 0.3, 0.64), (-0.05, 0.4, 0.66)):
        rods.line(
            [(float(np.interp(u, t, xs)) + dx, float(np.interp(u, t, ys))) for u in (a, b)], 0.006
        )
    for u in (0.28, 0.36, 0.45, 0.53, 0.6):
        x, y = float(np.interp(u, t, xs)), float(np.interp(u, t, ys))
        rods.line([(x - 0.05, y + 0.006), (x + 0.05, y - 0.004)], 0.0045)
    for x, y, r in ((0.77, 0.74, 0.03), (0.74, 0.66, 0.026), (0.635, 0.82, 0.026)):
        keys.disc(x, y, r)
    mask = np.maximum.reduce([pipe.mask(), bell.mask(), keys.mask(), rods.mask(), mouth.mask()])
    height = (
        0.06 * pipe.mask(0.022)
        + 0.05 * pipe.mask(0.01)
        + 0.022 * keys.mask(0.004)
        + 0.008 * rods.mask(0.0015)
        + 0.02 * bell.mask(0.004)
        + 0.01 * mouth.mask(0.005)
    )
    lit = relief_light(height.astype(np.float32), (0.75, -0.5), steepness=1.7)
    back = relief_light(height.astype(np.float32), (-0.95, 0.1), steepness=1.7)
    brass = 0.05 + 0.95 * smoothstep(0.3, 1.0, lit) ** 1.3 + 0.35 * smoothstep(0.8, 1.0, back)
    brass *= 1 - 0.85 * inside.mask(0.004) * smoothstep(0.97, 0.83, canvas.x)
    tone = tone * (1 - 0.6 * np.clip(pipe.mask(0.02) * 1.2, 0, 1))
    tone = tone * (1 - mask) + brass * mask
    tone = np.clip(tone, 0, 1).astype(np.float32)
    dots = 1 - halftone(canvas, 1 - tone, cells=105, angle=0.78)
    canvas.pixels[:] = ramp((0.78 * tone + 0.22 * dots * tone).astype(np.float32), tint)


def _type_over(canvas: Canvas, words: Words, paper: str, accent: str) -> None:
    first, _, second = words.title.partition(" ")
    for line, top, colour in ((first, 0.062, paper), (second, 0.205, accent)):
        fit = min(0.34, 0.088 * len(line) + 0.02)
        canvas.paint(
            lettering(
                canvas, line, (0.06, top, 0.06 + fit, top + 0.125), weight=0.03, tracking=-0.02
            ),
            colour,
        )
    bars = canvas.stencil()
    for k, tall in enumerate(canvas.rng.uniform(0.05, 0.3, 7)):
        bars.rectangle(0.06 + 0.034 * k, 0.925 - float(tall), 0.06 + 0.034 * k + 0.022, 0.925)
    canvas.paint(bars.mask(), accent)
    canvas.paint(
        lettering(
            canvas,
            words.artist.lower(),
            (0.06, 0.375, 0.42, 0.412),
            weight=0.015,
            tracking=0.01,
            align="left",
        ),
        paper,
    )
    canvas.paint(
        lettering(
            canvas, "STEREO  /  33 RPM", (0.06, 0.945, 0.3, 0.96), tracking=0.1, align="left"
        ),
        paper,
        0.9,
    )


def _keys(canvas: Canvas, tint: tuple[str, ...], paper: str, accent: str) -> None:
    """Bars like piano keys, some of them pressed."""
    rng = canvas.rng
    canvas.pixels[:] = rgb(paper)
    bars, low, hot = canvas.stencil(), canvas.stencil(), canvas.stencil()
    chosen = set(rng.choice(13, 3, replace=False).tolist())
    for k, drop in enumerate(rng.uniform(0, 1, 13)):
        x = 0.05 + 0.0695 * k
        length = 0.56 + (0.09 * float(drop) if drop > 0.6 else 0.0)
        sheet = hot if k in chosen else (low if k % 3 == 1 else bars)
        sheet.rectangle(x, -0.01, x + 0.0625, length + (0.07 if k in chosen else 0))
    canvas.paint(bars.mask(), tint[0])
    canvas.paint(low.mask(), tint[1])
    canvas.paint(hot.mask(), accent)


def _type_below(canvas: Canvas, words: Words, tint: tuple[str, ...], accent: str) -> None:
    canvas.paint(
        lettering(canvas, words.title, (0.05, 0.745, 0.95, 0.868), weight=0.03, tracking=-0.015),
        tint[0],
    )
    canvas.paint(
        lettering(
            canvas, words.artist.lower(), (0.05, 0.9, 0.7, 0.938), weight=0.015, align="left"
        ),
        tint[1],
    )
    canvas.paint(
        lettering(canvas, "STEREO", (0.8, 0.91, 0.95, 0.93), tracking=0.25, align="right"), tint[0]
    )


def _wear(canvas: Canvas) -> None:
    """Print the faint ring that a record leaves on its sleeve."""
    ring = np.exp(-((canvas.distance(0.5, 0.5) - 0.465) ** 2) / 8e-5).astype(np.float32)
    canvas.paint(ring * smoothstep(0.45, 0.75, noise(canvas, 7, octaves=4)), "#f6f0e2", 0.22)
