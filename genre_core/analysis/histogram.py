"""How a number is spread over items, and over those that are selected or wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.analysis.columns import need_columns

N_BINS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts of items by a number.

    edges: of the bins, rising; each holds its lower edge, the last both [shape=(n_bins + 1,)]
    counts, selected, wrong: items, those that are selected, those that are wrong
        [shape=(n_bins,), dtype=int64]
    n_unknown: items without the number
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    selected: NDArray[np.int64]
    wrong: NDArray[np.int64]
    n_unknown: int

    def ends(self, place: int) -> tuple[float, float]:
        """Give the lowest and the highest value that a bin holds."""
        high = self.edges[place + 1]
        is_last = place == len(self.counts) - 1
        return float(self.edges[place]), float(high if is_last else np.nextafter(high, -np.inf))


def histogram(
    values: pd.Series[float], selected: NDArray[np.int64], wrong: NDArray[np.bool_]
) -> Histogram | None:
    """Count items by a number; None where no item has one.

    Parameters
    ----------
    values : pd.Series [n_items rows]
        A number an item; nan where it is not known.
    selected : np.ndarray [shape=(m,), dtype=int]
        Places of those that are selected.
    wrong : np.ndarray [shape=(n_items,), dtype=bool]
        Which were told wrongly.

    Examples
    --------
    >>> ages = pd.Series([0.0, 1.0, 1.0, float("nan")])
    >>> counted = histogram(ages, np.array([0, 3]), np.array([True, False, False, True]))
    >>> counted.counts[[0, -1]].tolist(), counted.selected[[0, -1]].tolist(), counted.n_unknown
    ([1, 2], [1, 0], 1)
    """
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    known = np.isfinite(numbers)
    if not known.any():
        return None
    edges = np.histogram_bin_edges(numbers[known], bins=N_BINS)
    is_selected = np.zeros(len(numbers), bool)
    is_selected[selected] = True

    def count(which: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.histogram(numbers[which], edges)[0].astype(np.int64)

    return Histogram(
        edges=edges,
        counts=count(known),
        selected=count(known & is_selected),
        wrong=count(known & wrong),
        n_unknown=int((~known).sum()),
    )


def numeric_columns(predictions: pd.DataFrame) -> tuple[str, ...]:
    """Name the columns that can be counted: facts of the files, and the year.

    >>> rows = pd.DataFrame({"item_id": ["a"], "year": [1973], "fact_width": [300.0]})
    >>> numeric_columns(rows)
    ('fact_width', 'year')
    """
    need_columns(predictions, ("item_id",))
    facts = [
        str(name)
        for name in predictions
        if str(name).startswith("fact_") and pd.api.types.is_numeric_dtype(predictions[name])
    ]
    has_years = "year" in predictions and predictions["year"].notna().any()
    return (*facts, *(["year"] if has_years else []))
