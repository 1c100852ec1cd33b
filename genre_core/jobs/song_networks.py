"""From a recipe of a network on labelled songs to a finished, measured bundle."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.config import Experiment, require
from genre_core.data.audit import check, need_every_genre
from genre_core.data.catalog import Catalog
from genre_core.data.importers import find_dataset
from genre_core.data.item import SPLITS
from genre_core.data.song_inputs import describe_songs
from genre_core.jobs.song_fits import SongFit, fit_songs, segment_probs
from genre_core.jobs.storing import (
    SONG_SPLIT_RULE,
    make_card,
    store_songs,
    weight_sources,
)
from genre_core.progress import Log
from genre_core.runs.bundle import Bundle
from genre_core.runs.card import ProgScore

if TYPE_CHECKING:
    from genre_core.evaluation.report import Evaluation
    from genre_core.training.ledger import Ledger

Mfcc = list[NDArray[np.float32]]
Deal = dict[str, NDArray[np.int64]]
"""Rows of the songs of train, val and test."""


def train_song_network(
    experiment: Experiment,
    data: str | Path,
    *,
    command: str,
    log: Log,
    out: Path | None = None,
    ledger: Ledger | None = None,
) -> Bundle:
    """Fit a network of songs on their labels, choose on val, measure song by song, store a bundle.

    Parameters
    ----------
    experiment : Experiment
        Of songs, with `training.method = "gradient"` and no teacher.
    data : str or Path
        What `data.importers.find_dataset` takes.
    command : str
        How this was started, for the card.
    log : callable
        Takes one line at a time.
    out : Path, optional
        Folder that gets the bundle's folder; the home folder's `models` by default.
    ledger : Ledger, optional
        Keeps the training's states, each fold's apart.

    Returns
    -------
    Bundle
        Without folds: chosen on val, its figures are those of test. With folds: the figures in
        front are those of the folds. Each fold's network chose its epoch on songs of its own
        training part, in whole groups where groups count, and never saw its fold. The network
        that is stored learnt from the official train split and chose on val where groups count,
        its official test beside the folds; else from all songs, for as many epochs as the folds'
        networks took in the middle.

    Raises
    ------
    ParameterError, DatasetError, LeakError, JobError
        A setting, the data, a leaking split, or a training that went wrong.
    """
    from genre_core.evaluation.songs import MFCC_SR, mfcc_statistics

    started = time.perf_counter()
    settings, task = experiment.training, experiment.task
    require(
        task.head != "multilabel",
        "A network of songs learns one genre a song: head must be 'softmax' or 'binary'.",
        task.head,
        "Set head = 'softmax'.",
    )
    catalog = check(find_dataset(data))
    frame = catalog.select(task).reset_index(drop=True)
    uses_splits = not settings.folds or settings.fold_groups == "group"
    if uses_splits:
        for name in SPLITS:
            need_every_genre(name, frame[frame["split"] == name], task)
    dealt = _deal(experiment, frame) if settings.folds else []
    log(f"{experiment.name} on {catalog.head.name}: {len(frame)} songs")
    log("MFCCs for the baseline")
    mfcc = list(describe_songs(catalog, frame, mfcc_statistics, sr=MFCC_SR, clip_s=task.clip_s))
    parts = {name: frame[frame["split"] == name] for name in SPLITS}
    if not settings.folds:
        fit = fit_songs(experiment, catalog, parts, log, ledger)
        evaluation = _official_test(fit, catalog, frame, mfcc, log)
    elif uses_splits:
        evaluation, _ = _by_folds(experiment, catalog, frame, dealt, mfcc, log, ledger)
        fit = fit_songs(experiment, catalog, parts, log, ledger)
        official = _official_test(fit, catalog, frame, mfcc, log).metrics
        kept = ("n", "n_groups", "values", "baselines", "segments", "by_majority")
        evaluation.metrics["official_test"] = {name: official[name] for name in kept}
    else:
        evaluation, epochs = _by_folds(experiment, catalog, frame, dealt, mfcc, log, ledger)
        log(f"all songs, {epochs} epochs")
        own = dataclasses.replace(settings, epochs=epochs, select="last_epoch", patience=0)
        fit = fit_songs(
            dataclasses.replace(experiment, training=own),
            catalog,
            {"train": frame, "val": frame[:0], "test": frame[:0]},
            log,
            ledger,
        )
    metrics = evaluation.metrics | {
        "n_runs": settings.repeats,
        "data": {"name": catalog.head.name, "digest": catalog.digest},
    }
    card = make_card(
        fit.experiment,
        catalog,
        fit.parts,
        command=command,
        started=started,
        n_runs=settings.repeats,
        split_rule=metrics["split_rule"],
        chosen=fit.chosen(),
        sources=weight_sources(experiment),
        prog_score=_prog_score(experiment),
    )
    return store_songs(
        fit.fitted.network,
        card,
        metrics,
        evaluation.predictions,
        history=fit.fitted.history,
        out=out,
        log=log,
        started=started,
        ledger=ledger,
    )


def _deal(experiment: Experiment, frame: pd.DataFrame) -> list[Deal]:
    """Deal songs into folds, and the songs a fold learns from into train and val."""
    from genre_core.evaluation.report import item_groups
    from genre_core.training.heads import INNER_FOLDS, folds

    settings = experiment.training
    genre = frame["genre_index"].to_numpy()
    groups = item_groups(frame) if settings.fold_groups == "group" else None
    dealt = []
    for learn, test in folds(genre, groups, settings.folds, seed=0):
        own = None if groups is None else groups[learn]
        fit, choose = folds(genre[learn], own, INNER_FOLDS, seed=0)[0]
        dealt.append({"train": learn[fit], "val": learn[choose], "test": test})
    return dealt


def _by_folds(
    experiment: Experiment,
    catalog: Catalog,
    frame: pd.DataFrame,
    dealt: list[Deal],
    mfcc: Mfcc,
    log: Log,
    ledger: Ledger | None,
) -> tuple[Evaluation, int]:
    """Score every song by a network that never saw its fold; tell the epochs they took, median."""
    from genre_core.evaluation.report import item_groups
    from genre_core.evaluation.songs import fold_probs, report_folds, segment_report

    settings, task = experiment.training, experiment.task
    genre = frame["genre_index"].to_numpy()
    groups = item_groups(frame) if settings.fold_groups == "group" else None
    said = [np.empty((0, len(task.genres)))] * len(frame)
    fold = np.zeros(len(frame), np.int64)
    epochs: list[int] = []
    for k, deal in enumerate(dealt):
        parts = {name: frame.iloc[rows] for name, rows in deal.items()}
        log(f"fold {k + 1} of {settings.folds}")
        own = None if ledger is None else ledger.part_of(f"fold-{k + 1}")
        fitted = fit_songs(experiment, catalog, parts, log, own)
        epochs.append(fitted.chosen()["chosen_epoch"])
        probs = segment_probs(fitted, catalog, parts["test"])
        for place, each in zip(deal["test"], probs, strict=True):
            said[place] = each
        fold[deal["test"]] = k
    evaluation = report_folds(
        frame,
        np.stack([each.mean(axis=0) for each in said]),
        fold,
        fold_probs(mfcc, genre, groups, settings.folds)[0],
        task,
        n_folds=settings.folds,
        fold_groups=settings.fold_groups,
    )
    evaluation.metrics.update(segment_report(genre, said))
    for row, chosen in zip(evaluation.metrics["folds"], epochs, strict=True):
        row["chosen_epoch"] = chosen
    return evaluation, int(np.median(epochs))


def _official_test(
    fit: SongFit, catalog: Catalog, frame: pd.DataFrame, mfcc: Mfcc, log: Log
) -> Evaluation:
    from genre_core.evaluation.baseline import fit_baseline
    from genre_core.evaluation.report import Evaluation, Scored, item_groups, predictions_table
    from genre_core.evaluation.songs import segment_report, song_report

    test, task = fit.parts["test"], fit.experiment.task
    log(f"{len(test)} test songs")
    said = segment_probs(fit, catalog, test)
    probs = np.stack([each.mean(axis=0) for each in said])
    genre = test["genre_index"].to_numpy()
    metrics = song_report(
        Scored(genre, probs, item_groups(test)),
        fit_baseline(frame, np.concatenate(mfcc), len(task.genres)),
        fit.parts["train"]["genre_index"].to_numpy(),
        task,
        split="test",
        split_rule=SONG_SPLIT_RULE,
    )
    metrics |= segment_report(genre, said)
    return Evaluation(metrics, predictions_table(test, probs))


def _prog_score(experiment: Experiment) -> ProgScore | None:
    if not experiment.prog_genre:
        return None
    return ProgScore(
        genre=experiment.prog_genre,
        rule="The network's own probability, learnt from the songs' labels.",
    )
