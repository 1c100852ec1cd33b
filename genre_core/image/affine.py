"""Turn, slant, move and zoom a cover in one resampling, its edges drawn outwards."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genre_core.config import require
from genre_core.image.picture import Picture, check_picture


def warp_cover(
    picture: Picture,
    *,
    rotation: float = 0.0,
    shear: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    zoom: tuple[float, float] = (1.0, 1.0),
) -> Picture:
    """Apply one affine map about the middle, bilinear, repeating edge pixels outside the cover.

    Parameters
    ----------
    picture : np.ndarray [shape=(height, width, 3), dtype=uint8]
        RGB; not changed.
    rotation, shear : float
        Degrees, anticlockwise; the slant less than 90 either way.
    shift : tuple of float
        What the cover moves down and to the right, as a part of its height and width.
    zoom : tuple of float
        Factor > 0 of the part that is read, down and across: below 1 enlarges.

    Returns
    -------
    np.ndarray [shape=(height, width, 3), dtype=uint8]
        Own memory.

    Raises
    ------
    ParameterError
        `picture` is not a picture, a zoom is not above 0, or a slant reaches 90 degrees.

    Notes
    -----
    **Source**: the maps of Keras's `ImageDataGenerator` with `fill_mode="nearest"`, in its order:
    rotation, shift, shear, zoom. Its `shear_range` is in degrees too: study S3's .2 is nearly
    nothing.

    Examples
    --------
    >>> cover = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)
    >>> bool((warp_cover(cover) == cover).all())
    True
    >>> bool((warp_cover(cover, rotation=180) == cover[::-1, ::-1]).all())
    True
    """
    picture = check_picture(picture)
    require(min(zoom) > 0, "Both factors of zoom must be > 0.", zoom, "Give (1.0, 1.0) for none.")
    require(abs(shear) < 90, "shear must be less than 90 degrees.", shear, "Give 0.0 for none.")
    height, width = picture.shape[:2]
    # Where each pixel of the result is read, in (x, y) about the middle: columns of `matrix`.
    turn, slant = math.radians(rotation), math.radians(shear)
    rotate = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    slanted = np.array([[math.cos(slant), 0.0], [-math.sin(slant), 1.0]])
    scale = np.diag([zoom[1], zoom[0]])
    # Rounded, because 1e-16 of a sine would cost whole pixels their last grey level.
    matrix = np.round(rotate @ slanted @ scale, 12)
    moved = np.round(rotate @ np.array([-shift[1] * width, -shift[0] * height]), 9)
    if np.array_equal(matrix, np.eye(2)) and not moved.any():
        return picture.copy()
    margin = _overhang(matrix, moved, height, width)
    padded = np.pad(picture, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    middle = np.array([width / 2, height / 2])
    start = middle + margin + moved - matrix @ middle
    # Pillow wants, for x and y in turn, the two factors and the offset.
    data = (*matrix[0], start[0], *matrix[1], start[1])
    image = Image.fromarray(padded).transform(
        (width, height), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR
    )
    return np.array(image)


def _overhang(
    matrix: NDArray[np.float64], moved: NDArray[np.float64], height: int, width: int
) -> int:
    """Return how many pixels beyond the cover's edges the map reads."""
    half = np.array([width / 2, height / 2])
    corners = np.array([[x, y] for x in (-1, 1) for y in (-1, 1)]) * half
    reached = corners @ matrix.T + moved
    return max(0, math.ceil(float((np.abs(reached) - half).max()))) + 2
