"""Integrated gradients: which parts of an input make up the difference to a plain one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEPS = (16, 48, 144)
"""Points on the way, fewest first; the next number is taken while the sum is off by more than
`TOLERANCE`. Each holds all points of the one before, since it is three times as many."""

TOLERANCE = 0.05
"""Part of the difference of the logits by which the attributions' sum may be off."""


@dataclass(frozen=True, slots=True, eq=False)
class Attributions:
    """What each value of an input adds to a logit.

    values [shape=(h, w, ...), dtype=float64]: In units of the logit, signed.
    difference: The logit of the input less that of the baseline, which they should sum to.
    n_steps: Points on the way that were taken.
    """

    values: NDArray[np.float64]
    difference: float
    n_steps: int

    @property
    def gap(self) -> float:
        """How far the sum of the values is off the difference, as a part of it."""
        off = abs(float(self.values.sum()) - self.difference)
        return off / abs(self.difference) if self.difference else float(off > 0)


def integrated_gradients(
    item: NDArray[Any],
    baseline: NDArray[np.float32],
    gradient: Callable[[NDArray[np.float32]], NDArray[Any]],
    score: Callable[[NDArray[np.float32]], NDArray[Any]],
    *,
    batch: int = 4,
    after_each: Callable[[], None] = lambda: None,
) -> Attributions:
    """Attribute the difference between an input and a plain one to the input's values.

    A_i = (x_i - x'_i) mean over k of 2 u_k ds/dx_i at x' + u_k^2 (x - x'), u_k = (k + 1/2) / n: the
    straight way from the baseline x' to the input x, with points close together near the baseline,
    where a network takes most of its decision. Completeness: the A_i sum to s(x) - s(x');
    with few points they do so nearly, and their number is raised until they do to `TOLERANCE`, or
    to the last of `STEPS`. What is equal to the baseline gets 0, whatever it means to the network.

    Parameters
    ----------
    item, baseline : ndarray [shape=(h, w, ...)]
        The input, and what counts as nothing, such as `plain_inputs.plain_input`.
    gradient : callable
        Turns `batch` inputs [shape=(batch, h, w, ...), dtype=float32] into ds/dx of their shape.
    score : callable
        Turns two inputs into the logit s of each (2,).
    batch : int
        Inputs a call of `gradient`; divides 16.
    after_each : callable
        Called after each call of `gradient`, so that others can be let through.

    Notes
    -----
    **Source**: Sundararajan, Taly and Yan, arXiv 1703.01365. Differences: points in the middle of
    their steps for the left ones (Riemann's sum is then of the second order), and even in the root
    of the way gone for even in the way.

    Examples
    --------
    >>> item, nothing = np.array([[3.0, 1.0]]), np.zeros((1, 2), np.float32)
    >>> square = integrated_gradients(
    ...     item, nothing, lambda x: 2 * x, lambda x: (x**2).sum(axis=(1, 2))
    ... )
    >>> square.values.round(1).tolist(), round(square.difference, 3), square.n_steps
    ([[9.0, 1.0]], 10.0, 16)
    """
    start = baseline.astype(np.float64)
    way = item.astype(np.float64) - start
    ends = np.asarray(score(np.stack([item, baseline]).astype(np.float32)), np.float64)
    difference = float(ends[0] - ends[1])
    total, done = np.zeros(way.shape), np.zeros(0)
    attributions = Attributions(total, difference, 0)
    for n_steps in STEPS:
        every = (np.arange(n_steps) + 0.5) / n_steps
        new = every[~np.isclose(every[:, np.newaxis], done).any(axis=1)]
        for first in range(0, len(new), batch):
            roots = new[first : first + batch].reshape(-1, *[1] * way.ndim)
            points = (start + roots**2 * way).astype(np.float32)  # (batch, h, w, ...)
            total += (2 * roots * np.asarray(gradient(points))).sum(axis=0, dtype=np.float64)
            after_each()
        done = every
        attributions = Attributions(way * total / n_steps, difference, n_steps)
        if attributions.gap <= TOLERANCE:
            break
    return attributions
