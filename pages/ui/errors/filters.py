"""What the list is narrowed by, besides the matrix: outcome, sureness, source, notes, words."""

from __future__ import annotations

from typing import Any

import streamlit as st

from genre_core.analysis.selection import OUTCOMES
from pages.ui.errors import cached, notes, state
from pages.ui.errors.cached import Opened

_MOST = 60
"""Values of a column that are offered; more are found by words."""


def section(evaluation: Opened) -> None:
    """Ask what to look at; each answer becomes a chip."""
    with st.expander("Filter", icon=":material/filter_alt:"):
        chosen, genres = state.selection(), list(evaluation.genres)
        _switch("Right or wrong", ["both", *OUTCOMES], "outcome", chosen.outcome or "both")
        one, two = st.columns(2)
        with one:
            _several("True genre", genres, "true", chosen.true)
            _of_column(evaluation, "Source", "source", chosen.source)
            _of_column(evaluation, "Fold", "fold", chosen.fold)
        with two:
            _several("Predicted genre", genres, "predicted", chosen.predicted)
            _of_column(evaluation, "Split", "split", chosen.split)
            _one("Notes", ["any", *notes.MARKS], "mark", chosen.mark or "any")
        key = "filter_confidence"
        low, high = chosen.confidence or (0.0, 1.0)
        st.session_state[key] = (round(100 * low), round(100 * high))
        st.slider(
            "Sureness of the answer", 0, 100, format="%d %%", key=key, on_change=_take_confidence
        )
        st.session_state["filter_text"] = chosen.text
        st.text_input(
            "Words in title, artist, album or file",
            key="filter_text",
            max_chars=200,
            on_change=_take_text,
        )


def _several(label: str, options: list[str], field: str, chosen: tuple[str, ...]) -> None:
    key = f"filter_{field}"
    st.session_state[key] = [one for one in chosen if one in options]
    st.multiselect(
        label, options, key=key, placeholder="any", on_change=_take_several, args=(field,)
    )


def _of_column(evaluation: Opened, label: str, field: str, chosen: tuple[str, ...]) -> None:
    options = cached.values_of(evaluation, field)
    if 1 < len(options) <= _MOST:
        _several(label, options, field, chosen)


def _one(label: str, options: list[str], field: str, chosen: str) -> None:
    key = f"filter_{field}"
    st.session_state[key] = chosen if chosen in options else options[0]
    st.selectbox(label, options, key=key, on_change=_take_one, args=(field, options[0]))


def _switch(label: str, options: list[str], field: str, chosen: str) -> None:
    key = f"filter_{field}"
    st.session_state[key] = chosen
    st.segmented_control(
        label, options, key=key, required=True, on_change=_take_one, args=(field, options[0])
    )


def _take_several(field: str) -> None:
    _narrow(field, tuple(st.session_state[f"filter_{field}"]))


def _take_one(field: str, none: str) -> None:
    value = st.session_state[f"filter_{field}"]
    _narrow(field, "" if value == none else value)


def _take_confidence() -> None:
    low, high = st.session_state["filter_confidence"]
    _narrow("confidence", None if (low, high) == (0, 100) else (low / 100, high / 100))


def _take_text() -> None:
    _narrow("text", st.session_state["filter_text"].strip())


def _narrow(field: str, value: Any) -> None:
    state.narrow(**{field: value})
