"""Items that several evaluations have, and what each says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.analysis.columns import need_columns, probs_of, true_and_predicted
from genre_core.config import require
from genre_core.metrics.agreement import genre_key


@dataclass(frozen=True, slots=True, eq=False)
class SharedItems:
    """What several evaluations say of the items that all of them have, in the first one's order.

    genres: of all evaluations, the first one's in its order and then what others add; indices below
        are places in it
    ids: [shape=(n,)]
    true: the items' genre, in which all agree [shape=(n,)]
    rows, predicted, p_true: one array an evaluation [shape=(n,)]: rows in its predictions, its
        answers, and its probabilities of the true genre
    n_conflicting: shared items that were left out, since the evaluations hold them for different
        genres
    """

    genres: tuple[str, ...]
    ids: NDArray[np.object_]
    true: NDArray[np.int64]
    rows: tuple[NDArray[np.int64], ...]
    predicted: tuple[NDArray[np.int64], ...]
    p_true: tuple[NDArray[np.float64], ...]
    n_conflicting: int


def joined_by_item(evaluations: Sequence[tuple[pd.DataFrame, Sequence[str]]]) -> SharedItems:
    """Join two or more pairs of predictions and genres by item_id, genres by their names.

    Names are the same but for capitals, blanks and punctuation. Raises `ParameterError` for fewer
    than two, and where no item stands in all of them with the same true genre.
    """
    require(
        len(evaluations) > 1,
        "To compare needs two evaluations or more.",
        len(evaluations),
        "Choose another one.",
    )
    genres: dict[str, str] = {}
    for _, names in evaluations:
        for name in names:
            genres.setdefault(genre_key(name), name)
    places = {key: place for place, key in enumerate(genres)}
    frames = []
    for number, (predictions, names) in enumerate(evaluations):
        need_columns(predictions, ("item_id",))
        true, predicted = true_and_predicted(predictions)
        at = np.arange(len(predictions))
        place_of = np.array([places[genre_key(name)] for name in names])
        columns = {
            "row": at,
            "true": place_of[true],
            "predicted": place_of[predicted],
            "p_true": probs_of(predictions, names)[at, true],
        }
        index = pd.Index(predictions["item_id"].astype(object))
        frame = pd.DataFrame(columns, index=index).add_suffix(f"_{number}")
        frames.append(frame[~index.duplicated()])
    shared = frames[0].join(frames[1:], how="inner")
    labels = shared[[f"true_{number}" for number in range(len(frames))]].to_numpy()
    agree = (labels == labels[:, :1]).all(axis=1)
    require(
        bool(agree.any()),
        "To compare networks they must have been asked about the same items and genres.",
        f"{len(shared)} shared items, {int(agree.sum())} of them with the same true genre",
        "Evaluate both on one data set and choose those two.",
    )
    shared = shared[agree]

    def of_each(name: str) -> tuple[NDArray[Any], ...]:
        return tuple(shared[f"{name}_{number}"].to_numpy() for number in range(len(frames)))

    return SharedItems(
        genres=tuple(genres.values()),
        ids=np.asarray(shared.index.to_numpy(object)),
        true=of_each("true")[0],
        rows=of_each("row"),
        predicted=of_each("predicted"),
        p_true=of_each("p_true"),
        n_conflicting=int((~agree).sum()),
    )
