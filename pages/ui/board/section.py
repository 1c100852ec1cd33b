"""Spectrograms side by side, and each kernel of a layer beside the patches that excite it most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from genre_core.config import song_input
from genre_core.explain.kernel_pictures import band_edges, turn_upright
from genre_core.explain.kernel_weights import over_inputs
from genre_core.explain.peaks import By, Peaks, rank_kernels, told_apart
from genre_core.explain.song_spectrogram import song_spectrogram
from genre_core.runs.bundle import Bundle
from pages.ui import cached as networks
from pages.ui import problems
from pages.ui.board import cached, choosing
from pages.ui.figures import board as drawn
from pages.ui.media.choice import Choice
from pages.ui.problems import plain
from pages.ui.songs.listing import clock

if TYPE_CHECKING:
    from genre_core.explain.exciting import Patch
    from genre_core.explain.kernels import ConvLayer

LENGTHS = {"1 s": 1.0, "5 s": 5.0, "15 s": 15.0, "the whole song": np.inf}
ORDERS: dict[str, By] = {"tell these songs apart": "apart", "answer most strongly": "strongest"}
A_PAGE = 6
"""Kernels at a time."""

PATCHES = 4

STUDY = (
    "Study S5 (prog rock from audio) laid mel-spectrograms of prog songs beside those of other "
    "genres and found in them a mixture of jazz, country, rock and softer metal. In its deepest "
    "layers it saw three kinds of kernels, each beside a passage that fits: *dots*, as in its "
    "rock songs; *low frequencies*, as in rock and metal; short *horizontal lines*, held tones, "
    "as in classical music. A patch that excites a kernel is no proof that the kernel stands for "
    "a genre: look whether its other patches, and other songs of the genre, show the same."
)


def spectrograms(bundle: Bundle, choices: Sequence[Choice]) -> None:
    """Draw the songs side by side, on one colour range."""
    spec = song_input(bundle.card.input)
    left, right = st.columns([2, 3], gap="medium", vertical_alignment="bottom")
    length = left.segmented_control(
        "How much of each",
        list(LENGTHS),
        default="5 s",
        required=True,
        key="board_length",
        bind="query-params",
    )
    prepared = [(choice, cached.prepared(choice, bundle)) for choice in choices]
    start_s = right.slider(
        "From where, in seconds; of a shorter song its end is shown",
        0,
        int(max(each.end_s[-1] for _, each in prepared)),
        40,
        key="board_start",
        bind="query-params",
        disabled=length == "the whole song",
    )
    shown = [
        song_spectrogram(each, spec, start_s=float(start_s), length_s=LENGTHS[length])
        for _, each in prepared
    ]
    low = min(float(each.values.min()) for each in shown)
    high = max(float(each.values.max()) for each in shown)
    with st.grid(len(shown) if len(shown) < 5 else 3, min_column_width=250):
        for place, (name, each) in enumerate(
            zip(choosing.short_names(choices), shown, strict=True)
        ):
            with st.container():
                st.markdown(f"**{plain(name)}**")
                drawn.spectrogram(each, name, (low, high)).show(key=f"board_{place}")
    st.caption(
        f"As {plain(bundle.card.title)} reads them, in {len(shown[0].hz)} bands, all on one range "
        "of colours: bright is loud."
        + (
            f" Of a song longer than {spec.skip_if_longer_s:g} s it leaves out the first "
            f"{spec.skip_s:g}."
            if spec.skip_s
            else ""
        )
    )


@st.fragment
def kernels(bundle: Bundle, choices: Sequence[Choice]) -> None:
    """Ask for a layer, and show its kernels beside the patches of these songs."""
    with problems.shown(bundle.name):
        _kernels(bundle, choices)


def _kernels(bundle: Bundle, choices: Sequence[Choice]) -> None:
    layers = [
        each
        for each in networks.conv_layers(bundle.name, bundle.card.model_sha256)
        if each.kind != "conv1d"
    ]
    if not layers:
        st.info(
            "This network has no convolution over both time and frequency.",
            icon=":material/grid_off:",
        )
        return
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    by_name = {each.name: each for each in layers}
    name = left.selectbox(
        "Layer",
        list(by_name),
        index=len(by_name) - 1,
        key="board_layer",
        bind="query-params",
        help="From input to output. The deeper the layer, the more of a segment each of its "
        "outputs sees.",
    )
    order = right.segmented_control(
        "First the kernels that",
        list(ORDERS),
        default=next(iter(ORDERS)),
        required=True,
        key="board_order",
        bind="query-params",
    )
    layer = by_name.get(name, layers[-1])
    peaks = cached.peaks(bundle, layer.name, choices)
    ranked = rank_kernels(peaks, ORDERS[order])
    n_silent = int(peaks.silent.sum())
    st.markdown(
        f"**{len(ranked)} of the {layer.n_filters} kernels of {plain(layer.name)} respond "
        "somewhere "
        f"in these songs**" + (f", {n_silent} nowhere." if n_silent else ".")
    )
    if not len(ranked):
        return
    n_pages = -(-len(ranked) // A_PAGE)
    places = st.container()
    page = st.pagination(n_pages, key=f"board_page_{layer.name}") if n_pages > 1 else 1
    apart = told_apart(peaks)
    weights = turn_upright(
        over_inputs(layer.kernels.weights, "strongest"), song_input(bundle.card.input).layout
    )
    with places, st.grid(2, min_column_width=320):
        for kernel in ranked[(page - 1) * A_PAGE : page * A_PAGE]:
            with st.container(border=True):
                _one(bundle, layer, peaks, int(kernel), choices, weights, float(apart[kernel]))
    st.caption(
        "Left: a kernel's weights for its strongest channel, orange above 0, blue below. Beside "
        "it: the patches it responds to most, at most one from each segment, time to the right, "
        "low frequencies at the bottom. A patch holds everything that the response depends on."
    )


def _one(
    bundle: Bundle,
    layer: ConvLayer,
    peaks: Peaks,
    kernel: int,
    choices: Sequence[Choice],
    weights: np.ndarray,
    apart: float,
) -> None:
    names = choosing.short_names(choices)
    found = cached.patches(bundle, peaks, kernel, choices, PATCHES)
    spec = song_input(bundle.card.input)
    upright = [turn_upright(each.picture[np.newaxis], spec.layout)[0] for each in found]
    says = [_place(bundle, each, choices) for each in found]
    means = peaks.means()[:, kernel]
    most = int(np.argmax(means))
    known = f"responds most in *{plain(names[most])}*"
    if len(choices) > 1:
        known += f", and its response tells the songs apart by {100 * apart:.0f} %"
    st.markdown(f"**Kernel {kernel}** {known}")
    drawn.kernel_and_patches(
        weights[kernel],
        upright,
        largest=float(np.abs(weights).max()) or 1.0,
        alt=f"Kernel {kernel} of {layer.name} and the {len(found)} patches that excite it most: "
        + "; ".join(f"{names[each.song]}, {say}" for each, say in zip(found, says, strict=True))
        + ".",
    ).show(key=f"board_kernel_{layer.name}_{kernel}")
    st.caption(
        " ".join(
            f"**{place}** {plain(names[each.song])}, {say}."
            for place, (each, say) in enumerate(zip(found, says, strict=True), start=1)
        )
    )


def _place(bundle: Bundle, patch: Patch, choices: Sequence[Choice]) -> str:
    """Say when a patch is, and which frequencies it holds."""
    spec = song_input(bundle.card.input)
    start_s = float(cached.prepared(choices[patch.song], bundle).start_s[patch.segment])
    is_first = spec.layout == "time_frequency"
    frames, bands = (patch.rows, patch.columns) if is_first else (patch.columns, patch.rows)
    edges = band_edges(np.asarray(spec.bin_hz))
    low, high = edges[bands[0]], edges[bands[1]]
    return f"{clock(start_s + frames[0] * spec.frame_step_s)}, {low:,.0f} to {high:,.0f} Hz"
