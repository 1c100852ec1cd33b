"""Bring a network's probabilities to those that hold: a temperature and, if need be, a prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_core.config import Head, require
from genre_core.metrics.probabilities import softmax

_TINY = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How probabilities follow from the network's own, p: p_k ^ (1 / temperature) * weights_k.

    They are scaled to sum 1.

    temperature: above 0; above 1 where the network was too sure, 1 leaves it as it is
    weights: one for each genre, where the network learnt with class weights: they bring back how
        common each genre is. Answers are read without them, by the network's own probabilities: it
        was told to count rare genres as much as common ones. Empty otherwise
    fitted_on: which items both were fitted on, for people
    n: how many
    """

    temperature: float
    weights: tuple[float, ...] = ()
    fitted_on: str = ""
    n: int = 0

    def __post_init__(self) -> None:
        for name, values in (("temperature", (self.temperature,)), ("weights", self.weights)):
            require(
                all(0 < value < np.inf for value in values),
                f"{name} must be above 0.",
                getattr(self, name),
                "Take what fit_calibration found.",
            )

    def apply(self, probs: ArrayLike, head: Head) -> NDArray[np.float64]:
        """Calibrate probabilities [shape=(n, n_genres)], as `metrics.probabilities` gives them.

        Without `weights` the order of an item's genres, and so its answer, stays. A multilabel
        head's genres are tempered one by one, sigmoid(logit(p_k) / temperature), without weights.

        Examples
        --------
        >>> Calibration(temperature=2.0).apply([[0.9, 0.1]], "softmax").round(2).tolist()
        [[0.75, 0.25]]
        >>> prior = Calibration(temperature=1.0, weights=(0.9, 0.1))
        >>> prior.apply([[0.5, 0.5]], "binary").round(2).tolist()
        [[0.9, 0.1]]
        """
        rows = np.asarray(probs, dtype=np.float64)
        if head == "multilabel":
            from scipy import special  # as in `intervals`

            return np.asarray(special.expit(special.logit(rows) / self.temperature))
        logs = np.log(np.maximum(rows, _TINY)) / self.temperature
        if self.weights:
            logs = logs + np.log(self.weights)
        return softmax(logs)
