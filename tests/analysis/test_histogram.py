"""Counts by a number: every item in one bin, and a bin's ends select exactly its items."""

import numpy as np
import pandas as pd

from genre_core.analysis.histogram import histogram, numeric_columns
from genre_core.analysis.selection import Selection, Slice, select
from tests.made_evaluations import GENRES, made_predictions


def test_a_bar_selects_exactly_the_items_it_counts() -> None:
    table = made_predictions(300, seed=3)
    wrong = (table["genre_index"] != table["predicted"]).to_numpy()
    for column in (*numeric_columns(table), "prob_0"):
        counted = histogram(table[column], np.arange(40), wrong)
        assert counted is not None
        assert counted.counts.sum() == 300
        assert counted.selected.sum() == 40
        assert counted.wrong.sum() == wrong.sum()
        for place, n in enumerate(counted.counts):
            low, high = counted.ends(place)
            chosen = select(table, GENRES, Selection(slice=Slice(column, low=low, high=high)))
            assert len(chosen) == n
            assert wrong[chosen].sum() == counted.wrong[place]


def test_what_is_not_known_is_counted_apart() -> None:
    years = pd.Series([1970, pd.NA, 1980], dtype="Int64")
    counted = histogram(years, np.array([1]), np.array([True, True, False]))
    assert counted is not None
    assert (counted.n_unknown, counted.counts.sum(), counted.selected.sum()) == (1, 2, 0)
    assert histogram(pd.Series([pd.NA], dtype="Int64"), np.array([0]), np.array([True])) is None


def test_one_value_is_one_bar() -> None:
    counted = histogram(pd.Series([5.0] * 4), np.arange(2), np.zeros(4, bool))
    assert counted is not None
    assert counted.counts.max() == 4
