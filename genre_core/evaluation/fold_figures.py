"""Figures of each fold, from the predictions that a bundle stores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from genre_core.config import require
from genre_core.metrics.classification import accuracy, balanced_accuracy, macro_f1

FIGURES: dict[str, Callable[..., float]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
}
"""What each fold is measured by: shares of right answers, which have a majority line each."""

NEEDED = ("fold", "genre_index", "predicted", "item_id", "group")


def fold_figures(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Measure every fold by itself.

    Parameters
    ----------
    predictions : pandas.DataFrame [shape=(n_items, ...)]
        With the columns of `NEEDED`; each item was tested in one fold.

    Returns
    -------
    list of dict
        One a fold, by number: fold, n, n_groups and `FIGURES`, rounded to four digits, None where
        a fold does not define one. Empty where there are no folds.

    Raises
    ------
    ParameterError
        Another of the columns is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"fold": [0, 0, 1], "genre_index": [0, 1, 1], "predicted": [0, 0, 1],
    ...                      "item_id": ["a", "b", "c"], "group": ["x", "y", ""]})
    >>> [(each["fold"], each["n"], each["accuracy"]) for each in fold_figures(rows)]
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
    true, said = part["genre_index"].to_numpy(), part["predicted"].to_numpy()
    values = {name: float(rule(true, said)) for name, rule in FIGURES.items()}
    return {
        "fold": fold,
        "n": len(part),
        # An item without a group stands for itself.
        "n_groups": part["group"].where(part["group"] != "", part["item_id"]).nunique(),
        **{name: round(value, 4) if value == value else None for name, value in values.items()},
    }
