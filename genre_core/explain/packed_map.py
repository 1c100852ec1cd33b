"""A heat map in few bytes: small ones as they are, those of single pixels as pictures."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import PIL.WebPImagePlugin  # noqa: F401, found later only among all of Pillow's readers
from numpy.typing import NDArray
from PIL import Image

LARGEST_WHOLE = 32 * 32
"""Cells of a map that is kept as it is. Layers and occlusion have up to a few hundred; SmoothGrad
and integrated gradients one for each pixel: 270 kB for a cover of 260 px, packed about 25."""

_LEVELS = 255


def error_of(n_cells: int) -> float:
    """Bound what packing changes of any cell, as a part of the map's largest value.

    Half a level, 1 / 510, for maps of more than `LARGEST_WHOLE` cells: less than between two of the
    256 colours that a page draws them in. Others do not change.

    Examples
    --------
    >>> error_of(9 * 9), round(1 / error_of(260 * 260))
    (0.0, 510)
    """
    return 0.0 if n_cells <= LARGEST_WHOLE else 0.5 / _LEVELS


def pack(values: NDArray[np.float32]) -> NDArray[Any]:
    """Prepare a map for storing.

    Parameters
    ----------
    values : ndarray [shape=(h, w), dtype=float32]
        Finite and >= 0, as of a `Saliency`.

    Returns
    -------
    ndarray
        The map itself, or where it is large the bytes (uint8) of a lossless WebP picture of
        round(255 v / max): of the formats tried the smallest, by a sixth before PNG.

    Examples
    --------
    >>> ramp = np.tile(np.arange(64, dtype=np.float32), (64, 1))
    >>> pack(ramp[:8, :8]).shape, pack(ramp).ndim
    ((8, 8), 1)
    """
    if values.size <= LARGEST_WHOLE:
        return values
    most = float(values.max()) or 1.0
    levels = np.rint(values.astype(np.float64) / most * _LEVELS).astype(np.uint8)
    picture = io.BytesIO()
    Image.fromarray(levels).save(picture, "WEBP", lossless=True, quality=100, method=6)
    return np.frombuffer(picture.getvalue(), np.uint8)


def unpack(packed: NDArray[Any], most: float) -> NDArray[np.float32]:
    """Give a map back, each cell within `error_of` of what was packed; `most` was its largest.

    Examples
    --------
    >>> ramp = np.tile(np.arange(64, dtype=np.float32), (64, 1))
    >>> bool(np.abs(unpack(pack(ramp), 63.0) - ramp).max() <= 63 * error_of(ramp.size))
    True
    """
    if packed.ndim == 2:
        return packed.astype(np.float32)
    with Image.open(io.BytesIO(packed.tobytes()), formats=["WEBP"]) as picture:
        levels = np.asarray(picture.convert("L"))
    return (levels * (most / _LEVELS)).astype(np.float32)
