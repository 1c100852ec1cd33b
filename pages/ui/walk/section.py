"""The walk as the pages show it: layers to click, and the maps of the one that was clicked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from genre_core.runs.bundle import Bundle
from pages.ui import cached as shared
from pages.ui import controls, figures, problems
from pages.ui.media import choosing
from pages.ui.media.choice import Choice
from pages.ui.problems import plain
from pages.ui.songs import cached as songs
from pages.ui.walk import cached

if TYPE_CHECKING:
    from genre_core.explain.walk import Step
    from genre_core.runs.answers import SongReading

_KEY, _CHART = "step", "walk_chart"
BEFORE = "the same before training"


@st.fragment
def of_cover(choice: Choice, bundles: Sequence[Bundle]) -> None:
    """Ask for a network, and walk through it with a cover."""
    bundle = choosing.model("walk_model", bundles)
    with problems.shown(choice.file):
        _walk(bundle, bundles, partial(shared.network_input, choice), "this cover")


@st.fragment
def of_segment(
    choice: Choice,
    focus: Bundle,
    bundles: Sequence[Bundle],
    song: SongReading,
    selected: int | None,
) -> None:
    """Walk through the network that is explained, with a song's selected segment."""
    index = song.segment_looked_at(focus.name, selected)
    middle_s = song.predictions[focus.name].middle_s[index]

    def read(bundle: Bundle) -> np.ndarray:
        nearest = int(np.argmin(np.abs(song.predictions[bundle.name].middle_s - middle_s)))
        return songs.segment_inputs(choice, bundle, song, nearest)

    _walk(focus, bundles, read, "this segment")


def _walk(
    bundle: Bundle, bundles: Sequence[Bundle], read: Callable[[Bundle], np.ndarray], what: str
) -> None:
    """Show a network's layers; of the one that is chosen, its maps of what `read` gives."""
    walk = cached.steps(bundle)
    st.markdown(_lead(walk))
    names = [step.name for step in walk]
    first = next((step.name for step in walk if step.has_maps), names[0])
    if st.session_state.get(_KEY) not in (None, *names):
        del st.session_state[_KEY]  # of another network
    place = st.container()
    name = st.selectbox(
        "Layer", names, names.index(first), key=_KEY, bind="query-params", help="Or click a bar."
    )
    chosen = names.index(name) if name in names else names.index(first)
    with place:
        figures.walk(walk, chosen).show(
            _CHART, on_select=lambda: _take(names), selection_mode="points"
        )
    step = walk[chosen]
    st.markdown(f"**{plain(step.name)}**: {step.words}, {_shape(step)}, {_counted(step)}.")
    if step.has_maps:
        _maps(bundle, step, bundles, read, what)
    else:
        st.caption("Only convolutions have maps to look at: choose one.")
    with st.expander("Every layer as a table", icon=":material/table:"):
        rows = [
            {
                "layer": one.name,
                "what it does": one.words,
                "output": _shape(one),
                "parameters": one.n_parameters,
            }
            for one in walk
        ]
        controls.long_table(rows, "The network's layers, from input to output")


def _take(names: Sequence[str]) -> None:
    points = st.session_state[_CHART]["selection"]["points"]
    if points:
        st.session_state[_KEY] = names[int(points[0]["customdata"])]


def _lead(walk: Sequence[Step]) -> str:
    n, n_dense = (sum(step.n_parameters for step in some) for some in (walk, _dense(walk)))
    given = " x ".join(f"{side:,}" for side in walk[0].shape)
    n_last = walk[-1].shape[-1]
    speak = "the one of the last layer speaks" if n_last == 1 else f"the last {n_last:,} speak"
    parts = f"Of its **{n:,}** parameters"
    share = f"{parts} {100 * n_dense / n:.0f} % are in its dense layers." if n else ""
    return (
        f"{given} numbers come in on the left; each layer turns them into others, until {speak} "
        f"for the genres. {share}"
    )


def _dense(walk: Sequence[Step]) -> list[Step]:
    return [step for step in walk if step.kind == "dense layer"]


def _maps(
    bundle: Bundle,
    step: Step,
    bundles: Sequence[Bundle],
    read: Callable[[Bundle], np.ndarray],
    what: str,
) -> None:
    inputs, titles = read(bundle), choosing.titles(bundles)
    by_title = {titles[one.name]: one for one in bundles if one.name != bundle.name}
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    left.markdown(f"**{plain(titles[bundle.name])}**")
    with right:
        beside = controls.select("Beside it", [BEFORE, *by_title], key="beside")
    left, right = st.columns(2, gap="medium")
    with left:
        _grid(bundle, step.name, inputs, what, is_trained=True)
    with right:
        if beside not in by_title:
            _grid(bundle, step.name, inputs, what, is_trained=False)
            st.caption("Random weights: what they show was learnt from nothing.")
            return
        other = by_title[beside]
        own, theirs = (
            [one for one in cached.steps(each) if one.has_maps] for each in (bundle, other)
        )
        if not theirs:
            st.caption("It has no convolution.")
            return
        same = theirs[round(own.index(step) / max(1, len(own) - 1) * (len(theirs) - 1))]
        _grid(other, same.name, read(other), what, is_trained=True)
        st.caption(f"Its layer as deep: {plain(same.name)}, {same.words}, {_shape(same)}.")


def _grid(bundle: Bundle, step: str, inputs: np.ndarray, what: str, *, is_trained: bool) -> None:
    item = hashlib.sha256(np.ascontiguousarray(inputs).tobytes()).hexdigest()
    grid = cached.maps(bundle, step, item, is_trained=is_trained, _inputs=inputs)
    blank = f", {grid.n_blank} of them blank here: 0 everywhere, black" if grid.n_blank else ""
    if grid.n_even:
        blank += f", {grid.n_even} of one value everywhere: mid-grey"
    when = "" if is_trained else ", before training"
    # Named here too: on a phone the two stand below each other, far from what names them.
    st.image(
        grid.picture,
        width="stretch",
        caption=f"{plain(bundle.card.title)}{when}: {len(grid.filters)} of its {grid.n_filters} "
        f"maps of {plain(what)}{blank}; the strongest first, each scaled to itself",
        alt=f"The maps of {step} of {bundle.name}{when}",
    )


def _shape(step: Step) -> str:
    if len(step.shape) == 3:
        height, width, n = step.shape
        return f"{n:,} maps of {height:,} x {width:,}"
    return " x ".join(f"{side:,}" for side in step.shape) + " numbers"


def _counted(step: Step) -> str:
    return f"{step.n_parameters:,} parameters" if step.n_parameters else "nothing to learn"
