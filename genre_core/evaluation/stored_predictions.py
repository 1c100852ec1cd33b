"""What a bundle's stored predictions tell: each fold's figures, and the songs that it got wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genre_core.config import require
from genre_core.metrics.classification import accuracy, balanced_accuracy, macro_f1

if TYPE_CHECKING:
    # Only a name: the Results page must not wait for TensorFlow.
    from genre_core.runs.answers import SongPrediction

FIGURES: dict[str, Callable[..., float]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
}
"""What each fold is measured by: shares of right answers, which have a majority line each."""

NEEDED = ("fold", "genre_index", "predicted", "item_id", "group")

_ABOUT = ("item_id", "title", "artist", "source", "group", "fold")

SCORED = ("prog", "not prog")
"""What a song may be called by its score."""


def fold_figures(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Measure every fold by itself; empty where there are no folds.

    `predictions` need the columns of `NEEDED`; each item was tested in one fold. A fold has fold,
    n, n_groups and `FIGURES`, rounded to four digits, None where it does not define one.

    Examples
    --------
    >>> rows = pd.DataFrame({"fold": [0, 0, 1], "genre_index": [0, 1, 1], "predicted": [0, 0, 1],
    ...                      "item_id": ["a", "b", "c"], "group": ["x", "y", ""]})
    >>> [(fold["fold"], fold["n"], fold["accuracy"]) for fold in fold_figures(rows)]
    [(0, 2, 0.5), (1, 1, 1.0)]
    >>> fold_figures(rows.drop(columns="predicted"))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Predictions of folds need the columns fold, genre_index, \
    predicted, item_id, group. Received 'without predicted' (str). Evaluate the model again.
    """
    if "fold" not in predictions:
        return []
    missing = [name for name in NEEDED if name not in predictions]
    require(
        not missing,
        f"Predictions of folds need the columns {', '.join(NEEDED)}.",
        f"without {', '.join(missing)}",
        "Evaluate the model again.",
    )
    return [_one(part, int(fold)) for fold, part in predictions.groupby("fold", sort=True)]


def mean_of_folds(folds: list[dict[str, Any]], figure: str) -> float | None:
    """Average a figure over the folds that define it; None where none does.

    Every fold counts the same, so this is not quite the figure of all songs together.

    Examples
    --------
    >>> mean_of_folds([{"accuracy": 0.5}, {"accuracy": 1.0}, {"accuracy": None}], "accuracy")
    0.75
    """
    known = [fold[figure] for fold in folds if fold.get(figure) is not None]
    return float(np.mean(known)) if known else None


def _one(part: pd.DataFrame, fold: int) -> dict[str, Any]:
    true, predicted = part["genre_index"].to_numpy(), part["predicted"].to_numpy()
    values = {name: float(rule(true, predicted)) for name, rule in FIGURES.items()}
    return {
        "fold": fold,
        "n": len(part),
        # An item without a group stands for itself.
        "n_groups": part["group"].where(part["group"] != "", part["item_id"]).nunique(),
        **{name: round(value, 4) if value == value else None for name, value in values.items()},
    }


def highest_scores(predictions: pd.DataFrame, known: Collection[str] | None = None) -> pd.DataFrame:
    """List songs by their mean prog score, highest first, with what is known of each.

    Only those with item_ids in `known` are listed, where it is given: those known not to be prog.

    Examples
    --------
    >>> rows = pd.DataFrame({"item_id": ["a", "b", "c"], "prog_score": [0.2, 0.9, 0.6]})
    >>> highest_scores(rows, {"a", "c"})["item_id"].tolist()
    ['c', 'a']
    """
    missing = [name for name in ("item_id", "prog_score") if name not in predictions]
    require(
        not missing,
        "A list of false alarms needs item_id and prog_score.",
        f"predictions without {', '.join(missing)}",
        "Evaluate the model again.",
    )
    rows = predictions
    if known is not None:
        rows = rows[rows["item_id"].isin(list(known))]
    listed = rows[[name for name in _ABOUT if name in rows] + ["prog_score"]]
    return listed.sort_values(
        ["prog_score", "item_id"], ascending=[False, True], ignore_index=True, kind="stable"
    )


def items_labelled(frame: pd.DataFrame, label: str) -> set[str]:
    """Name the items of a catalog's table that carry a label, as songs known not to be prog do.

    Examples
    --------
    >>> rows = pd.DataFrame({"item_id": ["a", "b"], "labels": [("non-prog", "Jazz"), ("Jazz",)]})
    >>> items_labelled(rows, "non-prog")
    {'a'}
    """
    has_it = frame["labels"].map(lambda labels: label in labels).astype(bool)
    return set(frame.loc[has_it, "item_id"])


def worst_segment(prediction: SongPrediction, wrong: str, true: str = "") -> int:
    """Find the segment that speaks most for a wrong answer; the first of several.

    It has the largest probability of that genre, less that of the `true` one where it is named; of
    a network with a prog score the answer may also be ``"prog"`` or ``"not prog"``: the highest or
    the lowest score. Raises `ParameterError`: the network gives no such answer.
    """
    if wrong in SCORED and prediction.scores is not None:
        return int(np.argmax(prediction.scores if wrong == SCORED[0] else -prediction.scores))
    require(
        wrong in prediction.genres,
        f"The wrong answer must be one of {', '.join(prediction.genres[:12])}.",
        wrong,
        "Name a genre of the network.",
    )
    speaks = prediction.probs[:, prediction.genres.index(wrong)]
    if true in prediction.genres and true != wrong:
        speaks = speaks - prediction.probs[:, prediction.genres.index(true)]
    return int(np.argmax(speaks))
