"""Where the epoch is chosen: figures on validation data, the best weights, an early stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from genre_core.config import Head
from genre_core.errors import JobError
from genre_core.metrics.classification import accuracy, balanced_accuracy, macro_f1, roc_auc
from genre_core.metrics.multilabel import multilabel_macro_f1, multilabel_roc_auc, top_hit
from genre_core.metrics.probabilities import predicted, probabilities
from genre_core.progress import Log
from genre_core.training.batches import logits_of


@dataclass(frozen=True, slots=True)
class Validation:
    """What a training is validated on."""

    inputs: np.ndarray
    """Covers, segments or maps, as the network takes them."""
    genre_index: np.ndarray  # (n,)
    targets: np.ndarray  # (n, n_logits)
    loss: Callable[[np.ndarray, np.ndarray], float]
    """`loss(targets, logits)` of the training, without smoothing or weights."""
    head: Head


class ValidationHistory(keras.callbacks.Callback):
    """After each epoch: a history row, figures on validation, the best weights, an early stop.

    `validation` is None where a recipe trains on that data too. `select` names the figure that
    chooses ("last_epoch" takes the last one, whatever it reaches); `patience` is how many epochs
    without a better one come before the stop, 0 for none.
    """

    def __init__(
        self,
        validation: Validation | None,
        *,
        select: str,
        patience: int = 0,
        log: Log | None = None,
    ) -> None:
        super().__init__()
        self._validation = validation
        self._select, self._patience, self._log = select, patience, log
        self._sign = -1.0 if select == "val_loss" else 1.0
        self._started = 0.0
        self.rows: list[dict[str, Any]] = []
        self.best_epoch = -1
        self.best_weights: list[np.ndarray] = []

    @property
    def merit(self) -> float:
        """How good the chosen epoch is, more being better; the same for all where none chooses."""
        return 0.0 if self._select == "last_epoch" else self._merit(self.rows[self.best_epoch])

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Note the time."""
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Add a row to the history, keep the best weights, and stop early where patience ends."""
        row: dict[str, Any] = {"epoch": epoch + 1, **(logs or {})}
        self._need_finite(row["loss"], epoch)
        weights = self.model.get_weights()
        # A fused ReLU makes 0 of NaN: logits may be finite where weights are not.
        self._need_finite(np.max([np.abs(w).max(initial=0) for w in weights]), epoch)
        if self._validation is not None:
            logits = logits_of(self.model, self._validation.inputs)
            self._need_finite(np.abs(logits).max(), epoch)
            row |= _measure(self._validation, logits)
        row["seconds"] = round(time.perf_counter() - self._started, 2)
        self.rows.append(row)
        chooses = self._select != "last_epoch"
        if (
            not chooses
            or self.best_epoch < 0
            or self._merit(row) > self._merit(self.rows[self.best_epoch])
        ):
            self.best_epoch = len(self.rows) - 1
            if chooses:
                self.best_weights = [np.array(w) for w in weights]
        if self._log:
            figures = ", ".join(f"{k} {v:.4f}" for k, v in row.items() if isinstance(v, float))
            self._log(f"epoch {epoch + 1}: {figures}")
        if self._patience and len(self.rows) - 1 - self.best_epoch >= self._patience:
            self.model.stop_training = True

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Keep the last weights where nothing chooses."""
        if self._select == "last_epoch":
            self.best_weights = [np.array(w) for w in self.model.get_weights()]

    def _merit(self, row: dict[str, Any]) -> float:
        return self._sign * float(row[self._select])

    def _need_finite(self, value: float, epoch: int) -> None:
        if not np.isfinite(value):
            raise JobError(
                "Loss, logits and weights of a training must stay finite.",
                received=f"{value:.4g} in epoch {epoch + 1}",
                cure="Lower the learning rate.",
            )


def _measure(validation: Validation, logits: np.ndarray) -> dict[str, float]:
    true = validation.genre_index
    probs = probabilities(logits, validation.head)
    figures = {"val_loss": validation.loss(validation.targets, logits)}
    if validation.head == "multilabel":
        hits = validation.targets > 0
        return figures | {
            "val_top_hit": top_hit(hits, probs),
            "val_macro_f1": multilabel_macro_f1(hits, probs),
            "val_roc_auc": multilabel_roc_auc(hits, probs),
        }
    scores = probs[:, 1] if probs.shape[1] == 2 else probs
    chosen = predicted(probs)
    return figures | {
        "val_accuracy": accuracy(true, chosen),
        "val_balanced_accuracy": balanced_accuracy(true, chosen),
        "val_macro_f1": macro_f1(true, chosen),
        "val_roc_auc": roc_auc(true, scores),
    }
