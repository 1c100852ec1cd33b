"""Prints of covers: a hash that proposes which are alike, and a small picture that confirms it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import imagehash
import numpy as np
import scipy.ndimage
from numpy.typing import NDArray
from PIL import Image

from genre_core.compiled import compiled
from genre_core.config import require
from genre_core.image.picture import Picture, as_image, check_picture

HASH_BITS = 64
RADIUS = 16
"""Bits in which the hashes of two covers may differ for the pair to be looked at at all."""

SIDE, REACH = 48, 3
"""Side of the small picture, and how far one is moved over the other, in pixels."""

PRICE = 0.02
"""What each bit between two hashes takes off a pair's score; ours, see `score`."""

KEPT = (1.0, 0.95, 0.9, 0.85)
"""Parts of a cover's sides that a thorough look compares with whole covers."""

_BLUR, _AROUND, _FLOOR, _TAPER = 0.7, 4.0, 6.0, 0.35
_PLAIN = 0.1
_BLOCK = 1 << 22  # hashes compared at once, 32 MB


@dataclass(frozen=True, slots=True)
class CoverPrint:
    """What a cover is compared by.

    hashes [shape=(n_views,), dtype=uint64]: Perceptual hash of each view; the first view is the
        whole cover as it is.
    thumbs [shape=(n_views, 48, 48), dtype=int8]: Small picture of each view; all 0 for a plain
        cover, which shows nothing to compare.
    """

    hashes: NDArray[np.uint64]
    thumbs: NDArray[np.int8]


def n_views(*, thorough: bool) -> int:
    """Count a print's views: 1, or with the mirrored cover and the cut ones."""
    return 1 + len(KEPT) if thorough else 1


def cover_print(picture: Picture, *, thorough: bool = False) -> CoverPrint:
    """Compute a cover's hash and its small picture, 8 bytes and 2.3 KB.

    A thorough look adds those of the mirrored cover, and of its middle with `KEPT` of its sides.

    **Source**: the hash is imagehash's `phash`, 8 x 8 of the lowest frequencies of a cosine
    transform against their median. The small picture is ours: 48 x 48 grey, blurred a little, less
    its surroundings' mean and divided by their spread, so that neither colour, light nor fading
    counts, and fading out towards its border.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> made = cover_print(rng.integers(0, 256, (60, 60, 3), dtype=np.uint8))
    >>> made.hashes.shape, made.thumbs.shape
    ((1,), (1, 48, 48))
    """
    grey = as_image(check_picture(picture, min_side=8)).convert("L")
    views = [grey]
    if thorough:
        views.append(grey.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
        views += [_middle(grey, part) for part in KEPT[1:]]
    hashes = [np.packbits(imagehash.phash(view).hash.ravel()).view(np.uint64)[0] for view in views]
    return CoverPrint(np.array(hashes), np.stack([_thumb(view) for view in views]))


def close_hashes(
    one: NDArray[np.uint64], other: NDArray[np.uint64] | None = None, *, radius: int = RADIUS
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]]:
    """Find all pairs of hashes that differ in at most `radius` bits, block by block.

    `other` holds those of another view of the same covers. Yields the rows in `one` and in `other`,
    never the same (without `other` first < second), and the bits that differ. Every pair is
    counted, in blocks of some 32 MB: 50,000 covers are 1.25 thousand million pairs.

    Examples
    --------
    >>> hashes = np.array([0, 3, 255], dtype=np.uint64)
    >>> [(a.tolist(), b.tolist(), d.tolist()) for a, b, d in close_hashes(hashes, radius=6)]
    [([0, 1], [1, 2], [2, 6])]
    """
    require(0 <= radius <= HASH_BITS, "radius must lie in 0 to 64 bits.", radius, "Leave it out.")
    across = one if other is None else other
    n_rows = max(1, _BLOCK // max(1, len(across)))
    for start in range(0, len(one), n_rows):
        rest = start if other is None else 0
        distance = np.bitwise_count(one[start : start + n_rows, np.newaxis] ^ across[rest:])
        first, second = np.nonzero(distance <= radius)
        differing = distance[first, second]
        first, second = first + start, second + rest
        keep = first < second if other is None else first != second
        yield first[keep], second[keep], differing[keep]


def correlations(
    one: NDArray[np.int8],
    other: NDArray[np.int8],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Lay small pictures over each other, pair by pair, and correlate them where they fit best.

    Gives the highest correlation of `one[first[k]]` and `other[second[k]]` over all shifts by up to
    3 pixels in height and width (6 % of a side), in [-1, 1]; 0 where one of the two is blank.
    """
    correlation = np.zeros(len(first), np.float32)
    _correlate(one, other, first, second, correlation)
    return correlation


def score(correlation: NDArray[np.float32], distance: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Sum up how surely two covers show the same: correlation - 0.02 x bits between the hashes.

    1 for the same picture; two different ones rarely reach 0.5.
    """
    return (correlation - np.float32(PRICE) * distance).astype(np.float32)


def _middle(grey: Image.Image, part: float) -> Image.Image:
    width, height = grey.size
    left, top = (1 - part) / 2 * width, (1 - part) / 2 * height
    box = (left, top, width - left, height - top)
    return grey.resize((2 * SIDE, 2 * SIDE), Image.Resampling.BILINEAR, box=box)


def _thumb(grey: Image.Image) -> NDArray[np.int8]:
    small = grey.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    shades = scipy.ndimage.gaussian_filter(np.asarray(small, np.float32), _BLUR)
    detail = shades - scipy.ndimage.gaussian_filter(shades, _AROUND)
    spread = scipy.ndimage.gaussian_filter(np.square(detail), _AROUND)
    fade = np.hanning(SIDE + 4)[2:-2] ** _TAPER
    even = detail / np.sqrt(spread + _FLOOR**2) * np.outer(fade, fade)
    even -= even.mean()
    largest = float(np.abs(even).max())
    # What is left of a plain cover is rounding: that must not be blown up to a picture.
    if largest < _PLAIN:
        return np.zeros((SIDE, SIDE), np.int8)
    return np.round(even * (127 / largest)).astype(np.int8)


@compiled
def _correlate(
    one: NDArray[np.int8],
    other: NDArray[np.int8],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    correlation: NDArray[np.float32],
) -> None:
    side = one.shape[1]
    for k in range(correlation.shape[0]):
        a, b = one[first[k]], other[second[k]]
        power_a, power_b = np.int32(0), np.int32(0)
        for i in range(side):
            for j in range(side):
                power_a += np.int32(a[i, j]) * np.int32(a[i, j])
                power_b += np.int32(b[i, j]) * np.int32(b[i, j])
        if power_a == 0 or power_b == 0:
            continue
        best = np.int32(-2147483647)
        for down in range(-REACH, REACH + 1):
            for right in range(-REACH, REACH + 1):
                total = np.int32(0)
                width = side - abs(right)
                for i in range(max(0, down), side + min(0, down)):
                    row_a = a[i, max(0, right) : max(0, right) + width]
                    row_b = b[i - down, max(0, -right) : max(0, -right) + width]
                    for j in range(width):
                        total += np.int32(row_a[j]) * np.int32(row_b[j])
                best = max(best, total)
        correlation[k] = best / np.sqrt(np.float64(power_a) * np.float64(power_b))
