"""What else could explain a figure: the source of the files, and how they were made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from genre_core.config import Experiment, Task, cover_input
from genre_core.data.catalog import Catalog
from genre_core.data.cover_cache import cached_covers
from genre_core.data.item import SPLITS
from genre_core.evaluation.baseline import fit_baseline
from genre_core.evaluation.covers import Descriptors, describe_covers, read_covers
from genre_core.evaluation.report import Scored, gain, item_groups
from genre_core.image.cover import prepare_cover
from genre_core.inference.classifier import Classifier
from genre_core.metrics.probabilities import probabilities
from genre_core.progress import Log

MIN_ITEMS = 40


def further_reports(
    classifier: Classifier,
    catalog: Catalog,
    experiment: Experiment,
    *,
    log: Log,
) -> list[dict[str, Any]]:
    """Measure every report of an experiment, each beside its confounds.

    Each has title, note, n, n_groups, figure, and as {value, low, high}: `network`,
    `network_neutralised` (the same covers after random resize, JPEG, border, sharpness), `colour`,
    `gain_over_colour`, `source_probe` (a logistic regression on file facts alone) and
    `source_probe_neutralised` (fitted and tested on neutralised covers).
    """
    frames = [catalog.select(experiment.task_of(report)) for report in experiment.reports]
    if not frames:
        return []
    # Reports share covers: each is described once, as it is and neutralised.
    every = pd.concat(frames).drop_duplicates("item_id")
    place = pd.Series(np.arange(len(every)), index=every["item_id"])
    log(f"describing {len(every)} covers for {len(frames)} reports")
    plain = describe_covers(catalog, every)
    neutral = describe_covers(catalog, every, neutralised=True)
    measured = []
    for report, frame in zip(experiment.reports, frames, strict=True):
        rows = place[frame["item_id"]].to_numpy()
        log(f"{report.title}: {(frame['split'] == 'test').sum()} test covers")
        figures = _report(classifier, catalog, frame, plain.take(rows), neutral.take(rows))
        measured.append({"title": report.title, "note": report.note, **figures})
    return measured


def same_genre_sources(
    classifier: Classifier, catalog: Catalog, task: Task, *, log: Log
) -> list[dict[str, Any]]:
    """Ask whether the network's own embedding names the source where the label is the same.

    For each label that at least two sources of the task share (40 covers each), a logistic
    regression on the embedding is fitted on train and tells the sources apart on test. An AUC of
    .5 would mean that the embedding does not know the source.

    Each has label, sources, n, n_groups, and `roc_auc` as {value, low, high}, or {value} alone
    where a source has fewer than 5 groups.
    """
    frame = catalog.select(task)
    first = frame["labels"].map(lambda labels: labels[0])
    measured = []
    for label in sorted(first.unique()):
        sources = frame.loc[first == label, "source"].value_counts()
        pair = sorted(sources[sources >= MIN_ITEMS].index[:2])
        if len(pair) < 2:
            continue
        log(f"sources within {label}: {' and '.join(pair)}")
        rows = frame[(first == label) & frame["source"].isin(pair)]
        rows = rows.assign(genre_index=(rows["source"] == pair[1]).astype(int))
        if rows.groupby("split")["source"].nunique().reindex(SPLITS).min() < 2:
            continue  # a split without one of the sources can neither choose nor test
        embeddings = classifier.embed(
            cached_covers(catalog, rows, cover_input(classifier.card.input))
        )
        scored = fit_baseline(rows, embeddings, 2)
        measured.append(
            {
                "label": label,
                "sources": pair,
                "n": len(scored.true),
                "n_groups": len(np.unique(scored.groups)),
                "roc_auc": scored.figure("roc_auc"),
            }
        )
    return measured


def _report(
    classifier: Classifier,
    catalog: Catalog,
    frame: pd.DataFrame,
    plain: Descriptors,
    neutral: Descriptors,
) -> dict[str, Any]:
    test = frame[frame["split"] == "test"]
    spec, n_genres = cover_input(classifier.card.input), len(classifier.genres)
    network = _score(classifier, test, cached_covers(catalog, test, spec))
    figure = network.headline
    neutral_covers = np.stack(
        read_covers(catalog, test, lambda p, _: prepare_cover(p, spec), neutralised=True)
    )
    colour = fit_baseline(frame, plain.colour, n_genres)
    return {
        "n": len(test),
        "n_per_genre": np.bincount(network.true, minlength=n_genres).tolist(),
        "n_groups": len(np.unique(network.groups)),
        "figure": figure,
        "network": network.figure(figure),
        "network_neutralised": _score(classifier, test, neutral_covers).figure(figure),
        "colour": colour.figure(figure),
        "gain_over_colour": gain(network, colour, figure),
        "source_probe": fit_baseline(frame, plain.facts, n_genres).figure(figure),
        "source_probe_neutralised": fit_baseline(frame, neutral.facts, n_genres).figure(figure),
    }


def _score(classifier: Classifier, test: pd.DataFrame, covers: np.ndarray) -> Scored:
    card, true = classifier.card, test["genre_index"].to_numpy()
    own = probabilities(classifier.logits(covers), card.head)
    return Scored.served(true, own, item_groups(test), card.head, card.calibration)
