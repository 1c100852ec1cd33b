"""Studies on a GPU, where there is one: items a second, ours against Keras's bare loop."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tests.benchmarks.timing import row

RECIPES = ("s1_prog_covers", "s5_cnn", "s5_lstm", "s5_lstm_fast")
N_ITEMS, N_EPOCHS, ROUNDS = 256, 3, 5


def measure() -> list[dict[str, Any]]:
    """Train each recipe on made inputs; without a GPU say so and measure nothing."""
    import tensorflow as tf

    from genre_core.training.devices import on_device

    names = [gpu.name for gpu in tf.config.list_physical_devices("GPU")]
    if not names:
        return [row("GPUs that TensorFlow sees here: nothing is measured", 0)]
    with on_device("gpu:0") as device:
        rows = [row(f"GPUs, the first a {device.title}", len(names))]
        for name in RECIPES:
            rows += _recipe(name)
    return rows


def _recipe(name: str) -> list[dict[str, Any]]:
    from genre_core.architectures import build
    from genre_core.config import Augment, load_experiment
    from genre_core.training.fit import fit_experiment
    from genre_core.training.recipe import make_loss, make_optimizer
    from genre_core.training.split_data import SplitData

    recipe = load_experiment(name)
    training = dataclasses.replace(
        recipe.training, epochs=N_EPOCHS, select="last_epoch", patience=0, folds=0, parts=1
    )
    recipe = dataclasses.replace(recipe, training=training, augment=Augment())
    rng = np.random.default_rng(0)
    shape = (N_ITEMS, *recipe.input.shape)
    is_cover = len(recipe.input.shape) == 3 and recipe.input.shape[-1] == 3
    inputs = (
        rng.integers(0, 256, shape, dtype=np.uint8)
        if is_cover
        else rng.normal(size=shape).astype(np.float32)
    )
    part = SplitData(inputs, np.arange(N_ITEMS) % len(recipe.task.genres))
    rates: dict[str, list[float]] = {"bare": [], "ours": []}
    for _ in range(ROUNDS):
        network = build(
            recipe.architecture,
            n_logits=recipe.task.n_logits,
            input_shape=recipe.input.shape,
            **recipe.network,
        )
        network.compile(make_optimizer(training, 1), make_loss(recipe.task.head, 0.0))
        batches = tf.data.Dataset.from_tensor_slices((inputs, part.targets(recipe.task)))
        batches = batches.shuffle(N_ITEMS).batch(training.batch_size)
        batches = batches.map(lambda x, y: (tf.cast(x, tf.float32), y)).prefetch(2)
        times = _Seconds()
        network.fit(batches, epochs=N_EPOCHS, callbacks=[times], verbose=0)
        rates["bare"].append(N_ITEMS / np.mean(times.seconds[1:]))
        with tempfile.TemporaryDirectory() as folder:
            fitted = fit_experiment(recipe, part, None, key="bench", cache_dir=Path(folder))
        rates["ours"].append(N_ITEMS / fitted.history["seconds"].iloc[1:].mean())
    bare, ours = (float(np.median(rates[side])) for side in ("bare", "ours"))
    return [
        row(f"{name}: items a second, bare model.fit", bare),
        row(f"{name}: ours against it", ours / bare),
    ]


class _Seconds(keras.callbacks.Callback):
    """Notes how long epochs take."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._start = tf.timestamp()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.seconds.append(float(tf.timestamp() - self._start))
