"""Weights of others: files of installed packages, put layer by layer into a network of ours."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers

from genre_core.errors import CheckpointError


@dataclass(frozen=True, slots=True)
class Layout:
    """How a package names a layer's weights ("<scope>/<part>") and lays them out."""

    norm: tuple[str, ...]
    """Parts of a batch normalization, in Keras's order."""
    other: tuple[str, ...]
    """Kernel and bias of any other layer."""
    as_keras: Callable[[keras.Layer, np.ndarray], np.ndarray]
    """Brings an array to the axes that Keras's layer has."""
    cure: str
    """What to do where the weights do not fit."""


def find_in_package(package: str, pattern: str) -> Path | None:
    """Find the first file or folder of a package by a pattern; nothing of it is imported."""
    spec = importlib.util.find_spec(package)
    roots = list(spec.submodule_search_locations or []) if spec else []
    return next((path for root in roots for path in sorted(Path(root).glob(pattern))), None)


def put_weights(
    network: keras.Model,
    stored: Mapping[str, np.ndarray],
    scopes: Mapping[str, str],
    layout: Layout,
    *,
    keep_logits: bool,
) -> None:
    """Set a network's weights to stored ones; `CheckpointError` if one is missing or left over.

    `scopes` names the scope of each of the original's layers: those that the network leaves out
    are dropped. Without `keep_logits` the layer `logits` stays as it is.
    """
    used, kept = set(), set()
    for layer in network.layers:
        if not layer.weights or (layer.name == "logits" and not keep_logits):
            continue
        scope = scopes[layer.name]
        is_norm = isinstance(layer, layers.BatchNormalization)
        parts = (layout.norm if is_norm else layout.other)[: len(layer.weights)]
        names = [f"{scope}/{part}" for part in parts]
        values = [layout.as_keras(layer, stored.get(name, np.empty(0))) for name in names]
        for name, value, weight in zip(names, values, layer.weights, strict=True):
            if value.shape != tuple(weight.shape):
                raise CheckpointError(
                    f"The stored {name} must fit the layer {layer.name}.",
                    received=f"shape {value.shape} for {tuple(weight.shape)}",
                    cure=layout.cure,
                )
        layer.set_weights(values)
        used |= set(names)
        kept.add(scope)
    dropped = set(scopes.values()) - kept
    left = [name for name in stored if name not in used and name.rpartition("/")[0] not in dropped]
    if left:
        raise CheckpointError(
            "Every stored weight must belong to a layer.",
            received=f"{len(left)} left over, first {min(left)}",
            cure=layout.cure,
        )
