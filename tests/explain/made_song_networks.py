"""Small networks of songs whose answer is known by construction."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

N_FRAMES, N_BANDS = 24, 16


def region_network(
    frames: slice, bands: slice, *, n_logits: int = 2, shape: tuple[int, ...] | None = None
) -> keras.Model:
    """A flat network whose last logit is 100 times the mean of one region of its input.

    Weights that are zero elsewhere pick the region, so that filter 1 of `conv` holds it; filter 0
    holds the rest of the input, which is the first logit of a head of two.
    """
    shape = shape or (N_FRAMES, N_BANDS, 1)
    song = keras.Input(shape, name="song")
    x = layers.Reshape((*shape[:2], 1), name="expand")(song)
    x = layers.Flatten(name="flatten")(x)
    n_cells = shape[0] * shape[1]
    x = layers.Dense(2 * n_cells, use_bias=False, name="pick")(x)
    x = layers.Reshape((*shape[:2], 2), name="unflatten")(x)
    x = layers.Conv2D(2, 1, activation="relu", name="conv")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    network = keras.Model(song, layers.Dense(n_logits, name="logits")(x), name="region")
    inside = np.zeros(shape[:2], bool)
    inside[frames, bands] = True
    pick = np.zeros((n_cells, n_cells, 2), np.float32)
    for place, is_inside in enumerate(inside.ravel()):
        pick[place, place, int(is_inside)] = 1
    network.get_layer("pick").set_weights([pick.reshape(n_cells, -1)])
    network.get_layer("conv").set_weights([np.eye(2)[np.newaxis, np.newaxis], np.zeros(2)])
    answer = np.array([[0.0], [1.0]]) if n_logits == 1 else np.eye(2)
    network.get_layer("logits").set_weights([100 * answer, np.zeros(n_logits)])
    return network


def deep_network(
    n_logits: int = 3, *, shape: tuple[int, ...] = (N_FRAMES, N_BANDS, 1), seed: int = 0
) -> keras.Model:
    """Convolutions as songs have them: tall and long kernels, a pool, maps put side by side."""
    keras.utils.set_random_seed(seed)
    song = keras.Input(shape, name="song")
    x = layers.Reshape((*shape[:2], 1), name="expand")(song)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Conv2D(6, 3, padding="same", activation="relu", name="first")(x)
    x = layers.MaxPooling2D(2, name="halve")(x)
    n_halved = shape[1] // 2
    tall = layers.Conv2D(5, (1, n_halved), activation="relu", name="tall")(x)
    long = layers.Conv2D(4, (7, 1), padding="same", activation="relu", name="long")(x)
    long = layers.MaxPooling2D((1, n_halved), name="highest")(long)
    x = layers.Concatenate(name="joined")([tall, long])
    largest = layers.GlobalMaxPooling2D(name="largest")(x)
    mean = layers.GlobalAveragePooling2D(name="mean")(x)
    x = layers.Concatenate(name="pools")([largest, mean])
    x = layers.Dropout(0.5, name="dropout")(x)
    network = keras.Model(song, layers.Dense(n_logits, name="logits")(x), name="deep")
    rng = np.random.default_rng(seed)
    network.get_layer("norm").set_weights(
        [rng.uniform(0.5, 1.5, 1).astype(np.float32) for _ in range(4)]
    )
    return network


def random_segments(n: int, shape: tuple[int, ...] = (N_FRAMES, N_BANDS, 1), seed: int = 1):
    return np.random.default_rng(seed).normal(0, 1, (n, *shape)).astype(np.float32)
