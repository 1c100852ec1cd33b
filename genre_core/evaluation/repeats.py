"""Every run of a batch of repeats on the test split: one result with a spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from genre_core.config import Task
from genre_core.evaluation.report import Scored
from genre_core.metrics.probabilities import predicted, probabilities
from genre_core.training.batches import logits_of

RULE = (
    "Each run on the same test covers, at the epoch that its own rule chose; none was picked by "
    "its test figure."
)


def run_scorer(
    covers: np.ndarray, genre_index: np.ndarray, task: Task, rows: list[dict[str, Any]]
) -> Callable[[int, keras.Model], None]:
    """Make what `training.fit.fit_experiment` calls after each run; it adds a row to `rows`.

    `covers` are prepared test covers (n, size, size, 3) of a task that is not multilabel. A row has
    `run`, `answers` (genre indices, one a cover) and what `summary` gives.
    """

    def score(run: int, network: keras.Model) -> None:
        probs = probabilities(logits_of(network, covers), task.head)
        answers = predicted(probs).tolist()
        rows.append({"run": run, "answers": answers, **summary(genre_index, probs, task.genres)})

    return score


def summary(genre_index: np.ndarray, probs: np.ndarray, genres: tuple[str, ...]) -> dict[str, Any]:
    """Sum one run up: values, n_predicted_genres, most_predicted and most_predicted_share.

    A run that answers one genre for every cover sits on the majority line, whatever its loss says.

    Examples
    --------
    >>> row = summary(np.array([0, 1, 1]), np.array([[0.2, 0.8]] * 3), ("Pop", "Rock"))
    >>> row["most_predicted"], row["most_predicted_share"], row["n_predicted_genres"]
    ('Rock', 1.0, 1)
    >>> row["values"]["balanced_accuracy"]
    0.5
    """
    scored = Scored(genre_index, probs, np.arange(len(genre_index)))
    counts = np.bincount(predicted(probs), minlength=len(genres))
    return {
        "values": scored.values(),
        "n_predicted_genres": int((counts > 0).sum()),
        "most_predicted": genres[int(counts.argmax())],
        "most_predicted_share": round(float(counts.max() / counts.sum()), 4),
    }


def repeats_of(rows: list[dict[str, Any]], seed: int, epochs: dict[int, int]) -> dict[str, Any]:
    """Put the rows of a batch together, each with its seed and the epoch that counted.

    What the runs answered stands apart, as `answers`, a list a run.
    """
    rows = [row | {"seed": seed + row["run"], "epoch": epochs[row["run"]]} for row in rows]
    return {"rule": RULE, "answers": [row.pop("answers") for row in rows], "rows": rows}


def disagreement(answers: Sequence[Sequence[int]], said: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the share of runs that answer otherwise than was said [shape=(n,)], 0 to 1.

    `answers` are one list a run, `said` the answers of the network that was kept [shape=(n,)].

    Examples
    --------
    >>> disagreement([[0, 1], [0, 0], [0, 1]], np.array([0, 1])).round(2).tolist()
    [0.0, 0.33]
    """
    return np.asarray((np.asarray(answers) != said).mean(axis=0))
