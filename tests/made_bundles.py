"""Small bundles for tests: a real network and card, made in a second, that predict by colour."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from keras import layers

from genre_core.config import CoverInput, Experiment, Task, Training, to_dict
from genre_core.inference.checkpoint import save_network
from genre_core.runs.bundle import Bundle, open_bundle
from genre_core.runs.card import Card

SIZE = 64


def make_network(n_logits: int = 2, size: int = SIZE) -> keras.Model:
    """Three convolutions and a dense layer, seeded."""
    keras.utils.set_random_seed(0)
    image = keras.Input((size, size, 3), name="image")
    x = layers.Rescaling(1 / 255, name="rescale")(image)
    for place, n_filters in enumerate((8, 16, 16), start=1):
        x = layers.Conv2D(n_filters, 3, activation="relu", padding="same", name=f"conv_{place}")(x)
        x = layers.MaxPooling2D(2, name=f"pool_{place}")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    logits = layers.Dense(n_logits, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="made")


def make_experiment(genres: tuple[str, ...] = ("Blue", "Red"), head: str = "softmax") -> Experiment:
    return Experiment(
        name="made",
        title="A made network",
        study="ours",
        architecture="made",
        tag="test",
        task=Task(genres=genres, head=head),
        input=CoverInput(size=SIZE),
        training=Training(epochs=1),
    )


def make_card(experiment: Experiment, name: str = "made.test") -> Card:
    architecture, tag = name.split(".")
    return Card(
        name=name,
        title=experiment.title,
        description="For tests only.",
        architecture=architecture,
        tag=tag,
        study="ours",
        genres=experiment.task.genres,
        head=experiment.task.head,
        input=experiment.input,
        n_parameters=0,
        model_sha256="",
        experiment=to_dict(experiment),
        data={"name": "made", "split_rule": "none", "n_train": 0, "n_val": 0, "n_test": 0},
        provenance={"n_runs": 1, "versions": {}, "command": "a test", "seed": 0},
    )


def write_bundle(
    models: Path,
    *,
    genres: tuple[str, ...] = ("Blue", "Red"),
    head: str = "softmax",
    name: str = "made.test",
    network: keras.Model | None = None,
) -> Bundle:
    """Store a made network as a bundle in the folder `models`."""
    experiment = make_experiment(genres, head)
    made = network or make_network(experiment.task.n_logits)
    save_network(made, make_card(experiment, name), models / name)
    return open_bundle(models / name)


def some_covers(n: int, size: int = SIZE, seed: int = 0) -> np.ndarray:
    """Noise covers, (n, size, size, 3) uint8."""
    return np.random.default_rng(seed).integers(0, 256, (n, size, size, 3), dtype=np.uint8)
