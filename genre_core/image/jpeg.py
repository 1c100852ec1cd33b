"""Plain JPEGs, which most covers are, from bytes to an input in the fewest steps."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from genre_core.config import CoverInput
from genre_core.image.cover import prepare_cover, resize_image
from genre_core.image.decode import MAX_BYTES, MAX_PIXELS, MIN_SIDE, decode_cover
from genre_core.image.picture import Picture
from genre_core.image.resample import FILTERS, resize_square

_START_OF_FRAME = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: Huffman coded
_START_OF_SCAN = 0xDA


def read_cover(content: bytes, spec: CoverInput, *, name: str = "") -> Picture:
    """Decode and prepare a cover: `prepare_cover(decode_cover(content), spec)`, sooner.

    Parameters
    ----------
    content : bytes
        Of a file.
    spec : CoverInput
        How a cover becomes an input.
    name : str
        What messages call it.

    Returns
    -------
    np.ndarray [shape=(size, size, 3), dtype=uint8]
        The very same pixels; for a plain JPEG without the ways through arrays, which cost as much
        as the decoding, and for a square one resized in compiled loops.

    Raises
    ------
    DecodeError
        As `decode_cover`.

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
                if image.width == image.height and spec.resample in FILTERS:
                    return resize_square(np.asarray(image), spec.size, spec.resample)
                return np.asarray(resize_image(image, spec))
        except (OSError, ValueError, SyntaxError):
            pass  # Damaged: the long way says how.
    return prepare_cover(decode_cover(content, name=name), spec)


def is_plain_jpeg(content: bytes) -> bool:
    """Tell from its markers alone whether a file is a JPEG that needs no more than decoding.

    Parameters
    ----------
    content : bytes
        A file.

    Returns
    -------
    bool
        True for a JPEG of three 8-bit components, within the bounds of `image.decode`, without an
        EXIF block, which may turn the picture. It may still be cut or damaged.

    Examples
    --------
    >>> is_plain_jpeg(b"hello")
    False
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
        if marker in _START_OF_FRAME and len(body) >= 6:
            height, width = (int.from_bytes(body[i : i + 2], "big") for i in (1, 3))
            is_sized = min(height, width) >= MIN_SIDE and height * width <= MAX_PIXELS
            is_colour = is_sized and body[0] == 8 and body[5] == 3
        place += 2 + length
    return False
