"""Where in a data set a kernel answers most: covers cut to what it sees, passages to play."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from genre_core.config import song_input
from genre_core.data.catalog import Catalog
from genre_core.explain.kernel_pictures import on_tiles, turn_upright
from genre_core.explain.kernel_weights import over_inputs
from genre_core.jobs import run_control
from genre_core.runs.bundle import Bundle
from pages.ui import acting, controls, data_sets, permission, problems
from pages.ui.cached import dataset_of
from pages.ui.figures import patterns as drawn
from pages.ui.figures.spectrograms import kernel_and_patches
from pages.ui.kernel_patterns import cached, words
from pages.ui.media.item import file_of, name_of
from pages.ui.problems import plain
from pages.ui.songs.listing import clock

if TYPE_CHECKING:
    from genre_core.explain.conv_layer import ConvLayer
    from genre_core.explain.exciting_store import ExcitingFacts, ExcitingLayer
    from pages.ui.kernel_patterns.cached import Passage

SONGS = 4
"""Passages side by side; more would be too narrow."""


@st.fragment
def section(bundle: Bundle, layer: ConvLayer, kernel: int) -> None:
    """Show the places of one kernel that a run found, and offer to ask another data set."""
    media = bundle.card.media
    with problems.shown(bundle.name):
        every = cached.asked(bundle)
        if controls.is_simple() and not every:
            return
        st.subheader(f"Which {media}s excite kernel {kernel} most?", anchor=False)
        if every:
            _answers(bundle, layer, kernel, every)
        else:
            st.caption(
                f"No data set was asked yet: every {media} of it is read, and of each kernel the "
                "places where it answers most are kept, cut to what its answer depends on."
            )
    if controls.is_simple():
        return
    with st.expander(
        "Ask a data set", icon=":material/image_search:", key="excite", on_change="rerun"
    ) as form:
        if form.open:
            _ask(bundle)
    controls.command(f"python -m genre_core exciting {bundle.name} --data SET")


def _answers(
    bundle: Bundle, layer: ConvLayer, kernel: int, every: tuple[ExcitingFacts, ...]
) -> None:
    facts = every[0]
    if len(every) > 1:
        names = [f"{facts.data['title']} ({facts.data['digest'][:6]})" for facts in every]
        picked = controls.select("Data set that was asked", names, key="excited_data")
        facts = every[names.index(picked) if picked in names else 0]
    if layer.name not in facts.layers:
        st.caption(f"*{plain(layer.name)}* was not asked: it has no map of two axes.")
        return
    found = cached.asked_layer(bundle, facts, layer.name)
    st.markdown(words.excited(facts, found.n_places(kernel), found.n_silent, len(found.values)))
    if not found.n_places(kernel) or not st.toggle("Show them", key="excited_shown"):
        return
    catalog = dataset_of(facts.data["digest"], facts.data["name"])
    if catalog is None:
        st.info(
            f"The data set *{plain(facts.data['title'])}* is not here any more, or has changed: "
            "ask it again.",
            icon=":material/folder_off:",
        )
        return
    if facts.media == "cover":
        _covers(bundle, layer, kernel, found, catalog)
    else:
        _songs(bundle, layer, kernel, found, catalog)


def _covers(
    bundle: Bundle, layer: ConvLayer, kernel: int, found: ExcitingLayer, catalog: Catalog
) -> None:
    passages = _read(bundle, kernel, found, catalog, found.n_places(kernel))
    if not passages:
        return
    says = [_says(catalog, one) for one in passages]
    drawn.mosaic(
        on_tiles([one.picture for one in passages]),
        [f"{say}\nanswers {one.value:.3g}" for say, one in zip(says, passages, strict=True)],
        alt=f"The {len(passages)} parts of covers that excite kernel {kernel} of {layer.name} "
        f"most, strongest first: {'; '.join(says)}.",
        words=[str(place) for place in range(1, len(passages) + 1)],
        width=560,
        aspect=2,
    ).show(f"excited_{bundle.name}_{layer.name}")
    listed = " ".join(f"**{place}** {plain(say)}." for place, say in enumerate(says, start=1))
    st.caption(f"{listed} {words.CUT.format(media='cover')}")


def _songs(
    bundle: Bundle, layer: ConvLayer, kernel: int, found: ExcitingLayer, catalog: Catalog
) -> None:
    spec = song_input(bundle.card.input)
    passages = _read(bundle, kernel, found, catalog, min(SONGS, found.n_places(kernel)))
    if not passages:
        return
    says = [f"{_says(catalog, one)}, {clock(one.start_s)}" for one in passages]
    weights = turn_upright(over_inputs(layer.kernels.weights, "strongest"), spec.layout)
    kernel_and_patches(
        weights[kernel],
        [turn_upright(one.picture[np.newaxis], spec.layout)[0] for one in passages],
        largest=float(np.abs(weights).max()) or 1.0,
        alt=f"Kernel {kernel} of {layer.name} and the {len(passages)} passages that excite it "
        f"most: {'; '.join(says)}.",
    ).show(key=f"excited_{bundle.name}_{layer.name}")
    listed = " ".join(f"**{place}** {plain(say)}." for place, say in enumerate(says, start=1))
    st.caption(f"{listed} {words.CUT.format(media='song')}")
    with st.popover(
        "Hear them", icon=":material/volume_up:", key="excited_hear", on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        for one, say in zip(passages, says, strict=True):
            path = file_of(catalog, one.item_id)
            st.caption(plain(say))
            if path is not None:
                # Streamlit knows whole seconds only; less than one would be a click anyway.
                ends = {"start_time": math.floor(one.start_s), "end_time": math.ceil(one.end_s)}
                st.audio(str(path), **ends)


def _read(
    bundle: Bundle, kernel: int, found: ExcitingLayer, catalog: Catalog, n: int
) -> list[Passage]:
    """Cut passages out of their files; those that are gone are said to be."""
    every = [cached.passage(bundle, catalog, found, kernel, place) for place in range(n)]
    there = [one for one in every if one is not None]
    if len(there) < n:
        st.caption(f"{n - len(there)} of {n} cannot be read any more.")
    return there


def _says(catalog: Catalog, one: Passage) -> str:
    row = catalog.frame[catalog.frame["item_id"] == one.item_id].iloc[0].to_dict()
    return f"{name_of(row, longest=40)} ({', '.join(row['labels']) or 'no label'})"


def _ask(bundle: Bundle) -> None:
    from genre_core.jobs.exciting import LIMIT  # reads data sets: half a second to load

    datasets = data_sets.names()
    if not datasets:
        st.caption("It needs a data set: import one under Data.")
        return
    one, two = st.columns(2)
    data = data_sets.ask(one, datasets, key="excite_data")
    what = "covers" if bundle.card.media == "cover" else "segments of songs"
    limit = two.number_input(
        f"At most so many {what}", 100, 100_000, LIMIT, step=1_000, key="excite_limit"
    )
    st.button(
        "Ask",
        icon=":material/play_arrow:",
        key="excite_start",
        disabled=data is None or not permission.may_change(),
        on_click=acting.guarded,
        args=(_start, bundle.name, data, int(limit)),
    )
    permission.show_why_not()


def _start(model: str, data: str, limit: int) -> None:
    from genre_core.jobs.exciting import exciting_request

    run_control.start(exciting_request(model, data, limit=limit))
