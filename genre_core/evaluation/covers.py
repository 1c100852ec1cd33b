"""Measure a classifier of covers on a test split, beside what colours alone tell."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from genre_core.config import Task, cover_input, require
from genre_core.data.catalog import Catalog
from genre_core.data.cover_cache import cached_covers
from genre_core.data.taxonomy import indicator
from genre_core.evaluation.baseline import fit_baseline
from genre_core.evaluation.calibration import calibration_report
from genre_core.evaluation.report import (
    COVER_SPLIT_RULE,
    Evaluation,
    Scored,
    genre_report,
    item_groups,
    predictions_table,
)
from genre_core.image.augment import neutralise_cover
from genre_core.image.colour import colour_statistics
from genre_core.image.decode import decode_cover
from genre_core.image.facts import file_facts
from genre_core.inference.classifier import Classifier
from genre_core.metrics.probabilities import probabilities
from genre_core.metrics.reliability import indicators
from genre_core.progress import Log

_T = TypeVar("_T")


def evaluate(
    classifier: Classifier,
    catalog: Catalog,
    task: Task,
    *,
    n_runs: int = 1,
    log: Log = lambda _: None,
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
    log : callable
        Takes a line a step.

    Returns
    -------
    Evaluation
        Figures with bootstrap intervals over groups (2,000 resamples, 95 %); the colour baseline
        is a logistic regression on `image.colour.colour_statistics`, its strength chosen on val;
        `gain_over_colour` is the paired bootstrap of the headline figure's difference. Of a
        multilabel task: the figures of `metrics.multilabel`, one logistic regression a genre, the
        share of each genre in train as majority, and no confusion matrix.
    """
    require(
        task.genres == classifier.genres,
        "The task must have the classifier's genres in their order.",
        task.genres,
        f"Use {classifier.genres}.",
    )
    frame, n_genres = catalog.select(task), len(task.genres)
    in_train, in_test = ((frame["split"] == name).to_numpy() for name in ("train", "test"))
    test, groups = frame[in_test], item_groups(frame[in_test])
    log(f"{len(test)} test covers through {classifier.name}")
    logits = classifier.logits(cached_covers(catalog, test, cover_input(classifier.card.input)))
    own = probabilities(logits, task.head)
    log("colour statistics for the baseline")
    colours = describe_covers(catalog, frame).colour
    about: dict[str, Any] = {}
    if task.head == "multilabel":
        genres = indicator(frame["genre_indices"], n_genres)  # (n, n_genres)
        columns = [
            fit_baseline(frame.assign(genre_index=hits.astype(int)), colours, 2).probs[:, 1]
            for hits in genres.T
        ]
        colour = Scored(genres[in_test], np.stack(columns, axis=1), groups)
        about["genres_per_cover"] = round(float(genres[in_test].sum(axis=1).mean()), 4)
    else:
        genres = frame["genre_index"].to_numpy()
        colour = fit_baseline(frame, colours, n_genres)
    network = Scored.served(genres[in_test], own, groups, task.head, classifier.card.calibration)
    metrics = genre_report(
        network,
        colour,
        compared_with="colour",
        learnt=genres[in_train],
        genres=task.genres,
        split_rule=COVER_SPLIT_RULE,
        n_runs=n_runs,
        about=about,
    )
    shares = indicators(genres[in_train], n_genres).mean(axis=0)
    metrics["calibration"] = calibration_report(network, shares)
    return Evaluation(metrics, predictions_table(test, network, logits))


@dataclass(frozen=True, slots=True)
class Descriptors:
    """Descriptions of covers, row by row, that know nothing of their content.

    `colour` [shape=(n, n_colour), dtype=float32] are `image.colour.colour_statistics`, the plain
    baseline; `facts` [shape=(n, n_facts), dtype=float32] are `image.facts.file_facts`: how a file
    was made, for the source-only probe.
    """

    colour: np.ndarray
    facts: np.ndarray

    def take(self, rows: np.ndarray) -> Descriptors:
        """Pick rows, in their order."""
        return Descriptors(self.colour[rows], self.facts[rows])


def describe_covers(
    catalog: Catalog, frame: pd.DataFrame, *, neutralised: bool = False
) -> Descriptors:
    """Describe covers by colour and by how their files were made; see `read_covers`."""

    def describe(picture: np.ndarray, n_bytes: int) -> tuple[np.ndarray, np.ndarray]:
        return colour_statistics(picture), file_facts(picture, n_bytes)

    pairs = read_covers(catalog, frame, describe, neutralised=neutralised)
    colour, facts = zip(*pairs, strict=True)
    return Descriptors(np.stack(colour), np.stack(facts))


def read_covers(
    catalog: Catalog,
    frame: pd.DataFrame,
    use: Callable[[np.ndarray, int], _T],
    *,
    neutralised: bool = False,
) -> list[_T]:
    """Decode covers one by one on two threads and keep only what `use` makes of each.

    `use(picture, n_bytes)` gets the decoded RGB picture and the file's size. `neutralised` changes
    each cover first by a random resize, JPEG, border and sharpness, decided by its checksum alone,
    so that every source's files look made alike; its size is then that of no file and given as the
    picture's own number of bytes.
    """

    def one(item_id: str, checksum: str) -> _T:
        data = catalog.path_of(item_id).read_bytes()
        picture = decode_cover(data, name=item_id)
        if not neutralised:
            return use(picture, len(data))
        picture = neutralise_cover(picture, np.random.default_rng(int(checksum[:16], 16)))
        return use(picture, picture.nbytes)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, frame["item_id"], frame["checksum"]))
