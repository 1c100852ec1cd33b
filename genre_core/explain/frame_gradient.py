"""Which frames of a segment speak for a genre, for networks without convolutions."""

from __future__ import annotations

import keras
import tensorflow as tf

from genre_core.config import Head, require
from genre_core.explain.gradcam import logit_of_genre
from genre_core.explain.segment_maps import SegmentExplainer


class FrameGradient(SegmentExplainer):
    """Gradient times input, summed over a frame's features: for networks without convolutions.

    v_t = sum_d x_td ds / dx_td, to first order what the genre's logit s would lose if frame t were
    the average of the training songs (0, once scaled).

    Parameters
    ----------
    network : keras.Model
        Flat functional, input (batch, n_frames, n_features), logits out.
    head : {"softmax", "binary", "multilabel"}
        How its logits are read.

    Raises
    ------
    ParameterError
        Another input, or the network does not end in logits.

    Notes
    -----
    **Source**: Shrikumar et al., arXiv 1605.01713. It is exact as a slope and no more: an LSTM that
    answers after its last frame forgets, so that the end of a segment weighs most. That is what
    the network does, not what the music does. Frames that are masked get 0. Maps are (n_frames, 1):
    they have no place among the features.

    Examples
    --------
    >>> import numpy as np
    >>> from genre_core.architectures import build
    >>> slopes = FrameGradient(build("s5_lstm", input_shape=(20, 205)), "softmax")
    >>> slopes.signed(np.ones((2, 20, 205), np.float32), genre_index=1)[0].shape
    (2, 20, 1)
    """

    method = "gradient x input"

    def __init__(self, network: keras.Model, head: Head) -> None:
        super().__init__(network, head)
        require(
            len(self.shape) == 2,
            "Slopes of frames need an input of shape (n_frames, n_features).",
            self.shape,
            "Use song_explainer, which knows what fits.",
        )
        # The list as input structure is what Keras warns about when it is missing.
        whole = keras.Model(list(network.inputs), network.outputs[0])

        def weigh(inputs: tf.Tensor, genre: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(inputs)
                score = tf.reduce_sum(logit_of_genre(whole([inputs], training=False), genre, head))
            terms = inputs * tape.gradient(score, inputs)  # (batch, n_frames, n_features)
            scales = tf.reduce_max(tf.reduce_sum(tf.abs(terms), axis=-1), axis=1)
            return tf.reduce_sum(terms, axis=-1, keepdims=True), scales

        signature = [tf.TensorSpec((None, *self.shape)), tf.TensorSpec((), tf.int32)]
        self._weigh = tf.function(weigh, autograph=False).get_concrete_function(*signature)
