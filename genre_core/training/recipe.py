"""What an experiment's settings mean to Keras: optimizer, loss, accuracy and weights of items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from genre_core.config import Experiment, Training, require
from genre_core.training.micro_batches import in_micro_batches


def compile_network(
    network: keras.Model, experiment: Experiment, n_steps: int, *, has_labels: bool = True
) -> keras.Model:
    """Compile what is trained as its experiment says, to be fitted on (inputs, targets, weights).

    `network` is the whole one, or what lies behind its frozen part; what is given back shares its
    weights. `n_steps` are the updates an epoch, for the schedule. `has_labels` is False where a
    teacher's scores are learnt: a score is never "right", so that an accuracy would be 0 whatever
    is learnt.
    """
    settings, head = experiment.training, experiment.task.head
    require(
        not (settings.class_weights and head == "multilabel"),
        "class_weights weigh covers by their one genre: a multilabel task has none.",
        settings.class_weights,
        "Set class_weights = false.",
    )
    if settings.freeze_norm:
        for layer in network.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False
    is_whole = settings.parts == 1
    if not is_whole:
        network = in_micro_batches(network, settings.batch_size // settings.parts)
    network.compile(
        optimizer=make_optimizer(settings, n_steps),
        loss=make_loss(head, settings.label_smoothing),
        weighted_metrics=[],
        metrics=[make_accuracy(head)] if has_labels else [],
        jit_compile="auto" if is_whole else False,
    )
    # Left to the first step, the optimizer's variables make TensorFlow lay that step out twice.
    network.optimizer.build(network.trainable_variables)
    return network


def make_optimizer(settings: Training, n_steps: int) -> keras.optimizers.Optimizer:
    """Make the optimizer of a training of `n_steps` updates an epoch; SGD has momentum .9.

    Examples
    --------
    >>> make_optimizer(Training(epochs=1, optimizer="sgd"), 10).momentum
    0.9
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
    """Make the cross-entropy on logits: the mean over items and, but for softmax, over logits."""
    if head == "softmax":
        return keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=label_smoothing
        )
    return keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=label_smoothing)


def plain_loss(head: str, targets: np.ndarray, logits: np.ndarray) -> float:
    """Compute the loss of `make_loss` without smoothing, over all items [shape=(n, n_logits)].

    Not through a Keras loss object: where copies of a network share batches, that divides by their
    number.

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
    """Make the metric `accuracy` of logits; multilabel: over all genres of all covers."""
    if head == "softmax":
        return keras.metrics.CategoricalAccuracy(name="accuracy")
    # On logits the even chance lies at 0, not at .5.
    return keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")


def item_weights(genre_index: np.ndarray, n_genres: int, *, balanced: bool) -> np.ndarray:
    """Weigh each item in the loss, by n / (n_genres_present * n_genre) if balanced, else all alike.

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
