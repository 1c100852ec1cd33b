"""Noise, warps and the marks that print and age leave on a cover."""

from __future__ import annotations

import numpy as np
from PIL import Image

from assets.make.covers.canvas import Canvas, Field, smoothstep


def noise(
    canvas: Canvas,
    cells: float,
    *,
    octaves: int = 4,
    gain: float = 0.5,
    aspect: float = 1.0,
) -> Field:
    """Draw fractal value noise: octaves of random lattices, smoothly enlarged.

    Parameters
    ----------
    canvas : Canvas
        Gives the size and the seed; one draw is taken from its generator at any size.
    cells : float
        Lattice cells along y in the first octave; each octave doubles them.
    octaves : int
        Number of lattices.
    gain : float
        Weight of an octave relative to the one before.
    aspect : float
        Cells along x over cells along y; below 1 the marks lie down, above 1 they stand.

    Returns
    -------
    ndarray [shape=(size, size), dtype=float32]
        0 to 1 around 0.5.

    Examples
    --------
    >>> field = noise(Canvas(32, np.random.default_rng(0)), 4)
    >>> field.shape, bool(field.min() >= 0), bool(field.max() <= 1)
    ((32, 32), True, True)
    """
    rng = np.random.default_rng(int(canvas.rng.integers(2**31)))
    total = np.zeros((canvas.size, canvas.size), dtype=np.float32)
    weight = 1.0
    for octave in range(octaves):
        rows = max(2, round(cells * 2**octave)) + 1
        columns = max(2, round(cells * aspect * 2**octave)) + 1
        lattice = rng.random((rows, columns), dtype=np.float32)
        if max(rows, columns) > 1.5 * canvas.size:
            break  # finer than a pixel: it would only be aliasing
        large = Image.fromarray(lattice).resize(
            (canvas.size, canvas.size),
            Image.Resampling.BICUBIC,
            box=(0.5, 0.5, columns - 0.5, rows - 0.5),
        )
        total += weight * (np.asarray(large) - 0.5)
        weight *= gain
    spread = np.sqrt(sum(gain ** (2 * k) for k in range(octaves)))
    return np.clip(0.5 + 1.25 * total / np.float32(spread), 0, 1).astype(np.float32)


def outline_noise(
    rng: np.random.Generator, n_points: int, cells: int, octaves: int = 4, gain: float = 0.5
) -> Field:
    """Draw one-dimensional fractal noise.

    Returns
    -------
    ndarray [shape=(n_points,), dtype=float32]
        0 to 1 around 0.5.
    """
    child = np.random.default_rng(int(rng.integers(2**31)))
    where = np.linspace(0, 1, n_points)
    total, weight = np.zeros(n_points), 1.0
    for octave in range(octaves):
        count = cells * 2**octave + 1
        knots = child.random(count) - 0.5
        total += weight * np.interp(where, np.linspace(0, 1, count), knots)
        weight *= gain
    return np.clip(0.5 + total, 0, 1).astype(np.float32)


def ridged(field: Field) -> Field:
    """Fold noise so that its middle becomes sharp crests (1) and its ends valleys (0)."""
    return (1 - np.abs(2 * field - 1)).astype(np.float32)


def slope(field: Field) -> tuple[Field, Field]:
    """Give the change of a field along x and y, a side of the picture being one."""
    down, right = np.gradient(field)
    size = np.float32(field.shape[0])
    return np.asarray(right * size), np.asarray(down * size)


