"""An array that is a picture, (height, width, 3) uint8, and its way to Pillow and through JPEG."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genre_core.errors import ParameterError, describe

_LONGEST = 3  # times the shorter side, of what still looks like a cover

Picture = NDArray[np.uint8]
"""An RGB picture, [shape=(height, width, 3), dtype=uint8], 0 black to 255 full."""


def check_picture(picture: Any, *, min_side: int = 1) -> Picture:
    """Return `picture` itself, or say why it is not one.

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


def shape_note(picture: Picture) -> str:
    """Say that a picture is far from a cover's shape; empty where it is not.

    >>> shape_note(np.zeros((900, 40, 3), dtype=np.uint8))
    'far from square: networks see it squeezed or cut into a square'
    """
    short, long = sorted(picture.shape[:2])
    is_odd = long > _LONGEST * short
    return "far from square: networks see it squeezed or cut into a square" if is_odd else ""


def as_image(picture: Picture) -> Image.Image:
    """Hand an array to Pillow, whatever its strides."""
    return Image.fromarray(np.ascontiguousarray(picture))


def stored_as_jpeg(image: Image.Image, *, quality: int, subsampling: int) -> Image.Image:
    """Store as a JPEG of this quality (1 to 100) and read it again; 2 halves the chroma, 0 not."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling=subsampling)
    with Image.open(file, formats=("JPEG",)) as stored:
        return stored.convert("RGB")


def _shape_cure(shape: tuple[int, ...]) -> str:
    if len(shape) == 4:
        return "This looks like a batch: give one picture at a time."
    if len(shape) == 3 and shape[0] == 3:
        return "This looks channels-first: use transpose(1, 2, 0)."
    if len(shape) == 2:
        return "This looks grey: stack it three times along the last axis."
    return "Decode the file first with decode_cover."
