"""The result of an explanation: a map of importance that knows whether it locates anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genre_core.errors import GenreError, ParameterError, describe

PERTURBING = ("integrated-gradients", "occlusion")
"""Methods that compare an input with one from which something is taken away."""

WITHOUT_LAYER = ("smoothgrad", *PERTURBING)
"""Methods that ask the input itself and no layer."""

METHODS = ("gradcam", "gradcam++", "layercam", "scorecam", *WITHOUT_LAYER)
"""Methods that `cam.Cam` knows for every network with convolutions."""

FRAME_GRADIENT = "gradient x input"
"""The method for networks that read frames; where there is no convolution, `PERTURBING` too."""

FLAT = 1e-5
"""A map whose range is at most this part of its scale is rounding noise, hence constant.

Sums of about a thousand float32 terms differ by about 1e-6 of the terms' size between places.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Saliency:
    """How much each place of a cover speaks for one genre.

    map [shape=(h, w), dtype=float32]: Finite, >= 0, in the method's own units (compare places, not
        methods); at the resolution of the stage, for methods without a layer at their own.
    method: One of `METHODS`.
    stage: Name of the convolution explained; empty for methods that have none.
    is_located: False where the map is constant: then there is no place to show, only rounding
    noise. reason: Why not, as a phrase; empty where located.
    """

    map: NDArray[np.float32]
    method: str
    stage: str
    genre_index: int
    is_located: bool
    reason: str = ""

    @property
    def heat(self) -> NDArray[np.float32]:
        """The map scaled to 0 to 1; all zeros where nothing is located, never 0 / 0.

        Examples
        --------
        >>> unlit = np.full((1, 1), 3.0, dtype=np.float32)
        >>> make_saliency(unlit, method="gradcam", stage="conv_7", genre_index=0).heat.tolist()
        [[0.0]]
        """
        return normalise(self.map) if self.is_located else np.zeros_like(self.map)


def normalise(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale a finite map that is not constant to 0 to 1 by (x - min) / (max - min).

    Examples
    --------
    >>> normalise(np.array([[1.0, 2.0, 5.0]])).tolist()
    [[0.0, 0.25, 1.0]]
    >>> normalise(np.ones((2, 2)))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Only a finite map that is not constant can be scaled to \
    [0, 1]. Received an array of shape (2, 2) and dtype float64. Show 'no location' where \
    Saliency.is_located is False.
    """
    low, high = float(values.min()), float(values.max())
    if not high > low or not np.isfinite(high - low):
        raise ParameterError(
            "Only a finite map that is not constant can be scaled to [0, 1].",
            received=describe(values),
            cure="Show 'no location' where Saliency.is_located is False.",
        )
    # In float64: a float32 map may have a range so small that its quotient overflows.
    return ((values.astype(np.float64) - low) / (high - low)).astype(np.float32)


def make_saliency(
    values: NDArray[np.float32],
    *,
    method: str,
    stage: str,
    genre_index: int,
    scale: float | None = None,
) -> Saliency:
    """Judge whether a map of importance (h, w) locates anything; refused where it is not finite.

    It does not where it is a single cell, all zero, or where max - min <= `FLAT` * scale. What
    speaks against the genre (below 0) is cut to 0. `scale` is the size of the terms that were
    summed to give `values`, by default the largest absolute value.

    Examples
    --------
    >>> values = np.array([[0.0, 2.0], [0.0, -1.0]], dtype=np.float32)
    >>> saliency = make_saliency(values, method="gradcam", stage="conv_5", genre_index=1)
    >>> saliency.is_located, saliency.map.tolist()
    (True, [[0.0, 2.0], [0.0, 0.0]])
    """
    if not np.isfinite(values).all():
        raise GenreError(
            f"A map of {method} at stage {stage or 'input'} must be finite.",
            received=f"{int((~np.isfinite(values)).sum())} of {values.size} values not finite",
            cure="Choose another stage or method, and check that the network's weights are finite.",
        )
    lit = np.maximum(values, 0).astype(np.float32)  # (h, w)
    size = float(np.abs(values).max()) if scale is None else scale
    reason = _why_unlocated(lit, float(np.abs(values).max()), size)
    return Saliency(lit, method, stage, genre_index, not reason, reason)


def _why_unlocated(lit: NDArray[np.float32], largest: float, scale: float) -> str:
    if lit.size == 1:
        return "the map of this stage is a single cell"
    if scale == 0:
        return "nothing at this stage reaches the genre's score (all gradients or filters are zero)"
    if float(lit.max() - lit.min()) > FLAT * scale:
        return ""
    if largest > FLAT * scale and float(lit.max()) <= FLAT * scale:
        return "no place speaks for this genre, all speak against it"
    return "the map is the same everywhere"
