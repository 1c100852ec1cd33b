"""The kernels of one network: a layer as a mosaic, one kernel large, and every layer in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from genre_core.config import SongInput
from genre_core.explain.kernel_pictures import MAX_DRAWN, PLACES, turn_upright
from genre_core.explain.kernel_weights import (
    Inputs,
    colour_kernels,
    mixing_strips,
    over_inputs,
    strongest_first,
    strongest_inputs,
)
from genre_core.runs.bundle import Bundle, list_bundles
from pages.ui import cached, controls, frame, kernel_table, link, problems
from pages.ui import kernel_words as words
from pages.ui.figures import kernels as drawn
from pages.ui.kernel_patterns import cached as stored_patterns
from pages.ui.kernel_patterns import places as places_of_data
from pages.ui.kernel_patterns import section as patterns
from pages.ui.kernel_patterns import words as pattern_words
from pages.ui.kernel_patterns import worth
from pages.ui.media import choosing
from pages.ui.problems import plain

if TYPE_CHECKING:
    from genre_core.explain.conv_layer import ConvLayer
    from genre_core.explain.patterns_store import StoredLayer

KERNEL_KEY, LAYER_KEY = "kernel", "layer"
LOGITS = "logits"
"""Layer of the scores of genres, by which their patterns are stored."""

STRONGEST = "the strongest"
MIXING_DRAWN = 64
"""Kernels of 1 x 1 in one picture; each is a strip of many cells."""

WEIGHTS, EXCITED, BOTH = "weights", "what excites it most", "both"
"""Two views of kernels, and both of them."""

ORDERS = ("strongest first", "weakest first", "by number")
OVERALL: dict[str, Inputs] = {
    "strongest channel": "strongest",
    "mean over channels": "mean",
    words.ROOT: "rss",
}


def networks() -> tuple[Bundle, ...]:
    """List every network that is here, those that read covers first."""
    return (*cached.bundles(), *list_bundles(media="song", need_network=True))


@st.fragment
def section(networks: tuple[Bundle, ...]) -> None:
    """Ask for a network and a layer; show its kernels, one of them large, then every layer."""
    network_place, *places = st.columns([7, 4, 3, 3])
    with network_place:
        bundle = choosing.model("network", networks)
    with problems.shown(bundle.name):
        _network(bundle, *places)


def _network(bundle: Bundle, *places: DeltaGenerator) -> None:
    layers = cached.conv_layers(bundle)
    if not layers:
        st.info(
            f"**{plain(bundle.card.title)}** has no convolution, so it has no kernels to look at. "
            "Choose another network.",
            icon=":material/grid_off:",
        )
        return
    layer = _ask_layer(bundle, layers, places[0])
    order = ORDERS[0]
    if not controls.is_simple():
        order = places[1].selectbox("Order", ORDERS, key="order", bind="query-params")
    shown = _ask_inputs(places[2], layer, is_first=layer is layers[0])
    chosen = _answer(bundle, layer, order, shown)
    stored = stored_patterns.stored(bundle)
    if layer.kind != "conv1d":
        places_of_data.section(bundle, layer, chosen)
    if words.reads_pixels_or_bands(bundle.card.input):
        if (asked := stored.get(LOGITS)) is not None:
            patterns.genres(bundle, asked)
        worth.section(bundle, layer.name, chosen)
    if controls.is_simple():
        return
    _how(bundle, layer, stored)
    kernel_table.every_layer(bundle, layers)
    frame.in_shell(
        f"python -m genre_core kernels {bundle.name} --layer {layer.name} --out kernels.png"
    )


def _ask_layer(bundle: Bundle, layers: Sequence[ConvLayer], place: DeltaGenerator) -> ConvLayer:
    """Ask for a layer; in the simple view for an early, a middle or a late one, in plain words."""
    by_name = {layer.name: layer for layer in layers}
    names = list(by_name)
    depths = {
        name: controls.depth(k, len(names), bundle.card.media) for k, name in enumerate(names)
    }
    link.follow(LAYER_KEY, [LAYER_KEY], by_name, names[0])
    if st.session_state[LAYER_KEY] not in by_name:
        st.session_state[LAYER_KEY] = names[0]
    if controls.is_simple():
        asked = st.session_state[LAYER_KEY]
        # Of each depth the first layer, rather one whose patterns are stored, or the one asked for.
        has_patterns = stored_patterns.stored(bundle)
        of_depth = {depths[name]: name for name in reversed(names)}
        of_depth |= {depths[name]: name for name in reversed(names) if name in has_patterns}
        of_depth[depths[asked]] = asked
        offered = sorted(of_depth.values(), key=names.index)
        name = place.selectbox(
            "How deep in the network", offered, format_func=depths.__getitem__, key=LAYER_KEY
        )
    else:
        about = f"From input to output. Type to search among {len(names)}."
        name = place.selectbox("Layer", names, key=LAYER_KEY, help=about)
        place.caption(depths[name])
    link.write(LAYER_KEY, LAYER_KEY, name, names[0])
    return by_name[name]


def _ask_inputs(place: DeltaGenerator, layer: ConvLayer, is_first: bool) -> str:
    """Ask what to show of kernels that read several channels; the simple view takes the first."""
    if not layer.has_pictures or layer.n_inputs == 1:
        only = "all its channels" if not layer.has_pictures else "its only channel"
        if not controls.is_simple():
            place.selectbox("Show kernels as", [only], disabled=True, key=f"only_{only}")
        return ""
    channels = [words.channel(layer, k) for k in range(layer.n_inputs)]
    options = [*OVERALL, *channels]
    if is_first and layer.n_inputs == len(words.RGB):
        options = [words.COLOUR, *options]
    if controls.is_simple():
        return options[0]
    return place.selectbox(
        "Show kernels as",
        options,
        key="inputs",
        bind="query-params",
        help="A kernel has one slice of weights for each channel it reads. Strongest channel: of "
        "each kernel the slice with the largest norm. Mean: slices may cancel each other. Root "
        "sum of squares: how strong each place is, without its sign.",
    )


def _answer(bundle: Bundle, layer: ConvLayer, order: str, shown: str) -> int:
    """Show the kernels of a layer and one of them large; give that one's number."""
    kernels = layer.kernels
    ranked = strongest_first(kernels.norms)
    places = {int(k): place for place, k in enumerate(ranked, start=1)}
    listed = {
        "strongest first": ranked,
        "weakest first": ranked[::-1],
        "by number": np.arange(layer.n_filters),
    }[order]
    can_excite = layer.kind != "conv1d" and words.reads_pixels_or_bands(bundle.card.input)
    said, asked = st.columns([3, 2], gap="large", vertical_alignment="bottom")
    view = WEIGHTS
    stored = stored_patterns.stored(bundle).get(layer.name) if can_excite else None
    if can_excite and not controls.is_simple():
        with asked:
            view = controls.switch("View", (BOTH, EXCITED, WEIGHTS), key="view")
    elif stored is not None:
        view = EXCITED  # weights say nothing to whoever does not know what they are
    if not controls.is_simple() or view == WEIGHTS:
        said.markdown(words.answer(layer))
    many, one = st.columns([3, 2], gap="large")
    with one:
        picked = controls.select("Kernel", [STRONGEST, *map(str, listed)], key=KERNEL_KEY)
    chosen = int(ranked[0] if picked == STRONGEST else picked)
    pictures = _pictures(bundle, layer, shown)
    limit = MAX_DRAWN if layer.has_pictures else MIXING_DRAWN
    with many:
        if view != WEIGHTS and stored is not None:
            _excited(bundle, stored, listed, chosen)
        if view != EXCITED:
            drawing = st.container()
            part = listed[controls.page_of(layer.n_filters, limit, key=f"part_{layer.name}")]
            with drawing:
                _mosaic(bundle, layer, order, shown, pictures, part, places, chosen)
            st.caption(words.reading(layer, shown, len(part), order))
        if view != WEIGHTS and stored is None:
            _not_sought(bundle)  # below: the first screen is for what is there
    with one:
        if view != WEIGHTS:
            patterns.one(bundle, layer, stored, chosen)
        _one(bundle, layer, shown, pictures, chosen, places[chosen], has_picture=view != EXCITED)
    return chosen


