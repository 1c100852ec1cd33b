"""Change a cover on purpose, to ask what a network would have said of it then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageFilter

from genre_core.config import require
from genre_core.image.augment import mirror
from genre_core.image.picture import Picture, as_image, check_picture, stored_as_jpeg

Box = tuple[float, float, float, float]
"""Left, top, right and bottom as parts of width and height, 0 to 1."""

HIDE_WITH = ("mean", "grey", "blur")
"""What may stand in a hidden region."""

MAX_EDIT_PX = 1024
"""Longest side that is edited; no network here reads more, and edits stay fast."""

_MID_GREY = 128
_HIDING_BLUR = 0.1  # standard deviation, as a part of the picture's shorter side
_SMALLEST_CROP = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverEdit:
    """What is changed; every default leaves the cover as it is.

    hide: Left, top, right, bottom of a region to hide, as parts of width and height in [0, 1].
    hide_with {"mean", "grey", "blur"}: `mean` fills with the mean colour of all that stays visible,
        `grey` with mid-grey (128): neither depends on what was there. `blur` keeps the region's own
        colours and no detail.
    crop: The part to keep, given like `hide`; each side at least 0.05.
    rotate: Degrees, anticlockwise, in [-360, 360].
    mirror, grey: Swap left and right; keep the luma alone.
    blur: Gaussian, standard deviation in per cent of the shorter side, in [0, 10].
    rescale: Scale both sides to this part and up again, in [0.02, 1].
    jpeg: Store as a JPEG of this quality, 1 to 100, with halved chroma.

    Examples
    --------
    >>> CoverEdit(mirror=True).words
    ('mirrored',)
    >>> CoverEdit(blur=-1)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: blur must lie in [0, 10] per cent of the shorter side. \
Received -1 (int). Give 0 for none.
    """

    hide: Box | None = None
    hide_with: Literal["mean", "grey", "blur"] = "mean"
    crop: Box | None = None
    rotate: float = 0.0
    mirror: bool = False
    grey: bool = False
    blur: float = 0.0
    rescale: float = 1.0
    jpeg: int | None = None

    def __post_init__(self) -> None:
        _check_box("hide", self.hide, smallest=0.0)
        _check_box("crop", self.crop, smallest=_SMALLEST_CROP)
        require(
            self.hide_with in HIDE_WITH,
            f"hide_with must be one of {', '.join(HIDE_WITH)}.",
            self.hide_with,
            "Give 'mean' where in doubt.",
        )
        for name, low, high, unit, none in (
            ("rotate", -360, 360, " degrees", "0"),
            ("blur", 0, 10, " per cent of the shorter side", "0"),
            ("rescale", 0.02, 1, ", a part of each side", "1"),
        ):
            value = getattr(self, name)
            require(
                low <= value <= high,
                f"{name} must lie in [{low:g}, {high:g}]{unit}.",
                value,
                f"Give {none} for none.",
            )
        require(
            self.jpeg is None or (1 <= self.jpeg <= 100 and self.jpeg == int(self.jpeg)),
            "jpeg must be a quality from 1 to 100.",
            self.jpeg,
            "Give None to leave it as it is.",
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is changed, whatever a region that is not there would be filled with."""
        return not self.words

    @property
    def words(self) -> tuple[str, ...]:
        """Each step in words, in the order in which it is done.

        Examples
        --------
        >>> CoverEdit(hide=(0, 0, 0.5, 1), rescale=0.25, jpeg=30).words
        ('0 to 50 % across and 0 to 100 % down hidden (mean)', 'scaled to 25 % and up again',
         'JPEG of quality 30')
        """
        steps = [
            f"{_range_words(self.hide)} hidden ({self.hide_with})" if self.hide else "",
            f"cut to {_range_words(self.crop)}" if self.crop else "",
            f"turned by {self.rotate:g} degrees" if self.rotate % 360 else "",
            "mirrored" if self.mirror else "",
            "without colour" if self.grey else "",
            f"blurred by {self.blur:g} %" if self.blur else "",
            f"scaled to {100 * self.rescale:g} % and up again" if self.rescale < 1 else "",
            f"JPEG of quality {self.jpeg}" if self.jpeg else "",
        ]
        return tuple(step for step in steps if step)


def edit_cover(picture: Picture, edit: CoverEdit) -> Picture:
    """Change a cover.

    In this order: hide, crop (both in the coordinates of the picture as it came), rotate, mirror,
    grey, blur, scale down and up, JPEG: first what the cover shows, last how its file was made.
    Only a crop and, where the sides differ, a quarter turn change the shape.

    Regions are rounded to whole pixels, at least one. A rotation by other than quarter turns keeps
    the frame: corners are cut off, and those that become free are filled with the mean colour. Luma
    is ITU-R BT.601; filters and JPEG are Pillow's, scaling is bicubic.

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
    image = as_image(picture)
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
        image = stored_as_jpeg(image, quality=edit.jpeg, subsampling=2)
    return np.array(image)


def shrink_to_edit(picture: Picture) -> Picture:
    """Scale a large picture down to `MAX_EDIT_PX` on its longest side; others are only copied.

    Examples
    --------
    >>> shrink_to_edit(np.zeros((3000, 2000, 3), dtype=np.uint8)).shape
    (1024, 683, 3)
    """
    height, width = check_picture(picture).shape[:2]
    part = MAX_EDIT_PX / max(height, width)
    if part >= 1:
        return np.array(picture)
    image = as_image(picture)
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
        image = as_image(region)
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
    image = as_image(picture)
    return np.array(image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=fill))


def _check_box(name: str, box: tuple[float, ...] | None, *, smallest: float) -> None:
    require(
        box is None
        or (
            len(box) == 4
            and 0 <= box[0] < box[2] <= 1
            and 0 <= box[1] < box[3] <= 1
            # Half a thousandth, because 0.3 - 0.25 is not quite 0.05.
            and min(box[2] - box[0], box[3] - box[1]) > smallest - 5e-4
        ),
        f"{name} must be left, top, right and bottom in [0, 1], left < right and top < bottom"
        + (f", at least {smallest:g} apart." if smallest else "."),
        box,
        "Give for example (0.1, 0.1, 0.4, 0.4).",
    )


def _range_words(box: Box) -> str:
    left, top, right, bottom = (f"{100 * part:g}" for part in box)
    return f"{left} to {right} % across and {top} to {bottom} % down"
