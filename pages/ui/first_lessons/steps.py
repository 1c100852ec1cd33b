"""Which figures a step's texts name, and what there is to see in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from genre_core.lessons.first import MEASURED, Step
from genre_core.lessons.first.facts import depth_facts, hidden_facts, score_facts
from genre_core.lessons.first.look import CoverLook
from pages.ui import cached as shared
from pages.ui.first_lessons import asking, cached, cover_steps, trust
from pages.ui.first_lessons.place import TOLD, Place
from pages.ui.media import choosing
from pages.ui.media.choice import Choice

_ASKED = "first_asked"


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Ready:
    """A step that can be shown.

    see: Draws what there is to see.
    facts: Figures that its texts name.
    right: Place of the right choice, where figures decide.
    illustrate: Draws what stands beside the question.
    """

    see: Callable[[], None]
    facts: dict[str, str] = field(default_factory=dict)
    right: int = MEASURED
    illustrate: Callable[[], None] = _nothing


def show(place: Place) -> None:
    """Show the present step; where a network has to be asked first, offer that."""
    ready = _ready(place, place.step.name)
    if ready is None:
        _offer_to_ask()
    else:
        step = place.step.told(ready.facts)
        if asking.question(place, step, ready.illustrate):
            ready.see()
            right = _right(step, ready)
            asking.verdict(place, step, right)
            # Of another cover the summary would not hold what was guessed.
            kept = st.session_state.setdefault(TOLD, {})
            kept.setdefault((place.name, place.index), (step, right))
    asking.way_on(place)


def all_told(place: Place) -> list[tuple[Step, int]]:
    """Fill every step's texts, and name what is right; what was never shown stays as it is."""
    told: list[tuple[Step, int]] = []
    kept = st.session_state.get(TOLD, {})
    for index, step in enumerate(place.course.steps):
        if (place.name, index) in kept:
            told.append(kept[place.name, index])
            continue
        ready = _ready(place, step.name, is_quiet=True)
        if ready is None:
            told.append((step, step.right))
        else:
            filled = step.told(ready.facts)
            told.append((filled, _right(filled, ready)))
    return told


def _right(step: Step, ready: Ready) -> int:
    return ready.right if step.right == MEASURED else step.right


def _ready(place: Place, name: str, *, is_quiet: bool = False) -> Ready | None:
    if name == "trust":
        facts = trust.cover_facts()
        return None if facts is None else Ready(trust.covers, facts)
    return _cover_step(name, is_quiet=is_quiet)


def _cover_step(name: str, *, is_quiet: bool) -> Ready | None:
    choice = _cover(is_quiet=is_quiet)
    beside = partial(cover_steps.illustrate, choice)
    if name == "numbers":
        return Ready(partial(cover_steps.numbers, choice), illustrate=beside)
    if name == "kernel":
        return Ready(partial(cover_steps.kernel, choice), illustrate=beside)
    look = _look(choice)
    if look is None:
        return None
    if name == "depth":
        see = partial(cover_steps.depth, choice, look)
        return Ready(see, depth_facts(look), illustrate=beside)
    if name == "scores":
        see = partial(cover_steps.scores, look)
        return Ready(see, score_facts(look), illustrate=beside)
    return _looked(choice, look)


def _looked(choice: Choice, look: CoverLook) -> Ready | None:
    networks = cached.networks()
    if networks is None:
        return None
    head = networks[1]
    _, stage = shared.stages(head)
    answer = int(look.logits.argmax())
    heat = shared.saliency(choice, head, "gradcam", stage.name, answer).map
    facts, right, hottest = hidden_facts(look, heat)
    return Ready(
        partial(cover_steps.looked, choice, look, heat, hottest),
        facts,
        right,
        partial(cover_steps.heat_map, choice, heat),
    )


def _cover(*, is_quiet: bool) -> Choice:
    """Ask for a cover, or take the one that was chosen last."""
    if is_quiet:
        every = choosing.built_in(choosing.COVER)
        last = st.session_state.get(choosing.COVER.last_key)
        return next((one for one in every if one.label == last), every[0])
    with st.expander("Take another cover, or your own", icon=":material/image:"):
        mine = choosing.upload(choosing.COVER)
        return choosing.pick(choosing.COVER, choosing.offered(choosing.COVER, mine))


def _look(choice: Choice) -> CoverLook | None:
    networks = cached.networks()
    if networks is None:
        return None
    look = cached.stored_look(choice, *networks)
    if look is None and choice.checksum in st.session_state.get(_ASKED, ()):
        look = cached.asked_look(choice, *networks)
    if look is None:
        st.session_state["first_to_ask"] = choice.checksum
    return look


def _offer_to_ask() -> None:
    if cached.networks() is None:
        st.info("The networks of this step are not here: they come with the app's `models/`.")
        return
    st.info("Ask the network once about this cover; it takes some seconds.")
    st.button("Ask the network", type="primary", key="ask_network", on_click=_ask_network)


def _ask_network() -> None:
    asked = st.session_state.setdefault(_ASKED, set())
    asked.add(st.session_state["first_to_ask"])
