"""The selection that chips, link, lists and figures share."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_core.analysis.ordering import ORDERS, order_by, orders_of
from genre_core.analysis.selection import MAX_LASSO_TEXT, Selection, Slice, describe, select
from genre_core.errors import ParameterError
from tests.made_counts import n_calls
from tests.made_predictions import GENRES, made_predictions

WORDS = st.text(min_size=1, max_size=12)
NAMES = st.lists(WORDS, max_size=3, unique=True).map(tuple)
SHARES = st.floats(0, 1)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SLICES = st.one_of(
    st.none(),
    st.builds(Slice, WORDS, WORDS),
    st.builds(Slice, WORDS, low=FINITE, high=FINITE),
)
SELECTIONS = st.builds(
    Selection,
    **dict.fromkeys(("true", "predicted", "split", "fold", "source", "lasso"), NAMES),
    outcome=st.sampled_from(["", "right", "wrong"]),
    text=st.text(max_size=20),
    mark=st.sampled_from(["", "flagged"]),
    slice=SLICES,
    confidence=st.none() | st.tuples(SHARES, SHARES),
)


@settings(max_examples=40)
@given(SELECTIONS)
def test_a_link_gives_back_what_it_was_made_of(selection: Selection) -> None:
    assert Selection.from_query(selection.to_query()) == selection
    # A chip for each field that is set, and each can be taken back alone.
    fields = [field.name for field in dataclasses.fields(Selection)]
    chips = describe(selection)
    assert list(chips) == [
        name for name in fields if getattr(selection, name) not in ("", (), None)
    ]
    for name in chips:
        selection = selection.without(name)
    assert selection == Selection()
    assert selection.to_query() == ""


def test_what_separates_fields_may_stand_in_a_name() -> None:
    odd = Selection(true=("R~B", "50 %7E", "a.b_c"), slice=Slice("a.b", "~"))
    assert Selection.from_query(odd.to_query()) == odd


@given(st.text(max_size=200) | st.lists(WORDS, max_size=9).map("~slice.".join))
def test_nonsense_in_a_link_never_raises(query: str) -> None:
    made = Selection.from_query(query)
    assert Selection.from_query(made.to_query()) == made


@pytest.mark.parametrize(
    "query",
    ["confidence.0.5_nan", "confidence.2_3", "outcome.both", "slice.year", "slice.a~range.1", "%zz",
     "nothing.Rock", "true.", "true", "range.1_2", "true.a~" + "x" * 30_000],
)  # fmt: skip
def test_what_cannot_be_read_is_left_out(query: str) -> None:
    assert Selection.from_query(query) == Selection()


def test_a_lasso_that_is_too_long_for_a_link_is_left_out_of_it() -> None:
    short = Selection(lasso=("a", "b"), outcome="wrong")
    long = dataclasses.replace(short, lasso=tuple(f"item {k}" for k in range(MAX_LASSO_TEXT // 10)))
    assert short.is_linkable
    assert not long.is_linkable
    assert Selection.from_query(long.to_query()) == long.without("lasso")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Selection(outcome="maybe"),
        lambda: Selection(confidence=(0.5, 1.5)),
        lambda: Slice("year"),
        lambda: Slice("", "1970"),
        lambda: Slice("year", low=1.0),
        lambda: Slice("year", low=1.0, high=float("nan")),
    ],
)
def test_bad_fields_are_refused(make) -> None:
    with pytest.raises(ParameterError, match="Received"):
        make()


def test_every_field_picks_the_rows_it_names() -> None:
    frame = made_predictions(300)
    true, said = frame["genre_index"], frame["predicted"]
    loud = frame["fact_loudness"]
    probs = frame[[f"prob_{k}" for k in range(len(GENRES))]].to_numpy()
    best = probs[np.arange(len(frame)), said]
    low, high = loud.sort_values().iloc[[100, 200]]  # ends are within
    edges = np.sort(best)[[100, 200]].tolist()
    cases = {
        Selection(): true >= 0,
        Selection(true=("Rock", "Jazz")): true.isin([1, 2]),
        Selection(true=("Rock",), predicted=("Pop",)): (true == 1) & (said == 0),
        Selection(outcome="right"): true == said,
        Selection(outcome="wrong"): true != said,
        Selection(split=("test",)): frame["split"] == "test",
        Selection(fold=("2", "3")): frame["fold"].isin([2, 3]),
        Selection(source=("one",)): frame["source"] == "one",
        Selection(text=" ARTIST 7 "): frame["artist"].str.contains("artist 7"),
        Selection(slice=Slice("decade", "1970")): frame["year"].between(1970, 1979),
        Selection(slice=Slice("fact_loudness", low=low, high=high)): loud.between(low, high),
        Selection(lasso=("item 00003", "item 00007")): frame.index.isin([3, 7]),
        Selection(mark="flagged"): frame.index == 5,
        Selection(confidence=(edges[0], edges[1])): (best >= edges[0]) & (best <= edges[1]),
    }
    for selection, expected in cases.items():
        rows = select(frame, GENRES, selection, marks={"flagged": ["item 00005"]})
        assert len(rows) > 0
        np.testing.assert_array_equal(rows, np.flatnonzero(expected), err_msg=str(selection))
    both = Selection(true=("Rock",), outcome="wrong")
    assert len(select(frame, GENRES, both)) == ((true == 1) & (said != 1)).sum()


@pytest.mark.parametrize(
    "selection",
    [
        Selection(true=("Polka",)),
        Selection(source=("elsewhere",)),
        Selection(slice=Slice("fact_unknown", "1")),
        Selection(slice=Slice("artist", low=0.0, high=1.0)),
        Selection(mark="flagged"),
    ],
)
def test_what_the_predictions_do_not_have_fits_no_item(selection: Selection) -> None:
    assert len(select(made_predictions(30), GENRES, selection)) == 0


def test_a_year_with_gaps_is_still_sliced_by_its_decade() -> None:
    frame = made_predictions(30)
    frame["year"] = frame["year"].astype(float).where(frame.index > 3)
    frame["lap"] = frame["fold"].astype(float).where(frame.index > 3)
    decade = select(frame, GENRES, Selection(slice=Slice("decade", "1970")))
    np.testing.assert_array_equal(decade, np.flatnonzero(frame["year"].between(1970, 1979)))
    lap = select(frame, GENRES, Selection(slice=Slice("lap", "2")))
    np.testing.assert_array_equal(lap, np.flatnonzero(frame["lap"] == 2))


def test_orders_hold_every_row_once_whatever_the_rows_order() -> None:
    frame = made_predictions(200)
    frame.loc[:9, "spread"] = np.nan
    frame.loc[10:19, "artist"] = ""
    turned = frame.iloc[::-1].reset_index(drop=True)
    assert orders_of(frame) == ORDERS
    for name in ORDERS:
        rows = order_by(frame, GENRES, name)
        assert sorted(rows) == list(range(200))
        ids = frame["item_id"].iloc[rows].tolist()
        assert ids == turned["item_id"].iloc[order_by(turned, GENRES, name)].tolist()
        some = np.array([5, 50, 150])
        assert order_by(frame, GENRES, name, some).tolist() == [k for k in rows if k in some]
    artists = frame["artist"].iloc[order_by(frame, GENRES, "artist")].tolist()
    assert artists == [*sorted(filter(None, artists)), *[""] * 10]
    assert set(order_by(frame, GENRES, "disagreement")[-10:]) == set(range(10))


def test_orders_follow_their_figures() -> None:
    frame = made_predictions(200)
    probs = frame[[f"prob_{k}" for k in range(len(GENRES))]].to_numpy()
    true, said = frame["genre_index"].to_numpy(), frame["predicted"].to_numpy()
    own, best = probs[np.arange(200), true], probs[np.arange(200), said]
    figures = {"confidence": best, "loss": -np.log(own), "margin": best - own,
               "disagreement": frame["spread"].to_numpy()}  # fmt: skip
    for name, figure in figures.items():
        assert (np.diff(figure[order_by(frame, GENRES, name)]) <= 1e-12).all(), name


def test_no_selection_and_no_order_goes_through_the_rows_one_by_one() -> None:
    counts = []
    for n in (1_000, 4_000):
        frame = made_predictions(n)
        everything = Selection(
            true=("Rock",), outcome="wrong", text="artist", slice=Slice("decade", "1970"),
            confidence=(0.1, 1.0), lasso=tuple(frame["item_id"][: n // 2]),
        )  # fmt: skip

        def look(frame: pd.DataFrame = frame, selection: Selection = everything) -> None:
            rows = select(frame, GENRES, selection)
            assert len(rows)
            order_by(frame, GENRES, "loss", rows)

        look()  # what is imported at the first call does not count
        counts.append(n_calls(look))
    assert counts[1] <= 1.1 * counts[0], counts
