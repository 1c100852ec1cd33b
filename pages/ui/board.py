"""Songs side by side as a network reads them, and what in them excites each of its kernels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from genre_core.config import SongInput, song_input
from genre_core.data.catalog import Catalog
from genre_core.explain.kernel_pictures import band_edges, turn_upright
from genre_core.explain.kernel_weights import over_inputs
from genre_core.explain.peaks import By, Peaks, rank_kernels, told_apart
from genre_core.explain.song_spectrogram import song_spectrogram
from genre_core.runs.bundle import Bundle
from pages.ui import controls, problems
from pages.ui.cached import built_in_songs, conv_layers, dataset_behind
from pages.ui.figures import spectrograms as drawn
from pages.ui.media.choice import Choice
from pages.ui.media.choosing import SONG, built_in, shown_labels, upload
from pages.ui.media.linked import file_choice
from pages.ui.problems import plain
from pages.ui.songs import cached
from pages.ui.songs.listing import clock

if TYPE_CHECKING:
    from genre_core.explain.conv_layer import ConvLayer
    from genre_core.explain.exciting import Patch

MAX_SONGS = 6
"""Songs side by side; more could not be told apart, and each is read whole."""

LENGTHS = {"1 s": 1.0, "5 s": 5.0, "15 s": 15.0, "the whole song": np.inf}
ORDERS: dict[str, By] = {"tell these songs apart": "apart", "answer most strongly": "strongest"}
A_PAGE = 6
"""Kernels at a time."""

PATCHES = 4

_SONGS, _KNOWN = "board_songs", "board_known"

STUDY = (
    "Study S5 (prog rock from audio) laid mel-spectrograms of prog songs beside those of other "
    "genres and found in them a mixture of jazz, country, rock and softer metal. In its deepest "
    "layers it saw three kinds of kernels, each beside a passage that fits: *dots*, as in its "
    "rock songs; *low frequencies*, as in rock and metal; short *horizontal lines*, held tones, "
    "as in classical music. A patch that excites a kernel is no proof that the kernel stands for "
    "a genre: look whether its other patches, and other songs of the genre, show the same."
)


def networks() -> tuple[Bundle, ...]:
    """List the networks that read spectrograms, study S5's first."""
    reading = [bundle for bundle in cached.bundles() if reads_spectrogram(bundle)]
    return tuple(sorted(reading, key=lambda bundle: bundle.card.architecture != "s5_cnn"))


def reads_spectrogram(bundle: Bundle) -> bool:
    """Tell whether a network's input has bands of frequencies."""
    spec = bundle.card.input
    return isinstance(spec, SongInput) and spec.bin_hz is not None


