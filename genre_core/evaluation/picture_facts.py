"""What a picture of a song says of its recording rather than its music: band limit, dynamics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from genre_core.training.heads import Songs

FILE_FACTS = "file_facts"

_RANGE_DB = 80.0  # of a picture's 0 to 1
_N_TOP = 15  # rows, from 6.5 kHz on


def picture_facts(pictures: Sequence[NDArray[np.float32]]) -> Mapping[str, Songs]:
    """Measure what file format, mastering and era leave in pictures of `audio.log_picture`.

    `pictures` are of shape (1, 149, 153, 1). Gives by name what plain models may see, a segment a
    song: `top_rows`, the power in the highest 15 rows as a share, in dB (a codec's band limit);
    `dynamic_range`, from the 5th to the 95th percentile of the level over time, in dB; `loudness`,
    the mean level below the maximum, in dB (dense mastering, as of later decades, has more);
    `file_facts`, first, all three.

    Examples
    --------
    >>> facts = picture_facts([np.full((1, 149, 153, 1), 0.5, np.float32)])
    >>> [song.round(1).tolist() for [song] in facts.values()]
    [[[-10.0, 0.0, -40.0]], [[-10.0]], [[0.0]], [[-40.0]]]
    """
    rows = np.array([_facts(picture[0, :, :, 0]) for picture in pictures], np.float32)
    names = ("top_rows", "dynamic_range", "loudness")
    singles = {name: list(rows[:, [place], np.newaxis]) for place, name in enumerate(names)}
    return {FILE_FACTS: list(rows[:, np.newaxis]), **singles}


def _facts(picture: NDArray[np.float32]) -> tuple[float, float, float]:
    decibels = _RANGE_DB * (picture.astype(np.float64) - 1)  # (n_rows, n_columns)
    power = 10 ** (decibels / 10)
    top = 10 * np.log10(power[-_N_TOP:].sum() / power.sum())
    level = 10 * np.log10(power.sum(axis=0))
    low, high = np.percentile(level, (5, 95))
    return float(top), float(high - low), float(decibels.mean())
