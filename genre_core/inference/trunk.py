"""What networks have in common: several heads on one frozen network need it run once."""

from __future__ import annotations

import hashlib
import json

import keras
import numpy as np

from genre_core.architectures.cut import cut_network
from genre_core.inference.forward import Compiled
from genre_core.inference.tagger_front import served_front

ENDS = ("flat_pool", "pool")
"""Layers that heads on a frozen network read, by the architectures that have one."""


class Trunk:
    """A network cut in two at the layer `end`: a body that others may share, and its own tail."""

    def __init__(self, network: keras.Model, end: str, *, batch_size: int) -> None:
        body, tail = cut_network(network, end)
        self.digest = _digest(body)
        self._body = Compiled(served_front(body), "float32", batch_size=batch_size)
        self._tail = Compiled(tail, "float32")

    def run(self, inputs: np.ndarray) -> np.ndarray:
        """Run the body: inputs [shape=(n, ...)] to what the tail reads [shape=(n, d)]."""
        return self._body(inputs)[0]

    def finish(self, given: np.ndarray) -> np.ndarray:
        """Run the tail on what the body gave, its own or one of the same digest: logits."""
        return self._tail(given)[0]


def find_trunk(network: keras.Model, *, batch_size: int) -> Trunk | None:
    """Cut a network where heads are put on it; None where it has no such layer."""
    names = {layer.name for layer in network.layers}
    end = next((name for name in ENDS if name in names), None)
    return None if end is None else Trunk(network, end, batch_size=batch_size)


def _digest(body: keras.Model) -> str:
    """Equal for bodies that compute the same: layers, their settings and their weights."""
    digest = hashlib.sha256()
    for layer in body.layers:
        config = {key: value for key, value in layer.get_config().items() if key != "trainable"}
        digest.update(json.dumps(config, sort_keys=True, default=str).encode())
        for weight in layer.get_weights():
            digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()
