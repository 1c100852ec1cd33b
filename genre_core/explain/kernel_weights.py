"""Kernels as numbers: their norms, which of them are blank, and one picture for each.

Imports no TensorFlow, so that a page can look at kernels that are already read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genre_core.config import require

BLANK_SHARE = 0.01
"""A kernel is blank below this share of its layer's largest norm (ours: study S5 gives no rule).

Grids share one colour range a layer, so such a kernel is blank to the eye as well.
"""

BLANK_FLOOR = 1e-4
"""A kernel with a norm below this is blank in any layer, so that a layer may be blank as a whole.

Kernels start training with norms of about 1.
"""

MAX_MIXED = 64
"""Channels of a kernel of 1 x 1 in one picture."""

Inputs = Literal["strongest", "mean", "rss"] | int
"""What is shown of a kernel that reads several channels.

strongest : its slice of the largest norm, each kernel its own.
mean : the mean of its slices, which may cancel each other.
rss : the root of the sum of squares over its slices, at least 0.
int : the slice of one channel, counted from 0.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Kernels:
    """The kernels of one layer.

    weights [shape=(n_filters, height, width, n_inputs), dtype=float32]: On the axes of the layer's
        input.
    norms [shape=(n_filters,), dtype=float64]: L2 norm of each whole kernel.
    blank [shape=(n_filters,), dtype=bool]: Whether it has learned nothing, or has been given up.
    """

    weights: NDArray[np.float32]
    norms: NDArray[np.float64]
    blank: NDArray[np.bool_]

    @property
    def n_blank(self) -> int:
        """How many are blank."""
        return int(self.blank.sum())

    @property
    def threshold(self) -> float:
        """Norm below which a kernel of this layer is blank."""
        return _threshold(self.norms)


def measure_kernels(weights: NDArray[np.float32]) -> Kernels:
    """Compute each kernel's norm, ||w|| = sqrt(sum w^2), and find the blank ones.

    Biases and batch normalization take no part: a kernel that is not blank may still never answer.

    Examples
    --------
    >>> weights = np.zeros((3, 2, 2, 1), dtype=np.float32)
    >>> weights[0], weights[2] = 1.0, 0.004
    >>> kernels = measure_kernels(weights)
    >>> kernels.norms.round(3).tolist(), kernels.blank.tolist()
    ([2.0, 0.0, 0.008], [False, True, True])
    >>> measure_kernels(np.zeros((3, 3), np.float32))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: weights must be kernels of shape (n_filters, height, width, \
    n_inputs). Received an array of shape (3, 3) and dtype float32. Take them from conv_layers.
    """
    _check(weights)
    norms = np.sqrt(np.square(weights, dtype=np.float64).sum(axis=(1, 2, 3)))
    require(
        bool(np.isfinite(norms).all()),
        "Kernels must be finite.",
        f"{int((~np.isfinite(norms)).sum())} of {len(norms)} that are not",
        "Train again with a smaller learning rate.",
    )
    return Kernels(weights, norms, norms < _threshold(norms))


def strongest_first(norms: NDArray[np.float64]) -> NDArray[np.intp]:
    """Order kernels by their norm, largest first; equal ones keep their order.

    Examples
    --------
    >>> strongest_first(np.array([1.0, 3.0, 1.0, 2.0])).tolist()
    [1, 3, 0, 2]
    """
    return np.argsort(-np.asarray(norms), kind="stable")


def strongest_inputs(weights: NDArray[np.float32]) -> NDArray[np.intp]:
    """Find for each kernel the channel whose slice has the largest norm; the first of equals.

    Examples
    --------
    >>> weights = np.zeros((2, 3, 3, 4), dtype=np.float32)
    >>> weights[0, 1, 1, 2] = -5.0
    >>> strongest_inputs(weights).tolist()
    [2, 0]
    """
    _check(weights)
    return np.square(weights, dtype=np.float64).sum(axis=(1, 2)).argmax(axis=1)


