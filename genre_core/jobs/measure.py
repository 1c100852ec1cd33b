"""Measure a stored network on the test split of a data set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genre_core.config import Experiment, from_dict, require
from genre_core.data.audit import check
from genre_core.data.catalog import Catalog
from genre_core.data.importers import find_dataset
from genre_core.data.song_inputs import read_songs
from genre_core.jobs.fits.segments import SONG_SPLIT_RULE
from genre_core.jobs.storing import write_figures
from genre_core.progress import Log
from genre_core.runs.bundle import Bundle, find_bundle

if TYPE_CHECKING:
    from genre_core.evaluation.prog_scores import Scores
    from genre_core.evaluation.report import Evaluation
    from genre_core.inference.songs import SongClassifier


def measure(bundle: Bundle, data: Catalog | str | Path, *, log: Log) -> dict[str, Any]:
    """Measure a bundle on the test split and store its figures and predictions in it.

    Gives what `metrics.json` holds. The bundle was trained on the experiment that its card holds; a
    pupil's teacher must be there too.

    Raises
    ------
    ParameterError, DatasetError, LeakError, CheckpointError
        A network that cannot be measured again, the data, a leaking split, or no teacher.
    """
    catalog = check(data if isinstance(data, Catalog) else find_dataset(data))
    experiment = from_dict(Experiment, bundle.card.experiment)
    is_song = bundle.card.media == "song"
    require(
        not is_song or bundle.card.prog_score is not None,
        "Networks that name genres of songs are measured while they are fitted.",
        bundle.name,
        f"Run: python -m genre_core train {bundle.card.experiment.get('name', 'NAME')}.",
    )
    measured = (_prog_scores if is_song else _covers)(bundle, catalog, experiment, log)
    write_figures(bundle.folder, measured.metrics, measured.predictions)
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
    if bundle.repeats():
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
