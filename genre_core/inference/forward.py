"""The compiled forward pass that every prediction goes through."""

from __future__ import annotations

import threading

import keras
import numpy as np
import tensorflow as tf


class Forward:
    """A network as one compiled function for any number of inputs.

    `keras.Model.predict` costs several times more for one input (measured by `make bench`). It is
    safe to share between threads.

    Parameters
    ----------
    network : keras.Model
        Its last layer is named "logits".
    shape : tuple of int
        Of one input, without the batch.
    dtype : {"uint8", "float32"}
        Of the inputs; they become float32 inside.
    batch_size : int
        Inputs a step.
    """

    def __init__(
        self, network: keras.Model, shape: tuple[int, ...], dtype: str, *, batch_size: int = 32
    ) -> None:
        pooled = network.get_layer("logits").input
        both = keras.Model(network.input, [network.output, pooled])
        self._widths = (int(network.output.shape[-1]), int(pooled.shape[-1]))
        self._batch_size = batch_size
        self._lock = threading.Lock()

        @tf.function(input_signature=[tf.TensorSpec((None, *shape), dtype)], autograph=False)
        def forward(inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            logits, embedding = both(tf.cast(inputs, tf.float32), training=False)
            return logits, embedding

        self._forward = forward

    @property
    def n_compiled(self) -> int:
        """How often it was compiled: once, however many inputs came, is what it is for."""
        return int(self._forward.experimental_get_tracing_count())

    def __call__(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Run the network.

        Parameters
        ----------
        inputs : np.ndarray [shape=(n, ...)]
            n may be 0.

        Returns
        -------
        logits : np.ndarray [shape=(n, n_logits), dtype=float32]
        embeddings : np.ndarray [shape=(n, d), dtype=float32]
            What the last layer reads.
        """
        n_logits, width = self._widths
        logits = [np.empty((0, n_logits), np.float32)]
        embeddings = [np.empty((0, width), np.float32)]
        for start in range(0, len(inputs), self._batch_size):
            batch = tf.constant(np.ascontiguousarray(inputs[start : start + self._batch_size]))
            with self._lock:
                some_logits, some_embeddings = self._forward(batch)
            logits.append(some_logits.numpy())
            embeddings.append(some_embeddings.numpy())
        return np.concatenate(logits), np.concatenate(embeddings)
