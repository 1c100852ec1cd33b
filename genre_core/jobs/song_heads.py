"""From a recipe of a head on songs to a finished, measured bundle."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.config import Experiment, require, song_input
from genre_core.data.audit import check
from genre_core.data.importers import find_dataset
from genre_core.data.song_inputs import describe_songs, read_songs
from genre_core.jobs.storing import make_card, store_songs, weight_sources
from genre_core.progress import Log
from genre_core.runs.bundle import Bundle

if TYPE_CHECKING:
    from genre_core.training.ledger import Ledger


def train_head(
    experiment: Experiment,
    data: str | Path,
    *,
    command: str,
    log: Log,
    out: Path | None = None,
    ledger: Ledger | None = None,
) -> Bundle:
    """Fit a recipe of `method = "logistic"`, estimate it by folds, store a bundle.

    Parameters
    ----------
    experiment : Experiment
        Of songs.
    data : str or Path
        What `data.importers.find_dataset` takes.
    command : str
        How this was started, for the card.
    log : callable
        Takes one line at a time.
    out : Path, optional
        Folder that gets the bundle's folder; the home folder's `models` by default.
    ledger : Ledger, optional
        Has the bundle until it is complete.

    Returns
    -------
    Bundle
        Its head was fitted on train and val, and `official_test`, where there is a test split, is
        its own figure; the figures in front are those of the folds, in which every song is tested
        once.

    Raises
    ------
    ParameterError, DatasetError, LeakError
        A setting, the data, or a leaking split.
    """
    from genre_core.architectures import build
    from genre_core.evaluation.report import Scored, item_groups
    from genre_core.evaluation.songs import MFCC_SR, evaluate_by_folds, mfcc_statistics
    from genre_core.inference.forward import Forward
    from genre_core.training.heads import choose_strength, fit_head, head_probs, set_head

    started = time.perf_counter()
    settings, task, spec = experiment.training, experiment.task, song_input(experiment.input)
    require(
        settings.folds >= 2,
        "A head is estimated by folds: folds must be at least 2.",
        settings.folds,
        "Set folds = 5.",
    )
    require(
        task.head == "softmax",
        "A head on songs names one genre of several: head must be 'softmax'.",
        task.head,
        "Set head = 'softmax'.",
    )
    catalog = find_dataset(data)
    check(catalog)
    frame = catalog.select(task).reset_index(drop=True)
    log(f"{experiment.name} on {catalog.head.name}: {len(frame)} songs")
    network = build(
        experiment.architecture,
        n_logits=task.n_logits,
        input_shape=spec.shape,
        **experiment.network,
    )
    embed = Forward(network, "float32")

    def told(done: int, total: int, _: str) -> None:
        if done % 50 == 0 or done == total:
            log(f"{done} of {total}")

    log("what the head reads")
    features = [
        embed(each.inputs)[1]
        for each in read_songs(catalog, frame, spec, clip_s=task.clip_s, progress=told)
    ]
    log("MFCCs for the baseline")
    mfcc = list(
        describe_songs(
            catalog, frame, mfcc_statistics, sr=MFCC_SR, clip_s=task.clip_s, progress=told
        )
    )
    evaluation = evaluate_by_folds(
        frame,
        features,
        mfcc,
        task,
        n_folds=settings.folds,
        fold_groups=settings.fold_groups,
        log=log,
    )
    metrics = dict(evaluation.metrics)
    metrics["data"] = {"name": catalog.head.name, "digest": catalog.digest}
    genre = frame["genre_index"].to_numpy()
    groups = item_groups(frame)
    uses_test = settings.fold_groups == "group"
    learn = np.flatnonzero(frame["split"] != "test") if uses_test else np.arange(len(frame))
    own = [features[i] for i in learn]
    strength = choose_strength(own, genre[learn], groups[learn] if uses_test else None)
    kernel, bias = fit_head(own, genre[learn], strength)
    set_head(network, kernel, bias)
    test = np.flatnonzero(frame["split"] == "test")
    if uses_test and len(test):
        served = head_probs([features[i] for i in test], kernel, bias)
        scored = Scored(genre[test], served, groups[test])
        metrics["official_test"] = {"n": len(test), "values": scored.figures()}
    parts = _parts(frame, learn, uses_test)
    card = make_card(
        experiment,
        catalog,
        parts,
        command=command,
        started=started,
        n_runs=1,
        split_rule=metrics["split_rule"],
        chosen={
            "chosen_by": "macro-F1 over folds of the training songs",
            "strength": strength,
            "fitted_on": "train and val" if uses_test else "all songs",
        },
        sources=weight_sources(experiment),
    )
    return store_songs(
        network,
        card,
        metrics,
        evaluation.predictions,
        out=out,
        log=log,
        started=started,
        ledger=ledger,
    )


def _parts(
    frame: pd.DataFrame, learn: NDArray[np.int64], uses_test: bool
) -> dict[str, pd.DataFrame]:
    if not uses_test:
        return {"train": frame, "val": frame.iloc[:0], "test": frame.iloc[:0]}
    return {name: frame[frame["split"] == name] for name in ("train", "val", "test")}
