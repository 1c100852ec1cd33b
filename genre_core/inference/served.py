"""What every bundle that predicts shares: its network, its card and the way to feed it."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import keras
import numpy as np

from genre_core.errors import ParameterError, describe
from genre_core.inference.checkpoint import load_network
from genre_core.inference.forward import Forward, without_recurrent_dropout
from genre_core.runs.bundle import Bundle, find_bundle
from genre_core.runs.card import Card


class Served:
    """A network with its card, which says how to feed it: a `Classifier` or a `SongClassifier`."""

    dtype = "float32"
    """Of prepared inputs."""

    batch_size = 32

    def __init__(self, network: keras.Model, card: Card) -> None:
        self.network = without_recurrent_dropout(network)
        self.card = card
        self._forward = Forward(self.network, self.dtype, batch_size=self.batch_size)

    @classmethod
    def load(cls, name: str | Path | Bundle) -> Self:
        """Load a bundle by name, folder, or as found by `runs.bundle`.

        Raises `CheckpointError` where there is no such bundle, or one that does not hold.
        """
        bundle = name if isinstance(name, Bundle) else find_bundle(str(name))
        return cls(load_network(bundle), bundle.card)

    @property
    def name(self) -> str:
        """Name of the bundle."""
        return self.card.name

    @property
    def genres(self) -> tuple[str, ...]:
        """The taxonomy in the order of `probs`."""
        return self.card.genres

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """Run prepared inputs (n, *card.input.shape), n may be 0, to logits (n, n_logits).

        Raises `ParameterError`: another shape or dtype.
        """
        return self.run(inputs)[0]

    def embed(self, inputs: np.ndarray) -> np.ndarray:
        """Return the network's embedding of each input, see `Forward` [shape=(n, d), float32]."""
        return self.run(inputs)[1]

    def run(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return `logits` and `embed` of the same inputs, at the cost of one."""
        shape = self.card.input.shape
        if inputs.ndim != len(shape) + 1 or inputs.shape[1:] != shape or inputs.dtype != self.dtype:
            raise ParameterError(
                f"Inputs must have shape (n, {', '.join(map(str, shape))}) and dtype {self.dtype}.",
                received=describe(inputs),
                cure=f"Use {type(self).__name__}.prepare on each {self.card.media}.",
            )
        logits, embedding = self._forward(inputs)
        return logits, embedding
