"""The logo: a record whose last quarter has turned into the pixels a network sees."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from assets.make.covers.canvas import Stencil, rgb
from genre_core.data.files import atomic_write

# One drawing in units of 64; mid tones only, so that it stands on white and on near black.
_SIDE = 64.0
_DISC, _GROOVE, _LABEL, _RIM = "#5b45d6", "#9a8bf5", "#ff9d42", "#ffc784"
_RADIUS, _GROOVES, _LABEL_RADIUS, _HOLE = 29.0, (16.5, 20.5, 24.5), 11.0, 3.0
_HEAT = ("#7a4fe0", "#a94fd0", "#e0508f", "#ff7a4f", "#ffa53d", "#ffd23f")
_STEP, _GAP = 7.25, 1.0


def _tiles() -> list[tuple[float, float, str]]:
    """Left, top and colour of every pixel in the lower right quarter."""
    tiles = []
    for row in range(4):
        for column in range(4):
            left, top = 32 + _GAP / 2 + column * _STEP, 32 + _GAP / 2 + row * _STEP
            far = float(np.hypot(column + 0.5, row + 0.5)) * _STEP
            if far < _RADIUS:
                # Hottest next to the diagonal, where a Grad-CAM would look.
                heat = 5.4 - 2.1 * float(np.hypot(column - 1.5, row - 1.2))
                tiles.append((left, top, _HEAT[int(np.clip(round(heat), 0, 5))]))
    return tiles


def logo_svg() -> str:
    """Draw the logo as SVG.

    Returns
    -------
    str
        A whole file with a title and no outside references.

    Examples
    --------
    >>> logo_svg().startswith("<svg") and "Genre Explorer" in logo_svg()
    True
    """
    c, r = _SIDE / 2, _RADIUS
    arcs = "".join(
        f'<path d="M {c + g} {c} A {g} {g} 0 1 0 {c} {c + g}" fill="none" stroke="{_GROOVE}" '
        f'stroke-width="1.1" stroke-linecap="round"/>\n'
        for g in _GROOVES
    )
    tiles = "".join(
        f'<rect x="{x}" y="{y}" width="{_STEP - _GAP}" height="{_STEP - _GAP}" rx="1.2" '
        f'fill="{tint}"/>\n'
        for x, y, tint in _tiles()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="256" height="256" '
        f'role="img" aria-label="Genre Explorer">\n<title>Genre Explorer</title>\n'
        f'<path d="M {c} {c} L {c + r} {c} A {r} {r} 0 1 0 {c} {c + r} Z" fill="{_DISC}"/>\n'
        f"{arcs}{tiles}"
        f'<circle cx="{c}" cy="{c}" r="{_LABEL_RADIUS}" fill="{_LABEL}"/>\n'
        f'<circle cx="{c}" cy="{c}" r="{_LABEL_RADIUS - 2.6}" fill="none" stroke="{_RIM}" '
        f'stroke-width="1"/>\n'
        f'<circle cx="{c}" cy="{c}" r="{_HOLE}" fill="{_DISC}"/>\n</svg>\n'
    )


def logo_picture(size: int) -> Image.Image:
    """Draw the logo as pixels on a transparent ground.

    Parameters
    ----------
    size : int
        Side in pixels, 16 or more.

    Returns
    -------
    PIL.Image.Image
        Mode RGBA.

    Examples
    --------
    >>> logo_picture(32).getpixel((0, 0))
    (0, 0, 0, 0)
    """
    unit = 1 / _SIDE
    turn = np.linspace(0.5 * np.pi, 2 * np.pi, 90)
    colour = np.zeros((size, size, 3), dtype=np.float32)
    cover = np.zeros((size, size), dtype=np.float32)

    def lay(stencil: Stencil, tint: str) -> None:
        nonlocal colour, cover
        mask = stencil.mask()
        colour = colour * (1 - mask[..., None]) + rgb(tint) * mask[..., None]
        cover = np.maximum(cover, mask)

    def arc(radius: float) -> list[tuple[float, float]]:
        return [
            (0.5 + radius * unit * float(np.cos(a)), 0.5 + radius * unit * float(np.sin(a)))
            for a in turn
        ]

    lay(Stencil(size).polygon([(0.5, 0.5), *arc(_RADIUS)]), _DISC)
    for groove in _GROOVES:
        lay(Stencil(size).line(arc(groove), 1.1 * unit), _GROOVE)
    width = (_STEP - _GAP) * unit
    for left, top, tint in _tiles():
        x, y = left * unit, top * unit
        lay(Stencil(size).rectangle(x, y, x + width, y + width, radius=1.2 * unit), tint)
    lay(Stencil(size).disc(0.5, 0.5, _LABEL_RADIUS * unit), _LABEL)
    ring = Stencil(size).disc(0.5, 0.5, (_LABEL_RADIUS - 2.1) * unit)
    lay(ring.disc(0.5, 0.5, (_LABEL_RADIUS - 3.1) * unit, 0.0), _RIM)
    lay(Stencil(size).disc(0.5, 0.5, _HOLE * unit), _DISC)
    # Edges carry the covered share of their colour; straight alpha wants the colour itself.
    straight = colour / np.maximum(cover, 1e-3)[..., None]
    pixels = np.concatenate([np.clip(straight, 0, 1), cover[..., None]], axis=-1)
    return Image.fromarray((pixels * 255 + 0.5).astype(np.uint8), mode="RGBA")


def write_logo(folder: str | Path) -> None:
    """Write `logo.svg`, `logo.png` (512 px) and `favicon.png` (64 px).

    Parameters
    ----------
    folder : str or Path
        Where they go; made if missing.
    """
    where = Path(folder)
    atomic_write(where / "logo.svg", logo_svg())
    for name, size in (("logo.png", 512), ("favicon.png", 64)):
        file = io.BytesIO()
        logo_picture(size).save(file, format="PNG", optimize=True)
        atomic_write(where / name, file.getvalue())
