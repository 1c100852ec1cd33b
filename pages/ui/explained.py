"""Where a network looked: saliency over the cover, and what its layers respond to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from genre_core.explain import MAPS_LOCK
from genre_core.explain.saliency import WITHOUT_LAYER
from genre_core.image.overlay import heat_picture, superimpose
from genre_core.runs.bundle import Bundle
from pages.ui import cached, controls, figures, problems
from pages.ui.evidence import section as evidence
from pages.ui.evidence.words import METHODS
from pages.ui.media import choosing
from pages.ui.media.choice import Choice

if TYPE_CHECKING:
    from genre_core.explain.places import Stage
    from genre_core.explain.saliency import Saliency
    from genre_core.runs.answers import Prediction

_METHOD_KEYS = {name: key for key, name in METHODS.items()}

LIKELIEST = "the likeliest"
SMALLEST_MAP = 7
DEFAULT_LAYER = "the default"


@st.fragment
def section(chosen: Choice, bundles: Sequence[Bundle], answers: Mapping[str, Prediction]) -> None:
    """Ask for model, genre, method and layer; show cover, heat map and both together.

    A network that has no answer yet is asked when it is chosen.
    """
    network_place, genre_place, layer_place, opacity_place = st.columns([6, 3, 3, 3])
    with network_place:
        bundle = choosing.model("model", bundles)
    with genre_place:
        genre = controls.select("Genre", [LIKELIEST, *bundle.card.genres], key="genre")
    opacity = opacity_place.slider(
        "Opacity of the map", 0, 100, 50, 5, "%d %%", key="opacity", bind="query-params"
    )
    method = controls.switch(
        "Method",
        list(METHODS.values()),
        key="method",
        wrap=True,
        help="The CAM methods weigh the maps of one layer. The others ask the picture itself: "
        "SmoothGrad by its slope, integrated gradients on the way from a plain picture of the "
        "cover's mean colour, occlusion by hiding one patch after the other in that colour.",
    )
    key = _METHOD_KEYS.get(method, "gradcam")
    has_layer = key not in WITHOUT_LAYER
    verdict = st.container()
    with problems.shown(chosen.file):
        answer = answers.get(bundle.name) or cached.predict(chosen, bundle)
        index = answer.genres.index(genre) if genre in answer.genres else answer.genre_index
        every, default = cached.stages(bundle)
        name = DEFAULT_LAYER
        if not controls.is_simple():
            name = layer_place.selectbox(
                "Layer",
                [DEFAULT_LAYER, *[stage.name for stage in every]],
                key="stage",
                bind="query-params",
                disabled=not has_layer,
                help=f"The default is {default.name}: the last convolution whose map is at least "
                f"{SMALLEST_MAP} x {SMALLEST_MAP}. Type to search among {len(every)}.",
            )
        stage = next((stage for stage in every if stage.name == name), default)
        with verdict, problems.shown(bundle.name):
            evidence.beside(bundle, key, stage.name)
        if has_layer:
            names = [one.name for one in every]
            layer_place.caption(controls.depth(names.index(stage.name), len(names), "cover"))
        _show(chosen, bundle, answer, index, key, stage, opacity / 100)


def glance(chosen: Choice, bundle: Bundle, answer: Prediction) -> None:
    """Show one Grad-CAM over a cover, without controls."""
    _, stage = cached.stages(bundle)
    saliency = cached.saliency(chosen, bundle, "gradcam", stage.name, answer.genre_index)
    if not saliency.is_located:
        _no_location(stage, saliency.reason)
        return
    st.image(
        superimpose(cached.network_input(chosen, bundle), saliency.map, opacity=0.5),
        width="stretch",
        caption=f"Where it looked for {problems.plain(answer.genre)} (Grad-CAM)",
        alt=f"The cover with a heat map over it: strongest at {_where(saliency.map)}",
    )
    with problems.shown(bundle.name):
        evidence.mark(bundle, "gradcam", stage.name)


def _show(
    chosen: Choice,
    bundle: Bundle,
    answer: Prediction,
    index: int,
    method: str,
    stage: Stage,
    opacity: float,
) -> None:
    genre = answer.genres[index]
    height, width = stage.map_size
    if method not in WITHOUT_LAYER and stage.is_small:
        st.warning(
            f"*{problems.plain(stage.name)}* has a map of only {height} x {width}: it can hardly "
            f"say where. Choose a layer with at least {SMALLEST_MAP} x {SMALLEST_MAP}.",
            icon=":material/grid_off:",
        )
    before = MAPS_LOCK.n_before
    with st.spinner(f"{before} before you") if before else nullcontext():
        saliency = cached.saliency(chosen, bundle, method, stage.name, index)
    seen = cached.network_input(chosen, bundle)
    one, two, three = st.columns(3)
    one.image(
        seen,
        caption=f"As the network receives it, {seen.shape[1]} x {seen.shape[0]} px",
        width="stretch",
        alt=f"{chosen.alt}, resized for the network",
    )
    if not saliency.is_located:
        with two:
            _no_location(stage, saliency.reason)
        return
    heat = heat_picture(saliency.map, seen.shape[0])
    both = superimpose(seen, saliency.map, opacity=opacity)
    place = "" if controls.is_simple() else f" on {problems.plain(saliency.stage or 'the pixels')}"
    two.image(
        heat,
        caption=f"{METHODS[method]}{place}, {saliency.map.shape[0]} x {saliency.map.shape[1]}",
        width="stretch",
        alt=f"Heat map of {METHODS[method]} for {genre}: strongest at {_where(saliency.map)}",
    )
    three.image(
        both,
        caption=f"What speaks for {problems.plain(genre)} "
        f"({figures.share_text(float(answer.probs[index]), calibrated=answer.is_calibrated)})",
        width="stretch",
        alt=f"The cover with the heat map over it: strongest at {_where(saliency.map)}",
    )
    with problems.shown(bundle.name):
        evidence.looked(bundle, method, _where(saliency.map), saliency.stage)
    st.caption(
        "Red speaks most for the genre, blue least. The colours are scaled to this one map: "
        "compare places within a picture, never two pictures."
    )
    with problems.shown(chosen.file):
        evidence.tests(chosen, bundle, saliency, genre)
    with st.container(horizontal=True):
        # Made when they are asked for: a page at rest need not wait for them.
        controls.download(
            "Download the picture (PNG)",
            lambda: controls.png(np.concatenate([seen, heat, both], axis=1)),
            f"{method}.png",
            "image/png",
        )
        controls.download(
            "Download the map (JSON)",
            lambda: json.dumps(_report(chosen, answer, saliency)),
            f"{method}.json",
            "application/json",
        )
    with st.expander(
        "What does this layer respond to?",
        key="layers",
        on_change="rerun",
        icon=":material/grid_view:",
    ) as opened:
        if opened.open:
            grid = cached.activations(chosen, bundle, stage.name)
            layer = "this layer" if controls.is_simple() else problems.plain(stage.name)
            blank = f", {grid.n_blank} of them blank on this cover" if grid.n_blank else ""
            st.image(
                grid.picture,
                caption=f"{len(grid.filters)} of the {grid.n_filters} filters of {layer}{blank}; "
                "the strongest first, each scaled to itself",
                width="stretch",
                alt=f"A grid of the activation maps of {stage.name}",
            )
    option = f" --stage {saliency.stage}" if saliency.stage else ""
    controls.command(
        f"python -m genre_core explain {chosen.shell_path} --model {bundle.name} "
        f'--method {method}{option} --genre "{genre}"'
    )


def _report(chosen: Choice, answer: Prediction, saliency: Saliency) -> dict[str, Any]:
    """Give a map as plain values; methods that ask the pixels have no layer."""
    return {
        "cover": chosen.file,
        "sha256": chosen.checksum,
        "method": saliency.method,
        "stage": saliency.stage or None,
        "genre": answer.genres[saliency.genre_index],
        "map": np.round(saliency.map.astype(float), 6).tolist(),
        **answer.to_dict(),
    }


def _no_location(stage: Stage, reason: str) -> None:
    st.warning(f"**No location**: {problems.plain(reason)}.", icon=":material/blur_on:")
    if stage.map_size == (1, 1):
        st.markdown(
            "The map is a single cell, so it cannot show where: stretched to colours, it would "
            "divide zero by zero and paint noise. Study S1 (prog covers, 2023) may have met this "
            "trap, for its network ends in such a cell."
        )
    st.markdown("Choose an earlier layer, another genre or another method.")


def _where(values: np.ndarray) -> str:
    rows, cols = values.shape
    row, col = np.unravel_index(int(np.argmax(values)), values.shape)
    vertical = ("top", "middle", "bottom")[min(2, 3 * int(row) // rows)]
    across = ("left", "centre", "right")[min(2, 3 * int(col) // cols)]
    return f"the {vertical} {across}"