def _not_sought(bundle: Bundle) -> None:
    """Name the layers whose patterns are stored, or offer to seek those of all."""
    others = [name for name in stored_patterns.stored(bundle) if name != LOGITS]
    if others:
        st.info(pattern_words.only_some(others), icon=":material/trending_up:")
    else:
        worth.offer_patterns(bundle)


def _excited(bundle: Bundle, stored: StoredLayer, listed: np.ndarray, chosen: int) -> None:
    """Show what excites each kernel of a layer most."""
    st.markdown(f"**What excites them most**: {pattern_words.counted_of(bundle.card, stored)}.")
    place = st.container()  # the patterns belong on the first screen
    groups = patterns.asked_groups(bundle, stored)
    with place:
        patterns.mosaic(bundle, stored, groups, listed, chosen, KERNEL_KEY)
    is_song = isinstance(bundle.card.input, SongInput)
    scale = pattern_words.OF_SONG if is_song else pattern_words.OF_COVER
    st.caption(f"{pattern_words.READING.format(scale=scale)} {pattern_words.stored_of(stored)}")


def _mosaic(
    bundle: Bundle,
    layer: ConvLayer,
    order: str,
    shown: str,
    pictures: np.ndarray,
    part: np.ndarray,
    places: dict[int, int],
    chosen: int,
) -> None:
    norms, blank = layer.kernels.norms, layer.kernels.blank
    which = strongest_inputs(layer.kernels.weights) if shown == "strongest channel" else None
    says = [
        f"kernel {k}: norm {norms[k]:.3g}, place {places[int(k)]} of {layer.n_filters}"
        + (", blank" if blank[k] else "")
        + (f"\n{words.channel(layer, int(which[k]))}" if which is not None else "")
        for k in part
    ]
    here = np.flatnonzero(part == chosen)
    is_song = isinstance(bundle.card.input, SongInput) and layer.has_pictures
    key = f"mosaic_{bundle.name}_{layer.name}"
    drawn.mosaic(
        pictures[part],
        says,
        alt=f"Grid of {len(part)} of the {layer.n_filters} kernels of {layer.name}, {order}. "
        f"Norms from {norms[part].max():.3g} to {norms[part].min():.3g}; "
        f"{int(blank[part].sum())} of them blank and outlined.",
        numbers=[int(k) for k in part],
        blanks=blank[part],
        chosen=int(here[0]) if len(here) else None,
        largest=_largest(pictures),
        titles=("in each kernel: time →", "frequency ↑") if is_song else ("", ""),
    ).show(key, partial(patterns.take, KERNEL_KEY))


