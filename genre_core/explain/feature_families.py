"""Which family of features each column of a network's input belongs to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.frame_names import FAMILIES
from genre_core.config import SongInput, require

COURSE = "course"
"""The family of the 13 statistics that tell of a segment's course."""


def family_columns(spec: SongInput) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Name the families of a network's features, and give the family of each column.

    Raises `ParameterError`: features that do not come standardized, or a picture.

    Examples
    --------
    >>> spec = SongInput(features="frames_205", n_frames=430, hop_frames=215,
    ...                  offsets=(0.0,) * 205, scales=(1.0,) * 205)
    >>> names, family = family_columns(spec)
    >>> len(names), names[int(family[0])], family.shape
    (14, 'mfcc', (205,))
    """
    require(
        spec.features in ("frames_205", "statistics_423") and bool(spec.offsets),
        "Families are those of features that come standardized.",
        spec.features,
        "Choose a network that reads frames_205 or statistics_423.",
    )
    widths = list(FAMILIES.values())
    of_frame = np.repeat(np.arange(len(widths)), widths)
    if spec.features == "frames_205":
        return tuple(FAMILIES), of_frame
    n_course = spec.n_bins - 2 * len(of_frame)  # after means and variances
    of_course = np.full(n_course, len(widths))
    return (*FAMILIES, COURSE), np.concatenate([of_frame, of_frame, of_course])
