"""Fit a network by its experiment, once for each repeat, and choose on validation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from genre_core.architectures import build
from genre_core.architectures.split import split_network
from genre_core.config import Experiment, Task, require
from genre_core.training.batches import Gather, gather_covers, gather_maps, training_batches
from genre_core.training.frozen import cached_maps
from genre_core.training.history import Log, Validation, ValidationHistory
from genre_core.training.parts import in_parts
from genre_core.training.recipe import item_weights, make_accuracy, make_loss, make_optimizer

AfterRun = Callable[[int, keras.Model], None]
"""Called with the place of a run and its network, at the epoch that counts."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted network and how it came about.

    Parameters
    ----------
    network : keras.Model
        The whole network with the chosen weights.
    history : pd.DataFrame
        One row a run and epoch: run, epoch, loss, accuracy, the figures `val_...` where there is a
        validation part, seconds, chosen.
    best_run : int
        Place of the run that was kept.
    """

    network: keras.Model
    history: pd.DataFrame
    best_run: int


@dataclass(frozen=True, slots=True)
class Part:
    """Prepared covers, or segments of songs, of one split and their genres.

    Parameters
    ----------
    covers : np.ndarray [shape=(n, size, size, 3), dtype=uint8]
        In memory or a memory map; of songs [shape=(n, *spec.shape), dtype=float32].
    genre_index : np.ndarray [shape=(n,), dtype=int64]
        Place of each cover's genre in the taxonomy; the first of them in a multilabel task.
    hits : np.ndarray [shape=(n, n_genres), dtype=bool], optional
        Every genre of each cover; only for a multilabel task.
    soft : np.ndarray [shape=(n, n_logits), dtype=float32], optional
        What the loss compares the logits with, where that is no label: a teacher's scores.
    """

    covers: np.ndarray
    genre_index: np.ndarray
    hits: np.ndarray | None = None
    soft: np.ndarray | None = None

    def targets(self, task: Task) -> np.ndarray:
        """Return what the loss compares the logits with [shape=(n, n_logits), dtype=float32]."""
        if self.soft is not None:
            return self.soft
        if task.head == "binary":
            return self.genre_index[:, np.newaxis].astype(np.float32)
        if task.head == "softmax":
            return np.eye(task.n_logits, dtype=np.float32)[self.genre_index]
        require(
            self.hits is not None,
            "A multilabel task needs every genre of each cover.",
            self.hits,
            "Give Part its hits.",
        )
        return np.asarray(self.hits, dtype=np.float32)


def fit_experiment(
    experiment: Experiment,
    train: Part,
    val: Part | None,
    *,
    key: str,
    cache_dir: Path,
    after_run: AfterRun | None = None,
    log: Log | None = None,
) -> Fitted:
    """Fit the experiment's network `repeats` times and keep the run that is best on validation.

    Parameters
    ----------
    experiment : Experiment
        The recipe; run k is seeded by `training.seed + k`.
    train, val : Part
        Prepared covers; `val` chooses epoch and run, and is None where the recipe trains on it.
    key : str
        What `train` and `val` are, for the cache of the frozen part's maps.
    cache_dir : Path
        Where those maps are kept.
    after_run : callable, optional
        Takes each run's network, to measure every repeat and not only the one that is kept.
    log : callable, optional
        Takes one line an epoch.

    Returns
    -------
    Fitted

    Raises
    ------
    ParameterError
        A setting does not fit the network.
    JobError
        The loss stopped being finite.
    """
    settings = experiment.training
    say = log or _silent
    require(
        val is not None or settings.select == "last_epoch",
        "Without a validation part nothing can be chosen: select must be 'last_epoch'.",
        settings.select,
        "Give a validation part.",
    )
    require(
        0 <= settings.seed <= 2**32 - settings.repeats,
        "The seed of every run must lie from 0 to 4,294,967,295.",
        settings.seed,
        "Give 0, or leave it out.",
    )
    frames: list[pd.DataFrame] = []
    merits: list[float] = []
    best_weights: list[np.ndarray] = []
    for run in range(settings.repeats):
        seed = settings.seed + run
        say(f"run {run + 1} of {settings.repeats}, seed {seed}")
        keras.utils.set_random_seed(seed)
        network = _new_network(experiment)
        watch = _fit_once(experiment, network, train, val, key, cache_dir, seed, say)
        rows = pd.DataFrame(watch.rows).assign(chosen=False)
        rows.insert(0, "run", run)
        rows.loc[watch.best_epoch, "chosen"] = True
        frames.append(rows)
        if not merits or watch.merit > max(merits):
            best_weights = network.get_weights()
        merits.append(watch.merit)
        if after_run is not None:
            after_run(run, network)
    network = _new_network(experiment)
    network.set_weights(best_weights)
    return Fitted(network, pd.concat(frames, ignore_index=True), int(np.argmax(merits)))


def _new_network(experiment: Experiment) -> keras.Model:
    return build(
        experiment.architecture,
        n_logits=experiment.task.n_logits,
        input_shape=experiment.input.shape,
        **experiment.network,
    )


def _fit_once(
    experiment: Experiment,
    network: keras.Model,
    train: Part,
    val: Part | None,
    key: str,
    cache_dir: Path,
    seed: int,
    say: Log,
) -> ValidationHistory:
    """Fit one network; it ends with the weights of the epoch that counts."""
    settings, task = experiment.training, experiment.task
    trained, gather, val_inputs = _inputs(
        experiment, network, train, val, key, cache_dir, seed, say
    )
    if settings.freeze_norm:
        for layer in trained.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False
    require(
        not (settings.class_weights and task.head == "multilabel"),
        "class_weights weigh covers by their one genre: a multilabel task has none.",
        settings.class_weights,
        "Set class_weights = false.",
    )
    n_steps = -(-len(train.genre_index) // settings.batch_size)
    is_whole = settings.parts == 1
    if not is_whole:
        trained = in_parts(trained, settings.batch_size // settings.parts)
    trained.compile(
        optimizer=make_optimizer(settings, n_steps),
        loss=make_loss(task.head, settings.label_smoothing),
        weighted_metrics=[],
        # A soft target is never "right": accuracy would be 0 whatever is learnt.
        metrics=[] if train.soft is not None else [make_accuracy(task.head)],
        jit_compile="auto" if is_whole else False,
    )
    watch = ValidationHistory(
        None if val is None else _validation(val, val_inputs, task),
        select=settings.select,
        patience=settings.patience,
        log=say,
    )
    batches = training_batches(
        gather,
        train.targets(task),
        item_weights(train.genre_index, len(task.genres), balanced=settings.class_weights),
        input_shape=tuple(trained.input_shape[1:]),
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        seed=seed,
    )
    trained.fit(
        batches,
        epochs=settings.epochs,
        steps_per_epoch=n_steps,
        callbacks=[watch],
        shuffle=False,  # the batches come shuffled, by seed
        verbose=0,
    )
    trained.set_weights(watch.best_weights)
    return watch


def _inputs(
    experiment: Experiment,
    network: keras.Model,
    train: Part,
    val: Part | None,
    key: str,
    cache_dir: Path,
    seed: int,
    say: Log,
) -> tuple[keras.Model, Gather, np.ndarray | None]:
    """Return what is trained, how its batches are read, and its validation inputs."""
    settings = experiment.training
    if not settings.frozen_until:
        gather = gather_covers(train.covers, experiment.augment, seed)
        return network, gather, None if val is None else val.covers
    frozen, tail = split_network(network, settings.frozen_until)
    shared: dict[str, Any] = {"seed": settings.seed, "folder": cache_dir}
    maps = cached_maps(
        frozen,
        train.covers,
        experiment.augment,
        n_views=settings.views,
        key=f"{key}/train",
        progress=_every_tenth(say),
        **shared,
    )
    val_maps = None
    if val is not None:
        val_maps = cached_maps(
            frozen, val.covers, experiment.augment, n_views=1, key=f"{key}/val", **shared
        )[0]
    return tail, gather_maps(maps, seed), val_maps


def _validation(val: Part, inputs: np.ndarray | None, task: Task) -> Validation:
    plain_loss = make_loss(task.head, 0.0)
    return Validation(
        val.covers if inputs is None else inputs,
        val.genre_index,
        val.targets(task),
        lambda targets, logits: float(keras.ops.mean(plain_loss(targets, logits))),
        task.head,
    )


def _every_tenth(say: Log) -> Callable[[int, int, str], None]:
    tenths = set()

    def progress(done: int, total: int, text: str) -> None:
        tenth = 10 * done // total
        if tenth not in tenths:
            tenths.add(tenth)
            say(f"{text}: {done} of {total}")

    return progress


def _silent(_: str) -> None:
    pass
