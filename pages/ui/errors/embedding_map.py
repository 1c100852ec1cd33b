"""A map of an evaluation's embeddings: what a network takes for alike lies near."""

from __future__ import annotations

import numpy as np
import streamlit as st

from genre_core.jobs import run_control
from genre_core.jobs.embedding_maps import map_request
from pages.ui import acting, controls, figures, permission, running
from pages.ui.errors import cached, state
from pages.ui.errors.cached import Opened

_KEY = "errors_map"
COLOURS = {
    "true genre": "genre",
    "what was said": "predicted",
    "right or wrong": "outcome",
    "source": "source",
    "decade": "decade",
}
_PCA, _UMAP = "PCA", "UMAP"


def section(evaluation: Opened, rows: np.ndarray) -> None:
    """Draw the map; a lasso selects items in the list above, a click opens one."""
    if evaluation.record.embeddings() is None:
        st.caption(
            "A model's own figures keep no embeddings. Evaluate the network below: then its map is "
            "drawn here."
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        kind = controls.switch("Laid out by", [_PCA, _UMAP], key="map_by")
        colour = st.selectbox(
            "Colours", list(COLOURS), key="map_colour", bind="query-params", width=220
        )
    places = cached.places(evaluation, kind == _UMAP)
    if places is None:
        _ask_for_umap(evaluation)
        return
    names = cached.map_names(evaluation, COLOURS[colour])
    chart = figures.embedding_map(places, names, rows, evaluation.items)
    chart.show(key=_KEY, on_select=lambda: _take(evaluation), selection_mode=("lasso", "points"))
    how = (
        "the two directions in which the embeddings differ most"
        if kind == _PCA
        else "keeping neighbours near; distances between clusters mean nothing"
    )
    st.caption(
        f"Each dot is one of the {evaluation.items}, laid out by {how}. Draw round some to select "
        "them; click one to open it. What is not selected is pale."
    )


def _ask_for_umap(evaluation: Opened) -> None:
    st.markdown(
        "UMAP keeps together what the network takes for alike, better than two directions can. It "
        "takes up to some minutes and is then kept."
    )
    st.button(
        "Make the UMAP",
        icon=":material/scatter_plot:",
        key="make_umap",
        disabled=not permission.may_change(),
        on_click=acting.guarded,
        args=(_make, evaluation.record.name),
    )
    permission.show_why_not()
    running.section("map", "Maps", "has its map.", lambda _: None)


def _make(name: str) -> None:
    run_control.start(map_request(name))


def _take(evaluation: Opened) -> None:
    chosen = st.session_state[_KEY]["selection"]["points"]
    ids = evaluation.predictions["item_id"].to_numpy()
    items = tuple(ids[[int(point["customdata"]) for point in chosen if "customdata" in point]])
    if len(items) == 1:
        state.look_at(str(items[0]))
    elif items:
        state.narrow(lasso=items)
