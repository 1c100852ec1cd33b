"""Rock: a band against the light, in two hard colours, like a photocopied poster."""

from __future__ import annotations

import numpy as np

from assets.make.covers.canvas import Canvas, rgb, smoothstep
from assets.make.covers.figures import player
from assets.make.covers.lettering import lettering, shifted
from assets.make.covers.texture import finish, halftone, noise, worn
from assets.make.covers.words import Words

# Paper, ink, and the colour of the light.
_MOODS = (
    ("#efe7d6", "#0d0b0b", "#c9161d"),
    ("#e9e6df", "#101014", "#e2471a"),
    ("#f1e4c3", "#12100d", "#b3121b"),
    ("#e4e4e0", "#0b0d10", "#e0a800"),
)


def paint(canvas: Canvas, words: Words) -> None:
    """Paint one cover, in place."""
    rng = canvas.rng
    paper, ink, colour = _MOODS[rng.integers(len(_MOODS))]
    fibre = noise(canvas, 5, octaves=6, gain=0.7)
    canvas.pixels[:] = rgb(paper) * (0.86 + 0.22 * fibre[..., None])
    burst_x = float(rng.uniform(0.4, 0.6))
    _burst(canvas, burst_x, ink, colour)
    _band(canvas, ink, paper)
    _type(canvas, words, paper, ink, colour)
    _edges(canvas, ink)
    dust = smoothstep(0.965, 1.0, noise(canvas, 110, octaves=3, gain=0.8))
    canvas.paint(dust, paper, 0.4)
    finish(canvas, grain=0.035, vignette=0.25, fade=0.03)


def _burst(canvas: Canvas, cx: float, ink: str, colour: str) -> None:
    """Print a coloured disc of light and ink that thickens away from it."""
    cy = 0.5
    far = canvas.distance(cx, cy)
    angle = np.arctan2(canvas.y - cy, canvas.x - cx)
    blades = 0.5 + 0.5 * np.sin(
        angle * 19 + 2.2 * np.sin(angle * 3 + float(canvas.rng.uniform(0, 6)))
    )
    tone = 0.04 + 1.05 * smoothstep(0.16, 0.75, far) * (0.55 + 0.75 * blades)
    tone += 0.35 * (noise(canvas, 6, octaves=4) - 0.5)
    disc = smoothstep(0.282, 0.277, far + 0.006 * (noise(canvas, 60, octaves=2) - 0.5))
    canvas.paint(disc * worn(canvas, amount=0.25), colour)
    dots = halftone(canvas, np.clip(tone, 0, 1).astype(np.float32), cells=92, angle=0.4)
    canvas.paint(dots * (1 - disc), ink)
    shade = halftone(
        canvas, (0.75 * smoothstep(0.42, 0.75, canvas.y)).astype(np.float32), cells=92, angle=0.4
    )
    canvas.paint(disc * shade, ink)


def _band(canvas: Canvas, ink: str, paper: str) -> None:
    rng = canvas.rng
    stage = 0.835
    beside = float(rng.choice([-0.16, 0.16]))  # the singer leaves the drums in sight
    people = canvas.stencil()
    amps = canvas.stencil()
    for x in (0.045, 0.195, 0.805, 0.955):
        amps.rectangle(x - 0.07, 0.585, x + 0.07, stage)
        amps.rectangle(x - 0.065, 0.505, x + 0.065, 0.572)
    canvas.paint(amps.mask(), ink)
    cones = canvas.stencil()
    for x in (0.045, 0.195, 0.805, 0.955):
        for dx in (-0.033, 0.033):
            for y in (0.64, 0.71, 0.78):
                cones.disc(x + dx, y, 0.026).disc(x + dx, y, 0.022, 0.0).disc(x + dx, y, 0.009)
        for k in range(6):
            cones.disc(x - 0.045 + 0.018 * k, 0.54, 0.0045)
    canvas.paint(cones.mask(), paper, 0.4)
    player(people, 0.5 - 0.35 * beside, stage - 0.075, 0.38, part="drums", mirror=False, sway=0.0)
    player(
        people,
        0.2 + float(rng.uniform(-0.03, 0.03)),
        stage + 0.02,
        float(rng.uniform(0.42, 0.47)),
        part="guitar",
        mirror=False,
        sway=float(rng.uniform(-0.12, -0.03)),
    )
    player(
        people,
        0.8 + float(rng.uniform(-0.03, 0.03)),
        stage + 0.02,
        float(rng.uniform(0.42, 0.47)),
        part="bass",
        mirror=True,
        sway=float(rng.uniform(-0.1, 0.0)),
    )
    people.rectangle(0.3, stage - 0.075, 0.7, stage + 0.02)
    player(
        people,
        0.5 + beside,
        stage + 0.045,
        float(rng.uniform(0.47, 0.51)),
        part="singer",
        mirror=beside < 0,
        sway=float(rng.uniform(-0.06, 0.06)),
    )
    people.rectangle(0, stage + 0.015, 1, 1)
    for x, tall, tilt in rng.uniform((0, 0.02, -0.02), (1, 0.07, 0.02), (26, 3)):
        people.brush([(float(x), 1.0), (float(x + tilt), 0.985 - float(tall))], [0.03, 0.02])
    mask = people.mask()
    # A thin light around the players keeps them apart from the amplifiers.
    canvas.paint(
        np.clip(people.mask(0.006) * 1.8, 0, 1) * smoothstep(0.86, 0.8, canvas.y), paper, 0.55
    )
    canvas.paint(mask, ink)


def _type(canvas: Canvas, words: Words, paper: str, ink: str, colour: str) -> None:
    bar = canvas.stencil().rectangle(0.045, 0.045, 0.955, 0.235).mask()
    rough = smoothstep(0.2, 0.26, noise(canvas, 40, octaves=3) * 0.5 + 0.5 * bar)
    canvas.paint(bar * rough, ink)
    name = lettering(
        canvas, words.artist.upper(), (0.07, 0.066, 0.93, 0.214), weight=0.04, tracking=0.04
    )
    name = np.maximum(name, 0) * worn(canvas, amount=0.5)
    cut = (canvas.y > 0.128).astype(np.float32)
    name = name * (1 - cut) + shifted(name, 0.005, 0.0) * cut  # the line slipped on the copier
    canvas.paint(shifted(name, 0.004, 0.004), colour, 0.9)
    canvas.paint(name, paper)
    label = (
        canvas.stencil()
        .polygon([(0.1, 0.892), (0.902, 0.884), (0.898, 0.953), (0.104, 0.957)])
        .mask()
    )
    canvas.paint(label * worn(canvas, amount=0.35), colour)
    title = lettering(
        canvas,
        words.title.upper(),
        (0.14, 0.9, 0.86, 0.941),
        weight=0.035,
        tracking=0.12,
        align="centre",
    )
    canvas.paint(title, paper)


def _edges(canvas: Canvas, ink: str) -> None:
    edge = np.minimum(np.minimum(canvas.x, 1 - canvas.x), np.minimum(canvas.y, 1 - canvas.y))
    torn = edge + 0.018 * (noise(canvas, 30, octaves=4, gain=0.7) - 0.5)
    canvas.paint(smoothstep(0.018, 0.013, torn.astype(np.float32)), ink)
