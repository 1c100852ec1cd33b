"""Grad-CAM and gradient times input as compiled functions, about as fast as a forward pass."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from genre_core.config import Head


def compile_grad_cam(
    network: keras.Model, head: Head, output: str, *, batch: int | None, dtype: Any
) -> Any:
    """Compile Grad-CAM of one layer: M = sum_k w_k A_k with w_k = mean over places of ds / dA_k.

    A_k is the map of filter k at the layer `output` and s the genre's logit. The function turns
    (inputs, genre_index as int32) into the signed maps [shape=(batch, h, w)], the size of the
    terms that were summed in each [shape=(batch,)] and, for the methods that weigh otherwise, A and
    ds / dA [shape=(batch, h, w, n_filters)]. The genre is a tensor, so that switching it never
    compiles again; `batch` None takes any number of inputs, of which none depends on another.
    **Source**: Selvaraju et al., arXiv 1610.02391; equal to tf-keras-vis 0.8.7 to 1e-5 of the
    map's range.
    """
    layer = network.get_layer(output)
    # The list as input structure is what Keras warns about when it is missing.
    both = keras.Model(list(network.inputs), [layer.output, network.outputs[0]])

    def weigh(inputs: tf.Tensor, genre: tf.Tensor) -> tuple[tf.Tensor, ...]:
        values = tf.cast(inputs, tf.float32)  # (batch, ...)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            # Watched so that the pass is recorded; what lies before the layer is pruned.
            tape.watch(values)
            maps, logits = both([values], training=False)
            # No input's logit depends on another input: the gradient of the sum is that of each.
            score = tf.reduce_sum(logit_of_genre(logits, genre, head))
        gradients = tape.gradient(score, maps, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        maps, gradients = tf.cast(maps, tf.float32), tf.cast(gradients, tf.float32)
        terms = tf.reduce_mean(gradients, axis=(1, 2), keepdims=True) * maps
        scales = tf.reduce_max(tf.reduce_sum(tf.abs(terms), axis=-1), axis=(1, 2))
        return tf.reduce_sum(terms, axis=-1), scales, maps, gradients

    return _concrete(weigh, network, batch, dtype)


def compile_frame_gradient(network: keras.Model, head: Head) -> Any:
    """Compile gradient times input, v_t = sum_d x_td ds / dx_td, as `compile_grad_cam` does.

    To first order it is what the genre's logit s would lose if frame t were the average of the
    training songs (0, once scaled). Maps are (batch, n_frames, 1); masked frames get 0.
    **Source**: Shrikumar et al., arXiv 1605.01713. It is exact as a slope and no more: an LSTM
    that answers after its last frame forgets, so that the end of a segment weighs most. That is
    what the network does, not what the music does.
    """
    whole = keras.Model(list(network.inputs), network.outputs[0])

    def weigh(inputs: tf.Tensor, genre: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(inputs)
            score = tf.reduce_sum(logit_of_genre(whole([inputs], training=False), genre, head))
        terms = inputs * tape.gradient(score, inputs)  # (batch, n_frames, n_features)
        scales = tf.reduce_max(tf.reduce_sum(tf.abs(terms), axis=-1), axis=1)
        return tf.reduce_sum(terms, axis=-1, keepdims=True), scales

    return _concrete(weigh, network, None, tf.float32)


def logit_of_genre(logits: Any, genre_index: Any, head: Head) -> Any:
    """Read the logit that speaks for a genre; of a binary head -logit for genre 0.

    A saturated sigmoid or softmax, which would zero the gradient, takes no part.

    Examples
    --------
    >>> logits = tf.constant([[3.0]])
    >>> [float(logit_of_genre(logits, genre, "binary")[0]) for genre in (0, 1)]
    [-3.0, 3.0]
    """
    if head == "binary":
        return logits[:, 0] * tf.cast(2 * genre_index - 1, logits.dtype)
    return logits[:, genre_index]


def _concrete(weigh: Any, network: keras.Model, batch: int | None, dtype: Any) -> Any:
    signature = [
        tf.TensorSpec((batch, *network.inputs[0].shape[1:]), dtype),
        tf.TensorSpec((), tf.int32),
    ]
    return tf.function(weigh, autograph=False).get_concrete_function(*signature)
