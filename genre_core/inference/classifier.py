"""One door to a prediction: the app, the command line and the evaluation all use `Classifier`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from genre_core.config import Head, cover_input
from genre_core.image.cover import prepare_cover
from genre_core.image.decode import decode_cover
from genre_core.inference.served import Served
from genre_core.metrics.probabilities import predicted, probabilities
from genre_core.runs.card import Card


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one network says of one cover.

    `probs` [shape=(n_genres,)] are in the order of `genres`, calibrated where `is_calibrated`,
    otherwise scores; `logits` [shape=(n_logits,)] the network's own output, which `head` says how
    to read.
    """

    model: str
    genres: tuple[str, ...]
    probs: np.ndarray
    logits: np.ndarray
    head: Head
    is_calibrated: bool = False

    @property
    def genre_index(self) -> int:
        """Place of the answer: the genre of the network's own highest output.

        Of a network with class weights another genre may be more probable: the answer counts rare
        genres as much as common ones (`metrics.calibration.Calibration`).
        """
        return int(predicted(probabilities(self.logits[np.newaxis], self.head))[0])

    @property
    def probability(self) -> float:
        """What is given to the answer."""
        return float(self.probs[self.genre_index])

    @property
    def genre(self) -> str:
        """The answer."""
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
            "calibrated": self.is_calibrated,
            "probs": {genre: float(p) for genre, p in zip(self.genres, self.probs, strict=True)},
            "logits": [float(value) for value in self.logits],
        }


class Classifier(Served):
    """A network of covers with its card, ready to be fed; threads may share it."""

    dtype = "uint8"

    def __init__(self, network: keras.Model, card: Card) -> None:
        cover_input(card.input)
        super().__init__(network, card)

    def prepare(self, source: str | Path | bytes | np.ndarray) -> np.ndarray:
        """Turn a file, its bytes or a decoded picture into the network's input.

        Returns an array [shape=(size, size, 3), dtype=uint8]; raises `DecodeError` where it is not
        a picture that can be read.
        """
        picture = source if isinstance(source, np.ndarray) else decode_cover(source)
        return prepare_cover(picture, cover_input(self.card.input))

    def probs(self, covers: np.ndarray) -> np.ndarray:
        """Return probabilities of prepared covers as they are shown [shape=(n, n_genres)]."""
        return self.card.calibrated(probabilities(self.logits(covers), self.card.head))

    def classify(self, source: str | Path | bytes | np.ndarray) -> Prediction:
        """Classify a file, its bytes, or a decoded RGB picture (height, width, 3) [uint8].

        Raises `DecodeError`: not a picture that can be read.
        """
        logits = self.logits(self.prepare(source)[np.newaxis])
        [probs] = self.card.calibrated(probabilities(logits, self.card.head))
        is_calibrated = self.card.calibration is not None
        return Prediction(self.name, self.genres, probs, logits[0], self.card.head, is_calibrated)
