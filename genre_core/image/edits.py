"""Change a cover on purpose, to ask what a network would have said of it then."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageFilter

from genre_core.image.augment import mirror
from genre_core.image.cover_edit import Box, CoverEdit
from genre_core.image.picture import Picture, check_picture

MAX_EDIT_PX = 1024
"""Longest side that is edited; no network here reads more, and edits stay fast."""

_MID_GREY = 128
_HIDING_BLUR = 0.1  # standard deviation, as a part of the picture's shorter side


def edit_cover(picture: Picture, edit: CoverEdit) -> Picture:
    """Change a cover.

    In this order: hide, crop (both in the coordinates of the picture as it came), rotate, mirror,
    grey, blur, scale down and up, JPEG: first what the cover shows, last how its file was made.

    Parameters
    ----------
    picture : np.ndarray [shape=(height, width, 3), dtype=uint8]
        RGB; not changed.
    edit : CoverEdit
        What to change.

    Returns
    -------
    np.ndarray [shape=(new_height, new_width, 3), dtype=uint8]
        Own memory. Only a crop and, where the sides differ, a quarter turn change the shape. An
        empty edit gives the picture itself, a second mirror or four quarter turns too.

    Raises
    ------
    ParameterError
        `picture` is not a picture.

    Notes
    -----
    Regions are rounded to whole pixels, at least one. A rotation by other than quarter turns keeps
    the frame: corners are cut off, and those that become free are filled with the mean colour.
    Luma is ITU-R BT.601; filters and JPEG are Pillow's, scaling is bicubic.

    Examples
    --------
    >>> cover = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    >>> bool((edit_cover(cover, CoverEdit()) == cover).all())
    True
    >>> edit_cover(cover, CoverEdit(crop=(0, 0, 0.5, 1), grey=True)).shape
    (4, 2, 3)
    """
    picture = np.array(check_picture(picture))
    if edit.hide:
        _hide(picture, edit.hide, edit.hide_with)
    if edit.crop:
        left, top, right, bottom = _pixels(edit.crop, picture)
        picture = picture[top:bottom, left:right]
    if edit.rotate % 360:
        picture = _rotate(picture, edit.rotate % 360)
    if edit.mirror:
        picture = mirror(picture)
    if not (edit.grey or edit.blur or edit.rescale < 1 or edit.jpeg):
        return np.ascontiguousarray(picture)
    image = Image.fromarray(np.ascontiguousarray(picture))
    if edit.grey:
        image = image.convert("L").convert("RGB")
    if edit.blur:
        image = image.filter(ImageFilter.GaussianBlur(edit.blur / 100 * min(image.size)))
    if edit.rescale < 1:
        width, height = image.size
        small = (max(1, round(width * edit.rescale)), max(1, round(height * edit.rescale)))
        image = image.resize(small, Image.Resampling.BICUBIC)
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    if edit.jpeg:
        image = _stored_as_jpeg(image, edit.jpeg)
    return np.array(image)


def shrink_to_edit(picture: Picture) -> Picture:
    """Scale a large picture down to `MAX_EDIT_PX` on its longest side; others are only copied.

    Parameters
    ----------
    picture : np.ndarray [shape=(height, width, 3), dtype=uint8]
        RGB.

    Returns
    -------
    np.ndarray [shape=(new_height, new_width, 3), dtype=uint8]
        Own memory, of the same aspect.

    Raises
    ------
    ParameterError
        `picture` is not a picture.

    Examples
    --------
    >>> shrink_to_edit(np.zeros((3000, 2000, 3), dtype=np.uint8)).shape
    (1024, 683, 3)
    """
    height, width = check_picture(picture).shape[:2]
    part = MAX_EDIT_PX / max(height, width)
    if part >= 1:
        return np.array(picture)
    image = Image.fromarray(np.ascontiguousarray(picture))
    size = (max(1, round(width * part)), max(1, round(height * part)))
    return np.array(image.resize(size, Image.Resampling.BICUBIC))


def _pixels(box: Box, picture: Picture) -> tuple[int, int, int, int]:
    height, width = picture.shape[:2]
    left, top = min(round(box[0] * width), width - 1), min(round(box[1] * height), height - 1)
    right, bottom = max(left + 1, round(box[2] * width)), max(top + 1, round(box[3] * height))
    return left, top, right, bottom


def _hide(picture: Picture, box: Box, how: str) -> None:
    left, top, right, bottom = _pixels(box, picture)
    region = picture[top:bottom, left:right]
    if how == "blur":
        deviation = _HIDING_BLUR * min(picture.shape[:2])
        image = Image.fromarray(np.ascontiguousarray(region))
        region[:] = np.asarray(image.filter(ImageFilter.GaussianBlur(deviation)))
        return
    n_visible = picture.shape[0] * picture.shape[1] - region.shape[0] * region.shape[1]
    if how == "grey" or n_visible == 0:
        region[:] = _MID_GREY
        return
    # Whole-number sums: the fill must not depend on the hidden pixels, not even by a rounding.
    visible = picture.sum(axis=(0, 1), dtype=np.int64) - region.sum(axis=(0, 1), dtype=np.int64)
    region[:] = np.rint(visible / n_visible).astype(np.uint8)


def _rotate(picture: Picture, degrees: float) -> Picture:
    if degrees % 90 == 0:
        return np.rot90(picture, int(degrees // 90))
    fill = tuple(round(float(value)) for value in picture.mean(axis=(0, 1)))
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.array(image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=fill))


def _stored_as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling=2)
    with Image.open(file, formats=("JPEG",)) as stored:
        return stored.convert("RGB")
