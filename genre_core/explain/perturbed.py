"""Score-CAM, SmoothGrad, integrated gradients and occlusion: methods that ask a network often."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from genre_core.explain import MAPS_LOCK
from genre_core.explain.integrated import Attributions, integrated_gradients
from genre_core.explain.map_geometry import stretch
from genre_core.explain.occlusion import occlusion_map
from genre_core.explain.passes import BATCH, Passes
from genre_core.explain.plain_inputs import plain_input

SCORECAM_FILTERS = 32
"""Score-CAM masks the cover with so many filters (those that vary most), one pass each."""

SMOOTH_AGREEMENT = 0.95
"""SmoothGrad averages over noisy copies of the cover until a second run, with other noise, would
agree with it to this correlation."""

SMOOTH_SAMPLES = (16, 128)
"""Fewest and most of these copies."""

SMOOTH_PX = 5
"""Its map is a mean over squares of this side: what single pixels show is chance for longer."""

SMOOTH_NOISE = 0.2
"""Standard deviation of SmoothGrad's noise as a part of the cover's own range of values."""


def run_perturbed(
    passes: Passes,
    item: NDArray[np.float32],
    *,
    method: str,
    genre_index: int,
    kind: str,
    time_axis: int,
) -> NDArray[np.float32]:
    """Run `integrated-gradients` or `occlusion` on one input [shape=shape].

    The caller holds `MAPS_LOCK`; others are let through. The map is signed: of occlusion at its own
    cells, of integrated gradients at the input's, the mean over 5 x 5 places as SmoothGrad's; of
    frames, whose features have no order, their sum.
    """
    if method == "occlusion":

        def score(inputs: NDArray[np.float32]) -> NDArray[np.float32]:
            MAPS_LOCK.let_others_through()
            return passes.scores(inputs, genre_index)

        return occlusion_map(item, score, kind, time_axis=time_axis)
    values = attribute(passes, item, genre_index, kind=kind, time_axis=time_axis).values
    if kind == "frames":
        return values.sum(axis=1, keepdims=True).astype(np.float32)  # (n_frames, 1)
    flat = values.sum(axis=-1) if values.ndim == 3 else values  # (h, w)
    return np.asarray(uniform_filter(flat, SMOOTH_PX, mode="nearest"), np.float32)


def attribute(
    passes: Passes,
    item: NDArray[np.float32],
    genre_index: int,
    *,
    kind: str,
    time_axis: int = 0,
) -> Attributions:
    """Attribute a genre's logit to an input's values, against `plain_input`."""
    return integrated_gradients(
        item,
        plain_input(item, kind, time_axis=time_axis),
        lambda points: passes.gradients(points, genre_index),
        lambda inputs: passes.scores(inputs, genre_index),
        batch=BATCH,
        after_each=MAPS_LOCK.let_others_through,
    )


def score_cam(
    passes: Passes, item: NDArray[np.float32], maps: NDArray[np.float32], genre_index: int
) -> NDArray[np.float32]:
    """Sum a stage's maps A_k [shape=(h, w, n)] that vary most, each times s(x * A_k) - s(0).

    A_k as a mask is stretched to the input and scaled to 0 to 1; s is the genre's logit and s(0)
    that of the input which nothing is left of: without it every weight is nearly the same, whatever
    the genre.
    """
    most = np.argsort(-maps.std(axis=(0, 1)), kind="stable")[:SCORECAM_FILTERS]
    maps = maps[..., most]
    height, width = item.shape[:2]
    ends = (np.linspace(0, height - 1, maps.shape[0]), np.linspace(0, width - 1, maps.shape[1]))
    masks = stretch(np.moveaxis(maps, -1, 0), ends, (height, width))  # (n, height, width)
    low, high = (f(masks, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
    masks = (masks - low) / (high - low + keras.config.epsilon())
    masked = item * masks.reshape(masks.shape + (1,) * (item.ndim - 2))
    scores = passes.scores(np.concatenate([masked, np.zeros_like(item)[np.newaxis]]), genre_index)
    return np.asarray(maps @ (scores[:-1] - scores[-1]), np.float32)


def smooth_gradient(
    passes: Passes, item: NDArray[np.float32], genre_index: int, seed: int
) -> NDArray[np.float32]:
    """Average |ds / dx| over noisy copies, as many as it takes to tell it from the noise.

    At the input's resolution (h, w). The caller holds `MAPS_LOCK`; others are let through.
    """
    rng = np.random.default_rng(seed)
    spread = SMOOTH_NOISE * float(item.max() - item.min())
    halves = np.zeros((2, *item.shape))
    fewest, most = SMOOTH_SAMPLES
    for n in range(2 * BATCH, most + 1, 2 * BATCH):
        for half in halves:
            noise = rng.normal(0.0, spread, (BATCH, *item.shape)).astype(np.float32)
            slopes = passes.gradients(item + noise, genre_index)
            half += np.abs(slopes).sum(axis=0, dtype=np.float64)
        MAPS_LOCK.let_others_through()
        if n >= fewest and _agreement(*map(_smoothed, halves)) >= SMOOTH_AGREEMENT:
            break
    return _smoothed(halves.sum(axis=0) / n).astype(np.float32)


def _smoothed(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the largest of a pixel's channels, and the mean over its neighbours."""
    largest = sizes.max(axis=-1) if sizes.ndim == 3 else sizes
    return np.asarray(uniform_filter(largest, SMOOTH_PX, mode="nearest"))


def _agreement(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Tell from two halves how two whole runs would correlate: 2 r / (1 + r) (Spearman, Brown)."""
    if min(np.ptp(one), np.ptp(other)) == 0:
        return 1.0  # nothing to tell apart
    r = float(np.corrcoef(one.ravel(), other.ravel())[0, 1])
    return 2 * r / (1 + r) if r > 0 else 0.0
