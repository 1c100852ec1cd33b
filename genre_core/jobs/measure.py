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
from genre_core.jobs.fits.lessons import find_teachers
from genre_core.jobs.fits.pupil import as_scores, hear
from genre_core.jobs.fits.segments import SONG_SPLIT_RULE
from genre_core.jobs.fits.sounds import sounds_of
from genre_core.jobs.needs import lacking_reports, need_for_measuring
from genre_core.jobs.storing import write_figures
from genre_core.progress import Log
from genre_core.runs.bundle import METRICS_FILE, Bundle

if TYPE_CHECKING:
    from genre_core.evaluation.prog_rates import Scores
    from genre_core.evaluation.report import Evaluation

    Answers = tuple[Scores, list[Scores]]


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
        f"What it answers on any data: python -m genre_core evaluate {bundle.name} --data SET.",
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
    from genre_core.evaluation.repeats import disagreement
    from genre_core.inference.classifier import Classifier

    classifier = Classifier.load(bundle)
    task = experiment.task
    n_runs = int(bundle.card.provenance["n_runs"])
    evaluation = evaluate(classifier, catalog, task, n_runs=n_runs, log=log)
    metrics = evaluation.metrics
    metrics["data"] = {"name": catalog.head.name, "digest": catalog.digest}
    repeats = bundle.repeats()
    if repeats and bundle.card.data.get("digest") == catalog.digest:
        answers = repeats.pop("answers", [])
        metrics["repeats"] = repeats
        if len(answers) > 1:
            said = evaluation.predictions["predicted"].to_numpy()
            table = evaluation.predictions.assign(spread=disagreement(answers, said))
            evaluation = dataclasses.replace(evaluation, predictions=table)
    if task.head != "multilabel":
        metrics["extra"] = further_reports(classifier, catalog, experiment, log=log)
        metrics["same_genre_sources"] = same_genre_sources(classifier, catalog, task, log=log)
    return evaluation


def _prog_scores(bundle: Bundle, catalog: Catalog, experiment: Experiment, log: Log) -> Evaluation:
    """Measure prog scores: false alarms, teachers' order if there are some, rendered songs."""
    from genre_core.evaluation.prog_rates import anchor, rates_by_genre
    from genre_core.evaluation.prog_scores import (
        RENDERED,
        correlation_within,
        false_alarms,
        known_non_prog,
        rank_correlation,
        rendered_reports,
        segment_correlation,
        songs_of,
        specificity_of,
    )
    from genre_core.evaluation.report import BOOTSTRAP, Evaluation, item_groups, lay_out
    from genre_core.inference.songs import SongClassifier

    classifier = SongClassifier.load(bundle)
    teachers = find_teachers(experiment)
    sources = experiment.task.sources

    def answers(frame: pd.DataFrame) -> Answers:
        sounds = list(sounds_of(catalog, frame, clip_s=experiment.task.clip_s))
        scores, said = [], []
        for heard in hear(sounds, teachers, classifier.spec):
            scores.append(np.asarray(classifier.classify(heard.song).scores))
            said.append(heard.values)
        return scores, as_scores(said, is_ranked=bool(experiment.training.prog_teachers))

    log("test songs")
    own = songs_of(catalog, sources)
    test = own[own["split"] == "test"].reset_index(drop=True)
    tested, taught = answers(test)
    known = known_non_prog(catalog, sources, "test")
    is_known = np.flatnonzero(test["item_id"].isin(known["item_id"]))
    alarms = false_alarms([tested[place] for place in is_known.tolist()], item_groups(known))
    values: dict[str, Any] = {"specificity": specificity_of(alarms)}
    metrics = lay_out(
        split_rule=SONG_SPLIT_RULE,
        groups=item_groups(known),
        headline="specificity",
        values=values,
        baselines={},
        n_runs=experiment.training.repeats,
        interval=f"{BOOTSTRAP}; exact for as many groups where a share is 0 or 1",
        false_alarms=alarms,
        by_genre=rates_by_genre(test, tested, threshold=alarms["threshold"]),
        data={"name": catalog.head.name, "digest": catalog.digest},
    )
    score = bundle.card.prog_score
    if score is not None and score.half_at is not None:
        songs = known_non_prog(catalog, sources, "val").reset_index(drop=True)
        metrics["anchor"] = anchor(
            songs, answers(songs)[0], score.half_at, quantile=experiment.prog_quantile
        )
    table = test[["item_id", "title", "artist", "source", "group", "split"]].copy()
    table["prog_score"] = [float(song.mean()) for song in tested]
    if taught:
        val = own[own["split"] == "val"].reset_index(drop=True)
        for name, frame, (scores, theirs) in (
            ("val", val, answers(val)),
            ("test", test, (tested, taught)),
        ):
            groups, n = item_groups(frame), {"n": len(frame)}
            metrics[f"rank_correlation_{name}"] = rank_correlation(scores, theirs[0], groups) | n
            metrics[f"segment_correlation_{name}"] = segment_correlation(scores, theirs[0], groups)
            if len(theirs) > 1:
                metrics[f"rank_correlation_each_{name}"] = {
                    teacher.name: rank_correlation(scores, alone, groups)
                    for teacher, alone in zip(teachers, theirs[1:], strict=True)
                }
        metrics["rank_correlation_within"] = correlation_within(test, tested, taught[0])
        values["rank_correlation"] = metrics["rank_correlation_test"]
        metrics |= {"headline": "rank_correlation", "n": metrics["rank_correlation_test"]["n"]}
        table["teacher_score"] = [float(song.mean()) for song in taught[0]]
    rendered = catalog.frame[catalog.frame["source"] == RENDERED]
    if len(rendered):
        scores, theirs = answers(rendered)
        metrics["extra"] += rendered_reports(rendered, scores, theirs)
    return Evaluation(metrics, table)
