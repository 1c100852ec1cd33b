"""Draw a heat map as a picture, alone or laid over a cover."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genre_core.config import require
from genre_core.errors import ParameterError, describe
from genre_core.image.picture import Picture, check_picture

Floats = NDArray[np.float32]

# Colours at equal steps from 0 to 1, straight lines between. Turbo: Mikhailov 2019, without its end
# in dark red, which on a dark cover would be hardest to see where a map is highest; inferno and
# viridis: Smith and van der Walt 2015 (CC0).
_STOPS = {
    "turbo": "30123b 4145ab 4675ed 39a2fc 1bcfd4 24eca6 61fc6c a4fc3b d1e834 f3c63a fe9b2d f36315"
    " d93806",
    "inferno": "000004 1b0c41 4a0c6b 781c6d a52c60 cf4446 ed6925 fb9b06 f7d13d fcffa4",
    "viridis": "440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725",
    "grey": "000000 ffffff",
}

COLOURS: tuple[str, ...] = tuple(_STOPS)
"""Names of the colour scales; "turbo" runs from blue (least) over green to red (most)."""

# Maps are float32: a smaller range than this part of their values is rounding, not a place.
_FLAT = 1e-6


def is_flat(heat: Any) -> bool:
    """Tell whether a map points nowhere: its range is nil but for float32 rounding."""
    heat = _check_map(heat)
    low, high = float(heat.min()), float(heat.max())
    return high - low <= _FLAT * max(abs(low), abs(high))


def scale_map(heat: Any) -> Floats:
    """Scale a map to 0..1 by its smallest and largest value; a flat one is 0."""
    heat = _check_map(heat)
    if is_flat(heat):
        return np.zeros(heat.shape, dtype=np.float32)
    low = heat.min()
    return np.asarray((heat - low) / (heat.max() - low), dtype=np.float32)


def heat_picture(heat: Any, size: int, colours: str = "turbo") -> Picture:
    """Draw a map, finite numbers of shape (h, w), as a square picture in one of `COLOURS`.

    It is scaled to 0..1 by its least and largest value, enlarged bilinearly (cell centres stay
    where they are on the cover), then coloured; a flat map has the colour of 0 everywhere.

    Examples
    --------
    >>> heat_picture(np.eye(7), 70, colours="grey").shape
    (70, 70, 3)
    """
    require(size >= 1, "size must be at least 1 px.", size, "Give the side of the picture.")
    return _draw(heat, size, size, colours)


def superimpose(picture: Picture, heat: Any, *, opacity: float, colours: str = "turbo") -> Picture:
    """Lay a map over the cover it explains: (1 - opacity) * picture + opacity * heat, rounded.

    The map is stretched over the whole picture. Under a flat map the picture stays itself: it
    points nowhere, and a tint would say that it does.

    Examples
    --------
    >>> cover = np.full((8, 8, 3), 200, dtype=np.uint8)
    >>> int(superimpose(cover, np.zeros((7, 7)), opacity=0.5).max())
    200
    """
    height, width = check_picture(picture).shape[:2]
    require(0 <= opacity <= 1, "opacity must lie in [0, 1].", opacity, "Give 0.5 for half.")
    layer = _draw(heat, height, width, colours)
    if is_flat(heat):
        return picture.copy()
    mixed = (1 - opacity) * picture.astype(np.float32) + opacity * layer.astype(np.float32)
    return np.rint(mixed).astype(np.uint8)  # (height, width, 3)


def colour_cells(values: NDArray[Any], colours: str) -> Picture:
    """Colour a table cell by cell, from its least value to its largest; NaN is see-through.

    Examples
    --------
    >>> colour_cells(np.array([[0, 1, np.nan]]), "grey").tolist()
    [[[0, 0, 0, 255], [255, 255, 255, 255], [255, 255, 255, 0]]]
    """
    is_there = np.isfinite(values)
    known = values[is_there]
    low, high = (known.min(), known.max()) if known.size else (0, 0)
    levels = (np.where(is_there, values, high) - low) / (float(high - low) or 1.0)  # flat: all 0
    cells = _table(colours)[np.rint(levels * 255).astype(np.uint8)]
    return np.dstack([cells, np.where(is_there, np.uint8(255), np.uint8(0))])


def _check_map(heat: Any) -> NDArray[np.float64]:
    rule = "A map must be finite numbers of shape (h, w)."
    is_map = isinstance(heat, np.ndarray) and heat.ndim == 2 and heat.size > 0
    if not is_map or heat.dtype.kind not in "fiub":
        raise ParameterError(rule, received=describe(heat), cure="Give the map of one cover.")
    with np.errstate(over="ignore"):  # what float32 cannot hold counts as infinite
        single = heat.astype(np.float32)
    if not np.isfinite(single).all():
        n_bad = int((~np.isfinite(single)).sum())
        raise ParameterError(
            rule,
            received=f"{describe(heat)} with {n_bad} NaN or infinite",
            cure="Look for an overflow where it was computed.",
        )
    return single.astype(np.float64)  # differences of two float32 cannot overflow here


def _draw(heat: Any, height: int, width: int, colours: str) -> Picture:
    require(
        colours in _STOPS,
        f"colours must be one of {', '.join(COLOURS)}.",
        colours,
        "Give 'turbo' where in doubt.",
    )
    image = Image.fromarray(scale_map(heat))
    levels = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
    return _table(colours)[np.rint(levels.clip(0, 1) * 255).astype(np.uint8)]


def _table(colours: str) -> Picture:
    stops = [[int(stop[k : k + 2], 16) for k in (0, 2, 4)] for stop in _STOPS[colours].split()]
    places = np.linspace(0, 255, len(stops))
    channels = [np.interp(np.arange(256), places, channel) for channel in zip(*stops, strict=True)]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)  # (256, 3)
