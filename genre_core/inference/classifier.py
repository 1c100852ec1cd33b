"""One door to a prediction: the app, the command line and the evaluation all use `Classifier`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from genre_core.config import Head, cover_input
from genre_core.errors import ParameterError, describe
from genre_core.image.cover import prepare_cover
from genre_core.image.decode import decode_cover
from genre_core.inference.checkpoint import load_network
from genre_core.inference.forward import Forward
from genre_core.metrics.probabilities import probabilities
from genre_core.runs.bundle import Bundle, find_bundle
from genre_core.runs.card import Card


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one network says of one cover.

    Parameters
    ----------
    model : str
        Name of the bundle.
    genres : tuple of str
        The taxonomy.
    probs : np.ndarray [shape=(n_genres,), dtype=float32]
        In the order of `genres`.
    logits : np.ndarray [shape=(n_logits,), dtype=float32]
        The network's own output.
    head : {"softmax", "binary", "multilabel"}
        How the logits became `probs`.
    """

    model: str
    genres: tuple[str, ...]
    probs: np.ndarray
    logits: np.ndarray
    head: Head

    @property
    def genre_index(self) -> int:
        """Place of the likeliest genre."""
        return int(np.argmax(self.probs))

    @property
    def genre(self) -> str:
        """The likeliest genre."""
        return self.genres[self.genre_index]

    def ranking(self) -> list[tuple[str, float]]:
        """Every genre with its probability, likeliest first."""
        order = np.argsort(-self.probs, kind="stable")
        return [(self.genres[i], float(self.probs[i])) for i in order]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "model": self.model,
            "genre": self.genre,
            "head": self.head,
            "probs": {genre: float(p) for genre, p in zip(self.genres, self.probs, strict=True)},
            "logits": [float(value) for value in self.logits],
        }


class Classifier:
    """A network with its card, ready to be fed.

    Parameters
    ----------
    network : keras.Model
        Input (batch, size, size, 3), RGB 0 to 255; output logits (batch, n_logits).
    card : Card
        How to feed the network and read its logits.

    Notes
    -----
    The forward pass is one compiled function for any batch size (`inference.forward`). It is safe
    to share between threads.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        self.network = network
        self.card = card
        self._forward = Forward(network, cover_input(card.input).shape, "uint8")

    @classmethod
    def load(cls, name: str | Path | Bundle) -> Classifier:
        """Load a bundle by name, folder, or as found by `runs.bundle`.

        Raises
        ------
        CheckpointError
            No such bundle, or one that does not hold.
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

    def prepare(self, source: str | Path | bytes | np.ndarray) -> np.ndarray:
        """Turn a file, its bytes or a decoded picture into the network's input.

        Returns
        -------
        np.ndarray [shape=(size, size, 3), dtype=uint8]

        Raises
        ------
        DecodeError
            Not a picture that can be read.
        """
        picture = source if isinstance(source, np.ndarray) else decode_cover(source)
        return prepare_cover(picture, cover_input(self.card.input))

    def logits(self, covers: np.ndarray) -> np.ndarray:
        """Run the network on prepared covers.

        Parameters
        ----------
        covers : np.ndarray [shape=(n, size, size, 3), dtype=uint8]
            From `prepare`; n may be 0.

        Returns
        -------
        np.ndarray [shape=(n, n_logits), dtype=float32]
        """
        return self._run(covers)[0]

    def embed(self, covers: np.ndarray) -> np.ndarray:
        """Return what the last layer reads: the cover's embedding.

        Returns
        -------
        np.ndarray [shape=(n, d), dtype=float32]
        """
        return self._run(covers)[1]

    def probs(self, covers: np.ndarray) -> np.ndarray:
        """Return probabilities of prepared covers.

        Returns
        -------
        np.ndarray [shape=(n, n_genres), dtype=float32]
        """
        return probabilities(self.logits(covers), self.card.head)

    def classify(self, source: str | Path | bytes | np.ndarray) -> Prediction:
        """Classify one cover, from the file to the genre.

        Parameters
        ----------
        source : str, Path, bytes or np.ndarray
            A file, its bytes, or a decoded RGB picture (height, width, 3) [uint8].

        Returns
        -------
        Prediction

        Raises
        ------
        DecodeError
            Not a picture that can be read.
        """
        logits = self.logits(self.prepare(source)[np.newaxis])
        probs = probabilities(logits, self.card.head)
        return Prediction(self.name, self.genres, probs[0], logits[0], self.card.head)

    def _run(self, covers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        size = cover_input(self.card.input).size
        if covers.ndim != 4 or covers.shape[1:] != (size, size, 3) or covers.dtype != np.uint8:
            raise ParameterError(
                f"Covers must have shape (n, {size}, {size}, 3) and dtype uint8.",
                received=describe(covers),
                cure="Use Classifier.prepare on each cover.",
            )
        return self._forward(covers)
