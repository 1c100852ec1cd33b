"""Where does it fail, and why: the covers and songs behind every figure of an evaluation."""

import streamlit as st

from pages.ui import acting, cards, frame, problems
from pages.ui.errors import (
    beside,
    cached,
    choosing,
    corrections,
    detail,
    embedding_map,
    evaluating,
    filters,
    listing,
    matrix,
    notes,
    shortcuts,
    slices,
    spread,
    state,
    suspected,
    taking,
    working_points,
)

frame.head(
    "Where does it fail, and why?",
    "Behind every figure stand covers and songs: see and hear those that a network got wrong, note "
    "what you find, correct labels, and train again.",
)

# Ask
records = cached.records()
if not records:
    frame.no_models()
    st.stop()
record = choosing.ask(records)
state.begin()
with problems.shown(record.name):
    evaluation = cached.opened(record)

    # Answer: how often it is wrong, and the items behind each way to be wrong
    st.markdown(cards.verdict(evaluation.metrics, evaluation.items))
    choosing.what_is_missing(evaluation)
    noted = notes.of(evaluation)
    asked = state.selection()
    rows = cached.rows_of(evaluation, asked, notes.marked(noted, asked.mark))
    state.chips(len(rows), len(evaluation), evaluation.items)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        matrix.section(evaluation)
        filters.section(evaluation)
    with right:
        listing.section(evaluation, rows, noted)
    acting.show_error()
    state.end(record.name)
    detail.show_if_asked(evaluation, noted)

    # And what then: only what is behind the open tab is computed
    others = choosing.on_same_data(record, records)
    parts = {
        "Where it fails most": lambda: slices.section(evaluation),
        "Shortcuts": lambda: shortcuts.section(evaluation),
        "Spread": lambda: spread.section(evaluation, rows),
        "Map": lambda: embedding_map.section(evaluation, rows),
        "Suspected labels": lambda: suspected.section(evaluation, others),
        "Two networks": lambda: beside.section(evaluation, others),
        "Curves": lambda: working_points.section(evaluation),
        "Corrections": lambda: corrections.section(evaluation, noted),
        "Export": lambda: taking.section(evaluation, rows),
    }
    tabs = st.tabs(list(parts), key="further", bind="query-params", on_change="rerun")
    for tab, show in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, problems.shown():
                show()
evaluating.section()

# The same elsewhere
frame.in_shell(f"python -m genre_core evaluate {record.about['model']['name']} --data SET")
frame.onwards(results="How good is it over all?", training="Train a better one")
