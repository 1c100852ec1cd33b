"""A network's passes there and back, compiled, for methods that ask it many times."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from genre_core.config import Head
from genre_core.explain.gradcam import logit_of_genre

BATCH = 4
"""Inputs a pass: bounds memory, as fast as more on a CPU."""

RECURRENT_BATCH = 16
"""Segments a forward pass of a recurrent network, whose steps cost nearly the same for one as for
many."""


class Passes:
    """What a network answers to changed inputs, and which way its logit rises.

    It runs the served network's own layers, as in inference, so weights that change are seen.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> passes = Passes(build("s1_prog_covers"), "binary")
    >>> covers = np.zeros((BATCH, 260, 260, 3), np.float32)
    >>> passes.logits(covers[:3]).shape, passes.gradients(covers, 1).shape
    ((3, 1), (4, 260, 260, 3))
    """

    def __init__(self, network: keras.Model, head: Head) -> None:
        # A network that expects a bare tensor warns at each call; one that expects a list does not.
        whole = keras.Model(list(network.inputs), network.outputs[0])
        size = network.inputs[0].shape[1:]
        is_recurrent = any(isinstance(layer, keras.layers.RNN) for layer in network.layers)
        self._head: Head = head
        self._at_once = RECURRENT_BATCH if is_recurrent else BATCH

        def slopes(inputs: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(inputs)
                logits = whole([inputs], training=False)
                score = tf.reduce_sum(logit_of_genre(logits, index, head))
            return tape.gradient(score, inputs, unconnected_gradients="zero")

        self._forward = tf.function(
            lambda inputs: whole([inputs], training=False),
            input_signature=[tf.TensorSpec((None, *size), tf.float32)],
            autograph=False,
        )
        self._back = tf.function(
            slopes,
            input_signature=[
                tf.TensorSpec((BATCH, *size), tf.float32),
                tf.TensorSpec((), tf.int32),
            ],
            autograph=False,
        )

    def logits(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run inputs [shape=(n, *shape)] to logits [shape=(n, n_logits)]."""
        starts = range(0, len(inputs), self._at_once)
        parts = [self._forward(tf.constant(inputs[at : at + self._at_once])) for at in starts]
        return np.concatenate([np.asarray(part) for part in parts])

    def gradients(self, inputs: NDArray[np.float32], genre_index: int) -> NDArray[np.float32]:
        """Return ds / dx of the genre's logit s, for `BATCH` inputs, of their shape."""
        return np.asarray(self._back(tf.constant(inputs), tf.constant(genre_index, tf.int32)))

    def scores(self, inputs: NDArray[np.float32], genre_index: int) -> NDArray[np.float32]:
        """Run inputs [shape=(n, *shape)] to the genre's logit (n,)."""
        return np.asarray(logit_of_genre(self.logits(inputs), genre_index, self._head))
