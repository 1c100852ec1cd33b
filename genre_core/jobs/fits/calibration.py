"""Fit how a network's probabilities come to hold, on items that it did not learn from."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.config import Experiment, cover_input, from_dict
from genre_core.data.catalog import Catalog
from genre_core.data.cover_cache import cached_covers
from genre_core.data.shares import item_shares, learnt_genres
from genre_core.data.taxonomy import indicator
from genre_core.metrics.calibration import Calibration
from genre_core.metrics.probabilities import probabilities
from genre_core.metrics.reliability import indicators
from genre_core.metrics.temperature import fit_calibration
from genre_core.progress import Log
from genre_core.runs.bundle import Bundle, open_bundle
from genre_core.runs.card import save_card

if TYPE_CHECKING:
    from genre_core.jobs.fits.result import FitResult


def calibrate_covers(bundle: Bundle, catalog: Catalog, log: Log) -> Bundle:
    """Calibrate a stored network of covers on val, and write it into its card."""
    from genre_core.inference.classifier import Classifier

    experiment = from_dict(Experiment, bundle.card.experiment)
    if experiment.training.train_on != "train":
        log("it learnt from val: nothing is left to calibrate it on, its outputs stay scores")
        return bundle
    task, frame = experiment.task, catalog.select(experiment.task)
    val, train = (frame[frame["split"] == name] for name in ("val", "train"))
    covers = cached_covers(catalog, val, cover_input(bundle.card.input))
    true: NDArray[Any] = val["genre_index"].to_numpy()
    if (shares := item_shares(val)) is not None:
        true = shares
    elif task.head == "multilabel":
        true = indicator(val["genre_indices"], len(task.genres))
    calibration = fit_calibration(
        probabilities(Classifier.load(bundle).logits(covers), task.head),
        true,
        task.head,
        fitted_on=f"the {len(val)} covers of val",
        shares=class_shares(experiment, train),
    )
    return write_calibration(bundle, calibration, log)


def val_calibration(result: FitResult, catalog: Catalog) -> Calibration | None:
    """Calibrate a fitted network of songs on the songs of val."""
    from genre_core.jobs.fits.segments import segment_probs

    experiment, val = result.experiment, result.splits["val"]
    if not len(val):
        return None
    songs = segment_probs(result.network, experiment, catalog, val)
    return fit_calibration(
        np.stack([song.mean(axis=0) for song in songs]),
        learnt_genres(val),
        experiment.task.head,
        fitted_on=f"the {len(val)} songs of val",
        shares=class_shares(experiment, result.splits["train"]),
    )


def fold_calibration(
    predictions: pd.DataFrame,
    frame: pd.DataFrame,
    learnt: NDArray[np.bool_],
    experiment: Experiment,
) -> Calibration | None:
    """Calibrate on the songs that the stored network learnt from, as other folds saw them.

    `predictions` are those of every fold, `frame` the same songs as `Catalog.select` gave them;
    `learnt` says which rows the stored network knows: its official test takes no part.
    """
    from genre_core.evaluation.calibration import own_probabilities

    head, rows = experiment.task.head, predictions[learnt]
    return fit_calibration(
        own_probabilities(rows, head),
        learnt_genres(frame)[learnt],
        head,
        fitted_on=f"{len(rows)} songs, each as a network of another fold heard it",
        shares=class_shares(experiment, rows),
        parts=rows["fold"],
    )


def class_shares(experiment: Experiment, train: pd.DataFrame) -> tuple[float, ...]:
    """Give each genre's share of what was learnt from, where the loss weighed all alike."""
    if not experiment.training.class_weights:
        return ()
    n_genres = len(experiment.task.genres)
    shares = indicators(train["genre_index"].to_numpy(), n_genres).mean(axis=0)
    return tuple(float(share) for share in shares)


def write_calibration(bundle: Bundle, calibration: Calibration | None, log: Log) -> Bundle:
    """Write a calibration into a bundle's card; its network stays."""
    said = "too few labelled items to calibrate on: its outputs stay scores"
    if calibration is not None:
        said = f"calibrated on {calibration.fitted_on}: temperature {calibration.temperature:g}"
        if calibration.weights:
            said += f", weights {', '.join(f'{w:.3g}' for w in calibration.weights)}"
    log(said)
    save_card(dataclasses.replace(bundle.card, calibration=calibration), bundle.folder)
    return open_bundle(bundle.folder)
