"""musicnn's front end for serving: the same numbers, and the network in two thirds of the time."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from genre_core.architectures.musicnn import TEMPORAL, TIMBRAL

_START, _END = "input_norm", "frontend"


def served_front(network: keras.Model) -> keras.Model:
    """Rebuild a musicnn for serving; any other network is given back itself.

    Its convolutions of 32 to 128 frames by one band on one channel are TensorFlow's slowest: they
    take half of the whole network's time. As one product with a banded matrix that holds the kernel
    at every shift they have more numbers to multiply, most of them zeros, and take a third of it.
    And since relu and batch norm are monotone for each filter, their maximum over the bands is that
    of the largest or smallest sum, which saves walks over the largest maps (measured by
    `make bench`).

    Parameters
    ----------
    network : keras.Model
        A flat functional graph, as built by `build_musicnn`, or its body.

    Returns
    -------
    keras.Model
        With the same input and output, equal but for rounding (1e-5 of the largest output). It has
        copies of the front end's weights as they are now.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> tagger = build("msd_musicnn", input_shape=(40, 96))
    >>> sound = np.random.default_rng(0).uniform(0, 3, (2, 40, 96)).astype(np.float32)
    >>> bool(np.allclose(tagger(sound), served_front(tagger)(sound), atol=1e-4))
    True
    """
    names = {layer.name for layer in network.layers}
    if not {_START, _END, *(f"{name}_conv" for name in (*TIMBRAL, *TEMPORAL))} <= names:
        return network
    start = keras.Model(network.input, network.get_layer(_START).output)
    end = keras.Model(network.get_layer(_END).output, network.output)
    sound = keras.Input(network.input.shape[1:])
    return keras.Model(sound, end(_Front(network)(start(sound))))


class _Front(keras.layers.Layer):
    """All blocks of the front end, of a normed input [shape=(batch, n_frames, n_bands, 1)]."""

    def __init__(self, network: keras.Model) -> None:
        super().__init__()
        n_frames = network.input.shape[1]
        self._timbral = [_Block(network, name) for name in TIMBRAL]
        self._temporal = [
            (block, tf.constant(_banded(block.kernel[:, 0, 0], n_frames)))
            for block in (_Block(network, name) for name in TEMPORAL)
        ]

    def call(self, normed: tf.Tensor) -> tf.Tensor:
        """Give what the layer `frontend` gives [shape=(batch, n_frames, 1, 561)]."""
        padded = tf.pad(normed, ((0, 0), (3, 3), (0, 0), (0, 0)))
        given = [
            block.largest(tf.nn.conv2d(padded, block.kernel, 1, "VALID"), over=2)
            for block in self._timbral
        ]
        n_frames, n_bands = normed.shape[1:3]
        bands = tf.reshape(tf.transpose(normed[..., 0], (0, 2, 1)), (-1, n_frames))
        for block, banded in self._temporal:
            sums = tf.reshape(tf.matmul(bands, banded), (-1, n_bands, n_frames, len(block.bias)))
            given.append(block.largest(sums, over=1))
        return tf.concat(given, axis=-1)[:, :, tf.newaxis]


class _Block:
    """Weights of one block: a convolution, its relu and its batch norm as a factor and a shift."""

    def __init__(self, network: keras.Model, name: str) -> None:
        convolution, norm = network.get_layer(f"{name}_conv"), network.get_layer(f"{name}_norm")
        kernel, self.bias = (np.asarray(weight) for weight in convolution.get_weights())
        gamma, beta, mean, variance = norm.get_weights()
        self._factor = gamma / np.sqrt(variance + norm.epsilon)
        self._shift = beta - self._factor * mean
        # A factor below zero turns the smallest sum into the largest answer. Turned before, all
        # have their largest sum looked for.
        self._sign = np.where(self._factor < 0, np.float32(-1), np.float32(1))
        self.kernel = kernel * self._sign

    def largest(self, sums: tf.Tensor, *, over: int) -> tf.Tensor:
        """Give the block's maximum over the bands, which lie on one axis of the kernel's sums."""
        ends = self._sign * tf.reduce_max(sums, axis=over)
        return self._factor * tf.nn.relu(ends + self.bias) + self._shift


def _banded(kernel: NDArray[np.float32], n_frames: int) -> NDArray[np.float32]:
    """Lay a kernel [shape=(k, n_filters)] out at every shift, as padding "same" centres it.

    Returns
    -------
    ndarray [shape=(n_frames, n_frames * n_filters)]
        From frames in to frames out and filters.
    """
    k, n_filters = kernel.shape
    banded = np.zeros((n_frames, n_frames, n_filters), np.float32)
    before = (k - 1) // 2
    for out in range(n_frames):
        first = out - before
        within = slice(max(first, 0), min(first + k, n_frames))
        banded[within, out] = kernel[within.start - first : within.stop - first]
    return banded.reshape(n_frames, -1)
