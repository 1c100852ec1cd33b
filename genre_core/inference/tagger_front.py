"""musicnn's front end for serving: the same numbers, sooner."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from genre_core.architectures.musicnn import TEMPORAL, TIMBRAL

_START, _END = "input_norm", "frontend"

_FILTERS_AT_ONCE = 51
"""More sums would not stay in the processor's cache, and their memory be asked for each time."""
_FRAMES_AT_ONCE = 32
"""Of a temporal kernel's answers: fewer have fewer zeros in their matrix, but smaller products."""


def served_front(network: keras.Model) -> keras.Model:
    """Rebuild a musicnn for serving; any other network is given back itself.

    It has two kinds of kernels, and its first layers take nearly all of the whole network's time. A
    kernel of 7 frames by 38 or 67 bands slides over the bands: that is a product of their discrete
    Fourier transforms (over the 96 bands, exact: no answer reaches round their ends). Of what comes
    back, cosines give the even part E, the same m bands above and below the middle, and sines the
    odd part O, so that the larger of the two is E + |O|: half of the sums, and together a quarter
    of the multiplications of a convolution. A kernel of 32 to 128 frames by one band is a product
    with a banded matrix that holds it at every shift, `_FRAMES_AT_ONCE` frames at a time: more
    multiplications than TensorFlow's convolution, and a third of its time.

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
        n_frames, n_bands = network.input.shape[1:]
        self._waves = tf.constant(_waves(n_bands))
        self._timbral = [_Timbral(_Block(network, name), n_bands) for name in TIMBRAL]
        self._temporal = [_Temporal(_Block(network, name), n_frames) for name in TEMPORAL]

    def call(self, normed: tf.Tensor) -> tf.Tensor:
        """Give what the layer `frontend` gives [shape=(batch, n_frames, 1, 561)]."""
        sound = normed[..., 0]  # (batch, n_frames, n_bands)
        n_frames = sound.shape[1]
        spectrum = tf.matmul(tf.pad(sound, ((0, 0), (3, 3), (0, 0))), self._waves)
        # Each wave of a frame with those of the three frames before and after it.
        near = tf.stack([spectrum[:, i : i + n_frames] for i in range(7)], axis=-1)
        real, imaginary = tf.split(tf.transpose(near, (2, 0, 1, 3)), 2)
        near = tf.concat([real, imaginary], axis=-1)  # (n_waves, batch, n_frames, 14)
        bands = tf.transpose(sound, (0, 2, 1))
        given = [timbral(near) for timbral in self._timbral]
        given += [temporal(bands) for temporal in self._temporal]
        return tf.concat(given, axis=-1)[:, :, tf.newaxis]


class _Timbral:
    """A block of kernels of 7 frames by some bands, by the Fourier transform over the bands."""

    def __init__(self, block: _Block, n_bands: int) -> None:
        self._block = block
        kernel = block.kernel[:, :, 0].astype(np.float64)  # (7, k, n_filters)
        k = kernel.shape[1]
        n_answers = n_bands - k + 1
        # Answers are counted from a middle one: `below` before it, `above` after it.
        self._below = n_answers // 2
        self._above = n_answers - 1 - self._below
        waves = np.arange(n_bands // 2 + 1)
        turn = np.exp(2j * np.pi * np.outer(waves, np.arange(k) + self._below) / n_bands)
        shifted = np.einsum("wk,tkf->wtf", turn, kernel)
        even = np.concatenate([shifted.real, -shifted.imag], axis=1)
        odd = np.concatenate([shifted.imag, shifted.real], axis=1)
        self._parts = [
            [
                tf.constant(part[:, :, first : first + _FILTERS_AT_ONCE], tf.float32)
                for part in (even, odd)
            ]
            for first in range(0, kernel.shape[2], _FILTERS_AT_ONCE)
        ]
        # All waves but the first and the last stand for two, of either direction.
        counted = np.where(2 * waves % n_bands == 0, 1, 2) / n_bands
        angles = 2 * np.pi * np.outer(np.arange(self._below + 1), waves) / n_bands
        self._cosines = tf.constant(counted * np.cos(angles), tf.float32)
        self._sines = tf.constant(counted * np.sin(angles), tf.float32)

    def __call__(self, near: tf.Tensor) -> tf.Tensor:
        n_waves, _, n_frames, n_numbers = near.shape
        near = tf.reshape(near, (n_waves, -1, n_numbers))
        largest = [
            tf.reshape(self._largest(near, *part), (-1, n_frames, part[0].shape[-1]))
            for part in self._parts
        ]
        return self._block.after(tf.concat(largest, axis=-1))

    def _largest(self, near: tf.Tensor, even: tf.Tensor, odd: tf.Tensor) -> tf.Tensor:
        """Give the largest sum over the bands, for every frame and filter [shape=(n,)]."""
        n_waves = near.shape[0]
        up = tf.matmul(self._cosines, tf.reshape(tf.matmul(near, even), (n_waves, -1)))
        down = tf.matmul(self._sines, tf.reshape(tf.matmul(near, odd), (n_waves, -1)))
        both = self._above + 1
        largest = tf.reduce_max(up[:both] + tf.abs(down[:both]), axis=0)
        if self._below < both:
            return largest
        return tf.maximum(largest, up[both] + down[both])  # an even number has no middle


class _Temporal:
    """A block of kernels of some frames by one band, by products with banded matrices."""

    def __init__(self, block: _Block, n_frames: int) -> None:
        self._block = block
        kernel = block.kernel[:, 0, 0]
        self._parts = [
            (within, n_here, tf.constant(banded))
            for first in range(0, n_frames, _FRAMES_AT_ONCE)
            for within, n_here, banded in [_banded(kernel, n_frames, first)]
        ]

    def __call__(self, bands: tf.Tensor) -> tf.Tensor:
        n_bands = bands.shape[1]
        largest = []
        for within, n_here, banded in self._parts:
            frames = tf.reshape(bands[:, :, within], (-1, banded.shape[0]))
            sums = tf.reshape(tf.matmul(frames, banded), (-1, n_bands, n_here, self._block.width))
            largest.append(tf.reduce_max(sums, axis=1))
        return self._block.after(tf.concat(largest, axis=1))


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

    @property
    def width(self) -> int:
        """Number of its filters."""
        return len(self.bias)

    def after(self, largest: tf.Tensor) -> tf.Tensor:
        """Give what the block makes of its kernel's largest sums [shape=(..., n_filters)]."""
        sums = self._sign * largest
        return self._factor * tf.nn.relu(sums + self.bias) + self._shift


