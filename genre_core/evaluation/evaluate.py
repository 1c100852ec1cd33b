"""Measure a classifier on a test split beside its baselines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from genre_core.config import Task, cover_input, require
from genre_core.data.catalog import Catalog
from genre_core.data.cover_cache import cached_covers
from genre_core.evaluation.compare import baseline_predictions
from genre_core.evaluation.descriptors import describe_covers
from genre_core.inference.classifier import Classifier
from genre_core.metrics.classification import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    macro_f1,
    majority_baseline,
    per_genre_table,
    roc_auc,
)
from genre_core.metrics.intervals import Interval, bootstrap_interval, paired_gain
from genre_core.metrics.probabilities import predicted, probabilities
from genre_core.progress import Log

FIGURES = ("accuracy", "balanced_accuracy", "macro_f1", "roc_auc")
MIN_GROUPS = 5


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures and predictions of one test.

    Parameters
    ----------
    metrics : dict
        As stored in a bundle's `metrics.json`.
    predictions : pd.DataFrame
        One row a test item, as stored in `predictions.parquet`.
    """

    metrics: dict[str, Any]
    predictions: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Scored:
    """Predictions of something (a network or a baseline) on the same items.

    Parameters
    ----------
    true : np.ndarray [shape=(n,), dtype=int]
        True genres.
    probs : np.ndarray [shape=(n, n_genres)]
        Probabilities.
    groups : np.ndarray [shape=(n,)]
        Artist or near-duplicate group of each item.
    """

    true: np.ndarray
    probs: np.ndarray
    groups: np.ndarray

    def measure(self, figure: str) -> Callable[[np.ndarray], float]:
        """Give a figure as a function of item indices, for a bootstrap."""
        true, chosen = self.true, predicted(self.probs)
        if figure == "roc_auc":
            scores = self.probs[:, 1] if self.probs.shape[1] == 2 else self.probs
            return lambda index: roc_auc(true[index], scores[index])
        rule = {
            "accuracy": accuracy,
            "balanced_accuracy": balanced_accuracy,
            "macro_f1": macro_f1,
        }[figure]
        return lambda index: rule(true[index], chosen[index])

    def figures(self) -> dict[str, dict[str, float]]:
        """Every figure with its 95 % bootstrap interval over groups."""
        return {
            name: interval_dict(bootstrap_interval(self.measure(name), self.groups))
            for name in FIGURES
        }


def headline_of(n_genres: int) -> str:
    """Name the figure that sums a task up: AUC for two genres, macro-F1 for more."""
    return "roc_auc" if n_genres == 2 else "macro_f1"


def interval_dict(interval: Interval) -> dict[str, float]:
    """Round an interval to four digits, for JSON."""
    return {
        "value": round(interval.value, 4),
        "low": round(interval.low, 4),
        "high": round(interval.high, 4),
    }


def item_groups(frame: pd.DataFrame) -> np.ndarray:
    """Give each item's group; an item without one stands for itself."""
    group = frame["group"].to_numpy(dtype=object)
    item_id = frame["item_id"].to_numpy(dtype=object)
    return np.where(group == "", item_id, group).astype(str)


