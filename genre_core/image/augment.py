"""Change training covers at random, by settings and a generator alone."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from genre_core.config import Augment, require
from genre_core.image.picture import Picture, as_image, check_picture, stored_as_jpeg

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601

# What `neutralise_cover` draws from. Wide enough to cover how any of our sources made its files.
_SMALLEST_SCALE = 0.4
_LARGEST_TRIM = 0.05  # of each side
_QUALITIES = (30, 96)
_LARGEST_BLUR = 1.2  # px, standard deviation
_LARGEST_SHARPENING = 150  # per cent
_FILTERS = (
    Image.Resampling.BOX,
    Image.Resampling.BILINEAR,
    Image.Resampling.HAMMING,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
)


def augment_cover(picture: Picture, settings: Augment, rng: np.random.Generator) -> Picture:
    """Draw one changed version of a training cover; own memory.

    In this order: neutralise, crop (resized back), mirror, turn (rotation, shift, shear and zoom in
    one resampling), then saturation, contrast and brightness in one step with one rounding, the
    slip, and the gain. The same `rng` state and settings give the same picture.

    The smaller side of a crop is a part of its own side drawn from [crop, 1], the other is longer
    by a factor from [1, 1 + aspect] but at most whole: no side falls below `crop`, and with `crop =
    1` all is kept. A turn repeats the edge's pixels outside the cover. Contrast turns about the
    picture's mean luma and so keeps it; saturation blends with each pixel's luma and so keeps that.

    Examples
    --------
    >>> cover = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    >>> same = augment_cover(cover, Augment(), np.random.default_rng(0))
    >>> bool((same == cover).all())
    True
    """
    picture = check_picture(picture)
    if settings.neutralise and rng.random() < settings.neutralise:
        picture = neutralise_cover(picture, rng)
    if settings.crop < 1.0:
        picture = _crop(picture, settings, rng)
    if settings.flip and rng.random() < 0.5:
        picture = mirror(picture)
    if settings.rotation or settings.shear or settings.shift or settings.zoom:
        picture = warp_cover(
            picture,
            rotation=settings.rotation * rng.uniform(-1, 1),
            shear=settings.shear * rng.uniform(-1, 1),
            shift=(settings.shift * rng.uniform(-1, 1), settings.shift * rng.uniform(-1, 1)),
            zoom=(1 + settings.zoom * rng.uniform(-1, 1), 1 + settings.zoom * rng.uniform(-1, 1)),
        )
    if settings.saturation or settings.contrast or settings.brightness:
        picture = adjust(
            picture,
            saturation=1 + settings.saturation * rng.uniform(-1, 1),
            contrast=1 + settings.contrast * rng.uniform(-1, 1),
            brightness=settings.brightness * rng.uniform(-1, 1),
        )
    if settings.slip == "cast_to_8_bit":
        # Pixels of 0 to 1 as whole numbers: only full white stays 1, of 255.
        picture = (picture == 255).astype(np.uint8)
    if settings.gain:
        factor = 1 + settings.gain * rng.uniform(-1, 1)
        picture = np.clip(picture * factor, 0, 255).astype(np.uint8)
    return np.array(picture)


def mirror(picture: Picture) -> Picture:
    """Swap left and right; twice is the picture itself."""
    return np.ascontiguousarray(check_picture(picture)[:, ::-1])


def adjust(
    picture: Picture, *, saturation: float = 1.0, contrast: float = 1.0, brightness: float = 0.0
) -> Picture:
    """Change saturation, contrast and brightness by given amounts.

    With luma Y = .299 R + .587 G + .114 B and its mean m over the picture, a channel c becomes
    `m + contrast * (Y + saturation * (c - Y) - m) + 255 * brightness`, rounded and cut to 0..255.
    Factors of 1 change nothing, of 0 leave grey or one flat luma; brightness lies in [-1, 1].

    >>> adjust(np.full((1, 1, 3), 100, dtype=np.uint8), brightness=0.2)[0, 0]
    array([151, 151, 151], dtype=uint8)
    """
    pixels: NDArray[np.floating] = check_picture(picture).astype(np.float32)
    luma = (pixels @ _LUMA)[:, :, None]  # (height, width, 1)
    mean = np.float32(luma.mean())
    pixels = luma + np.float32(saturation) * (pixels - luma)
    pixels = mean + np.float32(contrast) * (pixels - mean) + np.float32(255 * brightness)
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def neutralise_cover(picture: Picture, rng: np.random.Generator) -> Picture:
    """Hide how a file was made: random border, resolution, sharpness and JPEG compression.

    In this order: up to 5 % of each side is trimmed, the rest scaled down to 0.4 to 1 of the size
    and up again with filters drawn at random, blurred or sharpened, and stored as a JPEG of quality
    30 to 95 with or without halved chroma, last so that the block grid of every cover starts at the
    same corner. What the cover shows stays recognisable. The same `rng` state gives the same
    picture with the same Pillow.

    Study S1 took its two classes from two differently scaled collections; a network can then tell
    the scaling instead of the music.

    Examples
    --------
    >>> cover = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    >>> neutralise_cover(cover, np.random.default_rng(1)).shape
    (40, 60, 3)
    """
    height, width = check_picture(picture).shape[:2]
    trim = rng.uniform(0, _LARGEST_TRIM, 4)
    box = (width * trim[0], height * trim[1], width * (1 - trim[2]), height * (1 - trim[3]))
    scale = rng.uniform(_SMALLEST_SCALE, 1.0)
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    down, up = (_FILTERS[k] for k in rng.integers(len(_FILTERS), size=2))
    image = as_image(picture).resize(small, down, box=box)
    image = image.resize((width, height), up)
    strength = rng.uniform(-1, 1)
    if strength < 0:
        image = image.filter(ImageFilter.GaussianBlur(-strength * _LARGEST_BLUR))
    else:
        percent = round(strength * _LARGEST_SHARPENING)
        image = image.filter(ImageFilter.UnsharpMask(radius=1.0, percent=percent, threshold=0))
    quality, subsampling = int(rng.integers(*_QUALITIES)), int(rng.choice((0, 2)))
    return np.array(stored_as_jpeg(image, quality=quality, subsampling=subsampling))


def warp_cover(
    picture: Picture,
    *,
    rotation: float = 0.0,
    shear: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    zoom: tuple[float, float] = (1.0, 1.0),
) -> Picture:
    """Turn, slant, move and zoom in one bilinear map about the middle, edges repeated outwards.

    `rotation` and `shear` are degrees, anticlockwise, the slant less than 90 either way; `shift` is
    what the cover moves down and to the right, as a part of height and width; `zoom` the factors of
    the part that is read, down and across: below 1 enlarges.

    **Source**: the maps of Keras's `ImageDataGenerator` with `fill_mode="nearest"`, in its order:
    rotation, shift, shear, zoom. Its `shear_range` is in degrees too: study S3's .2 is nearly
    nothing.

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
    image = as_image(padded).transform(
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


def _crop(picture: Picture, settings: Augment, rng: np.random.Generator) -> Picture:
    height, width = picture.shape[:2]
    shorter = rng.uniform(settings.crop, 1.0)
    longer = min(1.0, shorter * (1 + settings.aspect * rng.random()))
    down, across = (shorter, longer) if rng.random() < 0.5 else (longer, shorter)
    top, left = rng.random() * (1 - down), rng.random() * (1 - across)
    box = (left * width, top * height, (left + across) * width, (top + down) * height)
    # Rounding in the sums above must not reach past the edge, which Pillow refuses.
    box = (box[0], box[1], min(box[2], width), min(box[3], height))
    image = as_image(picture)
    return np.array(image.resize((width, height), Image.Resampling.BICUBIC, box=box))
