"""Measure a stored network on the test split of a data set."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genre_core.config import Experiment, from_dict, require
from genre_core.data.catalog import Catalog
from genre_core.data.files import make_folder
from genre_core.data.importers import find_dataset
from genre_core.data.song_inputs import read_songs
from genre_core.jobs.fits.segments import SONG_SPLIT_RULE
from genre_core.jobs.needs import lacking_reports, need_for_measuring
from genre_core.jobs.storing import write_figures
from genre_core.progress import Log
from genre_core.runs.bundle import METRICS_FILE, Bundle, find_bundle

if TYPE_CHECKING:
    from genre_core.evaluation.prog_scores import Scores
    from genre_core.evaluation.report import Evaluation
    from genre_core.inference.songs import SongClassifier


def measure(
    bundle: Bundle, data: Catalog | str | Path, *, log: Log, out: Path | None = None
) -> dict[str, Any]:
    """Measure a bundle on the test split of a data set; gives what `metrics.json` holds.

    Figures and predictions are stored in the bundle where it was trained on this data set or has
    none yet, else nowhere: its own figures stay. `out` is a folder that gets them instead. The
    bundle was trained on the experiment that its card holds; a pupil's teacher must be there too.

    Raises
    ------
    ParameterError, DatasetError, LeakError, CheckpointError
        A network that cannot be measured again, a folder that holds figures, the data (see
        `jobs.needs`), a leaking split, or no teacher.
    """
    experiment = from_dict(Experiment, bundle.card.experiment)
    is_song = bundle.card.media == "song"
    require(
        not is_song or bundle.card.prog_score is not None,
        "Networks that name genres of songs are measured while they are fitted.",
        bundle.name,
        f"Run: python -m genre_core train {bundle.card.experiment.get('name', 'NAME')}.",
    )
    require(
        out is None or not (out / METRICS_FILE).exists(),
        "A folder for figures must not hold others.",
        str(out),
        "Give another folder.",
    )
    folder = None if out is None else make_folder(out)
    catalog = data if isinstance(data, Catalog) else find_dataset(data)
    for note in need_for_measuring(experiment, catalog):
        log(note)
    lacking = lacking_reports(experiment, catalog)
    reports = tuple(report for report in experiment.reports if report.title not in lacking)
    experiment = dataclasses.replace(experiment, reports=reports)
    measured = (_prog_scores if is_song else _covers)(bundle, catalog, experiment, log)
    own = bundle.card.data
    if folder is None and (own.get("digest") == catalog.digest or not bundle.metrics()):
        folder = bundle.folder
    if folder is not None:
        write_figures(folder, measured.metrics, measured.predictions)
    else:
        log(
            f"{catalog.head.name} is not the data set that {bundle.name} was trained on "
            f"({own.get('name')}): its own figures stay, these are printed alone; --out FOLDER "
            "keeps them"
        )
    return measured.metrics


def _covers(bundle: Bundle, catalog: Catalog, experiment: Experiment, log: Log) -> Evaluation:
    from genre_core.evaluation.confounds import further_reports, same_genre_sources
    from genre_core.evaluation.covers import evaluate
    from genre_core.inference.classifier import Classifier

    classifier = Classifier.load(bundle)
    task = experiment.task
    n_runs = int(bundle.card.provenance["n_runs"])
    evaluation = evaluate(classifier, catalog, task, n_runs=n_runs, log=log)
    metrics = evaluation.metrics
    metrics["data"] = {"name": catalog.head.name, "digest": catalog.digest}
    if bundle.repeats() and bundle.card.data.get("digest") == catalog.digest:
        metrics["repeats"] = bundle.repeats()
    if task.head != "multilabel":
        metrics["extra"] = further_reports(classifier, catalog, experiment, log=log)
        metrics["same_genre_sources"] = same_genre_sources(classifier, catalog, task, log=log)
    return evaluation


def _prog_scores(bundle: Bundle, catalog: Catalog, experiment: Experiment, log: Log) -> Evaluation:
    """Measure prog scores: false alarms, a teacher's order if there is one, rendered songs."""
    from genre_core.evaluation.prog_scores import (
        RENDERED,
        false_alarms,
        known_non_prog,
        rank_correlation,
        rendered_reports,
        songs_of,
        specificity_of,
    )
    from genre_core.evaluation.report import BOOTSTRAP, Evaluation, item_groups, lay_out
    from genre_core.inference.songs import SongClassifier

    classifier = SongClassifier.load(bundle)
    taught_by = experiment.training.teacher
    teacher = SongClassifier.load(find_bundle(taught_by)) if taught_by else None
    sources = experiment.task.sources

    def scores(frame: pd.DataFrame, by: SongClassifier) -> Scores:
        songs = read_songs(catalog, frame, by.spec, clip_s=experiment.task.clip_s)
        return [np.asarray(by.classify(song).scores) for song in songs]

    log("test songs")
    known = known_non_prog(catalog, sources, "test")
    alarms = false_alarms(scores(known, classifier))
    values: dict[str, Any] = {"specificity": specificity_of(alarms)}
    metrics = lay_out(
        split_rule=SONG_SPLIT_RULE,
        groups=item_groups(known),
        headline="specificity",
        values=values,
        baselines={},
        n_runs=experiment.training.repeats,
        interval=f"specificity: exact 95 %; others: {BOOTSTRAP}",
        false_alarms=alarms,
        data={"name": catalog.head.name, "digest": catalog.digest},
    )
    own = songs_of(catalog, sources)
    if teacher is not None:
        for split in ("val", "test"):
            songs = own[own["split"] == split]
            correlation = rank_correlation(
                scores(songs, classifier), scores(songs, teacher), item_groups(songs)
            )
            metrics[f"rank_correlation_{split}"] = correlation | {"n": len(songs)}
        values["rank_correlation"] = metrics["rank_correlation_test"]
        metrics |= {"headline": "rank_correlation", "n": metrics["rank_correlation_test"]["n"]}
    rendered = catalog.frame[catalog.frame["source"] == RENDERED]
    if len(rendered):
        theirs = None if teacher is None else scores(rendered, teacher)
        metrics["extra"] += rendered_reports(rendered, scores(rendered, classifier), theirs)
    test = own[own["split"] == "test"]
    table = test[["item_id", "title", "artist", "source", "group", "split"]].reset_index(drop=True)
    table["prog_score"] = [float(song.mean()) for song in scores(test, classifier)]
    return Evaluation(metrics, table)
