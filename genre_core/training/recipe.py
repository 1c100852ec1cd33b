"""What an experiment's settings mean to Keras: optimizer, loss, accuracy and weights of items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from genre_core.config import Training, require


def make_optimizer(settings: Training, n_steps: int) -> keras.optimizers.Optimizer:
    """Make a training's optimizer.

    Parameters
    ----------
    settings : Training
        Its optimizer, learning rate, schedule and weight decay.
    n_steps : int
        Updates an epoch, for the schedule.

    Returns
    -------
    keras.optimizers.Optimizer
        SGD comes with momentum .9.

    Raises
    ------
    ParameterError
        A weight decay that the optimizer does not know.

    Examples
    --------
    >>> make_optimizer(Training(epochs=1, optimizer="sgd"), 10).momentum
    0.9
    >>> make_optimizer(Training(epochs=1, weight_decay=0.1), 10)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: weight_decay needs optimizer 'adamw' or 'sgd'. \
Received 0.1 (float). Set optimizer = 'adamw'.
    """
    rate: Any = settings.learning_rate
    if settings.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, n_steps * settings.epochs)
    if settings.optimizer == "adamw":
        return keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay)
    if settings.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=0.9, weight_decay=settings.weight_decay or None)
    require(
        settings.weight_decay == 0.0,
        "weight_decay needs optimizer 'adamw' or 'sgd'.",
        settings.weight_decay,
        "Set optimizer = 'adamw'.",
    )
    return keras.optimizers.Adam(rate)


def make_loss(head: str, label_smoothing: float) -> Callable[..., Any]:
    """Make the cross-entropy on logits that belongs to a head.

    Parameters
    ----------
    head : {"softmax", "binary", "multilabel"}
        How logits become probabilities.
    label_smoothing : float
        In [0, 0.5].

    Returns
    -------
    callable
        `loss(targets, logits)`, the mean over items and, but for softmax, over logits.

    Examples
    --------
    >>> make_loss("binary", 0.1).name
    'binary_crossentropy'
    """
    if head == "softmax":
        return keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=label_smoothing
        )
    return keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=label_smoothing)


def plain_loss(head: str, targets: np.ndarray, logits: np.ndarray) -> float:
    """Compute the loss of `make_loss` without smoothing, over all items.

    Not through a Keras loss object: where copies of a network share batches, that divides by their
    number.

    Parameters
    ----------
    head : {"softmax", "binary", "multilabel"}
        How logits become probabilities.
    targets, logits : np.ndarray [shape=(n, n_logits), dtype=float32]
        n at least 1.

    Examples
    --------
    >>> round(plain_loss("binary", np.array([[1.0]]), np.array([[0.0]])), 4)  # log 2
    0.6931
    """
    function = (
        keras.losses.categorical_crossentropy
        if head == "softmax"
        else keras.losses.binary_crossentropy
    )
    return float(keras.ops.mean(function(targets, logits, from_logits=True)))


def make_accuracy(head: str) -> keras.metrics.Metric:
    """Make the metric `accuracy` that belongs to a head.

    Examples
    --------
    >>> float(make_accuracy("binary")(np.array([[1.0], [0.0]]), np.array([[0.2], [0.3]])))
    0.5
    """
    if head == "softmax":
        return keras.metrics.CategoricalAccuracy(name="accuracy")
    # On logits the even chance lies at 0, not at .5. Multilabel: over all genres of all covers.
    return keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")


def item_weights(genre_index: np.ndarray, n_genres: int, *, balanced: bool) -> np.ndarray:
    """Weigh each item in the loss by its genre.

    Parameters
    ----------
    genre_index : np.ndarray [shape=(n,), dtype=int]
        Place of each item's genre.
    n_genres : int
        Genres of the task.
    balanced : bool
        Weigh by n / (n_genres_present * n_genre); else all alike.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=float32]
        Their sum is n.

    Examples
    --------
    >>> item_weights(np.array([0, 0, 1, 1, 1, 1]), 2, balanced=True).tolist()
    [1.5, 1.5, 0.75, 0.75, 0.75, 0.75]
    """
    weights = np.ones(n_genres)
    if balanced:
        present = np.unique(genre_index)
        weights[present] = compute_class_weight("balanced", classes=present, y=genre_index)
    return weights[genre_index].astype(np.float32)
