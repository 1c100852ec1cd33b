"""Which items of an evaluation are looked at: one selection for chips, link, lists and figures."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.analysis.columns import (
    DECADE,
    column_of,
    need_columns,
    probs_of,
    true_and_predicted,
)
from genre_core.config import require

OUTCOMES = ("right", "wrong")
MAX_LASSO_TEXT = 3_000
"""Signs that the ids of a lasso may take in a link; a longer lasso is left out of it."""

_MAX_LINK = 20_000
_MAX_TEXT = 200
_TEXT_COLUMNS = ("title", "artist", "album", "item_id")
_SEVERAL = ("true", "predicted", "split", "fold", "source", "lasso")
_ONE = ("outcome", "text", "mark")


@dataclass(frozen=True, slots=True)
class Slice:
    """Items by one column: of one value, or of values from `low` to `high`, both within.

    column: a column of the predictions, or `decade`
    value: as text, such as "1970"; not looked at where there is a range
    low, high: finite numbers, in the column's unit
    """

    column: str
    value: str = ""
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        ends = (self.low, self.high)
        is_range = all(end is not None and math.isfinite(end) for end in ends)
        require(
            bool(self.column) and (is_range or (ends == (None, None) and self.value != "")),
            "A slice is a column with one value, or with a finite low and high.",
            (self.column, self.value, self.low, self.high),
            "Give Slice('source', 'gaid5') or Slice('fact_loudness', low=-30, high=-20).",
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """What is looked at: an item must fit every field that is set, and one entry of a field.

    true, predicted: genres by name
    split, fold, source: as in the columns of these names, as text
    outcome: "right", "wrong" or "" for both
    text: stands in title, artist, album or item_id, whatever its capitals
    mark: what an item is noted with, such as "flagged"; who has which is told to `select`
    slice: one column's value or range, on top of the above
    lasso: item_ids, such as those circled on a map
    confidence: lowest and highest probability of the predicted genre, both within

    Examples
    --------
    >>> cell = Selection(true=("Rock",), predicted=("Pop",), confidence=(0.9, 1.0))
    >>> cell.to_query()
    'true.Rock~predicted.Pop~confidence.0.9_1.0'
    >>> Selection.from_query(cell.to_query()) == cell
    True
    >>> cell.without("confidence").without("true")
    Selection(true=(), predicted=('Pop',), ...)
    """

    true: tuple[str, ...] = ()
    predicted: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    fold: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    outcome: str = ""
    text: str = ""
    mark: str = ""
    slice: Slice | None = None
    lasso: tuple[str, ...] = ()
    confidence: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        require(
            self.outcome in ("", *OUTCOMES),
            "outcome must be 'right', 'wrong' or ''.",
            self.outcome,
            "Leave it out for both.",
        )
        require(
            self.confidence is None or all(0 <= end <= 1 for end in self.confidence),
            "confidence must be two probabilities in [0, 1].",
            self.confidence,
            "Give (0.9, 1.0) for at least 90 %.",
        )

    def without(self, name: str) -> Selection:
        """Take one field back, as when its chip is removed."""
        return dataclasses.replace(self, **{name: getattr(Selection(), name)})

    @property
    def is_linkable(self) -> bool:
        """Whether a link keeps all of it: whether its lasso is short enough."""
        return sum(len(item) + 7 for item in self.lasso) <= MAX_LASSO_TEXT

    def to_query(self) -> str:
        """Write it as the value of a link's parameter: `field.value` with `~` between; "" for all.

        A field of several values stands there once a value, a range as `low_high`. A lasso of more
        than `MAX_LASSO_TEXT` signs is left out (`is_linkable`), and of a text what is beyond 200.
        """
        pairs: list[tuple[str, str]] = []
        for name in _SEVERAL:
            if name != "lasso" or self.is_linkable:
                pairs += [(name, value) for value in getattr(self, name)]
        pairs += [(name, getattr(self, name)[:_MAX_TEXT]) for name in _ONE if getattr(self, name)]
        if self.confidence is not None:
            pairs.append(("confidence", _write_range(*self.confidence)))
        if self.slice is not None:
            pairs.append(("slice", self.slice.column))
            if self.slice.low is None or self.slice.high is None:
                pairs.append(("value", self.slice.value))
            else:
                pairs.append(("range", _write_range(self.slice.low, self.slice.high)))
        return "~".join(f"{name}.{_quote(value)}" for name, value in pairs)

    @classmethod
    def from_query(cls, query: str) -> Selection:
        """Read what `to_query` wrote; what cannot be read is left out, nothing raises.

        >>> Selection.from_query("true.Rock~outcome.maybe~confidence.9_x~?~slice.year~range.1_2")
        Selection(true=('Rock',), ..., slice=Slice(column='year', value='', low=1.0, high=2.0), ...)
        """
        values: dict[str, list[str]] = {}
        if len(query) <= _MAX_LINK:
            for part in query.split("~"):
                name, dot, value = part.partition(".")
                if dot and value:
                    values.setdefault(name, []).append(unquote(value, errors="replace"))
        one = {name: entries[0] for name, entries in values.items()}
        outcome, confidence = one.get("outcome", ""), _read_range(one.get("confidence", ""))
        is_share = confidence is not None and all(0 <= end <= 1 for end in confidence)
        return cls(
            # Each once, in their order.
            **{name: tuple(dict.fromkeys(values.get(name, ()))) for name in _SEVERAL},
            outcome=outcome if outcome in OUTCOMES else "",
            text=one.get("text", "")[:_MAX_TEXT],
            mark=one.get("mark", "")[:_MAX_TEXT],
            slice=_read_slice(one),
            confidence=confidence if is_share else None,
        )


def select(
    predictions: pd.DataFrame,
    genres: Sequence[str],
    selection: Selection,
    *,
    marks: Mapping[str, Collection[str]] | None = None,
) -> NDArray[np.int64]:
    """Give the row numbers of the items that fit a selection, ascending [shape=(m,)].

    What these predictions do not have (a genre, a column, a value) fits no item; so a link of other
    data shows an empty list under its chips, and raises nothing.

    Parameters
    ----------
    predictions : pd.DataFrame
        As `EvaluationRecord.predictions`, item_id, genre_index, predicted and prob_<k> at least;
        columns that were added (such as `cluster`) may be sliced by too.
    genres : sequence of str
        The network's genres, in the order of `prob_<k>`.
    marks : mapping of str to item_ids, optional
        Who has which mark: `{"flagged": [...]}`.

    Examples
    --------
    >>> rows = pd.DataFrame({"item_id": ["a", "b", "c"], "genre_index": [0, 0, 1],
    ...                      "predicted": [0, 1, 1], "prob_0": [0.9, 0.4, 0.2],
    ...                      "prob_1": [0.1, 0.6, 0.8], "year": [1969, 1973, 1975]})
    >>> select(rows, ["Rock", "Pop"], Selection(true=("Rock",), outcome="wrong"))
    array([1])
    >>> select(rows, ["Rock", "Pop"], Selection(slice=Slice("decade", "1970"), text="C"))
    array([2])
    """
    need_columns(predictions, ("item_id",))
    true, predicted = true_and_predicted(predictions)
    fits = np.ones(len(predictions), bool)
    for wanted, places in ((selection.true, true), (selection.predicted, predicted)):
        if wanted:
            fits &= np.isin(places, [k for k, genre in enumerate(genres) if genre in wanted])
    if selection.outcome:
        fits &= (true == predicted) == (selection.outcome == "right")
    for name in ("split", "fold", "source"):
        if wanted := getattr(selection, name):
            fits &= _has_value(predictions, name, wanted)
    if selection.slice is not None:
        fits &= _in_slice(predictions, selection.slice)
    ids = predictions["item_id"]
    if selection.lasso:
        fits &= _among(ids, selection.lasso)
    if selection.mark:
        fits &= _among(ids, (marks or {}).get(selection.mark, ()))
    if selection.confidence is not None:
        low, high = selection.confidence
        confidence = probs_of(predictions, genres)[np.arange(len(predictions)), predicted]
        fits &= (confidence >= low) & (confidence <= high)
    if text := selection.text.casefold().strip():
        names = [name for name in _TEXT_COLUMNS if name in predictions]
        hits = [
            predictions[name].fillna("").str.casefold().str.contains(text, regex=False)
            for name in names
        ]
        fits &= np.logical_or.reduce([hit.to_numpy(bool) for hit in hits])
    return np.flatnonzero(fits)


def columns_needed(selection: Selection, n_genres: int) -> list[str]:
    """Name the columns of predictions that `select` looks at, whether they are there or not.

    >>> columns_needed(Selection(text="yes"), 2)
    ['item_id', 'genre_index', 'predicted', 'title', 'artist', 'album']
    """
    names = ["item_id", "genre_index", "predicted"]
    names += [name for name in ("split", "fold", "source") if getattr(selection, name)]
    if selection.slice is not None:
        column = selection.slice.column
        names.append("year" if column == DECADE else column)
    if selection.confidence is not None:
        names += [f"prob_{k}" for k in range(n_genres)]
    if selection.text:
        names += _TEXT_COLUMNS
    return list(dict.fromkeys(names))


def describe(selection: Selection) -> dict[str, str]:
    """Say each field that is set in one chip's words, by the field's name, in their order.

    Examples
    --------
    >>> describe(Selection(true=("Rock", "Pop"), outcome="wrong", confidence=(0.9, 1.0)))
    {'true': 'true: Rock or Pop', 'outcome': 'wrong', 'confidence': 'confidence: 90 % to 100 %'}
    """
    chips: dict[str, str] = {}
    for name in ("true", "predicted", "split", "fold", "source"):
        if values := getattr(selection, name):
            chips[name] = f"{name}: {_listed(values)}"
    if selection.outcome:
        chips["outcome"] = selection.outcome
    if selection.text:
        chips["text"] = f"“{selection.text}”"
    if selection.mark:
        chips["mark"] = selection.mark
    if selection.slice is not None:
        own = selection.slice
        column = own.column.removeprefix("fact_").replace("_", " ")
        is_range = own.low is not None and own.high is not None
        value = f"{own.low:.4g} to {own.high:.4g}" if is_range else own.value
        chips["slice"] = f"{column}: {value}"
    if selection.lasso:
        n = len(selection.lasso)
        chips["lasso"] = f"{n} {'item' if n == 1 else 'items'} on the map"
    if selection.confidence is not None:
        low, high = selection.confidence
        chips["confidence"] = f"confidence: {100 * low:.4g} % to {100 * high:.4g} %"
    return chips


def _among(ids: pd.Series[str], wanted: Collection[str]) -> NDArray[np.bool_]:
    # As objects: of thousands of ids ten times as fast.
    return np.asarray(ids.astype(object).isin(list(wanted)).to_numpy())


def _has_value(
    predictions: pd.DataFrame, name: str, wanted: Collection[str]
) -> NDArray[np.bool_] | bool:
    column = column_of(predictions, name)
    if column is None:
        return False
    if pd.api.types.is_float_dtype(column):  # whole numbers with gaps read as 1970.0
        column = column.convert_dtypes()
    return np.asarray(column.astype("str").isin(list(wanted)).to_numpy())


def _in_slice(predictions: pd.DataFrame, own: Slice) -> NDArray[np.bool_] | bool:
    if own.low is None or own.high is None:
        return _has_value(predictions, own.column, (own.value,))
    column = column_of(predictions, own.column)
    if column is None or not pd.api.types.is_numeric_dtype(column):
        return False
    numbers = column.to_numpy(np.float64, na_value=np.nan)
    return np.asarray((numbers >= own.low) & (numbers <= own.high))


def _read_slice(one: Mapping[str, str]) -> Slice | None:
    column, ends = one.get("slice", ""), _read_range(one.get("range", ""))
    if column and ends is not None:
        return Slice(column, low=ends[0], high=ends[1])
    value = one.get("value", "")
    return Slice(column, value) if column and value else None


def _write_range(low: float, high: float) -> str:
    return f"{float(low)!r}_{float(high)!r}"


def _read_range(text: str) -> tuple[float, float] | None:
    low, _, high = text.partition("_")
    try:
        ends = float(low), float(high)
    except ValueError:
        return None
    return ends if all(map(math.isfinite, ends)) else None


def _quote(value: str) -> str:
    # Only what would be read as something else; the browser quotes the rest.
    return value.replace("%", "%25").replace("~", "%7E")


def _listed(values: Sequence[str]) -> str:
    shown = " or ".join(values[:3])
    return shown if len(values) <= 3 else f"{shown} or {len(values) - 3} more"
