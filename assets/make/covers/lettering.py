"""Type for covers, made from Pillow's built-in font by weight, stretch, slant and cut."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from assets.make.covers.canvas import Canvas, Field

Box = tuple[float, float, float, float]

_FONT_SIZES = (24, 48, 96, 160)


@lru_cache(maxsize=len(_FONT_SIZES))
def _font(pixels: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=pixels)
    if not isinstance(font, ImageFont.FreeTypeFont):  # pragma: no cover - Pillow without FreeType
        raise TypeError("Pillow was built without FreeType.")
    return font


@lru_cache(maxsize=128)
def _word(text: str, pixels: int, weight: float, tracking: float, serif: bool) -> Field:
    font = _font(pixels)
    stroke = round(weight * pixels)
    gap = tracking * pixels
    advances = [font.getlength(letter) + gap for letter in text]
    width = int(sum(advances)) + 2 * pixels
    image = Image.new("L", (width, 2 * pixels), 0)
    draw = ImageDraw.Draw(image)
    x = pixels / 2
    for letter, advance in zip(text, advances, strict=True):
        draw.text((x, pixels * 1.5), letter, fill=255, font=font, anchor="ls", stroke_width=stroke)
        x += advance
    ink: Field = np.asarray(image, dtype=np.float32) / np.float32(255)
    if serif:
        ink = _with_serifs(ink, pixels)
    rows, columns = np.flatnonzero(ink.max(1) > 0.1), np.flatnonzero(ink.max(0) > 0.1)
    if not rows.size:
        return np.zeros((2, 2), dtype=np.float32)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _with_serifs(ink: Field, pixels: int) -> Field:
    """Thicken the stems sideways and set hairlines under every stem that ends on a line."""
    stem = max(1, round(0.035 * pixels))
    thick = np.max([np.roll(ink, k, axis=1) for k in range(-stem, stem + 1)], axis=0)
    reach, hair = round(0.075 * pixels), max(1, round(0.028 * pixels))
    cap = round(pixels * (1.5 - 0.708))
    base = round(pixels * 1.5)
    for row, rows in (
        (base - hair - 1, slice(base - hair, base)),
        (cap + hair + 1, slice(cap, cap + hair)),
    ):
        line = thick[row] > 0.5
        edges = np.flatnonzero(np.diff(np.concatenate([[0], line.view(np.int8), [0]])))
        for start, stop in edges.reshape(-1, 2):
            # Wider runs are bowls and bars (O, E, T), which carry no foot.
            if 2 * stem < stop - start < 0.24 * pixels:
                thick[rows, max(0, start - reach) : stop + reach] = 1.0
    return np.asarray(thick, dtype=np.float32)


def lettering(
    canvas: Canvas,
    text: str,
    box: Box,
    *,
    weight: float = 0.0,
    tracking: float = 0.0,
    serif: bool = False,
    slant: float = 0.0,
    align: Literal["left", "centre", "right", "fill"] = "fill",
    turn: bool = False,
) -> Field:
    """Set one line of type into a box.

    Parameters
    ----------
    canvas : Canvas
        Gives the size.
    text : str
        What is set.
    box : tuple of float
        Left, top, right, bottom in unit coordinates.
    weight : float
        Extra stroke, a part of the type size; 0.06 is bold, 0.1 very heavy.
    tracking : float
        Extra room between letters, a part of the type size.
    serif : bool
        Thick stems, thin bars and hairline feet.
    slant : float
        Sideways lean of the full height, a part of the height.
    align : {"left", "centre", "right", "fill"}
        `fill` stretches the line to the whole box (condensed or wide type); the others keep the
        letters' shape and shrink the line if it is wider than the box.
    turn : bool
        Run the line upwards instead of to the right.

    Returns
    -------
    ndarray [shape=(size, size), dtype=float32]
        Ink, 0 to 1.

    Examples
    --------
    >>> ink = lettering(Canvas(64, np.random.default_rng(0)), "HI", (0.25, 0.25, 0.75, 0.75))
    >>> bool(ink[16:48, 16:48].max() > 0.9), float(ink[:10].max())
    (True, 0.0)
    """
    size = canvas.size
    left, top, right, bottom = (value * size for value in box)
    width, height = (bottom - top, right - left) if turn else (right - left, bottom - top)
    pixels = next((each for each in _FONT_SIZES if each >= height), _FONT_SIZES[-1])
    ink = _word(text, pixels, weight, tracking, serif)
    target = [max(1.0, width), max(1.0, height)]
    if align != "fill":
        ratio = min(height / ink.shape[0], width / ink.shape[1])
        target = [max(1.0, ink.shape[1] * ratio), max(1.0, ink.shape[0] * ratio)]
    word = Image.fromarray((ink * 255).astype(np.uint8))
    word = word.resize((round(target[0]) or 1, round(target[1]) or 1), Image.Resampling.LANCZOS)
    if slant:
        extra = round(abs(slant) * word.height)
        shift = -extra if slant > 0 else 0.0
        word = word.transform(
            (word.width + extra, word.height),
            Image.Transform.AFFINE,
            (1, slant, shift, 0, 1, 0),
            Image.Resampling.BICUBIC,
        )
    spare = width - target[0]
    along = {"left": 0.0, "fill": 0.0, "centre": spare / 2, "right": spare}[align]
    sheet = Image.new("L", (size, size), 0)
    if turn:
        word = word.transpose(Image.Transpose.ROTATE_90)
        sheet.paste(word, (round(left), round(bottom - along - target[0])))
    else:
        sheet.paste(word, (round(left + along), round(top + (height - target[1]) / 2)))
    return np.asarray(sheet, dtype=np.float32) / np.float32(255)


def bend(ink: Field, sag: float) -> Field:
    """Bow a line of type: `sag` above 0 lowers its ends, below 0 lifts them.

    Parameters
    ----------
    ink : ndarray [shape=(size, size)]
        As `lettering` gives it.
    sag : float
        Fall of the picture's left and right edge, a part of the side.

    Returns
    -------
    ndarray [shape=(size, size), dtype=float32]
    """
    size = ink.shape[0]
    columns = np.arange(size)
    falls = 4 * sag * (columns / size - 0.5) ** 2 * size
    rows = np.arange(size)[:, None] - falls[None]
    low = np.clip(np.floor(rows).astype(np.intp), 0, size - 2)
    part = np.clip(rows - low, 0, 1).astype(np.float32)
    return ink[low, columns] * (1 - part) + ink[low + 1, columns] * part


def thicken(ink: Field, reach: float) -> Field:
    """Grow ink by a disc of radius `reach` (a part of the side): outlines and soft shadows."""
    size = ink.shape[0]
    steps = max(1, round(reach * size))
    grown = ink.copy()
    for angle in np.linspace(0, 2 * np.pi, 16, endpoint=False):
        down, right = round(steps * np.sin(angle)), round(steps * np.cos(angle))
        grown = np.maximum(grown, np.roll(ink, (down, right), axis=(0, 1)))
    return grown


def shifted(ink: Field, dx: float, dy: float) -> Field:
    """Move ink by a part of the side; what leaves one edge is lost in the other's margin."""
    size = ink.shape[0]
    return np.roll(ink, (round(dy * size), round(dx * size)), axis=(0, 1))
