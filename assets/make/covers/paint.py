"""One call paints a whole cover from a style and a seed."""

from __future__ import annotations

import difflib
import zlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from assets.make.covers import (
    classical,
    country,
    electronic,
    hip_hop,
    jazz,
    metal,
    pop,
    prog,
    reggae,
    rock,
)
from assets.make.covers.canvas import Canvas
from assets.make.covers.words import Words, words_for
from genre_core.config import require
from genre_core.errors import ParameterError, describe

_PAINTERS: dict[str, Callable[[Canvas, Words], None]] = {
    "prog": prog.paint,
    "hip-hop": hip_hop.paint,
    "electronic": electronic.paint,
    "country": country.paint,
    "pop": pop.paint,
    "rock": rock.paint,
    "metal": metal.paint,
    "jazz": jazz.paint,
    "classical": classical.paint,
    "reggae": reggae.paint,
}

STYLES: tuple[str, ...] = tuple(_PAINTERS)
"""Every style that `make_cover` can paint."""


def make_cover(style: str, seed: int, size: int = 640) -> npt.NDArray[np.uint8]:
    """Paint one cover.

    The same style and seed give the same pixels on one machine, and the same design at any size.

    Parameters
    ----------
    style : str
        One of `STYLES`.
    seed : int
        0 or more; chooses colours, composition, title and artist.
    size : int
        Side in pixels, 32 to 2048.

    Returns
    -------
    ndarray [shape=(size, size, 3), dtype=uint8]
        RGB.

    Raises
    ------
    ParameterError
        Unknown style, or a seed or size out of range.

    Examples
    --------
    >>> make_cover("pop", 1, size=48).shape
    (48, 48, 3)
    >>> make_cover("popp", 1)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: style must be one that can be painted. \
Received 'popp' (str). Did you mean 'pop'?
    """
    if style not in _PAINTERS:
        near = difflib.get_close_matches(str(style), STYLES, n=1, cutoff=0.5)
        cure = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(STYLES)}."
        raise ParameterError(
            "style must be one that can be painted.", received=describe(style), cure=cure
        )
    require(seed >= 0, "seed must be 0 or more.", seed, "Give a whole number.")
    require(32 <= size <= 2048, "size must lie in [32, 2048] px.", size, "Try 640.")
    # The style is part of the seed, so that equal seeds do not look alike across styles.
    rng = np.random.default_rng([seed, zlib.crc32(style.encode())])
    canvas = Canvas(size, rng)
    _PAINTERS[style](canvas, words_for(style, seed))
    return canvas.picture()