def songs(bundle: Bundle) -> list[Choice]:
    """Ask for the songs; on the first visit these are the built-in ones."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        mine = upload(SONG, key="board_upload")
    ready = [*built_in(SONG), *mine]
    with right:
        labels = [choice.label for choice in ready]
        _pick_new([choice.label for choice in mine])
        picked = st.pills(
            "Songs side by side",
            labels,
            selection_mode="multi",
            format_func=shown_labels(ready).__getitem__,
            key=_SONGS,
            bind="query-params",
            wrap=True,
        )
        more = _of_dataset(bundle)
    styles = {checksum: song.style for song, checksum in built_in_songs()}
    chosen = [
        replace(choice, label=f"In the style of {styles[choice.checksum]}: {choice.label}")
        if choice.checksum in styles
        else choice
        for choice in ready
        if choice.label in picked
    ]
    chosen += more
    if len(chosen) > MAX_SONGS:
        st.caption(f"The first {MAX_SONGS} of {len(chosen)} songs are shown.")
    return chosen[:MAX_SONGS]


def _pick_new(own: list[str]) -> None:
    """Pick what the visitor has brought since the last run, here or on Songs."""
    # The field forgets what is picked while another page is shown.
    known = st.session_state.get(_KNOWN, ()) if _SONGS in st.session_state else ()
    st.session_state[_KNOWN] = own
    built = [choice.label for choice in built_in(SONG)]
    before = st.session_state.get(_SONGS, st.query_params.get_all(_SONGS) or built)
    # A link may name a file of somebody else, and one's own can be taken away.
    picked = [label for label in before if label in (*built, *own)]
    fresh = [label for label in own if label not in known and label not in picked]
    if picked != before or fresh or _SONGS not in st.session_state:
        st.session_state[_SONGS] = [*picked, *fresh]


def _of_dataset(bundle: Bundle) -> list[Choice]:
    """Offer the songs of the data set that the network was measured on, if it is imported here."""
    catalog = dataset_behind(bundle)
    if catalog is None:
        return []
    names = _names(catalog)
    picked = st.multiselect(
        f"Songs of {plain(catalog.head.title or catalog.head.name)}",
        list(names),
        format_func=names.__getitem__,
        max_selections=MAX_SONGS,
        key=f"board_items_{catalog.head.name}",
        help="Sorted by genre. Type to search.",
    )
    there = {item: choice for item in picked if (choice := file_choice(catalog, item))}
    if len(there) < len(picked):
        st.caption("A song whose file is not there any more is left out.")
    return [replace(choice, label=names[item]) for item, choice in there.items()]


def _names(catalog: Catalog) -> dict[str, str]:
    rows = catalog.frame[["item_id", "labels", "title"]].to_dict("records")
    named = (
        (f"{', '.join(row['labels']) or 'no label'}: {row['title'] or row['item_id']}", row)
        for row in rows
    )
    return {row["item_id"]: name for name, row in sorted(named, key=lambda pair: pair[0])}


def short_names(choices: Sequence[Choice]) -> list[str]:
    """Give names that fit beside each other."""
    return [label if len(label) <= 40 else f"{label[:39]}…" for label in (c.label for c in choices)]


def spectrograms(bundle: Bundle, choices: Sequence[Choice]) -> None:
    """Draw the songs side by side, on one colour range."""
    spec = song_input(bundle.card.input)
    left, right = st.columns([2, 3], gap="medium", vertical_alignment="bottom")
    with left:
        length = controls.switch(
            "How much of each", list(LENGTHS), default="5 s", key="board_length"
        )
    prepared = [cached.prepared(choice, bundle) for choice in choices]
    start_s = right.slider(
        "From where, in seconds; of a shorter song its end is shown",
        0,
        int(max(song.end_s[-1] for song in prepared)),
        40,
        key="board_start",
        bind="query-params",
        disabled=length == "the whole song",
    )
    shown = [
        song_spectrogram(song, spec, start_s=float(start_s), length_s=LENGTHS[length])
        for song in prepared
    ]
    low = min(float(picture.values.min()) for picture in shown)
    high = max(float(picture.values.max()) for picture in shown)
    names = short_names(choices)
    with st.grid(len(shown) if len(shown) < 5 else 3, min_column_width=250):
        for place, (name, picture) in enumerate(zip(names, shown, strict=True)):
            with st.container():
                st.markdown(f"**{plain(name)}**")
                drawn.spectrogram(picture, name, (low, high)).show(key=f"board_{place}")
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
    layers = [layer for layer in conv_layers(bundle) if layer.kind != "conv1d"]
    if not layers:
        st.info(
            "This network has no convolution over both time and frequency.",
            icon=":material/grid_off:",
        )
        return
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    by_name = {layer.name: layer for layer in layers}
    name = _ask_layer(list(by_name), left)
    with right:
        order = controls.switch("First the kernels that", list(ORDERS), key="board_order")
    layer = by_name.get(name, layers[-1])
    peaks = cached.peaks(bundle, layer.name, choices)
    ranked = rank_kernels(peaks, ORDERS[order])
    n_silent = int(peaks.silent.sum())
    called = "this layer" if controls.is_simple() else plain(layer.name)
    st.markdown(
        f"**{len(ranked)} of the {layer.n_filters} kernels of {called} respond "
        "somewhere in these songs**" + (f", {n_silent} nowhere." if n_silent else ".")
    )
    if not len(ranked):
        return
    places = st.container()
    part = controls.page_of(len(ranked), A_PAGE, key=f"board_page_{layer.name}")
    apart = told_apart(peaks)
    weights = turn_upright(
        over_inputs(layer.kernels.weights, "strongest"), song_input(bundle.card.input).layout
    )
    with places, st.grid(2, min_column_width=320):
        for kernel in ranked[part]:
            with st.container(border=True):
                _one(bundle, layer, peaks, int(kernel), choices, weights, float(apart[kernel]))
    st.caption(
        "Left: a kernel's weights for its strongest channel, orange above 0, blue below. Beside "
        "it: the patches it responds to most, at most one from each segment, time to the right, "
        "low frequencies at the bottom. A patch holds everything that the response depends on."
    )


def _ask_layer(names: list[str], place: DeltaGenerator) -> str:
    """Ask for a layer, the last at first; in the simple view for an early, middle or late one."""
    depths = {name: controls.depth(k, len(names), "song") for k, name in enumerate(names)}
    is_simple = controls.is_simple()
    # Of each depth the last, and whatever a link asks for.
    asked = st.session_state.get("board_layer", st.query_params.get("board_layer"))
    few = {depths[name]: name for name in names} | (
        {depths[asked]: asked} if asked in names else {}
    )
    name = place.selectbox(
        "How deep in the network" if is_simple else "Layer",
        list(few.values()) if is_simple else names,
        index=(len(few) if is_simple else len(names)) - 1,
        format_func=(lambda name: depths.get(name, name)) if is_simple else str,
        key="board_layer",
        bind="query-params",
        help="From input to output. The deeper the layer, the more of a segment each of its "
        "outputs sees.",
    )
    return str(name)


def _one(
    bundle: Bundle,
    layer: ConvLayer,
    peaks: Peaks,
    kernel: int,
    choices: Sequence[Choice],
    weights: np.ndarray,
    apart: float,
) -> None:
    names = short_names(choices)
    patches = cached.patches(bundle, peaks, kernel, choices, PATCHES)
    spec = song_input(bundle.card.input)
    upright = [turn_upright(patch.picture[np.newaxis], spec.layout)[0] for patch in patches]
    says = [f"{names[patch.song]}, {_place(bundle, patch, choices)}" for patch in patches]
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
        alt=f"Kernel {kernel} of {layer.name} and the {len(patches)} patches that excite it most: "
        f"{'; '.join(says)}.",
    ).show(key=f"board_kernel_{layer.name}_{kernel}")
    st.caption(" ".join(f"**{place}** {plain(say)}." for place, say in enumerate(says, start=1)))
    with st.popover(
        "Hear them",
        icon=":material/volume_up:",
        key=f"board_hear_{layer.name}_{kernel}",
        on_change="rerun",
    ) as opened:
        if opened.open:
            for patch, say in zip(patches, says, strict=True):
                start_s, end_s = _seconds(bundle, patch, choices)
                st.caption(plain(say))
                # Streamlit knows whole seconds only; less than one would be a click anyway.
                st.audio(
                    choices[patch.song].source,
                    start_time=math.floor(start_s),
                    end_time=math.ceil(end_s),
                )


def _place(bundle: Bundle, patch: Patch, choices: Sequence[Choice]) -> str:
    """Say when a patch is, and which frequencies it holds."""
    spec = song_input(bundle.card.input)
    bands = patch.columns if spec.layout == "time_frequency" else patch.rows
    edges = band_edges(np.asarray(spec.bin_hz))
    low, high = edges[bands[0]], edges[bands[1]]
    start_s, _ = _seconds(bundle, patch, choices)
    return f"{clock(start_s)}, {low:,.0f} to {high:,.0f} Hz"


def _seconds(bundle: Bundle, patch: Patch, choices: Sequence[Choice]) -> tuple[float, float]:
    """Tell where in its song a patch begins and ends."""
    spec = song_input(bundle.card.input)
    start_s = float(cached.prepared(choices[patch.song], bundle).start_s[patch.segment])
    frames = patch.rows if spec.layout == "time_frequency" else patch.columns
    return start_s + frames[0] * spec.frame_step_s, start_s + frames[1] * spec.frame_step_s
