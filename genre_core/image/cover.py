"""Bring a cover to the size of a network's input, from pixels or from its file."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from genre_core.config import CoverInput
from genre_core.image.decode import MAX_BYTES, MAX_PIXELS, MIN_SIDE, decode_cover
from genre_core.image.picture import Picture, as_image, check_picture
from genre_core.image.profiles import transform_of

_START_OF_FRAME = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: Huffman coded
_START_OF_SCAN = 0xDA
_PROFILE = b"ICC_PROFILE\0"
_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def prepare_cover(picture: Picture, spec: CoverInput) -> Picture:
    """Resize a picture to the network's square [shape=(size, size, 3), dtype=uint8]; own memory.

    `stretch` resizes both sides; `crop` first cuts the middle square (the extra column or row of an
    odd rest is lost on the right or at the bottom). When scaling down the filter covers all pixels
    of the source (no aliasing). Scaling to another range is the network's first layer.

    Examples
    --------
    >>> prepare_cover(np.zeros((40, 60, 3), dtype=np.uint8), CoverInput(size=32)).shape
    (32, 32, 3)
    """
    picture = check_picture(picture)
    return np.array(_resize(as_image(picture), spec))


def _resize(image: Image.Image, spec: CoverInput) -> Image.Image:
    """Resize an opened RGB picture."""
    if spec.fit == "crop":
        width, height = image.size
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        image = image.crop((left, top, left + side, top + side))
    return image.resize((spec.size, spec.size), _FILTERS[spec.resample])


def read_cover(content: bytes, spec: CoverInput, *, name: str = "") -> Picture:
    """Decode and prepare a cover: the pixels of `prepare_cover(decode_cover(content), spec)`.

    A plain JPEG, which most covers are, goes there in the fewest steps: the ways through arrays
    would cost as much as its decoding. What comes back may be read-only.

    Examples
    --------
    >>> file = io.BytesIO()
    >>> Image.new("RGB", (40, 40), "red").save(file, "JPEG")
    >>> read_cover(file.getvalue(), CoverInput(size=32)).shape
    (32, 32, 3)
    """
    if is_plain_jpeg(content):
        try:
            with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
                return np.asarray(_resize(image, spec))
        except (OSError, ValueError, SyntaxError):
            pass  # Damaged: the long way says how.
    return prepare_cover(decode_cover(content, name=name), spec)


def is_plain_jpeg(content: bytes) -> bool:
    """Tell from its markers alone whether a file is a JPEG that needs no more than decoding.

    Three 8-bit components, within the bounds of `image.decode`, no EXIF block, which may turn the
    picture, and no colour profile but sRGB's. It may still be cut or damaged.
    """
    if not content.startswith(b"\xff\xd8\xff") or len(content) > MAX_BYTES:
        return False
    place, is_colour = 2, False
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == _START_OF_SCAN:
            return is_colour
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        body = content[place + 4 : place + 2 + length]
        if marker == 0xE1 and body.startswith(b"Exif"):
            return False
        if marker == 0xE2 and body.startswith(_PROFILE):
            is_whole = body[12:14] == b"\x01\x01"  # the first part of one
            if not is_whole or transform_of(body[14:], "RGB") is not None:
                return False
        if marker in _START_OF_FRAME and len(body) >= 6:
            height, width = (int.from_bytes(body[i : i + 2], "big") for i in (1, 3))
            is_sized = min(height, width) >= MIN_SIDE and height * width <= MAX_PIXELS
            is_colour = is_sized and body[0] == 8 and body[5] == 3
        place += 2 + length
    return False
