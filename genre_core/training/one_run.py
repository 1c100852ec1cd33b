"""Fit one network once, from its first epoch or from where it was stopped."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from genre_core.architectures.split import split_network
from genre_core.config import Experiment, Task, require
from genre_core.progress import Log
from genre_core.training.batches import Gather, gather_covers, gather_maps, training_batches
from genre_core.training.frozen import cached_maps
from genre_core.training.history import Validation, ValidationHistory
from genre_core.training.keeping import Keeping, OwnChance, take_up
from genre_core.training.ledger import Ledger
from genre_core.training.part import Part
from genre_core.training.parts import in_parts
from genre_core.training.recipe import (
    item_weights,
    make_accuracy,
    make_loss,
    make_optimizer,
    plain_loss,
)


def fit_once(
    experiment: Experiment,
    network: keras.Model,
    train: Part,
    val: Part | None,
    *,
    key: str,
    cache_dir: Path,
    run: int,
    say: Log,
    ledger: Ledger | None = None,
) -> ValidationHistory:
    """Fit one network, or go on with it; it ends with the weights of the epoch that counts.

    Parameters
    ----------
    experiment : Experiment
        The recipe.
    network : keras.Model
        Newly built, in this run's seed.
    train, val, key, cache_dir, ledger
        As for `fit_experiment`.
    run : int
        Place of the run.
    say : callable
        Takes one line an epoch.

    Returns
    -------
    ValidationHistory
        Its rows, and which of them counts.
    """
    settings, task = experiment.training, experiment.task
    seed = settings.seed + run
    state = None if ledger is None else ledger.load(run)
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
    callbacks: list[keras.callbacks.Callback] = [OwnChance(seed), watch]
    keeping = None
    if ledger is not None:
        keeping = Keeping(
            ledger,
            run,
            watch=watch,
            n_items=len(train.genre_index),
            n_steps=n_steps,
            batch_size=settings.batch_size,
        )
        callbacks.append(keeping)
    first_epoch = 0
    if state is not None:
        take_up(trained, watch, state)
        first_epoch = settings.epochs if state.is_finished else state.n_epochs
        say(f"taken up after epoch {state.n_epochs}")
    batches = training_batches(
        gather,
        train.targets(task),
        item_weights(train.genre_index, len(task.genres), balanced=settings.class_weights),
        input_shape=tuple(trained.input_shape[1:]),
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        seed=seed,
        first_epoch=first_epoch,
    )
    if first_epoch < settings.epochs:
        trained.fit(
            batches,
            initial_epoch=first_epoch,
            epochs=settings.epochs,
            steps_per_epoch=n_steps,
            callbacks=callbacks,
            shuffle=False,  # the batches come shuffled, by seed
            verbose=0,
        )
        if ledger is not None and keeping is not None:
            ledger.save(run, keeping.state(is_finished=True))
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
    return Validation(
        val.covers if inputs is None else inputs,
        val.genre_index,
        val.targets(task),
        partial(plain_loss, task.head),
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
