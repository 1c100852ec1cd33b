"""Seeded tf.data batches of covers or cached maps: the same seed gives the same epoch."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from genre_core.config import Augment
from genre_core.data.cover_cache import read_rows
from genre_core.image.augment import augment_cover


@dataclass(frozen=True, slots=True)
class Gather:
    """How a batch is read."""

    read: Callable[[np.ndarray, int], np.ndarray]
    """`read(indices, epoch)` gives the inputs of these items in this epoch."""
    dtype: str
    """Of these inputs. A batch becomes float32 only in TensorFlow: on the way through Python
    covers stay a quarter of that."""


def logits_of(network: keras.Model, inputs: np.ndarray, *, batch_size: int = 16) -> np.ndarray:
    """Run a network that is being trained over n >= 1 inputs, read a batch at a time.

    Inputs are covers or maps [shape=(n, ...)] of any dtype, in memory or a memory map; layers run
    as in inference. It runs as a graph, which Keras keeps with the network: half the time of layer
    after layer, and no copies of the largest maps (64 covers of 260 px through study S1's network:
    1.1 GB against 2.3 GB, 16 of them .4 GB).
    """
    logits = []
    for first in range(0, len(inputs), batch_size):
        batch = read_rows(inputs, slice(first, first + batch_size)).astype(np.float32)
        # Where copies of the network share batches, each answers this one: one answer is enough.
        logits.append(network.predict_on_batch(batch)[: len(batch)])
    return np.concatenate(logits)


def gather_covers(covers: np.ndarray, augment: Augment, seed: int) -> Gather:
    """Read covers and change each at random, by seed, epoch and item alone.

    Without any setting in `augment` they come as they are, as segments of songs always do: float32
    of any shape. Covers are uint8 (n, size, size, 3), in memory or a memory map of which only the
    wanted rows are read; under the slip "scaled_twice" batches are float32.
    """
    is_scaled_twice = augment.slip == "scaled_twice"
    is_plain = dataclasses.replace(augment, slip="none") == Augment() and (
        augment.slip != "cast_to_8_bit"
    )

    def gather(indices: np.ndarray, epoch: int) -> np.ndarray:
        picked = read_rows(covers, indices)
        if not is_plain:
            changed = [
                augment_cover(cover, augment, np.random.default_rng((seed, epoch, int(index))))
                for cover, index in zip(picked, indices, strict=True)
            ]
            picked = np.stack(changed)
        if is_scaled_twice:
            return picked.astype(np.float32) / 255
        return picked  # (batch, size, size, 3)

    return Gather(gather, "float32" if is_scaled_twice else covers.dtype.name)


def gather_maps(maps: np.ndarray, seed: int) -> Gather:
    """Read one of the cached versions of each item, drawn anew in each epoch.

    `maps` are those of `training.frozen.cached_maps`; batches are float16.
    """
    n_views, n_items = maps.shape[:2]  # (n_views, n, height, width, n_filters)

    def gather(indices: np.ndarray, epoch: int) -> np.ndarray:
        # Drawn for all items, so that an item's view does not depend on its batch.
        views = np.random.default_rng((seed, epoch)).integers(0, n_views, size=(n_items,))
        return np.stack([maps[views[i], i] for i in indices])

    return Gather(gather, "float16")


def training_batches(
    gather: Gather,
    targets: np.ndarray,
    weights: np.ndarray,
    *,
    input_shape: tuple[int, ...],
    batch_size: int,
    epochs: int,
    seed: int,
    first_epoch: int = 0,
) -> tf.data.Dataset:
    """Lay out the shuffled batches of epochs `first_epoch` to `epochs - 1`, one after the other.

    `targets` (n, n_logits) are what the loss compares the logits with, `weights` (n,) count in it,
    both float32; the last batch of an epoch may be smaller. Epoch e is shuffled by (seed, e): a
    resumed training sees the same order. Gives (inputs, targets, weights).
    """
    n_items = len(targets)

    def read(indices: np.ndarray, epoch: np.ndarray) -> np.ndarray:
        return gather.read(indices, int(epoch))

    def shuffled(epoch: np.ndarray) -> np.ndarray:
        return np.random.default_rng((seed, int(epoch))).permutation(n_items)

    def one_epoch(epoch: tf.Tensor) -> tf.data.Dataset:
        order = tf.numpy_function(shuffled, [epoch], tf.int64)
        order.set_shape((n_items,))
        batches = tf.data.Dataset.from_tensor_slices(order).batch(batch_size)
        return batches.map(lambda indices: (indices, epoch))

    def load(indices: tf.Tensor, epoch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        inputs = tf.numpy_function(read, [indices, epoch], gather.dtype)
        inputs.set_shape((None, *input_shape))
        return (
            inputs,
            tf.gather(all_targets, indices),
            tf.gather(all_weights, indices),
        )

    def as_float(inputs: tf.Tensor, *rest: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return (tf.cast(inputs, tf.float32), *rest)

    all_targets, all_weights = tf.constant(targets), tf.constant(weights)
    epoch_numbers = tf.data.Dataset.range(first_epoch, epochs)
    batches = epoch_numbers.flat_map(one_epoch)
    loaded = batches.map(load, num_parallel_calls=2, deterministic=True).prefetch(2)
    # Last, and one at a time: covers wait in the buffers as bytes, a quarter as large.
    return loaded.map(as_float)
