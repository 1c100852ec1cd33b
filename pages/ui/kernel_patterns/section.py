"""What excites the kernels of a layer most, one of them large, and what genres ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from genre_core.config import SongInput
from genre_core.explain import kernel_groups
from genre_core.explain.kernel_groups import KernelGroup
from genre_core.explain.patterns_groups import GROUPS
from genre_core.explain.patterns_scale import scale_of
from genre_core.explain.patterns_store import StoredLayer, upright
from genre_core.explain.song_spectrogram import SongSpectrogram
from genre_core.runs.bundle import Bundle
from pages.ui import acting, controls, permission
from pages.ui.figures import patterns as drawn
from pages.ui.figures.spectrograms import spectrogram
from pages.ui.kernel_patterns import cached, words
from pages.ui.media import choosing
from pages.ui.media.choice import Choice
from pages.ui.problems import plain

if TYPE_CHECKING:
    from genre_core.explain.conv_layer import ConvLayer
    from genre_core.explain.patterns import Patterns

AT_ONCE = 64
"""Patterns in one mosaic."""

WHO = "kernels_who"
_RULE = "by the rule"
_NOISE = "noise"


def asked_groups(bundle: Bundle, stored: StoredLayer) -> dict[int, KernelGroup]:
    """Ask which groups to show; give the kernels of those, with their group, in stored order."""
    groups = kernel_groups.groups_of_layer(bundle.card, stored)
    counts = Counter(group.name for group in groups.values())
    names = [name for name in GROUPS if counts[name]]
    if len(names) < 2:
        return groups
    picked = st.pills(
        "Groups",
        names,
        selection_mode="multi",
        format_func=lambda name: f"{name} ({counts[name]})",
        key=f"groups_{stored.layer}",
        help="None chosen shows all.",
    )
    return {k: group for k, group in groups.items() if not picked or group.name in picked}


def mosaic(
    bundle: Bundle,
    stored: StoredLayer,
    groups: dict[int, KernelGroup],
    order: np.ndarray,
    chosen: int,
    key: str,
) -> None:
    """Draw the stored patterns of some kernels in an order, framed and named by group."""
    listed = [int(k) for k in order if int(k) in groups]
    if not listed:
        st.info("No kernel of this layer is in these groups.", icon=":material/filter_alt_off:")
        return
    part = listed[controls.page_of(len(listed), AT_ONCE, key=f"patterns_{stored.layer}")]
    places = [stored.place_of(k) for k in part]
    pictures = stored.upright(bundle.card.input)[places]
    names = [groups[k].name for k in part]
    says = [
        f"kernel {k}: {name}\nanswers {stored.values[place]:.3g} to this, "
        f"{stored.noise[place]:.3g} to noise"
        for k, name, place in zip(part, names, places, strict=True)
    ]
    is_song = isinstance(bundle.card.input, SongInput)
    counts = Counter(names)
    said = ", ".join(f"{counts[name]} {name}" for name in GROUPS if counts[name])
    chart_key = f"patterns_{bundle.name}_{stored.layer}"
    drawn.mosaic(
        pictures,
        says,
        alt=f"Patterns that excite {len(part)} kernels of {stored.layer} most: {said}.",
        numbers=part,
        words=names,
        frames=names,
        chosen=part.index(chosen) if chosen in part else None,
        titles=("in each picture: time →", "frequency ↑") if is_song else ("", ""),
    ).show(chart_key, partial(take, key))


def take(key: str, kernel: int) -> None:
    """Choose the kernel that was clicked."""
    st.session_state[key] = str(kernel)


def _take_genre(key: str, names: Sequence[str], place: int) -> None:
    st.session_state[key] = names[place]


def one(bundle: Bundle, layer: ConvLayer, stored: StoredLayer | None, kernel: int) -> None:
    """Show what excites one kernel: stored, or sought when asked for; with its group and sound."""
    place = None if stored is None else stored.place_of(kernel)
    if stored is not None and place is not None:
        unit, name = stored.unit()[place], f"kernel {kernel} of {layer.name}"
        _picture(bundle, unit, name, key=f"pattern_{bundle.name}_{layer.name}")
        st.markdown(words.reached(stored, place, bundle.card.media))
        group = kernel_groups.groups_of_layer(bundle.card, stored)[kernel]
        st.markdown(words.why(kernel, group))
        _correct(bundle, layer.name, kernel, group)
        if stored.blank[place]:
            st.caption(words.why_blank(stored, place, bundle.card.media))
        else:
            hear(bundle, layer.name, kernel, unit, "stored")
    if not controls.is_simple() or place is None:
        _seek(bundle, layer.name, kernel, has_stored=place is not None)


def _seek(bundle: Bundle, layer: str, kernel: int, *, has_stored: bool) -> None:
    """Offer to seek the pattern anew: one strong spot, or from a cover or song."""
    label = "Seek another" if has_stored else "Seek what excites it most"
    with st.popover(
        label, icon=":material/trending_up:", key=f"seek_{layer}", on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        of = controls.switch(
            "Raise",
            ("mean", "peak"),
            key="seek_of",
            is_linked=False,
            format_func={"mean": "the mean of its map", "peak": "its strongest cell"}.__getitem__,
        )
        start, second = _begin_with(bundle, "")
        if not st.button("Go", icon=":material/play_arrow:", key="seek_go"):
            return
        found = cached.sought(bundle, layer, kernel, of, start, second)
        if found.blank[0]:
            st.info(
                "This search found nothing that excites it clearly more than noise does. Begin "
                f"with a {bundle.card.media} to see whether something real does."
            )
            return
        name = f"kernel {kernel} of {layer}"
        _found(bundle, found, name, f"{of} {start and start.label} {second}")


def _begin_with(bundle: Bundle, what: str) -> tuple[Choice | None, int | None]:
    """Ask what a pattern begins with: noise, or a cover, or a song at a second."""
    medium = choosing.COVER if bundle.card.media == "cover" else choosing.SONG
    choices = {choice.label: choice for choice in choosing.present(medium)}
    last = st.session_state.get(medium.last_key)
    start = st.selectbox(
        "Begin with",
        [_NOISE, *choices],
        format_func=lambda label: f"{label} (looked at last)" if label == last else label,
        key=f"seek_{what}start_{medium.name}",
        help="A cover, or a segment of a song, is changed as little as it takes. Yours are "
        "here too, as long as the tab is open.",
    )
    second = None
    if medium is choosing.SONG and start != _NOISE:
        second = st.number_input(
            "From second", 0, value=None, key=f"seek_{what}second", placeholder="its middle"
        )
    return choices.get(start), second


def _found(bundle: Bundle, found: Patterns, name: str, how: str) -> None:
    """Show a pattern that was sought now."""
    layer, kernel = found.layer, int(found.kernels[0])
    unit = cached.as_stored(found).astype(np.float32) / 255
    _picture(bundle, unit, name, key=f"sought_{layer}_{kernel}")
    st.caption(f"It answers {found.values[0]:.3g} to this, {found.noise[0]:.3g} to noise.")
    hear(bundle, layer, kernel, unit, how)


def _correct(bundle: Bundle, layer: str, kernel: int, group: KernelGroup) -> None:
    if controls.is_simple() or not permission.may_change():
        return
    key = f"group_{bundle.name}_{layer}_{kernel}"
    st.selectbox(
        "Put it into another group",
        [_RULE, *GROUPS],
        index=GROUPS.index(group.name) + 1 if group.is_corrected else 0,
        key=key,
        on_change=_put,
        args=(bundle, layer, kernel, key),
        help="Kept with who and when, in the file of notes; by the rule takes it back.",
    )
    st.text_input("Your name, for corrections", key=WHO, max_chars=100)


def _put(bundle: Bundle, layer: str, kernel: int, key: str) -> None:
    name = st.session_state[key]
    name = "" if name == _RULE else name
    who = str(st.session_state.get(WHO, ""))
    acting.guarded(partial(kernel_groups.correct, bundle.card, layer, kernel, name, who=who))


def _picture(bundle: Bundle, unit: np.ndarray, name: str, *, key: str) -> None:
    spec = bundle.card.input
    if not isinstance(spec, SongInput):
        picture = np.rint(unit * 255).astype(np.uint8)
        with st.container(key=key):
            st.image(picture, width=320, alt=f"Pattern that excites {name} most")
        return
    scale = scale_of(spec)
    picture = unit if len(spec.shape) == 3 else unit[..., 0]
    values = upright(scale.inputs(picture)[np.newaxis], spec)[0][::-1]  # low bands first
    time_s = (np.arange(values.shape[1]) + 0.5) * spec.frame_step_s
    shown = SongSpectrogram(values, time_s, np.asarray(spec.bin_hz))
    ends = (float(np.min(scale.low)), float(np.max(scale.high)))
    spectrogram(shown, f"the pattern that excites {name} most", ends).show(key=key)


def hear(bundle: Bundle, layer: str, kernel: int, unit: np.ndarray, how: str) -> None:
    """Offer to hear a pattern of a song network; made when asked for."""
    if bundle.card.media != "song":
        return
    with st.popover(
        "Hear it (an approximation)",
        icon=":material/volume_up:",
        key=f"hear_{layer}_{how}",
        on_change="rerun",
    ) as opened:
        if opened.open:
            st.audio(cached.heard(bundle, layer, kernel, unit, how), format="audio/wav")
            st.caption(
                "A spectrogram of bands holds no phases: they are guessed (Griffin and Lim), and "
                "the pattern is repeated to two seconds. No music sounds like this."
            )


def genres(bundle: Bundle, stored: StoredLayer) -> None:
    """Show what would make the network say each genre most loudly."""
    st.subheader("What does each genre ask for?", anchor=False)
    st.caption(
        "The same for whole answers: inputs that raise one genre's score as far as they can. "
        "They hold everything the network goes by at once, and no genre looks or sounds so."
    )
    names = [bundle.card.genres[k] for k in stored.kernels]
    key = "genre_pattern"
    picked = controls.select("Genre", names, key=key) if len(names) > 1 else names[0]
    place = names.index(picked) if picked in names else 0
    left, right = st.columns([3, 2], gap="large")
    with left:
        says = [
            f"{plain(name)}: {value:.3g}, noise {noise:.3g}"
            for name, value, noise in zip(names, stored.values, stored.noise, strict=True)
        ]
        drawn.mosaic(
            stored.upright(bundle.card.input),
            says,
            alt=f"Inputs that speak most for {words.listed(names)}.",
            numbers=range(len(names)),
            words=names if len(names) <= 12 else (),
            chosen=place,
            width=min(560, 150 * len(names)),
        ).show(f"genres_{bundle.name}", partial(_take_genre, key, names))
    with right:
        unit = stored.unit()[place]
        _picture(bundle, unit, f"the answer {names[place]}", key=f"genre_{bundle.name}")
        st.markdown(
            f"Score (logit) of **{plain(names[place])}**: {stored.values[place]:.3g} for this, "
            f"{stored.noise[place]:.3g} for noise, {stored.real[place]:.3g} for the best built-in "
            f"{bundle.card.media}."
        )
        hear(bundle, stored.layer, place, unit, "genre")
        if not controls.is_simple():
            _seek_genre(bundle, int(stored.kernels[place]))


def _seek_genre(bundle: Bundle, genre: int) -> None:
    """Offer to seek what speaks for a genre from a cover or song that is there."""
    with st.popover(
        "Seek it from a cover" if bundle.card.media == "cover" else "Seek it from a song",
        icon=":material/trending_up:",
        key="seek_genre",
        on_change="rerun",
    ) as opened:
        if not opened.open:
            return
        start, second = _begin_with(bundle, "genre_")
        if st.button("Go", icon=":material/play_arrow:", key="seek_genre_go"):
            found = cached.sought_genre(bundle, genre, start, second)
            name = f"the answer {bundle.card.genres[genre]}"
            _found(bundle, found, name, f"genre {start and start.label} {second}")
