"""Measure a classifier whose covers may have several genres, beside its baselines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from genre_core.config import Task, cover_input
from genre_core.data.catalog import Catalog
from genre_core.data.cover_cache import cached_covers
from genre_core.data.taxonomy import indicator
from genre_core.evaluation.descriptors import describe_covers
from genre_core.evaluation.evaluate import (
    Evaluation,
    fit_baseline,
    interval_dict,
    item_groups,
    predictions_table,
)
from genre_core.inference.classifier import Classifier
from genre_core.metrics.intervals import bootstrap_interval, paired_gain
from genre_core.metrics.multilabel import (
    THRESHOLD,
    multilabel_macro_f1,
    multilabel_roc_auc,
    top_hit,
)
from genre_core.metrics.probabilities import probabilities
from genre_core.progress import Log

FIGURES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "roc_auc": multilabel_roc_auc,
    "macro_f1": multilabel_macro_f1,
    "top_hit": top_hit,
}
HEADLINE = "roc_auc"


def evaluate_multilabel(
    classifier: Classifier, catalog: Catalog, task: Task, *, n_runs: int = 1, log: Log
) -> Evaluation:
    """Measure a classifier on the test split of a multilabel task.

    Parameters
    ----------
    classifier : Classifier
        With one sigmoid a genre.
    catalog : Catalog
        With official splits.
    task : Task
        Has the classifier's genres in their order.
    n_runs : int
        Runs that the classifier was chosen from, for the record.
    log : callable
        Takes a line a step.

    Returns
    -------
    Evaluation
        As `evaluate.evaluate` makes it, with the figures of `metrics.multilabel` and without a
        confusion matrix: a cover with two genres has no single cell. `majority` gives every cover
        train's share of each genre; `colour` is one logistic regression a genre.
    """
    n_genres = len(task.genres)
    frame = catalog.select(task)
    hits = indicator(frame["genre_indices"], n_genres)  # (n, n_genres)
    in_train, in_test = (frame["split"] == each for each in ("train", "test"))
    test = frame[in_test]
    log(f"{len(test)} test covers through {classifier.name}")
    logits = classifier.logits(cached_covers(catalog, test, cover_input(classifier.card.input)))
    probs = probabilities(logits, "multilabel")
    log("colour statistics for the baseline")
    features = describe_covers(catalog, frame).colour
    colour = np.stack(
        [
            fit_baseline(frame.assign(genre_index=hits[:, k].astype(int)), features, 2).probs[:, 1]
            for k in range(n_genres)
        ],
        axis=1,
    )
    prior = np.broadcast_to(hits[in_train].mean(axis=0), probs.shape)
    true, groups = hits[in_test], item_groups(test)
    every = np.arange(len(test))
    metrics: dict[str, Any] = {
        "split": "test",
        "split_rule": "official split; no group (artist or near-duplicate) in two parts",
        "n": len(test),
        "n_groups": len(np.unique(groups)),
        "n_runs": n_runs,
        "interval": "95 % bootstrap over groups, 2,000 resamples",
        "headline": HEADLINE,
        "genres_per_cover": round(float(true.sum(axis=1).mean()), 4),
        "values": _with_intervals(true, probs, groups),
        "baselines": {
            "majority": {
                name: {"value": round(_at(rule, true, prior)(every), 4)}
                for name, rule in FIGURES.items()
            },
            "colour": _with_intervals(true, colour, groups),
        },
        "gain_over_colour": interval_dict(
            paired_gain(
                _at(FIGURES[HEADLINE], true, probs), _at(FIGURES[HEADLINE], true, colour), groups
            )
        ),
        "per_genre": per_genre(true, probs, task.genres),
        "extra": [],
    }
    table = predictions_table(test, probs.argmax(axis=1), probs, logits)
    return Evaluation(metrics, table)


def per_genre(
    hits: np.ndarray, probs: np.ndarray, genres: tuple[str, ...]
) -> list[dict[str, float | str | None]]:
    """List precision, recall, F1, ROC AUC and support of each genre.

    Examples
    --------
    >>> hits, probs = np.array([[1, 0], [1, 1]]) > 0, np.array([[0.9, 0.1], [0.2, 0.8]])
    >>> rows = per_genre(hits, probs, ("a", "b"))
    >>> rows[0]["recall"], rows[1]["roc_auc"]
    (0.5, 1.0)
    """
    columns = precision_recall_fscore_support(
        hits, probs >= THRESHOLD, average=None, zero_division=np.nan
    )
    rows: list[dict[str, float | str | None]] = []
    for k, genre in enumerate(genres):
        precision, recall, f1, support = (float(column[k]) for column in columns)
        area = multilabel_roc_auc(hits[:, [k]], probs[:, [k]])
        values = {"precision": precision, "recall": recall, "f1": f1, "roc_auc": area}
        # nan, a figure that the covers do not define, is no JSON; null is.
        row: dict[str, float | str | None] = {"genre": genre, "support": int(support)}
        row |= {name: None if v != v else round(v, 4) for name, v in values.items()}
        rows.append(row)
    return rows


def _with_intervals(
    true: np.ndarray, probs: np.ndarray, groups: np.ndarray
) -> dict[str, dict[str, float]]:
    return {
        name: interval_dict(bootstrap_interval(_at(rule, true, probs), groups))
        for name, rule in FIGURES.items()
    }


def _at(
    rule: Callable[[np.ndarray, np.ndarray], float], true: np.ndarray, probs: np.ndarray
) -> Callable[[np.ndarray], float]:
    return lambda index: rule(true[index], probs[index])
