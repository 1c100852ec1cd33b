"""Fit a logistic head on what a network of songs reads, and estimate it by folds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genre_core.config import Experiment, song_input
from genre_core.data.catalog import Catalog
from genre_core.data.shares import learnt_genres
from genre_core.data.song_inputs import describe_songs, read_songs
from genre_core.jobs.fits.calibration import fold_calibration
from genre_core.jobs.fits.result import FitResult, by_split, label_score
from genre_core.jobs.fits.segments import every_50_songs
from genre_core.jobs.needs import lacking_reports
from genre_core.progress import Log

if TYPE_CHECKING:
    from genre_core.training.heads import Songs
    from genre_core.training.training_state import StateFolder


def fit(
    experiment: Experiment, catalog: Catalog, log: Log, states: StateFolder | None
) -> FitResult:
    """Fit the head on train and val; the figures in front are those of folds over all songs.

    `official_test`, where there is a test split, is the stored head's own figure. Where groups do
    not count, the stored head learns from all songs.
    """
    from genre_core.architectures import build_recipe
    from genre_core.evaluation.report import Scored, item_groups
    from genre_core.evaluation.songs import evaluate_by_folds
    from genre_core.inference.forward import Forward
    from genre_core.training.heads import choose_strength, fit_head, head_probs, set_head

    settings, task, spec = experiment.training, experiment.task, song_input(experiment.input)
    frame = catalog.select(task).reset_index(drop=True)
    log(f"{experiment.name} on {catalog.head.name}: {len(frame)} songs")
    network = build_recipe(experiment)
    embed = Forward(network, "float32")
    progress = every_50_songs(log, "what the head reads")
    songs = read_songs(catalog, frame, spec, clip_s=task.clip_s, progress=progress)
    features = [embed(song.inputs)[1] for song in songs]
    lacking = lacking_reports(experiment, catalog)
    tested_by = [
        (report, catalog.select(experiment.task_of(report))["item_id"])
        for report in experiment.reports
        if report.title not in lacking
    ]
    evaluation = evaluate_by_folds(
        frame,
        features,
        _baselines(experiment, catalog, frame, log),
        task,
        n_folds=settings.folds,
        fold_groups=settings.fold_groups,
        log=log,
        n_dealings=settings.repeats,
        reports=[(report, frame["item_id"].isin(own).to_numpy()) for report, own in tested_by],
    )
    genre, groups = frame["genre_index"].to_numpy(), item_groups(frame)
    learnt = learnt_genres(frame)
    uses_test = settings.fold_groups == "group"
    learn = np.flatnonzero(frame["split"] != "test") if uses_test else np.arange(len(frame))
    own = [features[i] for i in learn]
    strength = choose_strength(own, learnt[learn], groups[learn] if uses_test else None)
    kernel, bias = fit_head(own, learnt[learn], strength)
    set_head(network, kernel, bias)
    knows = np.isin(np.arange(len(frame)), learn)
    calibration = fold_calibration(evaluation.predictions, frame, knows, experiment)
    test = np.flatnonzero(frame["split"] == "test")
    if uses_test and len(test):
        probs = head_probs([features[i] for i in test], kernel, bias)
        tested = Scored.served(genre[test], probs, groups[test], task.head, calibration)
        figures = tested.figures()
        evaluation.metrics["official_test"] = {"n": len(test), "values": figures}
    no_songs = frame.iloc[:0]
    everything = {"train": frame, "val": no_songs, "test": no_songs}
    return FitResult(
        network=network,
        experiment=experiment,
        splits=by_split(frame) if uses_test else everything,
        split_rule=evaluation.metrics["split_rule"],
        chosen={
            "chosen_by": "macro-F1 over folds of the training songs",
            "strength": strength,
            "fitted_on": "train and val" if uses_test else "all songs",
        },
        prog_score=label_score(experiment),
        evaluation=evaluation,
        calibration=calibration,
    )


def _baselines(
    experiment: Experiment, catalog: Catalog, frame: pd.DataFrame, log: Log
) -> Mapping[str, Songs]:
    """Describe songs for plain models: by MFCCs, pictures by what their recording left there."""
    from genre_core.evaluation.picture_facts import picture_facts
    from genre_core.evaluation.songs import BASELINE, MFCC_SR, mfcc_statistics

    clip_s, spec = experiment.task.clip_s, song_input(experiment.input)
    if spec.features == "log_picture":
        songs = read_songs(catalog, frame, spec, clip_s=clip_s)
        return picture_facts([song.inputs for song in songs])
    progress = every_50_songs(log, "MFCCs for the baseline")
    mfcc = describe_songs(
        catalog, frame, mfcc_statistics, sr=MFCC_SR, clip_s=clip_s, progress=progress
    )
    return {BASELINE: list(mfcc)}
