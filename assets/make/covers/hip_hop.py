"""Hip-hop: heavy type behind a hooded portrait, a gold chain and a stamp of our own wording."""

from __future__ import annotations

import numpy as np

from assets.make.covers.canvas import Canvas, Field, ramp, smoothstep
from assets.make.covers.figures import hooded_bust
from assets.make.covers.lettering import lettering, shifted, thicken
from assets.make.covers.texture import finish, halftone, noise, relief_light, worn
from assets.make.covers.words import Words

# Wall (dark, light), type, and the portrait's light.
_MOODS = (
    (("#b8860f", "#f0c02a"), "#17110a", "#ffe9b0"),
    (("#7d0f14", "#d62a25"), "#f4ead6", "#ffd9c2"),
    (("#0e4a52", "#1f8f8c"), "#f3e9c9", "#d9f5e6"),
    (("#8a8377", "#cfc8ba"), "#c3191c", "#fff3df"),
)


def paint(canvas: Canvas, words: Words) -> None:
    """Paint one cover, in place."""
    wall, ink, light = _MOODS[canvas.rng.integers(len(_MOODS))]
    side = -1.0 if canvas.rng.random() < 0.5 else 1.0
    concrete = noise(canvas, 3, octaves=6, gain=0.62)
    canvas.pixels[:] = ramp(0.2 + 0.75 * concrete + 0.25 * (0.6 - canvas.y), wall)
    _skyline(canvas)
    name = lettering(
        canvas, words.artist.upper(), (0.045, 0.05, 0.955, 0.4), weight=0.05, tracking=0.03
    )
    name *= worn(canvas, amount=0.5)
    canvas.paint(shifted(name, 0.008, 0.008), "#0a0806", 0.35)
    canvas.paint(name, ink)
    _portrait(canvas, side, light)
    for line, top in _two_lines(words.title.upper()):
        title = lettering(canvas, line, (0.05, top, 0.4, top + 0.038), weight=0.05, align="left")
        canvas.paint(shifted(title, 0.004, 0.004), "#000000", 0.7)
        canvas.paint(title, light)
    _stamp(canvas)
    _scratches(canvas)
    finish(canvas, grain=0.034, vignette=0.45, fade=0.05)


def _two_lines(text: str) -> list[tuple[str, float]]:
    """Break a title at the blank nearest its middle; give each line with its upper edge."""
    blanks = [k for k, letter in enumerate(text) if letter == " "]
    if not blanks:
        return [(text, 0.895)]
    cut = min(blanks, key=lambda k: abs(k - len(text) / 2))
    return [(text[:cut], 0.865), (text[cut + 1 :], 0.914)]


def _skyline(canvas: Canvas) -> None:
    blocks, panes = canvas.stencil(), canvas.stencil()
    edge = 0.0
    for width, tall in canvas.rng.uniform((0.05, 0.1), (0.12, 0.34), (14, 2)):
        top = 0.86 - float(tall)
        blocks.rectangle(edge, top, edge + float(width), 1)
        for k in range(3):
            x = edge + (0.18 + 0.24 * k) * float(width)
            for row in range(5):
                if canvas.rng.random() < 0.35:
                    y = top + 0.03 + 0.04 * row
                    panes.rectangle(x, y, x + 0.14 * float(width), y + 0.018)
        edge += float(width) * 0.96
    mask = blocks.mask()
    rise = smoothstep(1.0, 0.45, canvas.y)
    dots = halftone(canvas, (mask * (0.9 - 0.35 * rise)).astype(np.float32), cells=86)
    canvas.paint(dots, "#0d0a09", 0.7)
    canvas.paint(panes.mask() * mask, "#ffe08a", 0.55)


