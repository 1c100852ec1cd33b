"""Fill a cache of covers through tf.data: plain JPEGs decode beside each other, outside Python."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from PIL import Image

from genre_core.config import CoverInput
from genre_core.data.cover_cache import CoverFile, fill_with_pillow
from genre_core.data.importers.scan import Progress
from genre_core.errors import Problem
from genre_core.image.cover import resize_image
from genre_core.image.decode import MAX_BYTES, MAX_PIXELS, MIN_SIDE

_WAITING = 16
_START_OF_FRAME = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: Huffman, 8 bit
_START_OF_SCAN = 0xDA


def fill_with_tf(
    covers: np.ndarray,
    files: Sequence[CoverFile],
    spec: CoverInput,
    progress: Progress | None = None,
) -> list[Problem]:
    """Decode and prepare covers into an array, pixel by pixel as `fill_with_pillow` does.

    Parameters
    ----------
    covers : np.ndarray [shape=(n, size, size, 3), dtype=uint8]
        Is filled; row i belongs to `files[i]`.
    files : sequence of CoverFile
        Where each cover lies, and its checksum.
    spec : CoverInput
        How a cover becomes an input.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    list of Problem
        Covers that could not be read or are not the file that was imported.

    Notes
    -----
    TensorFlow decodes only what both libraries read alike to the last bit: whole JPEGs of three
    8-bit components without EXIF. Resizing is Pillow's own, which is what the networks are served
    with. Any other file goes through Pillow, and where TensorFlow refuses a file, all of them.
    """
    problems: list[Problem] = []

    def read(place: np.ndarray) -> bytes:
        file = files[int(place)]
        try:
            content = file.path.read_bytes()
        except OSError:
            return b""
        is_same = hashlib.sha256(content).hexdigest() == file.checksum
        return content if is_same and is_plain_jpeg(content) else b""

    def store(place: np.ndarray, pixels: np.ndarray) -> np.int64:
        row = int(place)
        if not pixels.size:
            problems.extend(fill_with_pillow(covers[row : row + 1], files[row : row + 1], spec))
        else:
            covers[row] = np.asarray(resize_image(Image.fromarray(pixels), spec))
        return np.int64(row)

    def decode(place: tf.Tensor) -> tf.Tensor:
        content = tf.numpy_function(read, [place], tf.string)
        pixels = tf.cond(
            tf.strings.length(content) > 0,
            lambda: tf.io.decode_jpeg(content, channels=3, dct_method="INTEGER_ACCURATE"),
            lambda: tf.zeros((0, 0, 3), tf.uint8),
        )
        return tf.numpy_function(store, [place, pixels], tf.int64)

    stored = (
        tf.data.Dataset.range(len(files))
        .map(decode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=False)
        .prefetch(_WAITING)
    )
    try:
        for done, _ in enumerate(stored, start=1):
            if progress is not None and (done % 50 == 0 or done == len(files)):
                progress(done, len(files), "covers prepared")
    except tf.errors.InvalidArgumentError:
        # A damaged JPEG stops the whole pipeline; Pillow says which one it is.
        return fill_with_pillow(covers, files, spec, progress)
    return problems


def is_plain_jpeg(content: bytes) -> bool:
    """Tell whether TensorFlow and Pillow read a file alike, from its markers alone.

    Parameters
    ----------
    content : bytes
        A file.

    Returns
    -------
    bool
        True for a JPEG of three 8-bit components, within the bounds of `image.decode`, without an
        EXIF block, which may turn the picture.

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
