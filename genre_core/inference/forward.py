"""The compiled forward pass that every prediction goes through."""

from __future__ import annotations

import threading
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from genre_core.turns import READINGS


class Compiled:
    """A Keras model as one compiled function for any number of inputs; threads may share it.

    `keras.Model.predict` costs several times more for one input (measured by `make bench`). `model`
    has one input and one or more outputs [shape=(batch, ...)]; inputs of `dtype` become float32
    inside.
    """

    def __init__(self, model: keras.Model, dtype: str, *, batch_size: int = 32) -> None:
        self._shapes = [tuple(tensor.shape[1:]) for tensor in model.outputs]
        self._batch_size = batch_size
        self._lock = threading.Lock()
        shape = (None, *model.input.shape[1:])

        @tf.function(input_signature=[tf.TensorSpec(shape, dtype)], autograph=False)
        def forward(inputs: tf.Tensor) -> list[tf.Tensor]:
            given = model(tf.cast(inputs, tf.float32), training=False)
            return list(given) if isinstance(given, list | tuple) else [given]

        self._signature = forward
        self._forward: Any = None

    def __call__(self, inputs: np.ndarray) -> list[np.ndarray]:
        """Run inputs [shape=(n, ...)], n may be 0; give each output as float32 [shape=(n, ...)]."""
        parts = [[np.empty((0, *shape), np.float32)] for shape in self._shapes]
        for start in range(0, len(inputs), self._batch_size):
            batch = tf.constant(np.ascontiguousarray(inputs[start : start + self._batch_size]))
            with self._lock:
                # Called itself, TensorFlow would take five networks for one that is traced anew.
                self._forward = self._forward or self._signature.get_concrete_function()
                given = self._forward(batch)
            for part, output in zip(parts, given, strict=True):
                part.append(output.numpy())
            READINGS.let_others_through()
        return [np.concatenate(part) for part in parts]


class Forward(Compiled):
    """A network's logits and its embedding, compiled.

    The embedding is the layer of that name, or what the last layer (named "logits") reads.
    """

    def __init__(self, network: keras.Model, dtype: str, *, batch_size: int = 32) -> None:
        named = [layer.output for layer in network.layers if layer.name == "embedding"]
        embedding = named[0] if named else network.get_layer("logits").input
        both = keras.Model(network.input, [network.output, embedding])
        super().__init__(both, dtype, batch_size=batch_size)


def without_recurrent_dropout(network: keras.Model) -> keras.Model:
    """Rebuild a network for serving: the same weights and answers, a faster recurrence.

    Keras prepares recurrent dropout for every frame, also where it drops nothing: without it the
    forward pass of study S5's LSTM takes a third of the time (measured by `make bench`).

    `network` must be a flat functional graph; it is given back itself where nothing in it has
    recurrent dropout.

    Examples
    --------
    >>> sound = keras.Input((9, 2))
    >>> faithful = keras.Model(sound, keras.layers.LSTM(3, recurrent_dropout=0.35)(sound))
    >>> served = without_recurrent_dropout(faithful)
    >>> served.layers[1].recurrent_dropout, served.count_params() == faithful.count_params()
    (0.0, True)
    """
    if not any(getattr(layer, "recurrent_dropout", 0) for layer in network.layers):
        return network
    served = keras.models.clone_model(network, clone_function=_without)
    served.set_weights(network.get_weights())
    return served


def _without(layer: keras.Layer) -> keras.Layer:
    config: dict[str, Any] = layer.get_config()
    if "recurrent_dropout" in config:
        config["recurrent_dropout"] = 0.0
    return type(layer).from_config(config)