def _portrait(canvas: Canvas, side: float, light: str) -> None:
    bust = hooded_bust(canvas, 0.5, 0.2, 0.43)
    lit = relief_light(bust.height, (side, -0.55), steepness=1.7)
    cloth = noise(canvas, 70, octaves=2)
    tone = smoothstep(0.24, 1.06, lit)
    tone = tone * np.where(bust.face > 0.5, 1.0, 0.62).astype(np.float32)
    tone += 0.07 * (cloth - 0.5) * (1 - bust.face)
    tone *= 1 - 0.6 * bust.beard * bust.face
    tone = np.clip(tone, 0, 1)
    dots = 1 - halftone(canvas, 1 - tone, cells=110, angle=0.8)
    tone = (0.72 * tone + 0.28 * tone * dots).astype(np.float32)
    skin = ramp(tone, ["#050404", "#1a1210", "#4a2d22", "#a8734d", light])
    hood = ramp(tone, ["#050505", "#121214", "#2b2b31", "#6c6a70", light])
    face = bust.face[..., None]
    canvas.paint(bust.body, (hood * (1 - face) + skin * face).astype(np.float32))
    canvas.paint(thicken(bust.glasses, 0.003) * bust.face, light, 0.5)
    canvas.paint(bust.glasses, "#060606")
    streak = smoothstep(
        0.012, 0.0, np.abs(canvas.x - 0.5 - 0.5 * (0.445 - canvas.y) - 0.045 * side)
    )
    twin = smoothstep(0.008, 0.0, np.abs(canvas.x - 0.5 - 0.5 * (0.445 - canvas.y) + 0.09 * side))
    canvas.paint(bust.glasses * np.maximum(streak, twin), light, 0.55)
    _chain(canvas, bust.body)


def _chain(canvas: Canvas, body: Field) -> None:
    links, glint = canvas.stencil(), canvas.stencil()
    for t in np.linspace(-1, 1, 43):
        x, y = 0.5 + 0.155 * float(t), 0.86 - 0.17 * float(abs(t)) ** 1.7
        links.ellipse(x, y, 0.0105, 0.0085)
        glint.ellipse(x - 0.003, y - 0.003, 0.0035, 0.003)
    links.polygon([(0.5, 0.855), (0.545, 0.9), (0.5, 0.945), (0.455, 0.9)])
    glint.polygon([(0.5, 0.866), (0.533, 0.9), (0.5, 0.908), (0.47, 0.9)])
    mask = links.mask()
    canvas.paint(shifted(mask, 0.004, 0.007) * body, "#000000", 0.7)
    canvas.paint(
        mask,
        ramp(
            smoothstep(0.3, 0.75, noise(canvas, 40, octaves=2)), ["#5d3b07", "#c98d1c", "#ffd964"]
        ),
    )
    canvas.paint(glint.mask(), "#fff3c0", 0.9)


def _stamp(canvas: Canvas) -> None:
    box = canvas.stencil().rectangle(0.735, 0.865, 0.955, 0.95).mask()
    core = canvas.stencil().rectangle(0.741, 0.892, 0.949, 0.9225).mask()
    canvas.paint(box, "#0a0a0a")
    canvas.paint(core, "#f6f2e8")
    for text, top, tint in (
        ("PLAY LOUD", 0.870, "#f6f2e8"),
        ("OPEN EARS ONLY", 0.8965, "#0a0a0a"),
        ("THINK TWICE", 0.927, "#f6f2e8"),
    ):
        line = lettering(canvas, text, (0.75, top, 0.94, top + 0.0175), weight=0.05)
        canvas.paint(line, tint)


def _scratches(canvas: Canvas) -> None:
    marks = canvas.stencil()
    for x, y, dx, dy in canvas.rng.uniform((0, 0, -0.05, -0.25), (1, 1, 0.05, 0.25), (16, 4)):
        marks.line([(float(x), float(y)), (float(x + dx), float(y + dy))], 0.0011, 0.6)
    canvas.paint(marks.mask() * smoothstep(0.45, 0.6, noise(canvas, 20)), "#fff8ea", 0.5)
