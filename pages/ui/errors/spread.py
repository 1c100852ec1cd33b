"""How the items are spread by sureness, year and facts of the files; and all of them as a table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from genre_core.analysis.histogram import Histogram, histogram, numeric_columns
from genre_core.analysis.selection import Slice
from pages.ui import controls, figures
from pages.ui.errors import state
from pages.ui.errors.cached import Opened

_KEY, _SURE = "errors_histogram", "sureness of the answer"
_MOST_ROWS = 10_000
UNITS = {
    "n_bytes": "size of the file in bytes",
    "width": "width in px",
    "height": "height in px",
    "duration_s": "length in s",
    "loudness": "loudness in dB",
    "bandwidth": "bandwidth in Hz",
    "silence": "share of silence",
    "cluster": "group of look-alikes",
}


def section(evaluation: Opened, rows: np.ndarray) -> None:
    """Count the items by a number that is chosen; a bar that is clicked selects its items."""
    names = [_SURE, *numeric_columns(evaluation.predictions)]
    column = st.selectbox(
        "By", names, key="spread_by", format_func=in_words, bind="query-params", width=320
    )
    sure = evaluation.probs[np.arange(len(evaluation.true)), evaluation.predicted]
    values = pd.Series(sure) if column == _SURE else evaluation.predictions[column]
    counted = histogram(values, rows, evaluation.true != evaluation.predicted)
    if counted is None:
        st.caption("Not known of any item.")
        return
    figures.histogram(counted, in_words(column)).show(
        key=_KEY, on_select=lambda: _take(counted, column), selection_mode="points"
    )
    unknown = f" Not known of {counted.n_unknown:,}." if counted.n_unknown else ""
    st.caption(
        f"Click a bar to select its {evaluation.items}; the line is how many of each are wrong."
        f"{unknown}"
    )
    with st.expander("The selected ones as a table", icon=":material/table:"):
        _table(evaluation, rows)


def _table(evaluation: Opened, rows: np.ndarray) -> None:
    genres = np.array(evaluation.genres, dtype=object)
    part = evaluation.predictions.iloc[rows[:_MOST_ROWS]]
    known = [name for name in ("item_id", "title", "artist", "year", "source") if name in part]
    table = part[known].assign(
        true=genres[evaluation.true[rows[:_MOST_ROWS]]],
        said=genres[evaluation.predicted[rows[:_MOST_ROWS]]],
        sure=evaluation.probs[rows, evaluation.predicted[rows]][:_MOST_ROWS],
    )
    facts = [name for name in numeric_columns(part) if name not in known]
    controls.long_table(
        pd.concat([table, part[facts].rename(columns=in_words)], axis=1),
        "The selected items",
        sure=controls.share("%.2f"),
    )


def in_words(column: str) -> str:
    """Name a column of the predictions for people."""
    name = column.removeprefix("fact_")
    return UNITS.get(name, name)


def _take(counted: Histogram, column: str) -> None:
    points = st.session_state[_KEY]["selection"]["points"]
    if not points or "customdata" not in points[0]:
        return
    low, high = counted.ends(int(points[0]["customdata"]))
    if column == _SURE:
        state.narrow(confidence=(max(0.0, low), min(1.0, high)))
    else:
        state.narrow(slice=Slice(column, low=low, high=high))
