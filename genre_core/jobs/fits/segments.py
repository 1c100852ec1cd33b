"""Fit a network on the segments of songs, and ask it about others."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.config import Experiment, song_input
from genre_core.data.catalog import Catalog
from genre_core.data.home import home
from genre_core.data.song_inputs import read_songs
from genre_core.progress import Log, Progress

if TYPE_CHECKING:
    import keras

    from genre_core.training.fit import BestRun
    from genre_core.training.split_data import SplitData
    from genre_core.training.training_state import StateFolder

SONG_SPLIT_RULE = "official split of the data set; no group (artist) stands in two parts"
"""What keeps songs' splits apart, for people."""


def fit_segments(
    experiment: Experiment,
    read: Callable[[str, Path], SplitData],
    *,
    has_val: bool,
    log: Log,
    states: StateFolder | None,
    only_run: int | None = None,
) -> tuple[BestRun, int]:
    """Fit the experiment's network on segments, and count those that it learnt from.

    `read(name, file)` gives the segments of split `name`, which it writes to `file`: they need not
    fit into memory. With `has_val` an epoch is chosen on val; with `only_run` one repeat is fitted.
    """
    from genre_core.training.fit import fit_experiment

    caches = home() / "caches"
    caches.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=caches, ignore_cleanup_errors=True) as scratch:
        train = read("train", Path(scratch) / "train")
        val = read("val", Path(scratch) / "val") if has_val else None
        n_train, n_val = len(train.inputs), 0 if val is None else len(val.inputs)
        log(f"{n_train} segments to learn from, {n_val} to choose on")
        maps = caches / "maps"
        best = fit_experiment(
            experiment,
            train,
            val,
            key="",
            cache_dir=maps,
            log=log,
            states=states,
            only_run=only_run,
        )
        del train, val  # Windows removes no file that is still mapped.
    return best, n_train


def scaled_by_songs(
    experiment: Experiment, catalog: Catalog, train: pd.DataFrame, log: Log
) -> Experiment:
    """Set the input's scaling by the training songs, where the recipe asks for it."""
    from genre_core.training.teacher import scaled_by

    spec = song_input(experiment.input)
    if not spec.bound or spec.scales:
        return experiment
    log("scaling, from the training songs")
    plain = dataclasses.replace(spec, bound=0.0)
    songs = read_songs(catalog, train, plain, clip_s=experiment.task.clip_s)
    return dataclasses.replace(experiment, input=scaled_by(spec, songs))


def segment_probs(
    network: keras.Model, experiment: Experiment, catalog: Catalog, songs: pd.DataFrame
) -> list[NDArray[np.float64]]:
    """Ask a network about every segment of some songs: (n_segments, n_genres), song by song."""
    from genre_core.inference.forward import Forward, without_recurrent_dropout
    from genre_core.metrics.probabilities import probabilities

    task = experiment.task
    forward = Forward(without_recurrent_dropout(network), "float32", batch_size=16)
    segments = read_songs(catalog, songs, song_input(experiment.input), clip_s=task.clip_s)
    return [probabilities(forward(song.inputs)[0], task.head) for song in segments]


def every_50_songs(log: Log, what: str) -> Progress:
    """Make a progress that logs every 50th song and the last."""

    def progress(done: int, total: int, _: str) -> None:
        if done % 50 == 0 or done == total:
            log(f"{what}: {done} of {total}")

    return progress
