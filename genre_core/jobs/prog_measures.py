"""Measure networks that give prog scores, while they are made and again later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genre_core.config import Experiment, from_dict
from genre_core.data.catalog import Catalog
from genre_core.data.song_inputs import read_songs
from genre_core.jobs.storing import SONG_SPLIT_RULE, write_figures
from genre_core.progress import Log
from genre_core.runs.bundle import Bundle, find_bundle

if TYPE_CHECKING:
    from genre_core.evaluation.prog_scores import Scores
    from genre_core.inference.songs import SongClassifier


def measure_scores(
    classifier: SongClassifier,
    catalog: Catalog,
    experiment: Experiment,
    teacher: SongClassifier | None,
    log: Log,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Measure prog scores on test: false alarms, the teacher's order, the rendered songs.

    Parameters
    ----------
    classifier : SongClassifier
        As it is served.
    catalog : Catalog
        With songs labelled `non-prog` in test.
    experiment : Experiment
        Its recipe.
    teacher : SongClassifier, optional
        What it learnt from.
    log : callable
        Takes one line at a time.

    Returns
    -------
    metrics : dict
        As stored in `metrics.json`.
    predictions : pandas.DataFrame
        One row a test song.
    """
    from genre_core.evaluation.prog_scores import (
        RENDERED,
        false_alarms,
        known_non_prog,
        rank_correlation,
        rendered_reports,
        songs_of,
        specificity_of,
    )
    from genre_core.evaluation.report import BOOTSTRAP, item_groups, lay_out

    sources = experiment.task.sources

    def scores(frame: pd.DataFrame, by: SongClassifier) -> Scores:
        songs = read_songs(catalog, frame, by.spec, clip_s=experiment.task.clip_s)
        return [np.asarray(by.classify(each).scores) for each in songs]

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
            part = own[own["split"] == split]
            found = rank_correlation(
                scores(part, classifier), scores(part, teacher), item_groups(part)
            )
            metrics[f"rank_correlation_{split}"] = found | {"n": len(part)}
        values["rank_correlation"] = metrics["rank_correlation_test"]
        metrics |= {"headline": "rank_correlation", "n": metrics["rank_correlation_test"]["n"]}
    rendered = catalog.frame[catalog.frame["source"] == RENDERED]
    if len(rendered):
        theirs = None if teacher is None else scores(rendered, teacher)
        metrics["extra"] += rendered_reports(rendered, scores(rendered, classifier), theirs)
    test = own[own["split"] == "test"]
    table = test[["item_id", "title", "artist", "source", "group", "split"]].reset_index(drop=True)
    table["prog_score"] = [float(each.mean()) for each in scores(test, classifier)]
    return metrics, table


def measure_scores_again(bundle: Bundle, catalog: Catalog, *, log: Log) -> dict[str, Any]:
    """Measure a stored network that gives prog scores, and store its figures in it.

    Parameters
    ----------
    bundle : Bundle
        A tagger, or a network that a teacher taught; the teacher must be there too.
    catalog : Catalog
        The data set.
    log : callable
        Takes one line at a time.

    Returns
    -------
    dict
        As written to `metrics.json`.

    Raises
    ------
    CheckpointError
        The teacher is not there.
    """
    from genre_core.inference.songs import SongClassifier

    experiment = from_dict(Experiment, bundle.card.experiment)
    taught_by = experiment.training.teacher
    teacher = SongClassifier.load(find_bundle(taught_by)) if taught_by else None
    classifier = SongClassifier.load(bundle)
    metrics, predictions = measure_scores(classifier, catalog, experiment, teacher, log)
    write_figures(bundle.folder, metrics, predictions)
    return metrics
