"""Fit a network by its experiment, once for each repeat, and choose on validation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from genre_core.architectures import build
from genre_core.config import Experiment, require
from genre_core.progress import Log
from genre_core.training.devices import full_precision
from genre_core.training.ledger import Ledger
from genre_core.training.one_run import fit_once
from genre_core.training.part import Part

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


def fit_experiment(
    experiment: Experiment,
    train: Part,
    val: Part | None,
    *,
    key: str,
    cache_dir: Path,
    after_run: AfterRun | None = None,
    log: Log | None = None,
    ledger: Ledger | None = None,
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
    ledger : Ledger, optional
        Keeps the state after each epoch, and has that of a training that is taken up again: epochs
        that were over are not run again, and the weights become those of a training that was
        never stopped.

    Returns
    -------
    Fitted

    Raises
    ------
    ParameterError
        A setting does not fit the network.
    JobError
        The loss stopped being finite; `StoppedError` where the ledger's watcher wants a stop.
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
        if run and ledger is not None and ledger.ends_now and ledger.load(run) is None:
            break  # It was asked to end, and this repeat was never begun.
        seed = settings.seed + run
        say(f"run {run + 1} of {settings.repeats}, seed {seed}")
        keras.utils.set_random_seed(seed)
        network = _new_network(experiment)
        watch = fit_once(
            experiment,
            network,
            train,
            val,
            key=key,
            cache_dir=cache_dir,
            run=run,
            say=say,
            ledger=ledger,
        )
        rows = pd.DataFrame(watch.rows).assign(chosen=False)
        rows.insert(0, "run", run)
        rows.loc[watch.best_epoch, "chosen"] = True
        frames.append(rows)
        if not merits or watch.merit > max(merits):
            best_weights = network.get_weights()
        merits.append(watch.merit)
        if after_run is not None:
            after_run(run, network)
    with full_precision():
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


def _silent(_: str) -> None:
    pass
