"""Checked arrays as short texts that JavaScript reads without parsing numbers."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import numpy.typing as npt

from genre_core.errors import ParameterError, describe


def numbers(values: npt.ArrayLike, what: str, *, ndim: int = 1) -> npt.NDArray[np.float64]:
    """Return finite numbers as an array with `ndim` axes, none of them empty; or raise."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.ndim != ndim or array.size == 0 or not np.isfinite(array).all():
        raise ParameterError(
            f"{what} must be finite numbers on {ndim} axis or axes, at least one.",
            received=describe(values),
            cure="Leave out what has no value.",
        )
    return array


def shares(values: npt.ArrayLike, what: str, *, ndim: int = 1) -> npt.NDArray[np.float64]:
    """Return numbers that must lie in [0, 1]; or raise."""
    array = numbers(values, what, ndim=ndim)
    # Softmax in float32 ends a little above 1.
    if array.min() < -1e-6 or array.max() > 1 + 1e-6:
        raise ParameterError(
            f"{what} must lie in [0, 1].",
            received=f"numbers from {array.min():g} to {array.max():g}",
            cure="Give probabilities, or divide by the largest.",
        )
    return array.clip(0, 1)


def spans(
    start_s: npt.ArrayLike, end_s: npt.ArrayLike, n: int, what: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return starts and ends of `n` segments in s, from 0 on, starts in order; or raise."""
    starts, ends = numbers(start_s, f"start_s of {what}"), numbers(end_s, f"end_s of {what}")
    if len(starts) != n or len(ends) != n:
        raise ParameterError(
            f"{what} must have one start_s and one end_s for each value.",
            received=f"{n} values, {len(starts)} starts, {len(ends)} ends",
            cure="Take both from the segments that were scored.",
        )
    if starts[0] < 0 or (ends <= starts).any() or (np.diff(starts) < 0).any():
        raise ParameterError(
            f"{what} must lie in order in time, each end_s after its start_s, from 0 s on.",
            received=f"starts {starts[:4].tolist()}..., ends {ends[:4].tolist()}...",
            cure="Sort by start_s; give seconds.",
        )
    return starts, ends


def packed_spans(start_s: npt.ArrayLike, end_s: npt.ArrayLike, n: int, what: str) -> dict[str, str]:
    """Return checked starts and ends under the names that JavaScript reads."""
    starts, ends = spans(start_s, end_s, n, what)
    return {"start_s": packed(starts, "f4"), "end_s": packed(ends, "f4")}


def packed(array: npt.NDArray[Any], kind: str) -> str:
    """Return the little-endian bytes of an array as base64: `kind` is f4, u1 or i1."""
    return base64.b64encode(np.ascontiguousarray(array, dtype=f"<{kind}")).decode("ascii")


def packed_shares(array: npt.NDArray[np.float64]) -> str:
    """Return shares in steps of 1/255, finer than a screen shows."""
    return packed(np.rint(array * 255), "u1")
