"""Fit a network on the segments of labelled songs, and ask it about others."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.config import Experiment, song_input
from genre_core.data.catalog import Catalog
from genre_core.data.home import home
from genre_core.data.song_inputs import read_songs, stack_segments
from genre_core.jobs.storing import chosen_epoch
from genre_core.progress import Log

if TYPE_CHECKING:
    from genre_core.training.fit import Fitted
    from genre_core.training.ledger import Ledger


@dataclass(frozen=True, slots=True)
class SongFit:
    """A fitted network of songs, and what it was fitted on.

    Parameters
    ----------
    fitted : Fitted
        Network and history.
    experiment : Experiment
        As given, its input scaled by the training songs where the recipe asks for it.
    parts : dict of str to pandas.DataFrame
        Songs of train, val and test.
    """

    fitted: Fitted
    experiment: Experiment
    parts: dict[str, pd.DataFrame]

    def chosen(self) -> dict[str, Any]:
        """Tell which run and epoch count, and what chose them, for a card."""
        return chosen_epoch(self.experiment.training, self.fitted)


def scaled_by_songs(
    experiment: Experiment, catalog: Catalog, train: pd.DataFrame, log: Log
) -> Experiment:
    """Set the input's scaling by the training songs, where the recipe asks for it."""
    from genre_core.training.teaching import scaled_by

    spec = song_input(experiment.input)
    if not spec.bound or spec.scales:
        return experiment
    log("scaling, from the training songs")
    plain = dataclasses.replace(spec, bound=0.0)
    songs = read_songs(catalog, train, plain, clip_s=experiment.task.clip_s)
    return dataclasses.replace(experiment, input=scaled_by(spec, songs))


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder for segments in the home folder's caches, and remove it."""
    caches = home() / "caches"
    caches.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=caches, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def fit_songs(
    experiment: Experiment,
    catalog: Catalog,
    parts: dict[str, pd.DataFrame],
    log: Log,
    ledger: Ledger | None = None,
) -> SongFit:
    """Fit the experiment's network on the segments of songs.

    The segments lie in a file meanwhile, so that they need not fit into memory.

    Parameters
    ----------
    experiment : Experiment
        Of songs.
    catalog : Catalog
        Knows where the files are.
    parts : dict of str to pandas.DataFrame
        Songs of train and val, with `genre_index`; without any of val nothing is chosen.
    log : callable
        Takes one line at a time.
    ledger : Ledger, optional
        Keeps the training's states.

    Returns
    -------
    SongFit
    """
    from genre_core.training.fit import fit_experiment
    from genre_core.training.part import Part

    if experiment.training.train_on == "train+val":
        both = pd.concat([parts["train"], parts["val"]])
        parts = parts | {"train": both, "val": both[:0]}
    experiment = scaled_by_songs(experiment, catalog, parts["train"], log)
    spec, clip_s = song_input(experiment.input), experiment.task.clip_s
    with scratch_folder() as scratch:

        def part(name: str) -> Part:
            songs = read_songs(catalog, parts[name], spec, clip_s=clip_s)
            inputs, song = stack_segments(songs, scratch / name)
            return Part(inputs, parts[name]["genre_index"].to_numpy()[song])

        train, val = part("train"), part("val") if len(parts["val"]) else None
        n_val = 0 if val is None else len(val.covers)
        log(f"{len(train.covers)} segments to learn from, {n_val} to choose on")
        maps = home() / "caches" / "maps"
        fitted = fit_experiment(
            experiment, train, val, key="", cache_dir=maps, log=log, ledger=ledger
        )
        del train, val  # Windows removes no file that is still mapped.
    return SongFit(fitted, experiment, parts)


def segment_probs(fit: SongFit, catalog: Catalog, frame: pd.DataFrame) -> list[NDArray[np.float64]]:
    """Ask a fitted network about every segment of some songs.

    Returns
    -------
    list of np.ndarray [shape=(n_segments, n_genres)]
        Probabilities, song by song.
    """
    from genre_core.inference.forward import Forward
    from genre_core.inference.still import without_recurrent_dropout
    from genre_core.metrics.probabilities import probabilities

    spec, task = song_input(fit.experiment.input), fit.experiment.task
    network = without_recurrent_dropout(fit.fitted.network)
    forward = Forward(network, "float32", batch_size=16)
    songs = read_songs(catalog, frame, spec, clip_s=task.clip_s)
    return [probabilities(forward(each.inputs)[0], task.head) for each in songs]
