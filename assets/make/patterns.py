"""`python -m assets.make.patterns [NAME ...]` makes the patterns of the shipped networks' layers.

What is current stays as it is; files of no network are taken away. It takes up to an hour on two
cores for the largest network; each layer is stored as soon as it is made.
"""

from __future__ import annotations

import hashlib
import sys
import time

import keras
import numpy as np

from genre_core.explain.kernels import conv_layers
from genre_core.explain.kernels_store import layers_path, save_layers
from genre_core.explain.patterns_made import has_patterns, make_missing
from genre_core.explain.patterns_store import (
    MAX_WORK,
    SHIPPED,
    StoredLayer,
    path_of,
    read_file,
    save_patterns,
)
from genre_core.explain.prepared import shipped
from genre_core.inference.checkpoint import load_network
from genre_core.inference.classifier import Classifier
from genre_core.inference.songs import SongClassifier

MORE = {"s5_cnn.soft_prog": 4, "msd_musicnn": 3, "s4_lite0": 2}
"""Networks of which more is stored, by how their names start: study S5's figures show all kernels
of its layers, and the taggers' front ends are the same in several networks."""


def main(names: list[str]) -> None:
    """Bring every stored pattern up to date, and say what was made."""
    made_before: dict[str, dict[str, StoredLayer]] = {}
    # Those that have their patterns come first: others of the same front end take them over.
    bundles = sorted(
        [*shipped("song"), *shipped("cover")],
        key=lambda bundle: not path_of(bundle.card, SHIPPED).is_file(),
    )
    for bundle in bundles:
        if names and bundle.name not in names:
            continue
        reader = SongClassifier if bundle.card.media == "song" else Classifier
        served = reader.load(bundle)
        save_layers(bundle.card, conv_layers(load_network(bundle)))
        if not has_patterns(bundle.card, conv_layers(served.network)):
            continue
        path = path_of(bundle.card, SHIPPED)
        stored = read_file(path)
        front = front_of(served.network)
        stored = made_before.get(front, {}) | stored
        more = next((n for start, n in MORE.items() if bundle.name.startswith(start)), 1)
        begun = time.perf_counter()
        for layer in make_missing(served, stored, max_work=more * MAX_WORK):
            stored[layer.layer] = layer
            save_patterns(bundle.card, SHIPPED, stored.values())
            took = time.perf_counter() - begun
            print(f"{bundle.name} {layer.layer}: {len(layer.kernels)} in {took:.1f} s", flush=True)
            begun = time.perf_counter()
        made_before[front] = {k: v for k, v in stored.items() if k != "logits"}
        save_patterns(bundle.card, SHIPPED, stored.values())
        if path.is_file():
            print(f"{bundle.name}: {path.stat().st_size / 1e3:.0f} kB", flush=True)
    wanted = {path_of(bundle.card, SHIPPED) for bundle in bundles}
    wanted |= {layers_path(bundle.card) for bundle in bundles}
    for path in (*SHIPPED.glob("*.npz"), *SHIPPED.glob("*.layers.json")):
        if path not in wanted:
            path.unlink()


def front_of(network: keras.Model) -> str:
    """Tell networks apart by their convolutions and what lies between, in sizes and weights."""
    digest = hashlib.sha256(repr(network.inputs[0].shape).encode())
    for layer in network.layers:
        if len(layer.output.shape) == 4:
            digest.update(layer.name.encode())
            for weight in layer.get_weights():
                digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main(sys.argv[1:])
