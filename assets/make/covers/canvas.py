"""A square picture painted in unit coordinates: x to the right, y down, both 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

Field = npt.NDArray[np.float32]
Point = tuple[float, float]

OVERSAMPLING = 4


@lru_cache(maxsize=256)
def _rgb(text: str) -> tuple[float, float, float]:
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def rgb(text: str) -> Field:
    """Turn `"#rrggbb"` into three numbers.

    Returns
    -------
    ndarray [shape=(3,), dtype=float32]
        Red, green, blue in 0 to 1.

    Examples
    --------
    >>> rgb("#ff0000").tolist()
    [1.0, 0.0, 0.0]
    """
    return np.array(_rgb(text), dtype=np.float32)


def ramp(position: Field, colours: Sequence[str]) -> Field:
    """Colour each value of a field by evenly spaced colours.

    Parameters
    ----------
    position : ndarray [shape=(...)]
        0 gives the first colour, 1 the last; values outside are clipped.
    colours : sequence of str
        At least two, as `"#rrggbb"`.

    Returns
    -------
    ndarray [shape=(..., 3), dtype=float32]

    Examples
    --------
    >>> ramp(np.array([0.5], dtype=np.float32), ["#000000", "#ffffff"]).tolist()
    [[0.5, 0.5, 0.5]]
    """
    stops = np.linspace(0, 1, len(colours))
    table = np.array([_rgb(each) for each in colours])  # (n_colours, 3)
    channels = [np.interp(position, stops, table[:, k]) for k in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def smoothstep(low: float, high: float, value: Field) -> Field:
    """Rise from 0 at `low` to 1 at `high` with flat ends; `low > high` falls instead.

    Examples
    --------
    >>> smoothstep(0, 1, np.array([-1.0, 0.5, 2.0], dtype=np.float32)).tolist()
    [0.0, 0.5, 1.0]
    """
    t = np.clip((value - low) / (high - low), 0, 1)
    rise: Field = (t * t * (3 - 2 * t)).astype(np.float32)
    return rise


class Stencil:
    """Shapes drawn four times too large, so that `mask` has smooth edges.

    Parameters
    ----------
    size : int
        Side of the mask in pixels.

    Examples
    --------
    >>> mask = Stencil(32).rectangle(0, 0, 0.5, 1).mask()
    >>> mask.shape, float(mask[16, 4]), float(mask[16, 28])
    ((32, 32), 1.0, 0.0)
    """

    def __init__(self, size: int) -> None:
        self.scale = size * OVERSAMPLING
        self.image = Image.new("L", (self.scale, self.scale), 0)
        self._draw = ImageDraw.Draw(self.image)

    def _at(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self.scale, y * self.scale) for x, y in points]

    def polygon(self, points: Sequence[Point], tone: float = 1.0) -> Stencil:
        """Fill a closed outline."""
        self._draw.polygon(self._at(points), fill=round(255 * tone))
        return self

    def rectangle(
        self, x0: float, y0: float, x1: float, y1: float, tone: float = 1.0, radius: float = 0.0
    ) -> Stencil:
        """Fill a box given by two opposite corners, which may be rounded."""
        left, right = sorted((x0 * self.scale, x1 * self.scale))
        top, bottom = sorted((y0 * self.scale, y1 * self.scale))
        # Pillow paints the last row and column too.
        box = (left, top, max(left, right - 1), max(top, bottom - 1))
        self._draw.rounded_rectangle(box, radius * self.scale, fill=round(255 * tone))
        return self

    def ellipse(self, cx: float, cy: float, rx: float, ry: float, tone: float = 1.0) -> Stencil:
        """Fill an upright ellipse given by its centre and half axes."""
        box = self._at([(cx - rx, cy - ry), (cx + rx, cy + ry)])
        self._draw.ellipse((*box[0], *box[1]), fill=round(255 * tone))
        return self

    def disc(self, cx: float, cy: float, radius: float, tone: float = 1.0) -> Stencil:
        """Fill a circle."""
        return self.ellipse(cx, cy, radius, radius, tone)

    def line(self, points: Sequence[Point], width: float, tone: float = 1.0) -> Stencil:
        """Draw a polyline with round ends and joints."""
        where, fill = self._at(points), round(255 * tone)
        pen = max(1, round(width * self.scale))
        self._draw.line(where, fill=fill, width=pen, joint="curve")
        if pen > 3:
            for x, y in (where[0], where[-1]):
                half = pen / 2
                self._draw.ellipse((x - half, y - half, x + half, y + half), fill=fill)
        return self

    def brush(self, points: Sequence[Point], widths: Sequence[float], tone: float = 1.0) -> Stencil:
        """Draw a stroke whose width changes from point to point."""
        path, half = np.array(points), np.array(widths)[:, None] / 2
        way = np.empty_like(path)
        way[1:-1] = path[2:] - path[:-2]
        way[0], way[-1] = path[1] - path[0], path[-1] - path[-2]
        way /= np.maximum(np.hypot(way[:, :1], way[:, 1:]), 1e-9)
        side = (way[:, ::-1] * half) * (-1.0, 1.0)
        self.polygon(np.concatenate([path + side, (path - side)[::-1]]).tolist(), tone)
        for (x, y), w in ((points[0], widths[0]), (points[-1], widths[-1])):
            self.disc(x, y, w / 2, tone)
        return self

    def mask(self, blur: float = 0.0) -> Field:
        """Give the drawn shapes as coverage.

        Parameters
        ----------
        blur : float
            Radius of a Gaussian blur, a part of the side.

        Returns
        -------
        ndarray [shape=(size, size), dtype=float32]
            0 to 1.
        """
        small = self.image.reduce(OVERSAMPLING)
        if blur > 0:
            small = small.filter(ImageFilter.GaussianBlur(blur * small.width))
        return np.asarray(small, dtype=np.float32) / np.float32(255)


class Canvas:
    """Pixels under work with their coordinates and the random generator of the picture.

    Parameters
    ----------
    size : int
        Side in pixels.
    rng : numpy.random.Generator
        Source of every choice; painters draw from it the same way at every size.

    Attributes
    ----------
    pixels : ndarray [shape=(size, size, 3), dtype=float32]
        0 to 1.
    x, y : ndarray [shape=(size, size), dtype=float32]
        Coordinates of the pixel centres.
    """

    def __init__(self, size: int, rng: np.random.Generator) -> None:
        self.size = size
        self.rng = rng
        self.pixels: Field = np.zeros((size, size, 3), dtype=np.float32)
        centres = ((np.arange(size) + 0.5) / size).astype(np.float32)
        self.x, self.y = np.meshgrid(centres, centres)

    def stencil(self) -> Stencil:
        """Start an empty stencil of this canvas's size."""
        return Stencil(self.size)

    def paint(self, mask: Field | float, colour: str | Field, opacity: float = 1.0) -> None:
        """Cover with a colour (or a picture) where the mask says so."""
        tint = rgb(colour) if isinstance(colour, str) else colour
        cover = mask[..., None] if isinstance(mask, np.ndarray) else np.float32(mask)
        self.pixels += (tint - self.pixels) * (cover * np.float32(opacity))

    def glow(self, mask: Field, colour: str | Field, strength: float = 1.0) -> None:
        """Add light: screen blending, which never clips."""
        tint = rgb(colour) if isinstance(colour, str) else colour
        light = np.clip(tint * mask[..., None] * np.float32(strength), 0, 1)
        self.pixels = 1 - (1 - self.pixels) * (1 - light)

    def shade(self, mask: Field, strength: float = 1.0) -> None:
        """Darken towards black where the mask says so."""
        self.pixels *= 1 - np.clip(mask[..., None] * np.float32(strength), 0, 1)

    def distance(self, cx: float, cy: float) -> Field:
        """Distance of every pixel from a point."""
        return np.hypot(self.x - np.float32(cx), self.y - np.float32(cy))

    def picture(self) -> npt.NDArray[np.uint8]:
        """Give the finished picture.

        Returns
        -------
        ndarray [shape=(size, size, 3), dtype=uint8]
        """
        return (np.clip(self.pixels, 0, 1) * 255 + 0.5).astype(np.uint8)
