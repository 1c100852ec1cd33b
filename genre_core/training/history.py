"""Watch a training on its validation data and keep the weights of the best epoch."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from genre_core.config import Head
from genre_core.errors import JobError
from genre_core.metrics.classification import accuracy, macro_f1, roc_auc
from genre_core.metrics.probabilities import predicted, probabilities

Log = Callable[[str], None]


class ValidationHistory(keras.callbacks.Callback):
    """After each epoch: figures on validation, a history row, the best weights, an early stop.

    Parameters
    ----------
    inputs : np.ndarray
        Validation covers or maps, as the network takes them.
    genre_index : np.ndarray [shape=(n,), dtype=int]
        True genres.
    head : {"softmax", "binary", "multilabel"}
        How logits become probabilities.
    loss : callable
        `loss(targets, logits)` of the training, without smoothing or weights.
    targets : np.ndarray
        For `loss`.
    select : {"val_loss", "val_macro_f1", "val_roc_auc"}
        The figure that chooses.
    patience : int
        Epochs without a better one before the stop; 0 never stops.
    log : callable, optional
        Takes one line an epoch.
    """

    def __init__(
        self,
        inputs: np.ndarray,
        genre_index: np.ndarray,
        *,
        head: Head,
        loss: Callable[[np.ndarray, np.ndarray], float],
        targets: np.ndarray,
        select: str,
        patience: int,
        log: Log | None = None,
    ) -> None:
        super().__init__()
        self._inputs, self._genre_index, self._targets = inputs, genre_index, targets
        self._head, self._loss = head, loss
        self._select, self._patience, self._log = select, patience, log
        self._sign = -1.0 if select == "val_loss" else 1.0
        self._started = 0.0
        self.rows: list[dict[str, Any]] = []
        self.best_epoch = -1
        self.best_weights: list[np.ndarray] = []

    @property
    def best_value(self) -> float:
        """The chosen epoch's value of `select`."""
        return float(self.rows[self.best_epoch][self._select])

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Take the time."""
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Measure, keep and decide."""
        seen: dict[str, Any] = dict(logs or {})
        logits = self._run()
        if not (np.isfinite(seen["loss"]) and np.isfinite(logits).all()):
            raise JobError(
                "The training loss and the logits must stay finite.",
                received=f"loss {seen['loss']:.4g} in epoch {epoch + 1}",
                cure="Lower the learning rate.",
            )
        figures = self._measure(logits)
        seconds = round(time.perf_counter() - self._started, 2)
        row: dict[str, Any] = {"epoch": epoch + 1, **seen, **figures, "seconds": seconds}
        self.rows.append(row)
        value = self._sign * row[self._select]
        if self.best_epoch < 0 or value > self._sign * self.best_value:
            self.best_epoch = len(self.rows) - 1
            self.best_weights = [np.array(w) for w in self.model.get_weights()]
        if self._log:
            told = ", ".join(f"{k} {v:.4f}" for k, v in row.items() if isinstance(v, float))
            self._log(f"epoch {epoch + 1}: {told}")
        if self._patience and len(self.rows) - 1 - self.best_epoch >= self._patience:
            self.model.stop_training = True

    def _run(self) -> np.ndarray:
        batches = [
            keras.ops.convert_to_numpy(
                self.model(np.asarray(self._inputs[i : i + 64], np.float32), training=False)
            )
            for i in range(0, len(self._inputs), 64)
        ]
        return np.concatenate(batches)

    def _measure(self, logits: np.ndarray) -> dict[str, float]:
        probs = probabilities(logits, self._head)
        scores = probs[:, 1] if probs.shape[1] == 2 else probs
        chosen = predicted(probs)
        return {
            "val_loss": self._loss(self._targets, logits),
            "val_accuracy": accuracy(self._genre_index, chosen),
            "val_macro_f1": macro_f1(self._genre_index, chosen),
            "val_roc_auc": roc_auc(self._genre_index, scores),
        }
