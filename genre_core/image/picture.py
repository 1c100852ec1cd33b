"""Check that an array is a picture: (height, width, 3) uint8."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.errors import ParameterError, describe

Picture = NDArray[np.uint8]
"""An RGB picture, [shape=(height, width, 3), dtype=uint8], 0 black to 255 full."""


def check_picture(picture: Any, *, min_side: int = 1) -> Picture:
    """Return `picture` itself, or say why it is not one.

    Parameters
    ----------
    picture : np.ndarray [shape=(height, width, 3), dtype=uint8]
        RGB, 0 to 255.
    min_side : int
        Smallest height and width, in pixels.

    Returns
    -------
    np.ndarray [shape=(height, width, 3), dtype=uint8]
        The same object.

    Raises
    ------
    ParameterError
        Another type, shape, dtype or a side below `min_side`.

    Examples
    --------
    >>> check_picture(np.zeros((4, 5, 3), dtype=np.uint8)).shape
    (4, 5, 3)
    >>> check_picture(np.zeros((4, 5, 3)))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A picture must be uint8 of shape (height, width, 3), RGB. \
Received an array of shape (4, 5, 3) and dtype float64. Scale to 0..255 and use astype('uint8').
    """
    rule = "A picture must be uint8 of shape (height, width, 3), RGB."
    if not isinstance(picture, np.ndarray):
        cure = "Decode the file first with decode_cover."
        raise ParameterError(rule, received=describe(picture), cure=cure)
    if picture.ndim != 3 or picture.shape[2] != 3:
        cure = _shape_cure(picture.shape)
        raise ParameterError(rule, received=describe(picture), cure=cure)
    if picture.dtype != np.uint8:
        cure = "Scale to 0..255 and use astype('uint8')."
        raise ParameterError(rule, received=describe(picture), cure=cure)
    if min(picture.shape[:2]) < min_side:
        raise ParameterError(
            f"Both sides of a picture must be at least {min_side} px.",
            received=describe(picture),
            cure="Give a larger picture.",
        )
    return picture


def _shape_cure(shape: tuple[int, ...]) -> str:
    if len(shape) == 4:
        return "This looks like a batch: give one picture at a time."
    if len(shape) == 3 and shape[0] == 3:
        return "This looks channels-first: use transpose(1, 2, 0)."
    if len(shape) == 2:
        return "This looks grey: stack it three times along the last axis."
    return "Decode the file first with decode_cover."
