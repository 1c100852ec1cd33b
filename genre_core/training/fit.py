"""Fit a network by its experiment, once for each repeat, and choose on validation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from genre_core.architectures import build_recipe
from genre_core.architectures.cut import cut_network
from genre_core.config import Experiment, require
from genre_core.progress import Log
from genre_core.training.batches import Gather, gather_covers, gather_maps, training_batches
from genre_core.training.checkpoint_callback import Checkpoint, SeedEachEpoch, restore
from genre_core.training.devices import full_precision
from genre_core.training.frozen import cached_maps, every_tenth
from genre_core.training.history import Validation, ValidationHistory
from genre_core.training.recipe import compile_network, item_weights, plain_loss
from genre_core.training.split_data import SplitData
from genre_core.training.training_state import StateFolder

AfterRun = Callable[[int, keras.Model], None]
"""Called with the number of a run and its network, at the chosen epoch."""


@dataclass(frozen=True, slots=True)
class BestRun:
    """The run that was kept of a recipe's repeats, and the history of all of them."""

    network: keras.Model
    """The whole network with the chosen weights."""
    history: pd.DataFrame
    """One row a run and epoch: run, epoch, loss, accuracy, the figures `val_...` where there is
    validation data, seconds, chosen."""
    run: int
    """Its number, from 0."""


def fit_experiment(
    experiment: Experiment,
    train: SplitData,
    val: SplitData | None,
    *,
    key: str,
    cache_dir: Path,
    after_run: AfterRun | None = None,
    log: Log = lambda _: None,
    states: StateFolder | None = None,
    only_run: int | None = None,
) -> BestRun:
    """Fit the experiment's network `repeats` times and keep the run that is best on validation.

    Parameters
    ----------
    experiment : Experiment
        Run k is seeded by `training.seed + k`.
    train, val : SplitData
        `val` chooses epoch and run, and is None where the recipe trains on it.
    key : str
        What `train` and `val` are, for the cache of the frozen part's maps in `cache_dir`.
    after_run : callable, optional
        Takes each run's network, to measure every repeat and not only the one that is kept.
    log : callable, optional
        Takes one line an epoch.
    states : StateFolder, optional
        Keeps the state after each epoch. A training that has states there is resumed: epochs that
        were over are not run again, and the weights become those of one that was never stopped.
    only_run : int, optional
        Fit this repeat and no other: with `states` the others may be fitted elsewhere.

    Raises
    ------
    ParameterError
        A setting does not fit the network.
    JobError
        The loss stopped being finite; `StoppedError` where a stop is wanted.
    """
    settings = experiment.training
    require(
        val is not None or settings.select == "last_epoch",
        "Without validation data nothing can be chosen: select must be 'last_epoch'.",
        settings.select,
        "Give validation data.",
    )
    require(
        0 <= settings.seed <= 2**32 - settings.repeats,
        "The seed of every run must lie from 0 to 4,294,967,295.",
        settings.seed,
        "Give 0, or leave it out.",
    )
    tables: list[pd.DataFrame] = []
    merits: list[float] = []
    best_weights: list[np.ndarray] = []
    runs = range(settings.repeats) if only_run is None else (only_run,)
    for run in runs:
        if tables and states is not None and states.finish and states.load(run) is None:
            break  # It was asked to finish, and this repeat was never begun.
        seed = settings.seed + run
        log(f"run {run + 1} of {settings.repeats}, seed {seed}")
        keras.utils.set_random_seed(seed)
        network = build_recipe(experiment)
        history = fit_once(
            experiment,
            network,
            train,
            val,
            run,
            key=key,
            cache_dir=cache_dir,
            log=log,
            states=states,
        )
        rows = pd.DataFrame(history.rows).assign(chosen=False)
        rows.insert(0, "run", run)
        rows.loc[history.best_epoch, "chosen"] = True
        tables.append(rows)
        if not merits or history.merit > max(merits):
            best_weights = network.get_weights()
        merits.append(history.merit)
        if after_run is not None:
            after_run(run, network)
    with full_precision():
        network = build_recipe(experiment)
    network.set_weights(best_weights)
    best = runs[int(np.argmax(merits))]
    return BestRun(network, pd.concat(tables, ignore_index=True), best)


def fit_once(
    experiment: Experiment,
    network: keras.Model,
    train: SplitData,
    val: SplitData | None,
    run: int,
    *,
    key: str,
    cache_dir: Path,
    log: Log,
    states: StateFolder | None,
) -> ValidationHistory:
    """Fit one network, or resume it; it ends with the weights of the chosen epoch."""
    settings, task = experiment.training, experiment.task
    seed = settings.seed + run
    state = None if states is None else states.load(run)
    if settings.frozen_until:
        trained, gather, val_inputs = _behind_frozen(
            experiment, network, train, val, key=key, cache_dir=cache_dir, seed=seed, log=log
        )
    else:
        trained, gather = network, gather_covers(train.inputs, experiment.augment, seed)
        val_inputs = None if val is None else val.inputs
    n_items = len(train.genre_index)
    n_steps = -(-n_items // settings.batch_size)
    trained = compile_network(trained, experiment, n_steps, has_labels=train.has_labels(task))
    validation = None
    if val is not None and val_inputs is not None:
        loss = partial(plain_loss, task.head)
        validation = Validation(val_inputs, val.genre_index, val.targets(task), loss, task.head)
    history = ValidationHistory(
        validation, select=settings.select, patience=settings.patience, log=log
    )
    callbacks: list[keras.callbacks.Callback] = [SeedEachEpoch(seed), history]
    checkpoint = None
    if states is not None:
        checkpoint = Checkpoint(
            states,
            run,
            history=history,
            n_items=n_items,
            n_steps=n_steps,
            batch_size=settings.batch_size,
        )
        callbacks.append(checkpoint)
    first_epoch = 0
    if state is not None:
        restore(trained, history, state)
        first_epoch = settings.epochs if state.is_finished else state.n_epochs
        log(f"resumed after epoch {state.n_epochs}")
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
        if checkpoint is not None:
            checkpoint.save(is_finished=True)
    trained.set_weights(history.best_weights)
    return history


def _behind_frozen(
    experiment: Experiment,
    network: keras.Model,
    train: SplitData,
    val: SplitData | None,
    *,
    key: str,
    cache_dir: Path,
    seed: int,
    log: Log,
) -> tuple[keras.Model, Gather, np.ndarray | None]:
    """Run the frozen part once; return the rest, how its batches are read, and its val inputs."""
    settings = experiment.training
    frozen, tail = cut_network(network, settings.frozen_until)
    maps_of = partial(
        cached_maps,
        frozen,
        augment=experiment.augment,
        seed=settings.seed,
        folder=cache_dir,
    )
    maps = maps_of(
        train.inputs, n_views=settings.views, key=f"{key}/train", progress=every_tenth(log)
    )
    val_maps = None if val is None else maps_of(val.inputs, n_views=1, key=f"{key}/val")[0]
    return tail, gather_maps(maps, seed), val_maps
