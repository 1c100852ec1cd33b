"""Change training covers at random, by settings and a generator alone."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from genre_core.config import Augment
from genre_core.image.affine import warp_cover
from genre_core.image.picture import Picture, check_picture

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
    """Draw one changed version of a training cover.

    In this order: neutralise, crop (resized back), mirror, turn (rotation, shift, shear and zoom
    in one resampling), then saturation, contrast and brightness in one step with one rounding, the
    slip, and the gain.

    Parameters
    ----------
    picture : np.ndarray [shape=(height, width, 3), dtype=uint8]
        RGB; not changed.
    settings : Augment
        What may change and how far; the defaults leave the picture as it is.
    rng : np.random.Generator
        The same state and settings give the same picture.

    Returns
    -------
    np.ndarray [shape=(height, width, 3), dtype=uint8]
        Own memory.

    Raises
    ------
    ParameterError
        `picture` is not a picture.

    Notes
    -----
    The smaller side of a crop is a part of its own side drawn from [crop, 1], the other is
    longer by a factor from [1, 1 + aspect] but at most whole: no side falls below `crop`, and
    with `crop = 1` all is kept. A turn repeats the edge's pixels outside the cover. Contrast turns
    about the picture's mean luma and so keeps it; saturation blends with each pixel's luma and so
    keeps that.

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
    """Swap left and right; twice is the picture itself.

    Parameters
    ----------
    picture : np.ndarray [shape=(height, width, 3), dtype=uint8]
        RGB.

    Returns
    -------
    np.ndarray [shape=(height, width, 3), dtype=uint8]
        Own memory.

    Examples
    --------
    >>> mirror(np.array([[[1, 1, 1], [2, 2, 2]]], dtype=np.uint8))[0, :, 0]
    array([2, 1], dtype=uint8)
    """
    return np.ascontiguousarray(check_picture(picture)[:, ::-1])


def adjust(
    picture: Picture, *, saturation: float = 1.0, contrast: float = 1.0, brightness: float = 0.0
) -> Picture:
    """Change saturation, contrast and brightness by given amounts.

    With luma Y = .299 R + .587 G + .114 B and its mean m over the picture, a channel c becomes
    `m + contrast * (Y + saturation * (c - Y) - m) + 255 * brightness`, rounded and cut to 0..255.

    Parameters
    ----------
    picture : np.ndarray [shape=(height, width, 3), dtype=uint8]
        RGB.
    saturation, contrast : float
        Factors; 1 changes nothing, 0 leaves grey or one flat luma.
    brightness : float
        Shift as a part of full scale, in [-1, 1].

    Returns
    -------
    np.ndarray [shape=(height, width, 3), dtype=uint8]
        Own memory.

    Examples
    --------
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

    In this order: up to 5 % of each side is trimmed, the rest scaled down to 0.4 to 1 of the
    size and up again with filters drawn at random, blurred or sharpened, and stored as a JPEG of
    quality 30 to 95 with or without halved chroma. What the cover shows stays recognisable.

    Parameters
    ----------
    picture : np.ndarray [shape=(height, width, 3), dtype=uint8]
        RGB; not changed.
    rng : np.random.Generator
        The same state gives the same picture with the same Pillow.

    Returns
    -------
    np.ndarray [shape=(height, width, 3), dtype=uint8]
        Own memory; never exactly the picture that went in, but for flat ones.

    Raises
    ------
    ParameterError
        `picture` is not a picture.

    Notes
    -----
    Study S1 took its two classes from two differently scaled collections; a network can then tell
    the scaling instead of the music. JPEG comes last so that the block grid of every cover
    starts at the same corner.

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
    image = Image.fromarray(np.ascontiguousarray(picture)).resize(small, down, box=box)
    image = image.resize((width, height), up)
    strength = rng.uniform(-1, 1)
    if strength < 0:
        image = image.filter(ImageFilter.GaussianBlur(-strength * _LARGEST_BLUR))
    else:
        percent = round(strength * _LARGEST_SHARPENING)
        image = image.filter(ImageFilter.UnsharpMask(radius=1.0, percent=percent, threshold=0))
    file = io.BytesIO()
    quality, subsampling = int(rng.integers(*_QUALITIES)), int(rng.choice((0, 2)))
    image.save(file, "JPEG", quality=quality, subsampling=subsampling)
    with Image.open(file, formats=("JPEG",)) as stored:
        return np.array(stored.convert("RGB"))


def _crop(picture: Picture, settings: Augment, rng: np.random.Generator) -> Picture:
    height, width = picture.shape[:2]
    shorter = rng.uniform(settings.crop, 1.0)
    longer = min(1.0, shorter * (1 + settings.aspect * rng.random()))
    down, across = (shorter, longer) if rng.random() < 0.5 else (longer, shorter)
    top, left = rng.random() * (1 - down), rng.random() * (1 - across)
    box = (left * width, top * height, (left + across) * width, (top + down) * height)
    # Rounding in the sums above must not reach past the edge, which Pillow refuses.
    box = (box[0], box[1], min(box[2], width), min(box[3], height))
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.array(image.resize((width, height), Image.Resampling.BICUBIC, box=box))