def evaluate(
    classifier: Classifier,
    catalog: Catalog,
    task: Task,
    *,
    n_runs: int = 1,
    log: Log | None = None,
) -> Evaluation:
    """Measure a classifier on the test split of a task, beside majority and colour.

    Parameters
    ----------
    classifier : Classifier
        What is served.
    catalog : Catalog
        With official splits.
    task : Task
        Must have the classifier's genres in their order.
    n_runs : int
        Runs that the classifier was chosen from, for the record.
    log : callable, optional
        Takes a line a step.

    Returns
    -------
    Evaluation
        Figures with bootstrap intervals over groups (2,000 resamples, 95 %); the colour baseline
        is a logistic regression on `image.colour.colour_statistics`, its strength chosen on val;
        `gain_over_colour` is the paired bootstrap of the headline figure's difference.

    Raises
    ------
    ParameterError
        Other genres than the classifier's, or fewer than 5 groups in the test split.
    """
    require(
        task.genres == classifier.genres,
        "The task must have the classifier's genres in their order.",
        task.genres,
        f"Use {classifier.genres}.",
    )
    say = log or _silent
    frame = catalog.select(task)
    test = frame[frame["split"] == "test"]
    say(f"{len(test)} test covers through {classifier.name}")
    logits = classifier.logits(cached_covers(catalog, test, cover_input(classifier.card.input)))
    probs = probabilities(logits, classifier.card.head)
    network = Scored(test["genre_index"].to_numpy(), probs, item_groups(test))
    say("colour statistics for the baseline")
    n_genres = len(task.genres)
    colour = fit_baseline(frame, describe_covers(catalog, frame).colour, n_genres)
    headline = headline_of(n_genres)
    chosen = predicted(probs)
    train = frame[frame["split"] == "train"]
    majority = majority_baseline(train["genre_index"], network.true, n_genres)
    metrics = {
        "split": "test",
        "split_rule": "official split; no group (artist or near-duplicate) in two parts",
        "n": len(test),
        "n_groups": len(np.unique(network.groups)),
        "n_runs": n_runs,
        "interval": "95 % bootstrap over groups, 2,000 resamples",
        "headline": headline,
        "values": network.figures(),
        "baselines": {
            "majority": {
                "genre": task.genres[int(majority.pop("genre_index"))],
                **{name: {"value": round(value, 4)} for name, value in majority.items()},
            },
            "colour": colour.figures(),
        },
        "gain_over_colour": gain(network, colour, headline),
        "confusion": confusion_matrix(network.true, chosen, n_genres).tolist(),
        # nan, a figure that the covers do not define, is no JSON; null is.
        "per_genre": [
            {name: None if value != value else value for name, value in each.items()}
            for each in per_genre_table(network.true, chosen, task.genres)
        ],
        "extra": [],
    }
    return Evaluation(metrics, predictions_table(test, chosen, probs, logits))


def gain(better: Scored, worse: Scored, figure: str) -> dict[str, float]:
    """Paired bootstrap of a figure's difference on the same items."""
    return interval_dict(paired_gain(better.measure(figure), worse.measure(figure), better.groups))


def fit_baseline(frame: pd.DataFrame, features: np.ndarray, n_genres: int) -> Scored:
    """Fit a logistic regression on train, choose its strength on val, and score test.

    Parameters
    ----------
    frame : pd.DataFrame [shape=(n, ...)]
        With `split` and `genre_index`.
    features : np.ndarray [shape=(n, d)]
        One row an item of `frame`.
    n_genres : int
        Columns of the probabilities.

    Returns
    -------
    Scored
    """
    genre = frame["genre_index"].to_numpy()
    part = {name: (frame["split"] == name).to_numpy() for name in ("train", "val", "test")}
    probs = baseline_predictions(
        features[part["train"]],
        genre[part["train"]],
        features[part["val"]],
        genre[part["val"]],
        features[part["test"]],
        n_genres=n_genres,
    )
    return Scored(genre[part["test"]], probs, item_groups(frame[part["test"]]))


def predictions_table(
    test: pd.DataFrame, chosen: np.ndarray, probs: np.ndarray, logits: np.ndarray
) -> pd.DataFrame:
    """Lay out one row a test item, as a bundle stores it."""
    kept = test[["item_id", "title", "artist", "source", "group", "split", "genre_index"]]
    table = kept.reset_index(drop=True).assign(predicted=chosen)
    table["title"] = table["title"].where(table["title"] != "", test["album"].to_numpy())
    for place, column in enumerate(probs.T):
        table[f"prob_{place}"] = column.astype(np.float32)
    for place, column in enumerate(logits.T):
        table[f"logit_{place}"] = column.astype(np.float32)
    return table


def _silent(_: str) -> None:
    pass
