"""Calibrate a stored network again, and report how far its probabilities hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from genre_core.config import Experiment, from_dict, require
from genre_core.data.catalog import Catalog
from genre_core.data.importers import find_dataset
from genre_core.data.shares import learnt_genres
from genre_core.data.song_inputs import read_songs
from genre_core.jobs.fits.calibration import (
    calibrate_covers,
    class_shares,
    fold_calibration,
    write_calibration,
)
from genre_core.jobs.measure import measure
from genre_core.jobs.storing import write_figures
from genre_core.metrics.temperature import cross_calibrated
from genre_core.progress import Log
from genre_core.runs.bundle import Bundle, find_bundle


def calibrate(name: str, data: str | Path, *, log: Log) -> Bundle:
    """Fit a stored network's calibration, store it in its card, and report on test anew.

    Covers: on val. Songs estimated by folds: on the stored predictions, each made by a network of
    another fold. Of a record without its network, and of a network that learnt from val too, only
    how far the stored predictions hold is reported: they stay scores.

    Raises
    ------
    ParameterError, DatasetError, CheckpointError
        A network without predictions to be held to, or another data set than it was trained on.
    """
    bundle, catalog = find_bundle(name), find_dataset(data)
    own = bundle.card.data
    require(
        catalog.digest == own.get("digest"),
        f"{bundle.name} is calibrated on the data set that it was trained on.",
        f"{catalog.head.name}, which differs",
        f"Give {own.get('name')} as it was.",
    )
    settings = from_dict(Experiment, bundle.card.experiment).training
    if bundle.card.media == "cover" and bundle.has_network and settings.train_on == "train":
        bundle = calibrate_covers(bundle, catalog, log)
        if bundle.card.head == "multilabel":
            measure(bundle, catalog, log=log)  # what is stored has one genre a cover
            return bundle
    predictions = bundle.predictions()
    require(
        "logit_0" in predictions and bundle.card.head != "multilabel",
        "A network is calibrated by one label an item, and by what it said of it.",
        f"{bundle.name}, without stored predictions of genres",
        "Scores that were learnt from a teacher stay scores.",
    )
    return _from_predictions(bundle, catalog, log)


def _from_predictions(bundle: Bundle, catalog: Catalog, log: Log) -> Bundle:
    """Write anew what follows from probabilities; answers, and so all else, stay."""
    from genre_core.evaluation.calibration import calibration_report, own_probabilities
    from genre_core.evaluation.report import Scored, item_groups

    experiment = from_dict(Experiment, bundle.card.experiment)
    metrics, predictions, head = bundle.metrics(), bundle.predictions(), bundle.card.head
    true, groups = predictions["genre_index"].to_numpy(), item_groups(predictions)
    own = own_probabilities(predictions, head)
    network = Scored.served(true, own, groups, head, bundle.card.calibration)
    frame = catalog.select(experiment.task).set_index("item_id")
    train = frame[frame["split"] == "train"]
    if "fold" in predictions:
        train = frame
        songs = frame.loc[predictions["item_id"]]
        is_test = (songs["split"] == "test").to_numpy()
        uses_test = experiment.training.fold_groups == "group"
        calibration = fold_calibration(predictions, songs, ~(is_test & uses_test), experiment)
        bundle = write_calibration(bundle, calibration, log)
        shares = class_shares(experiment, frame)
        calibrated = cross_calibrated(
            own, learnt_genres(songs), predictions["fold"], head, shares=shares
        )
        if calibrated is not None:
            network = Scored(true, calibrated, groups, own)
        if "official_test" in metrics and bundle.has_network:
            metrics["official_test"]["values"] = _official_test(bundle, catalog, experiment, log)
    counts = np.bincount(train["genre_index"], minlength=len(bundle.card.genres))
    metrics["values"] = network.figures()
    metrics["calibration"] = calibration_report(network, counts / counts.sum())
    columns = {f"prob_{k}": p.astype(np.float32) for k, p in enumerate(network.probs.T)}
    write_figures(bundle.folder, metrics, predictions.assign(**columns))
    return bundle


def _official_test(
    bundle: Bundle, catalog: Catalog, experiment: Experiment, log: Log
) -> dict[str, dict[str, float]]:
    from genre_core.evaluation.report import Scored, item_groups
    from genre_core.inference.songs import SongClassifier

    frame = catalog.select(experiment.task)
    test = frame[frame["split"] == "test"]
    log(f"{len(test)} songs of the official test")
    classifier = SongClassifier.load(bundle)
    songs = read_songs(catalog, test, classifier.spec, clip_s=experiment.task.clip_s)
    own = np.stack([classifier.classify(song).probs.mean(axis=0) for song in songs])
    true, card = test["genre_index"].to_numpy(), bundle.card
    return Scored.served(true, own, item_groups(test), card.head, card.calibration).figures()
