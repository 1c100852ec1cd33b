"""Integrated gradients and occlusion, on the copy of a network that the other methods use too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from genre_core.explain import MAPS_LOCK
from genre_core.explain.gradcam import logit_of_genre
from genre_core.explain.integrated import Attributions, integrated_gradients
from genre_core.explain.keras_vis import BATCH, SMOOTH_PX, NetworkCopy
from genre_core.explain.occlusion import occlusion_map
from genre_core.explain.plain_inputs import plain_input


def run_perturbed(
    copy: NetworkCopy,
    item: NDArray[np.float32],
    *,
    method: str,
    genre_index: int,
    kind: str,
    time_axis: int,
) -> NDArray[np.float32]:
    """Run `integrated-gradients` or `occlusion` on one input [shape=shape].

    As of `keras_vis.run_method` the caller has refreshed the copy, and others are let through. The
    map is signed: of occlusion at its own cells, of integrated gradients at the input's, the mean
    over 5 x 5 places as SmoothGrad's; of frames, whose features have no order, their sum.
    """
    if method == "occlusion":

        def score(inputs: NDArray[np.float32]) -> NDArray[np.float32]:
            MAPS_LOCK.let_others_through()
            return _scores(copy, inputs, genre_index)

        return occlusion_map(item, score, kind, time_axis=time_axis)
    values = attribute(copy, item, genre_index, kind=kind, time_axis=time_axis).values
    if kind == "frames":
        return values.sum(axis=1, keepdims=True).astype(np.float32)  # (n_frames, 1)
    flat = values.sum(axis=-1) if values.ndim == 3 else values  # (h, w)
    return np.asarray(uniform_filter(flat, SMOOTH_PX, mode="nearest"), np.float32)


def attribute(
    copy: NetworkCopy,
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
        lambda points: copy.gradients(points, genre_index),
        lambda inputs: _scores(copy, inputs, genre_index),
        batch=BATCH,
        after_each=MAPS_LOCK.let_others_through,
    )


def _scores(
    copy: NetworkCopy, inputs: NDArray[np.float32], genre_index: int
) -> NDArray[np.float32]:
    return np.asarray(logit_of_genre(copy.logits(inputs), genre_index, copy.head))
