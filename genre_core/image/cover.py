"""Bring a decoded cover to the size of a network's input."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from genre_core.config import CoverInput
from genre_core.image.picture import Picture, check_picture

_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def prepare_cover(picture: Picture, spec: CoverInput) -> Picture:
    """Resize a picture to the network's square.

    `stretch` resizes both sides; `crop` first cuts the middle square (the extra column or row of
    an odd rest is lost on the right or at the bottom). A picture that fits already is only
    copied. When scaling down the filter covers all pixels of the source (no aliasing).

    Parameters
    ----------
    picture : np.ndarray [shape=(height, width, 3), dtype=uint8]
        RGB, of any size.
    spec : CoverInput
        Size, fit and filter.

    Returns
    -------
    np.ndarray [shape=(size, size, 3), dtype=uint8]
        Own memory; never scaled to another range: that is the network's first layer.

    Raises
    ------
    ParameterError
        `picture` is not a picture.

    Examples
    --------
    >>> prepare_cover(np.zeros((40, 60, 3), dtype=np.uint8), CoverInput(size=32)).shape
    (32, 32, 3)
    """
    picture = check_picture(picture)
    return np.array(resize_image(Image.fromarray(np.ascontiguousarray(picture)), spec))


def resize_image(image: Image.Image, spec: CoverInput) -> Image.Image:
    """Resize an opened RGB picture; `prepare_cover` without the ways through arrays.

    Examples
    --------
    >>> resize_image(Image.new("RGB", (60, 40)), CoverInput(size=32)).size
    (32, 32)
    """
    if spec.fit == "crop":
        width, height = image.size
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        image = image.crop((left, top, left + side, top + side))
    return image.resize((spec.size, spec.size), _FILTERS[spec.resample])


def prepare_covers(pictures: Sequence[Picture], spec: CoverInput) -> Picture:
    """Resize several pictures, of any sizes, into one batch.

    Parameters
    ----------
    pictures : sequence of np.ndarray [shape=(height, width, 3), dtype=uint8]
        May be empty.
    spec : CoverInput
        Size, fit and filter.

    Returns
    -------
    np.ndarray [shape=(n, size, size, 3), dtype=uint8]
        Row k is `prepare_cover(pictures[k], spec)`.

    Raises
    ------
    ParameterError
        One of them is not a picture.

    Examples
    --------
    >>> prepare_covers([], CoverInput(size=32)).shape
    (0, 32, 32, 3)
    """
    covers = np.empty((len(pictures), spec.size, spec.size, 3), dtype=np.uint8)
    for k, picture in enumerate(pictures):
        covers[k] = prepare_cover(picture, spec)
    return covers  # (n, size, size, 3)
