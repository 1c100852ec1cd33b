"""Methods of tf-keras-vis 0.8.7, Score-CAM and SmoothGrad, on a copy of the network explained."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from genre_core.config import Head
from genre_core.errors import GenreError
from genre_core.explain import MAPS_LOCK
from genre_core.explain.gradcam import logit_of_genre
from genre_core.explain.map_geometry import stretch
from genre_core.explain.places import Stage

with warnings.catch_warnings():
    # tf-keras-vis 0.8.7 imports `zoom` from SciPy's old place. That is theirs to mend, and its own
    # calls warn of nothing else as long as the network takes a list of inputs (see `NetworkCopy`).
    warnings.filterwarnings("ignore", message="Please import `zoom`", category=DeprecationWarning)
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.layercam import Layercam

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

BATCH = 4
"""Covers a pass of Score-CAM and SmoothGrad: bounds memory, as fast as more on a CPU."""

RECURRENT_BATCH = 16
"""Segments a forward pass of a recurrent network, whose steps cost nearly the same for one as for
many."""

_FAILURES = (
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    IndexError,
    RuntimeError,
    tf.errors.OpError,
)


class NetworkCopy:
    """A network of our own for tf-keras-vis, with the weights of the served one.

    tf-keras-vis 0.8.7 on Keras 3 works on flat functional networks only, and its `clone=False`
    would change the activation of the network it is given.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> served = build("s1_prog_covers")
    >>> copy = NetworkCopy(served, "binary")
    >>> any(mine is theirs for mine in copy.network.weights for theirs in served.weights)
    False
    """

    def __init__(self, network: keras.Model, head: Head) -> None:
        clone = keras.models.clone_model(network)
        # tf-keras-vis feeds a list; a network that expects a bare tensor warns at each call.
        self.network = keras.Model(list(clone.inputs), list(clone.outputs))
        self.head: Head = head
        size = self.network.inputs[0].shape[1:]
        is_recurrent = any(isinstance(layer, keras.layers.RNN) for layer in clone.layers)
        self._at_once = RECURRENT_BATCH if is_recurrent else BATCH
        self._forward = tf.function(
            lambda covers: self.network([covers], training=False),
            input_signature=[tf.TensorSpec((None, *size), tf.float32)],
            autograph=False,
        ).get_concrete_function()
        self._gradient = tf.function(
            self._slopes,
            input_signature=[
                tf.TensorSpec((BATCH, *size), tf.float32),
                tf.TensorSpec((), tf.int32),
            ],
            autograph=False,
        )

    def refresh(self, network: keras.Model) -> None:
        """Take the weights of the network that was copied as they are now."""
        for mine, served in zip(self.network.weights, network.weights, strict=True):
            mine.assign(served.value)

    def logits(self, covers: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run covers [shape=(n, size, size, 3)] to logits [shape=(n, n_logits)], compiled."""
        starts = range(0, len(covers), self._at_once)
        parts = [
            self._forward(tf.constant(covers[start : start + self._at_once])) for start in starts
        ]
        return np.concatenate([np.asarray(_single(part)) for part in parts])  # (n, n_logits)

    def maps(self, covers: NDArray[np.float32], output: str) -> NDArray[np.float32]:
        """Return what a layer makes of covers [shape=(n, h, w, n_filters)]."""
        inside = keras.Model(self.network.inputs, self.network.get_layer(output).output)
        return np.asarray(inside([covers], training=False))

    def gradients(self, covers: NDArray[np.float32], index: int) -> NDArray[np.float32]:
        """Return ds / dx of the genre's logit, for `BATCH` covers, of their shape."""
        return np.asarray(self._gradient(tf.constant(covers), tf.constant(index, tf.int32)))

    def _slopes(self, covers: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(covers)
            logits = self.network([covers], training=False)
            score = tf.reduce_sum(logit_of_genre(_single(logits), index, self.head))
        return tape.gradient(score, covers, unconnected_gradients="zero")

    def score(self, index: int) -> Callable[[Any], Any]:
        """Read s - s0: the gradient of s, but 0 where Grad-CAM++ takes its exponential."""

        def centred(logits: Any) -> Any:
            score = logit_of_genre(logits, index, self.head)
            return score - tf.stop_gradient(score)

        return centred


def run_method(
    copy: NetworkCopy,
    pixels: NDArray[np.float32],
    *,
    method: str,
    stage: Stage,
    genre_index: int,
    seed: int,
) -> NDArray[np.float32]:
    """Run one method on one input [shape=(1, *shape)].

    The caller has refreshed the copy and lets no other thread use it meanwhile, but where
    SmoothGrad lets others through. The map is not scaled, at the stage's resolution or, for
    SmoothGrad, at the input's. A failure of tf-keras-vis becomes a
    `GenreError` that names method and stage.
    """
    try:
        if method == "smoothgrad":
            return _smooth_gradient(copy, pixels, genre_index, seed)
        if method == "scorecam":
            return _score_cam(copy, pixels, stage, genre_index)
        return _class_activation(copy, pixels, method, stage, genre_index)
    except _FAILURES as error:
        raise GenreError(
            f"tf-keras-vis must be able to run {method} at every stage.",
            received=f"{type(error).__name__} at {stage.name}: {error}",
            cure="Use gradcam, or another stage.",
        ) from error


def _single(outputs: Any) -> Any:
    """Take the only output of a network that gives a list."""
    return outputs[0] if isinstance(outputs, list | tuple) else outputs


def _class_activation(
    copy: NetworkCopy, pixels: NDArray[np.float32], method: str, stage: Stage, index: int
) -> NDArray[np.float32]:
    options: dict[str, Any] = {
        "penultimate_layer": stage.output,
        "seek_penultimate_conv_layer": False,
        "expand_cam": False,
        "normalize_cam": False,
    }
    visualiser = {"gradcam++": GradcamPlusPlus, "layercam": Layercam}[method]
    values = visualiser(copy.network, clone=True)(
        copy.score(index),
        pixels,
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
        **options,
    )
    return np.asarray(values)[0]  # (h, w)


def _score_cam(
    copy: NetworkCopy, pixels: NDArray[np.float32], stage: Stage, index: int
) -> NDArray[np.float32]:
    """Sum the maps A_k that vary most, each times s(x * A_k) - s(0).

    A_k as a mask is stretched to the input and scaled to 0 to 1; s is the genre's logit and s(0)
    that of the input which nothing is left of: without it every weight is nearly the same, whatever
    the genre.
    """
    [every] = copy.maps(pixels, stage.output)  # (h, w, n_filters)
    most = np.argsort(-every.std(axis=(0, 1)), kind="stable")[:SCORECAM_FILTERS]
    maps = every[..., most]
    height, width = pixels.shape[1:3]
    ends = (np.linspace(0, height - 1, maps.shape[0]), np.linspace(0, width - 1, maps.shape[1]))
    masks = stretch(np.moveaxis(maps, -1, 0), ends, (height, width))  # (n, height, width)
    low, high = (f(masks, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
    masks = (masks - low) / (high - low + keras.config.epsilon())
    masked = pixels * masks.reshape(masks.shape + (1,) * (pixels.ndim - 3))
    logits = copy.logits(np.concatenate([masked, np.zeros_like(pixels)]))
    scores = np.asarray(logit_of_genre(logits, index, copy.head))
    return np.asarray(maps @ (scores[:-1] - scores[-1]), np.float32)


def _smooth_gradient(
    copy: NetworkCopy, pixels: NDArray[np.float32], index: int, seed: int
) -> NDArray[np.float32]:
    """Average |ds / dx| over noisy copies, as many as it takes to tell it from the noise."""
    rng = np.random.default_rng(seed)
    spread = SMOOTH_NOISE * float(pixels.max() - pixels.min())
    halves = np.zeros((2, *pixels.shape[1:]))
    fewest, most = SMOOTH_SAMPLES
    for n in range(2 * BATCH, most + 1, 2 * BATCH):
        for half in halves:
            noise = rng.normal(0.0, spread, (BATCH, *pixels.shape[1:])).astype(np.float32)
            slopes = copy.gradients(pixels + noise, index)
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