def _one(
    bundle: Bundle,
    layer: ConvLayer,
    shown: str,
    pictures: np.ndarray,
    chosen: int,
    place: int,
    *,
    has_picture: bool,
) -> None:
    if controls.is_simple() and not has_picture:
        return
    spec, kernels = bundle.card.input, layer.kernels
    blank = " It is **blank**." if kernels.blank[chosen] else ""
    st.markdown(
        f"**Kernel {chosen}**: norm {kernels.norms[chosen]:.3g}, place {place} of "
        f"{layer.n_filters:,}.{blank}"
    )
    if not has_picture:
        return
    stands = PLACES[0]
    is_song = isinstance(spec, SongInput) and layer.has_pictures
    if is_song and spec.bin_hz is not None:
        stands = controls.switch(
            "Position on the frequency axis", PLACES, key="stands", is_linked=False
        )
    if layer.has_pictures:
        across, upwards = words.edges(layer, spec, stands)
    else:
        across, upwards = (f"{pictures.shape[2]} of {layer.n_inputs} channels", []), ("", [])
    drawn.enlarged(
        pictures[chosen],
        alt=f"Kernel {chosen} of {layer.name}, enlarged, norm {kernels.norms[chosen]:.3g}",
        largest=_largest(pictures),
        across=across,
        upwards=upwards,
    ).show(f"one_{bundle.name}_{layer.name}")
    st.markdown(words.extent(layer, spec))
    if layer.has_pictures and layer.n_inputs > 1:
        _slices(bundle, layer, chosen)


def _slices(bundle: Bundle, layer: ConvLayer, chosen: int) -> None:
    """Show the slices of one kernel, one for each channel that it reads."""
    slices = np.moveaxis(layer.kernels.weights[chosen], -1, 0)
    norms = np.linalg.norm(slices, axis=(1, 2))
    is_rgb = layer.n_inputs == len(words.RGB)
    part = np.arange(layer.n_inputs) if is_rgb else strongest_first(norms)[:MAX_DRAWN]
    slices = _upright(bundle, slices[part])
    limited = f"; the {len(part)} strongest" if len(part) < layer.n_inputs else ""
    st.markdown(
        "Its slices for red, green and blue:"
        if is_rgb
        else f"Its {layer.n_inputs:,} slices, one a channel, the strongest first{limited}:"
    )
    drawn.mosaic(
        slices,
        [f"{words.channel(layer, int(k))}: norm {norms[k]:.3g}" for k in part],
        alt=f"The slices of kernel {chosen} of {layer.name}, one for each channel that it reads",
        bar=False,
        aspect=2.2,
        width=380,
    ).show(f"slices_{bundle.name}_{layer.name}")


def _how(bundle: Bundle, layer: ConvLayer, stored: Mapping[str, StoredLayer]) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("How strong is each kernel?", anchor=False)
        kernels = layer.kernels
        drawn.norms(kernels.norms, kernels.threshold, layer.name).show(f"norms_{layer.name}")
        if kernels.n_blank:
            st.caption(
                "Squares are blank kernels; norms too small for the axis are drawn at its lower "
                "end."
            )
    with right:
        st.subheader("What is counted as blank?", anchor=False)
        st.markdown(words.BLANK_RULE)
        if pattern_words.is_of_study(bundle.card):
            with st.expander(
                "What study S5 (prog rock from audio) saw", icon=":material/history_edu:"
            ):
                st.markdown(words.STUDY)
                st.markdown(pattern_words.blank_beside_study(bundle.card, stored))
        with st.expander("How patterns are grouped", icon=":material/category:"):
            st.markdown(pattern_words.RULE.format(item=bundle.card.media))


def _pictures(bundle: Bundle, layer: ConvLayer, shown: str) -> np.ndarray:
    weights = layer.kernels.weights
    if not layer.has_pictures:
        return mixing_strips(weights)
    if shown == words.COLOUR:
        return colour_kernels(weights)
    inputs: Inputs = OVERALL.get(shown, 0)
    if shown not in OVERALL and shown:
        inputs = [words.channel(layer, k) for k in range(layer.n_inputs)].index(shown)
    return _upright(bundle, over_inputs(weights, inputs))


def _upright(bundle: Bundle, pictures: np.ndarray) -> np.ndarray:
    spec = bundle.card.input
    return turn_upright(pictures, spec.layout) if isinstance(spec, SongInput) else pictures


def _largest(pictures: np.ndarray) -> float:
    return float(np.abs(pictures.astype(np.float32)).max()) or 1.0
