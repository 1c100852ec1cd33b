"""Small made networks whose answer is known by construction."""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers

# Imported before any test module imports tf-keras-vis itself: it silences that package's import.
from genre_core.explain import keras_vis as keras_vis

SIZE = 32


def quadrant_network(n_logits: int) -> keras.Model:
    """A flat network whose logit k is ten times the mean brightness of quadrant k.

    Quadrants are counted row by row from the top left. A dense layer sorts the brightness so that
    filter k of `conv` holds quadrant k and is zero elsewhere. The only logit of a binary head is
    quadrant 1 minus quadrant 0.
    """
    side = SIZE // 2
    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = layers.Rescaling(1 / 255, name="rescale")(image)
    x = layers.AveragePooling2D(2, name="halve")(x)
    x = layers.Conv2D(1, 1, use_bias=False, name="brightness")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(side * side * 4, use_bias=False, name="sort")(x)
    x = layers.Reshape((side, side, 4), name="unflatten")(x)
    x = layers.Conv2D(4, 1, activation="relu", name="conv")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    network = keras.Model(image, layers.Dense(n_logits, name="logits")(x), name="quadrants")

    quadrant = np.arange(side) // (side // 2)
    belongs = 2 * quadrant[:, np.newaxis] + quadrant  # (side, side), 0 to 3
    sort = np.zeros((side * side, side * side, 4), dtype=np.float32)
    for place, k in enumerate(belongs.ravel()):
        sort[place, place, k] = 1
    answer = np.array([[-1], [1], [0], [0]]) if n_logits == 1 else np.eye(4)[:, :n_logits]
    network.get_layer("brightness").set_weights([np.full((1, 1, 3, 1), 1 / 3)])
    network.get_layer("sort").set_weights([sort.reshape(side * side, -1)])
    network.get_layer("conv").set_weights([np.eye(4)[np.newaxis, np.newaxis], np.zeros(4)])
    network.get_layer("logits").set_weights([40 * answer, np.zeros(n_logits)])
    return network


def small_network(n_logits: int = 3, *, seed: int = 0) -> keras.Model:
    """A flat network with every kind of stage: conv, depthwise, pointwise, a shortcut, 1x1."""
    keras.utils.set_random_seed(seed)
    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="rescale")(image)
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False, name="stem")(x)
    x = layers.BatchNormalization(name="stem_norm")(x)
    x = layers.ReLU(max_value=6.0, name="stem_relu")(x)
    y = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    y = layers.ReLU(name="depthwise_relu")(y)
    y = layers.Conv2D(8, 1, name="project")(y)
    x = layers.Add(name="shortcut")([x, y])
    x = layers.Dropout(0.5, name="dropout")(x)
    x = layers.Conv2D(12, 3, strides=2, activation="relu", name="wide")(x)
    x = layers.Conv2D(6, 7, activation="relu", name="last", bias_initializer="ones")(x)
    x = layers.Flatten(name="flatten")(x)
    network = keras.Model(image, layers.Dense(n_logits, name="logits")(x), name="small")
    # Statistics other than 0 and 1, so that training mode would give another answer.
    norm = network.get_layer("stem_norm")
    rng = np.random.default_rng(seed)
    norm.set_weights([rng.uniform(0.5, 1.5, 8).astype(np.float32) for _ in range(4)])
    return network


def random_cover(size: int = SIZE, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)


@functools.cache
def built(make: Callable[..., keras.Model], *words: int, **named: int) -> keras.Model:
    network = make(*words, **named)
    network.made_weights = network.get_weights()
    return network


def with_made_weights(make: Callable[..., keras.Model], *words: int, **named: int) -> keras.Model:
    """The same network for the same words, so that it is compiled once, whatever became of it."""
    network = built(make, *words, **named)
    network.set_weights(network.made_weights)
    return network


@pytest.fixture
def quadrants() -> Callable[..., keras.Model]:
    return functools.partial(with_made_weights, quadrant_network)


@pytest.fixture
def small() -> Callable[..., keras.Model]:
    return functools.partial(with_made_weights, small_network)


@pytest.fixture
def noise() -> Callable[..., np.ndarray]:
    return random_cover


@pytest.fixture
def white() -> np.ndarray:
    return np.full((SIZE, SIZE, 3), 255, dtype=np.uint8)
