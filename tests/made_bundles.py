"""Small bundles for tests: a real network and card, made in a second, that predict by colour."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from PIL import Image

from genre_core.config import CoverInput, Experiment, Task, Training, to_dict
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.files import sha256_file
from genre_core.data.item import items_frame
from genre_core.inference.checkpoint import save_network
from genre_core.runs.bundle import MODEL_FILE, Bundle, open_bundle
from genre_core.runs.card import Card, save_card, with_model

SIZE = 64

_files: dict[tuple[str, str], tuple[bytes, Card]] = {}


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


def build_made(
    name: str, *, n_logits: int, input_shape: tuple[int, ...], **_: object
) -> keras.Model:
    """Stand in for `architectures.build` with the network of `make_network`."""
    return make_network(n_logits, input_shape[0])


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


def save_made(make: Callable[[int], keras.Model], card: Card, folder: Path) -> None:
    """Store the network that `make` makes, by `save_network` once, then as a copy of its file."""
    key = (make.__qualname__, json.dumps(card.contract, sort_keys=True))
    if key not in _files:
        written = save_network(make(card.n_logits), card, folder)
        _files[key] = (folder / MODEL_FILE).read_bytes(), written
        return
    content, written = _files[key]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(content)
    save_card(with_model(card, written.model_sha256, written.n_parameters), folder)


def write_bundle(
    models: Path,
    *,
    genres: tuple[str, ...] = ("Blue", "Red"),
    head: str = "softmax",
    name: str = "made.test",
    network: keras.Model | None = None,
    make: Callable[[int], keras.Model] = make_network,
    **on_card: Any,
) -> Bundle:
    """Store a network, or a made one, in the folder `models`; `on_card` replaces fields."""
    card = dataclasses.replace(make_card(make_experiment(genres, head), name), **on_card)
    if network is None:
        save_made(make, card, models / name)
    else:
        save_network(network, card, models / name)
    return open_bundle(models / name)


def write_dataset(root: Path, n: int = 12, *, name: str = "made") -> Catalog:
    """Store `n` noise covers of two genres as a data set; the last third is for val and test."""
    rows = []
    for k in range(n):
        genre = ("Blue", "Red")[k % 2]
        pixels = np.random.default_rng(k).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
        pixels[..., 2 if genre == "Blue" else 0] |= 128
        path = root / f"{k:03d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        rows.append(
            {
                "item_id": path.name,
                "path": path.name,
                "checksum": sha256_file(path),
                "labels": [genre],
                "title": f"Title {k}",
                "artist": f"Artist {k}",
                "source": "test",
                "group": str(k),
                "split": "train" if k < n - n // 3 else ("val", "test")[k // 2 % 2],
            }
        )
    head = DatasetHead(name, "Made", "none", "CC0", labels=("Blue", "Red"))
    catalog = Catalog(head, root, items_frame(rows))
    catalog.save(root)
    return catalog


def some_covers(n: int, size: int = SIZE, seed: int = 0) -> np.ndarray:
    """Noise covers, (n, size, size, 3) uint8."""
    return np.random.default_rng(seed).integers(0, 256, (n, size, size, 3), dtype=np.uint8)
