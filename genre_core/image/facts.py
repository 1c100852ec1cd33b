"""Measure how a cover's file was made, and nothing of what it shows: the source-only probe."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from genre_core.config import require
from genre_core.image.picture import Picture, check_picture

Floats = NDArray[np.float32]

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_SIDES = ("top", "bottom", "left", "right")
_BANDS = (0.25, 0.5, 0.75, 1.0)  # of the Nyquist frequency
_MIN_SIDE = 8
_WINDOW = 1024  # of larger pictures only the middle is looked at; a multiple of JPEG's 8 px

FILE_FACTS: tuple[str, ...] = (
    "aspect_log2",
    "side_log2",
    "bytes_per_pixel_log2",
    "sharpness",
    "chroma_sharpness",
    "noise",
    "detail_25_50",
    "detail_50_75",
    "detail_75_100",
    "blockiness_x",
    "blockiness_y",
    *(f"border_{side}_spread" for side in _SIDES),
    *(f"border_{side}_brightness" for side in _SIDES),
    *(f"border_{side}_step" for side in _SIDES),
)
"""Names of `file_facts`, in order."""

COVER_FACTS = ("width", "height", "n_bytes", "brightness", "sharpness", "border")
"""Names of `cover_facts`, in order."""


def file_facts(picture: Picture, n_bytes: int) -> Floats:
    """Measure how a file was made: scaling, compression, noise and borders.

    If a classifier on these numbers tells the classes, so could a network, without looking at what
    a cover shows. `picture` is the decoded file, not resized, both sides at least 8 px.

    Returns
    -------
    np.ndarray [shape=(n_facts,), dtype=float32]
        Finite; named by `FILE_FACTS`:
        aspect (log2 of width / height), side (log2 of the mean side in px), bytes per pixel (log2);
        sharpness (log10 of 1 + variance of the luma's Laplacian); chroma sharpness (the same of
        Cb and Cr, minus that of the luma: low for 4:2:0); noise (standard deviation, 0..255);
        detail (log10 of the share of the spectrum's energy in a band of the Nyquist frequency);
        blockiness (log2 of the mean step across JPEG's 8 px grid over that elsewhere);
        for each side the outermost line's spread (standard deviation), brightness, and mean step
        to the third line (all 0..255).

    Notes
    -----
    Noise is Immerkaer 1996, "Fast noise variance estimation". Of pictures over 1024 px only the
    middle is measured, cut on the 8 px grid; borders are always the picture's own.

    Examples
    --------
    >>> grey = np.full((64, 64, 3), 100, dtype=np.uint8)
    >>> facts = dict(zip(FILE_FACTS, file_facts(grey, 4096), strict=True))
    >>> float(facts["bytes_per_pixel_log2"]), float(facts["border_top_brightness"])
    (0.0, 100.0)
    """
    picture = check_picture(picture, min_side=_MIN_SIDE)
    require(n_bytes >= 1, "n_bytes must be at least 1.", n_bytes, "Give the size of the file.")
    height, width = picture.shape[:2]
    window = picture[_middle(height), _middle(width)].astype(np.float32)
    luma = window @ _LUMA  # (height, width)
    sharpness = _sharpness(luma)
    chroma = (_sharpness(window[:, :, 2] - luma) + _sharpness(window[:, :, 0] - luma)) / 2
    numbers = [
        np.log2(width / height),
        np.log2(width * height) / 2,
        np.log2(n_bytes / (width * height)),
        sharpness,
        chroma - sharpness,
        _noise(luma),
        *_detail(luma),
        _blockiness(luma),
        _blockiness(luma.T),
        *_borders(picture),
    ]
    return np.array(numbers, dtype=np.float32)  # (n_facts,)


def cover_facts(picture: Picture, n_bytes: int) -> Floats:
    """Measure what a person would name of a cover's file, on the scales that people know.

    `picture` is the decoded file, both sides at least 8 px. Returns a row [shape=(6,),
    dtype=float32] named by `COVER_FACTS`: width and height in px, the file's size in bytes, mean
    brightness 0 to 255, sharpness as in `file_facts`, and the spread of the outermost lines (their
    mean standard deviation, 0 to 255; 0 of a plain border).

    Examples
    --------
    >>> grey = np.full((64, 96, 3), 100, dtype=np.uint8)
    >>> dict(zip(COVER_FACTS, cover_facts(grey, 4096).tolist(), strict=True))
    {'width': 96.0, 'height': 64.0, 'n_bytes': 4096.0, 'brightness': 100.0, 'sharpness': 0.0, \
'border': 0.0}
    """
    picture = check_picture(picture, min_side=_MIN_SIDE)
    height, width = picture.shape[:2]
    window = picture[_middle(height), _middle(width)].astype(np.float32) @ _LUMA
    border = float(np.mean(_borders(picture)[: len(_SIDES)]))
    facts = (width, height, n_bytes, picture.mean(axis=(0, 1)) @ _LUMA, _sharpness(window), border)
    return np.array(facts, dtype=np.float32)


def _middle(side: int) -> slice:
    start = max(0, (side - _WINDOW) // 2) // 8 * 8
    return slice(start, start + _WINDOW)


def _sharpness(plane: Floats) -> float:
    laplacian = (
        plane[:-2, 1:-1]
        + plane[2:, 1:-1]
        + plane[1:-1, :-2]
        + plane[1:-1, 2:]
        - 4 * plane[1:-1, 1:-1]
    )
    return float(np.log10(1 + laplacian.var(dtype=np.float64)))


def _noise(plane: Floats) -> float:
    # Immerkaer's mask [[1, -2, 1], [-2, 4, -2], [1, -2, 1]]: the second difference both ways.
    second = plane[:-2] - 2 * plane[1:-1] + plane[2:]
    second = second[:, :-2] - 2 * second[:, 1:-1] + second[:, 2:]
    return float(np.sqrt(np.pi / 2) / 6 * np.abs(second).mean(dtype=np.float64))


def _detail(plane: Floats) -> list[float]:
    """Return log10 of the energy's share in each band; -8 stands for none."""
    height, width = plane.shape
    taper = np.hanning(height)[:, None] * np.hanning(width)  # else the frame's own edge counts
    energy = np.abs(np.fft.rfft2((plane - plane.mean()) * taper)) ** 2
    energy[:, 1 : (width + 1) // 2] *= 2  # rfft2 leaves out the mirrored half
    rows = np.fft.fftfreq(height)[:, None] * 2
    columns = np.fft.rfftfreq(width) * 2
    radius = np.maximum(np.abs(rows), columns)  # 1 is the Nyquist frequency
    # A flat picture leaves rounding noise; below this energy a pixel nothing is there.
    total = max(float(energy.sum()), 1e-3 * plane.size)
    return [
        float(np.log10(energy[(radius > low) & (radius <= high)].sum() / total + 1e-8))
        for low, high in pairwise(_BANDS)
    ]


def _blockiness(plane: Floats) -> float:
    """Compare steps across every eighth column with the others; 0 where there is no grid."""
    steps = np.abs(np.diff(plane, axis=1)).mean(axis=0, dtype=np.float64)  # (width - 1,)
    is_grid = np.arange(1, len(steps) + 1) % 8 == 0
    if not is_grid.any():
        return 0.0
    # 0.01 levels keep a flat picture at 0 and change no other.
    return float(np.log2((steps[is_grid].mean() + 0.01) / (steps[~is_grid].mean() + 0.01)))


def _borders(picture: Picture) -> list[float]:
    lines = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
    thirds = (picture[2], picture[-3], picture[:, 2], picture[:, -3])
    spread = [float(line.std(axis=0).mean()) for line in lines]
    brightness = [float(line.mean()) for line in lines]
    step = [
        float(np.abs(line.astype(np.float32) - third).mean())
        for line, third in zip(lines, thirds, strict=True)
    ]
    return spread + brightness + step