def warp(field: Field, dx: Field | float, dy: Field | float) -> Field:
    """Read a field at moved places, bilinear, edges held.

    Parameters
    ----------
    field : ndarray [shape=(size, size) or (size, size, 3), dtype=float32]
        What is moved.
    dx, dy : ndarray [shape=(size, size)] or float
        Where each pixel looks, relative to itself, a part of the side.

    Returns
    -------
    ndarray
        Of the shape of `field`.

    Examples
    --------
    >>> flat = np.tile(np.arange(4, dtype=np.float32), (4, 1))
    >>> warp(flat, 0.25, 0.0)[0].tolist()
    [1.0, 2.0, 3.0, 3.0]
    """
    size = field.shape[0]
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32)
    columns = np.clip(columns + np.float32(size) * dx, 0, size - 1)
    rows = np.clip(rows + np.float32(size) * dy, 0, size - 1)
    left, top = columns.astype(np.intp), rows.astype(np.intp)
    right, bottom = np.minimum(left + 1, size - 1), np.minimum(top + 1, size - 1)
    fx, fy = columns - left, rows - top
    if field.ndim == 3:
        fx, fy = fx[..., None], fy[..., None]
    upper = field[top, left] * (1 - fx) + field[top, right] * fx
    lower = field[bottom, left] * (1 - fx) + field[bottom, right] * fx
    moved: Field = (upper * (1 - fy) + lower * fy).astype(np.float32)
    return moved


def halftone(canvas: Canvas, tone: Field, *, cells: float, angle: float = 0.6) -> Field:
    """Print a tone as dots on a turned grid: the darker the tone, the larger the dot.

    Parameters
    ----------
    canvas : Canvas
        Gives the coordinates.
    tone : ndarray [shape=(size, size)]
        0 (no ink) to 1 (full ink).
    cells : float
        Dots along a side.
    angle : float
        Turn of the grid, radians.

    Returns
    -------
    ndarray [shape=(size, size), dtype=float32]
        Ink, 0 to 1.
    """
    u = (canvas.x * np.cos(angle) + canvas.y * np.sin(angle)) * cells
    v = (canvas.y * np.cos(angle) - canvas.x * np.sin(angle)) * cells
    screen = 0.5 + 0.25 * (np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v))
    edge = min(0.5, 2.0 * cells / canvas.size)  # about one pixel of smooth edge
    return smoothstep(-edge, edge, (tone - screen).astype(np.float32))


def worn(canvas: Canvas, *, amount: float = 0.5, cells: float = 48) -> Field:
    """Make a mask of ink that has flaked off.

    Returns
    -------
    ndarray [shape=(size, size), dtype=float32]
        1 where ink stays, 0 where it is gone.
    """
    patches = noise(canvas, 3, octaves=3)
    specks = noise(canvas, cells, octaves=3, gain=0.8)
    level = 0.06 + 0.5 * amount * smoothstep(0.3, 0.9, patches)
    return smoothstep(-0.05, 0.05, specks - level)


def finish(
    canvas: Canvas, *, grain: float = 0.04, vignette: float = 0.25, fade: float = 0.0
) -> None:
    """Add film grain, darker corners and the lifted blacks of an old print, in place.

    Parameters
    ----------
    canvas : Canvas
        The picture.
    grain : float
        Standard deviation of the grain.
    vignette : float
        How much light the corners lose, 0 to 1.
    fade : float
        How far black is lifted and white lowered, 0 to 1.
    """
    child = np.random.default_rng(int(canvas.rng.integers(2**31)))
    canvas.shade(smoothstep(0.45, 0.85, canvas.distance(0.5, 0.5)), vignette)
    speckle = child.standard_normal((canvas.size, canvas.size), dtype=np.float32)
    canvas.pixels += np.float32(grain) * speckle[..., None]
    if fade:
        warm = np.array([0.52, 0.46, 0.38], dtype=np.float32)
        canvas.pixels += np.float32(fade) * (warm - canvas.pixels)


def relief_light(height: Field, light: tuple[float, float], *, steepness: float = 1.0) -> Field:
    """Light a height map from one side.

    Parameters
    ----------
    height : ndarray [shape=(size, size)]
        Height towards the viewer.
    light : tuple of float
        Where the light comes from, x and y; (-1, -1) is the upper left.
    steepness : float
        Factor on the height.

    Returns
    -------
    ndarray [shape=(size, size), dtype=float32]
        Brightness, 0 (turned away) to 1 (facing the light).
    """
    right, down = slope(height)
    right, down = right * np.float32(steepness), down * np.float32(steepness)
    facing = 0.8 - right * np.float32(light[0]) - down * np.float32(light[1])
    full = np.sqrt(0.64 + light[0] ** 2 + light[1] ** 2) * np.sqrt(1 + right**2 + down**2)
    return np.clip(facing / full, 0, 1).astype(np.float32)
