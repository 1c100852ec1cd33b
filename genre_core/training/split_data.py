"""What a network is fitted on: inputs of one split and what they should be called."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genre_core.config import Task, require


@dataclass(frozen=True, slots=True)
class SplitData:
    """Prepared covers, or segments of songs, of one split and their genres."""

    inputs: np.ndarray
    """Covers, in memory or a memory map; of songs [shape=(n, *spec.shape), dtype=float32]
    [shape=(n, size, size, 3), dtype=uint8]."""
    genre_index: np.ndarray
    """Place of each item's genre in the taxonomy; the first of them in a multilabel task
    [shape=(n,), dtype=int64]."""
    hits: np.ndarray | None = None
    """Every genre of each item; only for a multilabel task [shape=(n, n_genres), dtype=bool]."""
    shares: np.ndarray | None = None
    """How much of each genre every item is, where some are several [shape=(n, n_genres)]."""
    soft: np.ndarray | None = None
    """What the loss compares the logits with, where that is no label: a teacher's scores [shape=(n,
    n_logits), dtype=float32]."""

    @property
    def learnt(self) -> np.ndarray:
        """Each item's genre, or where some are several the shares of all."""
        return self.genre_index if self.shares is None else self.shares

    def has_labels(self, task: Task) -> bool:
        """Tell whether an answer can be right: a teacher's score or a single share never is."""
        if self.soft is not None or self.shares is None or task.head == "softmax":
            return self.soft is None
        return bool(np.isin(self.shares, (0, 1)).all())

    def targets(self, task: Task) -> np.ndarray:
        """Return what the loss compares the logits with [shape=(n, n_logits), dtype=float32]."""
        if self.soft is not None:
            return self.soft
        if self.shares is not None:
            shares = self.shares[:, 1:] if task.head == "binary" else self.shares
            return shares.astype(np.float32)
        if task.head == "binary":
            return self.genre_index[:, np.newaxis].astype(np.float32)
        if task.head == "softmax":
            return np.eye(task.n_logits, dtype=np.float32)[self.genre_index]
        require(
            self.hits is not None,
            "A multilabel task needs every genre of each cover.",
            self.hits,
            "Give SplitData its hits.",
        )
        return np.asarray(self.hits, dtype=np.float32)