def _waves(n_bands: int) -> NDArray[np.float32]:
    """Cosines, then minus sines, from bands to waves [shape=(n_bands, 2 * n_waves)]."""
    angles = 2 * np.pi * np.outer(np.arange(n_bands), np.arange(n_bands // 2 + 1)) / n_bands
    return np.concatenate([np.cos(angles), -np.sin(angles)], axis=1).astype(np.float32)


def _banded(
    kernel: NDArray[np.float32], n_frames: int, first: int
) -> tuple[slice, int, NDArray[np.float32]]:
    """Lay a kernel [shape=(k, n_filters)] out at some shifts, as padding "same" centres it.

    Returns
    -------
    within : slice
        The frames that answers `first` and the following, at most `_FRAMES_AT_ONCE`, reach.
    n_here : int
        Number of these answers.
    banded : ndarray [shape=(n_within, n_here * n_filters)]
        From those frames in to frames out and filters.
    """
    k, n_filters = kernel.shape
    n_here = min(_FRAMES_AT_ONCE, n_frames - first)
    start = first - (k - 1) // 2  # where the first answer's kernel begins
    within = slice(max(0, start), min(n_frames, start + n_here - 1 + k))
    banded = np.zeros((within.stop - within.start, n_here, n_filters), np.float32)
    for out in range(n_here):
        here = slice(max(within.start, start + out), min(within.stop, start + out + k))
        rows = slice(here.start - within.start, here.stop - within.start)
        banded[rows, out] = kernel[here.start - start - out : here.stop - start - out]
    return within, n_here, banded.reshape(len(banded), -1)