def over_inputs(weights: NDArray[np.float32], inputs: Inputs = "strongest") -> NDArray[np.float32]:
    """Make one picture (n_filters, height, width) a kernel out of its slices, see `Inputs`.

    Examples
    --------
    >>> weights = np.stack([np.full((1, 2, 2), 3.0), np.full((1, 2, 2), -4.0)], axis=-1)
    >>> {word: over_inputs(weights, word)[0, 0, 0].item() for word in ("strongest", "mean", "rss")}
    {'strongest': -4.0, 'mean': -0.5, 'rss': 5.0}
    >>> over_inputs(weights, 2)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: inputs must be 'strongest', 'mean', 'rss' or a channel from \
    0 to 1. Received 2 (int). Choose one of these.
    """
    _check(weights)
    n_inputs = weights.shape[-1]
    is_channel = isinstance(inputs, int | np.integer) and not isinstance(inputs, bool)
    require(
        (is_channel and 0 <= int(inputs) < n_inputs) or inputs in ("strongest", "mean", "rss"),
        f"inputs must be 'strongest', 'mean', 'rss' or a channel from 0 to {n_inputs - 1}.",
        inputs,
        "Choose one of these.",
    )
    if inputs == "mean":
        shown = weights.mean(axis=-1)
    elif inputs == "rss":
        shown = np.sqrt(np.square(weights).sum(axis=-1))
    elif inputs == "strongest":
        which = strongest_inputs(weights)[:, np.newaxis, np.newaxis, np.newaxis]
        shown = np.take_along_axis(weights, which, axis=-1)[..., 0]
    else:
        shown = weights[..., int(inputs)]
    return np.ascontiguousarray(shown, dtype=np.float32)


def mixing_strips(weights: NDArray[np.float32], limit: int = MAX_MIXED) -> NDArray[np.float32]:
    """Make one strip a kernel of 1 x 1: what it multiplies each channel by (n_filters, 1, n).

    Of more than `limit` channels only those with the largest norm over all kernels are kept, in
    their own order.

    Examples
    --------
    >>> weights = np.array([[1.0, 0.0, -3.0], [2.0, 0.5, 0.0]]).reshape(2, 1, 1, 3)
    >>> mixing_strips(weights, 2)[:, 0].tolist()
    [[1.0, -3.0], [2.0, 0.0]]
    """
    _check(weights)
    require(
        weights.shape[1:3] == (1, 1),
        "Only kernels of 1 x 1 are strips.",
        weights,
        "Use over_inputs.",
    )
    require(limit >= 1, "limit must be at least 1.", limit, f"Use {MAX_MIXED}.")
    mixed = weights[:, 0]  # (n_filters, 1, n_inputs)
    kept = np.sort(strongest_first(np.linalg.norm(mixed, axis=(0, 1)))[:limit])
    return np.ascontiguousarray(mixed[..., kept], dtype=np.float32)


def colour_kernels(weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Show kernels (n, height, width, 3) that read red, green and blue as colours [dtype=uint8].

    128 + 127 w / max |w|: mid-grey is 0, the largest weight of them all reaches 1 or 255.

    Examples
    --------
    >>> weights = np.zeros((1, 1, 2, 3), dtype=np.float32)
    >>> weights[0, 0, 0] = (2.0, 0.0, -1.0)
    >>> colour_kernels(weights)[0, 0].tolist()
    [[255, 128, 64], [128, 128, 128]]
    """
    _check(weights)
    require(
        weights.shape[-1] == 3,
        "Only kernels that read three channels have colours.",
        weights,
        "Choose one channel, or their mean.",
    )
    largest = float(np.abs(weights).max()) or 1.0
    return np.rint(128 + 127 * (weights / largest)).astype(np.uint8)


def _threshold(norms: NDArray[np.float64]) -> float:
    return max(BLANK_SHARE * float(norms.max()), BLANK_FLOOR)


def _check(weights: NDArray[np.float32]) -> None:
    require(
        weights.ndim == 4 and min(weights.shape) >= 1,
        "weights must be kernels of shape (n_filters, height, width, n_inputs).",
        weights,
        "Take them from conv_layers.",
    )
