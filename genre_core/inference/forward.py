"""The compiled forward pass that every prediction goes through."""

from __future__ import annotations

import threading

import keras
import numpy as np
import tensorflow as tf


class Compiled:
    """A Keras model as one compiled function for any number of inputs.

    `keras.Model.predict` costs several times more for one input (measured by `make bench`). It is
    safe to share between threads.

    Parameters
    ----------
    model : keras.Model
        One input, one or more outputs, each [shape=(batch, ...)].
    dtype : {"uint8", "float32"}
        Of the inputs; they become float32 inside.
    batch_size : int
        Inputs a step.
    """

    def __init__(self, model: keras.Model, dtype: str, *, batch_size: int = 32) -> None:
        self._shapes = [tuple(each.shape[1:]) for each in model.outputs]
        self._batch_size = batch_size
        self._lock = threading.Lock()
        shape = (None, *model.input.shape[1:])

        @tf.function(input_signature=[tf.TensorSpec(shape, dtype)], autograph=False)
        def forward(inputs: tf.Tensor) -> list[tf.Tensor]:
            given = model(tf.cast(inputs, tf.float32), training=False)
            return list(given) if isinstance(given, list | tuple) else [given]

        self._forward = forward

    @property
    def n_compiled(self) -> int:
        """How often it was compiled: once, however many inputs came, is what it is for."""
        return int(self._forward.experimental_get_tracing_count())

    def __call__(self, inputs: np.ndarray) -> list[np.ndarray]:
        """Run the model.

        Parameters
        ----------
        inputs : np.ndarray [shape=(n, ...)]
            n may be 0.

        Returns
        -------
        list of np.ndarray [shape=(n, ...), dtype=float32]
            Each output.
        """
        parts = [[np.empty((0, *shape), np.float32)] for shape in self._shapes]
        for start in range(0, len(inputs), self._batch_size):
            batch = tf.constant(np.ascontiguousarray(inputs[start : start + self._batch_size]))
            with self._lock:
                given = self._forward(batch)
            for part, each in zip(parts, given, strict=True):
                part.append(each.numpy())
        return [np.concatenate(part) for part in parts]


class Forward(Compiled):
    """A network's logits, and what its last layer reads, compiled.

    Parameters
    ----------
    network : keras.Model
        Its last layer is named "logits".
    dtype, batch_size
        As for `Compiled`.
    """

    def __init__(self, network: keras.Model, dtype: str, *, batch_size: int = 32) -> None:
        pooled = network.get_layer("logits").input
        both = keras.Model(network.input, [network.output, pooled])
        super().__init__(both, dtype, batch_size=batch_size)
