"""Fit a network on songs and their labels, by the official split or by folds."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.config import Experiment, song_input
from genre_core.data.catalog import Catalog
from genre_core.data.shares import item_shares, learnt_genres
from genre_core.data.song_folds import folds, inner_folds
from genre_core.data.song_inputs import describe_songs, read_songs, stack_segments
from genre_core.jobs.fits.calibration import fold_calibration, val_calibration
from genre_core.jobs.fits.result import FitResult, by_split, chosen_epoch, label_score
from genre_core.jobs.fits.segments import (
    SONG_SPLIT_RULE,
    fit_segments,
    scaled_by_songs,
    segment_probs,
)
from genre_core.metrics.reliability import indicators
from genre_core.progress import Log

if TYPE_CHECKING:
    from genre_core.evaluation.report import Evaluation
    from genre_core.training.split_data import SplitData
    from genre_core.training.training_state import StateFolder

Splits = dict[str, pd.DataFrame]


class Plain(NamedTuple):
    """What the baselines read of each song: MFCCs (1, 40), the log of its length (1, 1)."""

    mfcc: list[NDArray[np.float32]]
    length: list[NDArray[np.float32]]


def fit(
    experiment: Experiment, catalog: Catalog, log: Log, states: StateFolder | None
) -> FitResult:
    """Fit on labels and choose on val; the figures are those of test, or of folds.

    Without folds the figures are those of test. With folds those of the folds stand in front: each
    fold's network chose its epoch on songs of its own training part, in whole groups where groups
    count, and never saw its fold. Where groups count, the network that is stored learnt from the
    official train split and chose on val, its official test beside the folds; else it learnt from
    all songs, for as many epochs as the folds' networks took in the middle.
    """
    from genre_core.evaluation.songs import MFCC_SR, log_length, mfcc_statistics

    settings, task = experiment.training, experiment.task
    frame = catalog.select(task).reset_index(drop=True)
    uses_splits = not settings.folds or settings.fold_groups == "group"
    splits = by_split(frame)
    dealt = _deal(experiment, frame) if settings.folds else []
    log(f"{experiment.name} on {catalog.head.name}: {len(frame)} songs")
    log("MFCCs and length for the baselines")
    described = describe_songs(
        catalog,
        frame,
        lambda clip: (mfcc_statistics(clip), log_length(clip)),
        sr=MFCC_SR,
        clip_s=task.clip_s,
    )
    plain = Plain(*map(list, zip(*described, strict=True)))
    if not dealt:
        final = fit_splits(experiment, catalog, splits, log, states)
        final = dataclasses.replace(final, calibration=val_calibration(final, catalog))
        evaluation = _official_test(final, catalog, frame, plain, log)
    elif uses_splits:
        evaluation, _ = _by_folds(experiment, catalog, frame, dealt, plain, log, states)
        learnt = (frame["split"] != "test").to_numpy()
        calibration = fold_calibration(evaluation.predictions, frame, learnt, experiment)
        final = fit_splits(experiment, catalog, splits, log, states)
        final = dataclasses.replace(final, calibration=calibration)
        official = _official_test(final, catalog, frame, plain, log).metrics
        kept = ("n", "n_groups", "values", "baselines", "segments", "by_majority")
        evaluation.metrics["official_test"] = {name: official[name] for name in kept}
    else:
        evaluation, epochs = _by_folds(experiment, catalog, frame, dealt, plain, log, states)
        log(f"all songs, {epochs} epochs")
        last = dataclasses.replace(settings, epochs=epochs, select="last_epoch", patience=0)
        on_all = dataclasses.replace(experiment, training=last)
        no_songs = frame[:0]
        everything = {"train": frame, "val": no_songs, "test": no_songs}
        final = fit_splits(on_all, catalog, everything, log, states)
        learnt = np.ones(len(frame), bool)
        calibration = fold_calibration(evaluation.predictions, frame, learnt, experiment)
        final = dataclasses.replace(final, calibration=calibration)
    evaluation.metrics["n_runs"] = settings.repeats
    rule = evaluation.metrics["split_rule"]
    return dataclasses.replace(final, evaluation=evaluation, split_rule=rule)


def fit_alone(
    experiment: Experiment,
    catalog: Catalog,
    fold: str,
    run: int,
    log: Log,
    states: StateFolder,
) -> None:
    """Fit one repeat of one fold ("fold-2"), or of the official splits (""), and keep its state.

    `fit` finds it there: the folds and repeats of a training may be fitted on several machines.
    """
    frame = catalog.select(experiment.task).reset_index(drop=True)
    splits = by_split(frame)
    if fold:
        rows = _deal(experiment, frame)[int(fold.rpartition("-")[2]) - 1]
        splits = {name: frame.iloc[own] for name, own in rows.items()}
        states = states.of_fold(fold)
    fit_splits(experiment, catalog, splits, log, states, only_run=run)


def fit_splits(
    experiment: Experiment,
    catalog: Catalog,
    splits: Splits,
    log: Log,
    states: StateFolder | None = None,
    only_run: int | None = None,
) -> FitResult:
    """Fit the experiment's network on train; without songs in val nothing is chosen.

    With `only_run` one repeat is fitted.
    """
    from genre_core.training.split_data import SplitData

    if experiment.training.train_on == "train+val":
        both = pd.concat([splits["train"], splits["val"]])
        splits = splits | {"train": both, "val": both[:0]}
    experiment = scaled_by_songs(experiment, catalog, splits["train"], log)
    spec, clip_s = song_input(experiment.input), experiment.task.clip_s

    def read(name: str, file: Path) -> SplitData:
        songs = read_songs(catalog, splits[name], spec, clip_s=clip_s)
        inputs, song = stack_segments(songs, file)
        shares = item_shares(splits[name])
        own = None if shares is None else shares[song]
        return SplitData(inputs, splits[name]["genre_index"].to_numpy()[song], shares=own)

    has_val = len(splits["val"]) > 0
    best, _ = fit_segments(
        experiment, read, has_val=has_val, log=log, states=states, only_run=only_run
    )
    return FitResult(
        network=best.network,
        experiment=experiment,
        splits=splits,
        split_rule=SONG_SPLIT_RULE,
        chosen=chosen_epoch(experiment, best),
        n_runs=experiment.training.repeats,
        history=best.history,
        prog_score=label_score(experiment),
    )


def _deal(experiment: Experiment, frame: pd.DataFrame) -> list[dict[str, NDArray[np.int64]]]:
    """Deal songs into folds: rows of train and val, of which it learns, and of test."""
    settings = experiment.training
    genre, groups = _genre_and_groups(experiment, frame)
    dealt = []
    for learn, test in folds(genre, groups, settings.folds, seed=0):
        own = None if groups is None else groups[learn]
        train, val = inner_folds(genre[learn], own)[0]
        dealt.append({"train": learn[train], "val": learn[val], "test": test})
    return dealt


def _by_folds(
    experiment: Experiment,
    catalog: Catalog,
    frame: pd.DataFrame,
    dealt: list[dict[str, NDArray[np.int64]]],
    plain: Plain,
    log: Log,
    states: StateFolder | None,
) -> tuple[Evaluation, int]:
    """Score every song by a network that never saw its fold; tell their median epoch."""
    from genre_core.evaluation.songs import BASELINE, fold_probs, report_folds, segment_report

    settings, task = experiment.training, experiment.task
    genre, groups = _genre_and_groups(experiment, frame)
    learnt = learnt_genres(frame)
    probs = [np.empty((0, len(task.genres)))] * len(frame)  # song by song (n_segments, n_genres)
    fold = np.zeros(len(frame), np.int64)
    epochs: list[int] = []
    for k, rows in enumerate(dealt):
        splits = {name: frame.iloc[own] for name, own in rows.items()}
        log(f"fold {k + 1} of {settings.folds}")
        of_fold = None if states is None else states.of_fold(f"fold-{k + 1}")
        result = fit_splits(experiment, catalog, splits, log, of_fold)
        epochs.append(result.chosen["chosen_epoch"])
        answers = segment_probs(result.network, result.experiment, catalog, splits["test"])
        for place, answer in zip(rows["test"], answers, strict=True):
            probs[place] = answer
        fold[rows["test"]] = k
    evaluation = report_folds(
        frame,
        np.stack([song.mean(axis=0) for song in probs]),
        fold,
        {BASELINE: fold_probs(plain.mfcc, learnt, groups, settings.folds)[0]},
        task,
        n_folds=settings.folds,
        fold_groups=settings.fold_groups,
        weighted=settings.class_weights,
        length_probs=(
            fold_probs(plain.length, learnt, groups, settings.folds)[0]
            if experiment.prog_genre
            else None
        ),
    )
    evaluation.metrics.update(segment_report(genre, probs))
    for row, chosen in zip(evaluation.metrics["folds"], epochs, strict=True):
        row["chosen_epoch"] = chosen
    return dataclasses.replace(evaluation, segments=probs), int(np.median(epochs))


def _official_test(
    result: FitResult, catalog: Catalog, frame: pd.DataFrame, plain: Plain, log: Log
) -> Evaluation:
    from genre_core.evaluation.baseline import fit_baseline
    from genre_core.evaluation.calibration import calibration_report
    from genre_core.evaluation.report import Evaluation, Scored, item_groups, predictions_table
    from genre_core.evaluation.songs import beside_length, segment_report, song_report

    test, task = result.splits["test"], result.experiment.task
    log(f"{len(test)} test songs")
    answers = segment_probs(result.network, result.experiment, catalog, test)
    probs = np.stack([song.mean(axis=0) for song in answers])
    genre, learnt = (part["genre_index"].to_numpy() for part in (test, result.splits["train"]))
    network = Scored.served(genre, probs, item_groups(test), task.head, result.calibration)
    metrics = song_report(
        network,
        fit_baseline(frame, np.concatenate(plain.mfcc), len(task.genres)),
        learnt,
        task,
        split="test",
        split_rule=SONG_SPLIT_RULE,
    )
    if result.experiment.prog_genre:
        length = fit_baseline(frame, np.concatenate(plain.length), len(task.genres)).probs
        metrics = beside_length(metrics, network, length)
    metrics |= segment_report(genre, answers)
    shares = indicators(learnt, len(task.genres)).mean(axis=0)
    metrics["calibration"] = calibration_report(network, shares)
    return Evaluation(metrics, predictions_table(test, network))


def _genre_and_groups(
    experiment: Experiment, frame: pd.DataFrame
) -> tuple[NDArray[np.int64], NDArray[np.str_] | None]:
    from genre_core.evaluation.report import item_groups

    groups = item_groups(frame) if experiment.training.fold_groups == "group" else None
    return frame["genre_index"].to_numpy(), groups
