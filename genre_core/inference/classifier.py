"""One door to a prediction: the app, the command line and the evaluation all use `Classifier`."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from genre_core.config import cover_input
from genre_core.image.cover import prepare_cover
from genre_core.image.decode import decode_cover
from genre_core.inference.served import Served
from genre_core.metrics.probabilities import probabilities
from genre_core.runs.answers import Prediction, cover_answer
from genre_core.runs.card import Card


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
        return cover_answer(self.card, self.logits(self.prepare(source)[np.newaxis])[0])
