"""Patterns told apart as study S5 did by eye: dots, horizontal, vertical, low frequency, blank.

Imports no TensorFlow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genre_core.config import require

Group = Literal["dots", "horizontal", "vertical", "low frequency", "blank", "mixed"]
"""What a pattern looks like, on upright pictures: time to the right, low tones below.

blank : climbing found nothing that excites the kernel clearly more than noise; real items may.
low frequency : most of what differs from the rest lies in the lowest quarter of the bands (songs),
    or changes more slowly than four times over the picture (covers).
horizontal, vertical : lines.
dots : small round spots.
mixed : none of these.
"""

GROUPS: tuple[Group, ...] = ("dots", "horizontal", "vertical", "low frequency", "blank", "mixed")

LOW_SHARE = 0.5
"""Of the squared differences, that must lie low for a pattern to be one of low frequencies; the
lowest quarter of the bands has .25 of those of a pattern that is the same everywhere."""

LINES = 0.5
"""Of (across - along) / (across + along), where these are the mean squared steps from cell to cell
across the lines and along them: .5 is three times as much across."""

ROUND_SHARE = 0.6
"""Of the area of a pattern's spots, that must be small and round for it to be one of dots."""

MAX_LONG = 2.0
"""Length of a round spot in widths, at most."""

MAX_SPOT = 1 / 32
"""Largest area of a spot as a part of the picture."""

MIN_SPOTS = 3

EDGE = 2
"""Cells at each border that are left out: padding, not the kernel, shows there."""

FLAT = 0.1
"""A pattern whose values differ less, but for one in a hundred, is as bright everywhere: mixed."""

_SLOW = 4.0  # periods over the picture


@dataclass(frozen=True, slots=True)
class Measures:
    """What tells the group of a pattern.

    low: Share of the squared differences that lies in low frequencies, 0 to 1.
    lines: -1 (vertical) to 1 (horizontal), see `LINES`.
    slanted: The same for slanted lines, 0 to 1.
    round: Share of the spots' area in small round ones, 0 to 1.
    n_spots: Spots, round or not.
    """

    low: float
    lines: float
    slanted: float
    round: float
    n_spots: int

    @property
    def group(self) -> Group:
        """The group, the first that fits in the order of the rule."""
        if self.low >= LOW_SHARE:
            return "low frequency"
        if self.lines >= LINES:
            return "horizontal"
        if self.lines <= -LINES:
            return "vertical"
        is_plain = abs(self.slanted) < LINES / 2 and self.n_spots >= MIN_SPOTS
        return "dots" if is_plain and self.round >= ROUND_SHARE else "mixed"


def group_patterns(
    pictures: NDArray[np.floating], blank: Sequence[bool] | NDArray[np.bool_], *, is_song: bool
) -> list[Group]:
    """Name the group of each pattern by the rule of `measure_pattern`.

    Parameters
    ----------
    pictures : ndarray [shape=(n, height, width) or (n, height, width, channels)]
        In 0 to 1, upright: time to the right, low tones in the last row.
    blank : sequence of bool [shape=(n,)]
        Which kernels have no pattern: whatever their picture, they are blank.
    is_song : bool
        Whether rows are bands: decides what low frequency means.

    Raises `ParameterError`: pictures of another shape, or not one flag a picture.

    Examples
    --------
    >>> rows = np.tile(np.arange(32)[:, None] % 4 < 2, (1, 32)).astype(float)
    >>> group_patterns(np.stack([rows, rows.T, rows]), [False, False, True], is_song=True)
    ['horizontal', 'vertical', 'blank']
    """
    require(
        pictures.ndim in (3, 4) and len(blank) == len(pictures),
        "pictures must have the shape (n, height, width[, channels]), with one flag each.",
        pictures,
        "Take both from the same Patterns.",
    )
    return [
        "blank" if is_blank else measure_pattern(picture, is_song=is_song).group
        for picture, is_blank in zip(pictures, blank, strict=True)
    ]


def measure_pattern(picture: NDArray[np.floating], *, is_song: bool) -> Measures:
    """Measure what tells a pattern's group; of colours their mean counts.

    The rule is ours: study S5 marked its kernels by eye and gives none. In its order: low
    frequency, horizontal, vertical, dots, mixed (see `Measures.group`); spots are what lies more
    than one standard deviation above the mean, or below it where less lies there, joined where
    they share an edge, `MAX_LONG` by their second moments. A pattern that is about the same
    everywhere (`FLAT`) is mixed: its kernel answers to the level alone.

    Examples
    --------
    >>> spots = np.zeros((32, 32))
    >>> spots[4::8, 4::8] = 1
    >>> measure_pattern(spots, is_song=False).group
    'dots'
    >>> measure_pattern(np.zeros((8, 8)), is_song=False).group
    'mixed'
    """
    values = np.asarray(picture, np.float64)
    if values.ndim == 3:
        values = values.mean(axis=-1)
    if min(values.shape) > 4 * EDGE:
        values = values[EDGE:-EDGE, EDGE:-EDGE]
    differences = values - values.mean()
    low_end, high_end = np.quantile(values, [0.005, 0.995])
    if high_end - low_end < FLAT:
        return Measures(0.0, 0.0, 0.0, 0.0, 0)
    down, across = np.diff(values, axis=0), np.diff(values, axis=1)
    step_y, step_x = (
        float(np.square(step).mean()) if step.size else 0.0 for step in (down, across)
    )
    corners = down[:, :-1] + down[:, 1:], across[:-1] + across[1:]
    both = 2 * float((corners[0] * corners[1]).mean()) / 4 if corners[0].size else 0.0
    steps = step_y + step_x or 1.0
    share, n_spots = _round_spots(differences)
    low = _low_bands(differences) if is_song else _slow(differences)
    return Measures(low, (step_y - step_x) / steps, both / steps, share, n_spots)


def _low_bands(differences: NDArray[np.float64]) -> float:
    squared = np.square(differences)
    return float(squared[-max(1, len(squared) // 4) :].sum() / squared.sum())


def _slow(differences: NDArray[np.float64]) -> float:
    power = np.square(np.abs(np.fft.fft2(differences)))
    down, across = (np.fft.fftfreq(n, 1 / n) for n in differences.shape)
    periods = np.hypot(down[:, np.newaxis], across[np.newaxis])
    return float(power[periods < _SLOW].sum() / power.sum())


def _round_spots(differences: NDArray[np.float64]) -> tuple[float, int]:
    """Give the share of the spots' area that is small and round, and how many spots there are."""
    from scipy import ndimage  # as in `hiding`

    differences = ndimage.gaussian_filter(differences, 1.0)  # speckle within a spot is one spot
    limit = differences.std()
    above, below = differences > limit, differences < -limit
    spots = above if 0 < above.sum() <= below.sum() or not below.any() else below
    labels, n = ndimage.label(spots)
    if n == 0:
        return 0.0, 0
    area = np.bincount(labels.ravel())[1:]
    n_round = 0
    for label, place in enumerate(ndimage.find_objects(labels), start=1):
        y, x = np.nonzero(labels[place] == label)
        if len(y) > MAX_SPOT * differences.size:
            continue
        # A single cell is a square: its own second moment, 1/12, is part of every spot's.
        moments = np.cov(np.stack([y, x]), ddof=0) + np.eye(2) / 12
        narrow, wide = np.linalg.eigvalsh(moments)
        if wide <= MAX_LONG**2 * narrow:
            n_round += len(y)
    return float(n_round / area.sum()), int(n)
