"""Figures of merit: probabilities, classification and intervals, without TensorFlow."""

from genre_core.metrics.classification import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    macro_f1,
    majority_baseline,
    most_confused,
    per_genre_table,
    roc_auc,
)
from genre_core.metrics.intervals import (
    Interval,
    bootstrap_interval,
    exact_interval,
    paired_gain,
)
from genre_core.metrics.probabilities import predicted, probabilities

__all__ = [
    "Interval",
    "accuracy",
    "balanced_accuracy",
    "bootstrap_interval",
    "confusion_matrix",
    "exact_interval",
    "macro_f1",
    "majority_baseline",
    "most_confused",
    "paired_gain",
    "per_genre_table",
    "predicted",
    "probabilities",
    "roc_auc",
]
