"""The confusion matrix of a network's own test; a click on a cell opens the items behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from genre_core.analysis.selection import Selection
from genre_core.errors import GenreError
from genre_core.metrics.classification import most_confused
from genre_core.runs.bundle import Bundle
from genre_core.runs.evaluations import own_evaluation
from pages.ui import cards, controls, figures, frame
from pages.ui.problems import plain

CELLS = {"counts": "counts", "per cent of its row": "row", "per cent of its column": "column"}
"""What a switch says, and what `figures.confusion` calls it."""

FEW = 5
"""With fewer such errors another pair may be first on other items."""


def section(bundle: Bundle, metrics: Mapping[str, Any]) -> None:
    """Show the matrix, and lead to the covers or songs behind each cell."""
    genres, items = list(bundle.card.genres), cards.items(bundle)
    left, right = st.columns([3, 2], gap="medium")
    with right:
        how = controls.switch("Each cell shows", list(CELLS), key="cells", wrap=True)
        st.markdown(
            "**Rows are the true genre, columns the network's answer**; right answers lie on "
            "the diagonal. In per cent of its row the diagonal is each genre's recall, of its "
            f"column its precision. **Click a cell** to meet the {items} behind it."
        )
    with left:
        chart = figures.confusion(metrics["confusion"], genres, cells=CELLS[how], items=items)
        event = chart.show(key=f"matrix_{bundle.name}", on_select="rerun", selection_mode="points")
    evaluation = _own_evaluation(bundle)
    with right:
        _most_confused(metrics["confusion"], genres, items, evaluation)
    if evaluation is None:
        return
    with right:
        what = "See and hear" if bundle.card.media == "song" else "See"
        frame.link(
            "errors",
            f"{what} what it got wrong",
            query_params={"evaluation": evaluation, "only": Selection(outcome="wrong").to_query()},
        )
    points = event["selection"]["points"]
    # Links of before named a cell of this page.
    true, predicted = (
        (points[0]["y"], points[0]["x"])
        if points
        else (st.query_params.get(name) for name in ("true", "predicted"))
    )
    if true in genres and predicted in genres:
        cell = Selection(true=(true,), predicted=(predicted,))
        frame.go("errors", {"evaluation": evaluation, "only": cell.to_query()})


def _most_confused(
    confusion: Sequence[Sequence[int]], genres: Sequence[str], items: str, evaluation: str | None
) -> None:
    """Name the two genres that are confused most, and lead to what is behind them."""
    pair = most_confused(confusion)
    if pair is None:
        return
    true, answer = (genres[place] for place in pair)
    row = confusion[pair[0]]
    few = ": too few to build on" if row[pair[1]] < FEW else ""
    st.markdown(
        f"**Confused most**, as a share of a true genre: {plain(true)} taken for {plain(answer)}, "
        f"{row[pair[1]]} of {sum(row)} {items}{few}."
    )
    if evaluation is not None:
        cell = Selection(true=(true,), predicted=(answer,))
        asked = {"evaluation": evaluation, "only": cell.to_query()}
        frame.link("errors", "What is behind that cell", query_params=asked)


def genre_links(bundle: Bundle) -> None:
    """Lead to the covers or songs of each genre, right and wrong."""
    evaluation = _own_evaluation(bundle)
    if evaluation is None:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"The {cards.items(bundle)} behind a row:", width="content")
        for genre in bundle.card.genres:
            asked = {"evaluation": evaluation, "only": Selection(true=(genre,)).to_query()}
            frame.link("errors", plain(genre), query_params=asked)


def _own_evaluation(bundle: Bundle) -> str | None:
    try:
        return own_evaluation(bundle).name
    except GenreError:
        return None  # made before predictions were kept
