"""tf-keras-vis 0.8.7 behind one function, on a copy of the network it explains."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from genre_core.config import Head
from genre_core.errors import GenreError
from genre_core.explain.gradcam import logit_of_genre
from genre_core.explain.stages import Stage

with warnings.catch_warnings():
    # tf-keras-vis 0.8.7 imports `zoom` from SciPy's old place. That is theirs to mend, and its own
    # calls warn of nothing else as long as the network takes a list of inputs (see `NetworkCopy`).
    warnings.filterwarnings("ignore", message="Please import `zoom`", category=DeprecationWarning)
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.layercam import Layercam
    from tf_keras_vis.saliency import Saliency as InputGradient
    from tf_keras_vis.scorecam import Scorecam

SCORECAM_FILTERS = 32
"""Score-CAM masks the cover with so many filters (those that vary most), one pass each."""

SMOOTH_SAMPLES = 16
"""Noisy copies of the cover whose input gradients SmoothGrad averages."""

SMOOTH_NOISE = 0.2
"""Standard deviation of SmoothGrad's noise as a part of the cover's own range of values."""

BATCH = 4
"""Covers a pass of Score-CAM and SmoothGrad: bounds memory, as fast as more on a CPU."""

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
        self._forward = tf.function(
            lambda covers: self.network([covers], training=False),
            input_signature=[tf.TensorSpec((None, *size), tf.float32)],
            autograph=False,
        ).get_concrete_function()

    def refresh(self, network: keras.Model) -> None:
        """Take the weights of the network that was copied as they are now."""
        for mine, served in zip(self.network.weights, network.weights, strict=True):
            mine.assign(served.value)

    def logits(self, covers: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run covers [shape=(n, size, size, 3)] to logits [shape=(n, n_logits)], compiled."""
        starts = range(0, len(covers), BATCH)
        parts = [self._forward(tf.constant(covers[start : start + BATCH])) for start in starts]
        return np.concatenate([_first(part) for part in parts])  # (n, n_logits)

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
    """Run one of tf-keras-vis's methods on one input [shape=(1, *shape)].

    The caller has refreshed the copy and lets no other thread use it. The map is not scaled, at
    the stage's resolution or, for SmoothGrad, at the input's. A failure of tf-keras-vis becomes a
    `GenreError` that names method and stage.
    """
    try:
        if method == "smoothgrad":
            return _smooth_gradient(copy, pixels, genre_index, seed)
        return _class_activation(copy, pixels, method, stage, genre_index)
    except _FAILURES as error:
        raise GenreError(
            f"tf-keras-vis must be able to run {method} at every stage.",
            received=f"{type(error).__name__} at {stage.name}: {error}",
            cure="Use gradcam, or another stage.",
        ) from error


class _Probabilities:
    """What Score-CAM asks of a network, with `predict` made to suit the head.

    tf-keras-vis takes the softmax of what `predict` gives. The two columns (0, logit) make it the
    sigmoid of the logit; its own `predict` would also draw a progress bar at each call.
    """

    def __init__(self, copy: NetworkCopy, index: int) -> None:
        self.inputs = copy.network.inputs
        self.outputs = copy.network.outputs
        self.layers = copy.network.layers
        self.column = index if copy.head == "softmax" else 1
        self._copy = copy
        self._index = index

    def predict(self, covers: list[NDArray[np.float32]], batch_size: int) -> NDArray[np.float32]:
        logits = self._copy.logits(covers[0])
        if self._copy.head == "softmax":
            return logits
        chosen = np.asarray(logit_of_genre(logits, self._index, self._copy.head))
        return np.stack([np.zeros_like(chosen), chosen], axis=-1)  # (n, 2)


def _first(outputs: Any) -> NDArray[np.float32]:
    """Take the only output of a network that gives a list."""
    return np.asarray(outputs[0] if isinstance(outputs, list | tuple) else outputs)


def _class_activation(
    copy: NetworkCopy, pixels: NDArray[np.float32], method: str, stage: Stage, index: int
) -> NDArray[np.float32]:
    options: dict[str, Any] = {
        "penultimate_layer": stage.output,
        "seek_penultimate_conv_layer": False,
        "expand_cam": False,
        "normalize_cam": False,
    }
    if method == "scorecam":
        view = _Probabilities(copy, index)
        values = Scorecam(view, clone=True)(
            lambda probabilities: probabilities[:, view.column],
            pixels,
            max_N=min(SCORECAM_FILTERS, stage.n_filters),
            **options,
        )
    else:
        visualiser = {"gradcam++": GradcamPlusPlus, "layercam": Layercam}[method]
        values = visualiser(copy.network, clone=True)(
            copy.score(index),
            pixels,
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
            **options,
        )
    return np.asarray(values)[0]  # (h, w)


def _smooth_gradient(
    copy: NetworkCopy, pixels: NDArray[np.float32], index: int, seed: int
) -> NDArray[np.float32]:
    # Their own noise comes from NumPy's global generator, which threads share and nobody may seed;
    # the mean of their plain gradient over our noisy copies is the same sum.
    rng = np.random.default_rng(seed)
    spread = SMOOTH_NOISE * float(pixels.max() - pixels.min())
    gradient = InputGradient(copy.network, clone=True)
    total = np.zeros(pixels.shape[1:], dtype=np.float64)
    for _ in range(0, SMOOTH_SAMPLES, BATCH):
        noise = rng.normal(0.0, spread, (BATCH, *pixels.shape[1:])).astype(np.float32)
        size = gradient(copy.score(index), pixels + noise, keepdims=True, normalize_map=False)
        total += np.asarray(size, dtype=np.float64).sum(axis=0)
    mean = total / SMOOTH_SAMPLES
    return (mean.max(axis=-1) if mean.ndim == 3 else mean).astype(np.float32)  # (height, width)
