"""What the analyses read of a predictions frame, as `EvaluationRecord.predictions` gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.config import require

DECADE = "decade"


def probs_of(
    predictions: pd.DataFrame, genres: Sequence[str], kind: str = "prob"
) -> NDArray[np.float64]:
    """Give the probabilities [shape=(n, n_genres)], 0 to 1, in the order of `genres`.

    Of another `kind` of columns, "logit", the network's own logits.

    Examples
    --------
    >>> frame = pd.DataFrame({"prob_0": [0.25], "prob_1": [0.75]})
    >>> probs_of(frame, ["Pop", "Rock"])
    array([[0.25, 0.75]])
    >>> probs_of(frame, ["Pop", "Rock", "Folk"])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Predictions need the columns prob_2. Received 'prob_0, \
prob_1' (str). Give the rows and the genres of one evaluation.
    """
    names = [f"{kind}_{place}" for place in range(len(genres))]
    need_columns(predictions, names)
    return np.asarray(predictions[names].to_numpy(np.float64))


def true_and_predicted(
    predictions: pd.DataFrame,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the true and the predicted genre of each item, as indices [shape=(n,)]."""
    need_columns(predictions, ("genre_index", "predicted"))
    true, predicted = predictions["genre_index"], predictions["predicted"]
    return true.to_numpy(np.int64), predicted.to_numpy(np.int64)


def groups_of(predictions: pd.DataFrame) -> NDArray[np.object_]:
    """Give each item's group (artist or duplicates); one without stands for itself [shape=(n,)].

    >>> groups_of(pd.DataFrame({"item_id": ["a", "b"], "group": ["Yes", ""]})).tolist()
    ['Yes', 'b']
    """
    need_columns(predictions, ("item_id",))
    ids = predictions["item_id"].astype(object)
    if "group" not in predictions:
        return np.asarray(ids.to_numpy())
    groups = predictions["group"].astype(object)
    return np.asarray(groups.where(groups.notna() & (groups != ""), ids).to_numpy())


def column_of(predictions: pd.DataFrame, name: str) -> pd.Series[Any] | None:
    """Give a column that items may be told apart by; `decade` is made from `year`; None without.

    >>> column_of(pd.DataFrame({"year": [1973, 1969]}), "decade").tolist()
    [1970, 1960]
    """
    if name in predictions:
        return predictions[name]
    if name == DECADE and "year" in predictions:
        return (predictions["year"] // 10 * 10).astype("Int64")
    return None


def need_columns(predictions: pd.DataFrame, names: Sequence[str]) -> None:
    """Raise `ParameterError` where a column is missing."""
    missing = [name for name in names if name not in predictions]
    require(
        not missing,
        f"Predictions need the columns {', '.join(missing)}.",
        ", ".join(map(str, predictions.columns)),
        "Give the rows and the genres of one evaluation.",
    )
