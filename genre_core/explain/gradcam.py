"""Grad-CAM as one compiled function a stage, about as fast as a forward pass."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from genre_core.config import Head
from genre_core.explain.bounded import BoundedStore
from genre_core.explain.checks import check_cover, check_genre, check_network
from genre_core.explain.saliency import Saliency, make_saliency
from genre_core.explain.stages import conv_stages, pick_stage

MAX_STAGES = 8
"""Compiled stages kept for one network; each holds a graph, the weights are shared."""


class GradCam:
    """Grad-CAM of one network: M = sum_k w_k A_k with w_k = mean over places of ds / dA_k.

    A_k is the map of filter k at a stage and s the genre's logit (for a binary head -logit for
    genre 0, +logit for genre 1): a saturated sigmoid or softmax cannot zero the gradient.

    Parameters
    ----------
    network : keras.Model
        Flat functional, logits out. It is read, never changed; layers run as in inference.
    head : {"softmax", "binary", "multilabel"}
        How its logits are read.

    Raises
    ------
    ParameterError
        The network cannot be explained (see `checks.check_network`).

    Notes
    -----
    **Source**: Selvaraju et al., arXiv 1610.02391; equal to tf-keras-vis 0.8.7 to 1e-5 of the map's
    range. The genre is a tensor, so that switching it never compiles again. Safe to share between
    threads. A stage is compiled on its first use (one to a few seconds for a large network).

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> network = build("s1_prog_covers")
    >>> cover = np.zeros((260, 260, 3), dtype=np.uint8)
    >>> GradCam(network, "binary").map(cover, stage="conv_5", genre_index=1).shape
    (13, 13)
    """

    def __init__(self, network: keras.Model, head: Head) -> None:
        check_network(network, head)
        self.network = network
        self.head: Head = head
        self.stages = conv_stages(network)
        self._compiled: BoundedStore[str, Any] = BoundedStore(MAX_STAGES)

    def map(
        self, cover: NDArray[np.uint8], *, stage: str | None = None, genre_index: int
    ) -> NDArray[np.float32]:
        """Compute the signed map: above 0 speaks for the genre, below 0 against it.

        Parameters
        ----------
        cover : ndarray [shape=(size, size, 3), dtype=uint8]
            A prepared cover, RGB 0 to 255.
        stage : str, optional
            Name of a convolution (`stages.conv_stages`); `stages.default_stage` if not given.
        genre_index : int
            From 0.

        Returns
        -------
        ndarray [shape=(h, w), dtype=float32]
            At the resolution of the stage, neither rectified nor scaled.

        Raises
        ------
        ParameterError
            Bad cover, stage or genre.
        """
        return self._run(cover, pick_stage(self.stages, stage).output, genre_index)[0]

    def explain(
        self, cover: NDArray[np.uint8], *, stage: str | None = None, genre_index: int
    ) -> Saliency:
        """Rectify the map and judge whether it locates anything.

        Parameters
        ----------
        cover, stage, genre_index
            As for `map`.

        Returns
        -------
        Saliency
            `is_located` is False where the rectified map is constant relative to the size of the
            terms that were summed (a 1x1 map, a dead ReLU, a map that only speaks against).

        Raises
        ------
        ParameterError
            Bad cover, stage or genre.
        GenreError
            The map is not finite.
        """
        place = pick_stage(self.stages, stage)
        values, scale = self._run(cover, place.output, genre_index)
        return make_saliency(
            values, method="gradcam", stage=place.name, genre_index=int(genre_index), scale=scale
        )

    def _run(
        self, cover: NDArray[np.uint8], output: str, genre_index: int
    ) -> tuple[NDArray[np.float32], float]:
        check_cover(self.network, cover)
        index = check_genre(self.network, self.head, genre_index)
        compiled = self._compiled.get(output, lambda: self._compile(output))
        maps, scales = compiled(tf.constant(cover[np.newaxis]), tf.constant(index, tf.int32))
        return maps.numpy()[0], float(scales[0])

    def _compile(self, output: str) -> Any:
        return compile_grad_cam(self.network, self.head, output, batch=1, dtype=tf.uint8)


def compile_grad_cam(
    network: keras.Model, head: Head, output: str, *, batch: int | None, dtype: Any
) -> Any:
    """Compile Grad-CAM of one layer for inputs of one type.

    Parameters
    ----------
    network : keras.Model
        Flat functional, one input, logits out.
    head : {"softmax", "binary", "multilabel"}
        How its logits are read.
    output : str
        Name of the layer whose maps are weighed [shape=(batch, h, w, n_filters)].
    batch : int, optional
        Inputs at once; None for any number. What is computed of one input depends on no other.
    dtype : tf.DType
        Of the inputs; they become float32 inside.

    Returns
    -------
    callable
        (inputs, genre_index as int32) to the signed maps [shape=(batch, h, w)] and the size of the
        terms that were summed in each [shape=(batch,)], both float32 tensors.
    """
    layer = network.get_layer(output)
    # The list as input structure is what Keras warns about when it is missing.
    both = keras.Model(list(network.inputs), [layer.output, network.outputs[0]])

    def weigh(inputs: tf.Tensor, genre: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        values = tf.cast(inputs, tf.float32)  # (batch, ...)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            # Watched so that the pass is recorded; what lies before the stage is pruned.
            tape.watch(values)
            maps, logits = both([values], training=False)
            # No input's logit depends on another input: the gradient of the sum is that of each.
            score = tf.reduce_sum(logit_of_genre(logits, genre, head))
        gradients = tape.gradient(score, maps, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        weights = tf.reduce_mean(tf.cast(gradients, tf.float32), axis=(1, 2), keepdims=True)
        terms = weights * tf.cast(maps, tf.float32)  # (batch, h, w, n_filters)
        scales = tf.reduce_max(tf.reduce_sum(tf.abs(terms), axis=-1), axis=(1, 2))
        return tf.reduce_sum(terms, axis=-1), scales  # (batch, h, w), (batch,)

    signature = [
        tf.TensorSpec((batch, *network.inputs[0].shape[1:]), dtype),
        tf.TensorSpec((), tf.int32),
    ]
    return tf.function(weigh, autograph=False).get_concrete_function(*signature)


def logit_of_genre(logits: Any, genre_index: Any, head: Head) -> Any:
    """Read the logit that speaks for a genre.

    Parameters
    ----------
    logits : tensor [shape=(batch, n_logits)]
        What the network gives.
    genre_index : int or tensor
        From 0.
    head : {"softmax", "binary", "multilabel"}
        For a binary head the only logit speaks for genre 1, its negative for genre 0.

    Returns
    -------
    tensor [shape=(batch,)]

    Examples
    --------
    >>> logits = tf.constant([[3.0]])
    >>> [float(logit_of_genre(logits, genre, "binary")[0]) for genre in (0, 1)]
    [-3.0, 3.0]
    """
    if head == "binary":
        return logits[:, 0] * tf.cast(2 * genre_index - 1, logits.dtype)
    return logits[:, genre_index]
