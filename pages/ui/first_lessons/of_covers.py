"""The steps of the lessons on pictures, made ready: stored answers first, a network on a click."""

from __future__ import annotations

from functools import partial

import streamlit as st

from genre_core.lessons.first.facts import depth_facts, hidden_facts, score_facts
from genre_core.lessons.first.look import CoverLook
from pages.ui import cached as shared
from pages.ui.first_lessons import asked, cached, cover_steps, trust
from pages.ui.first_lessons.ready import Ready
from pages.ui.media import choosing
from pages.ui.media.choice import Choice


def ready(name: str, *, is_quiet: bool) -> Ready | None:
    """Make a step ready; None where a network would have to be asked, or is not here.

    Where `is_quiet` nothing is drawn: the cover is the one that was chosen last.
    """
    if name == "trust":
        facts = trust.cover_facts()
        return None if facts is None else Ready(trust.covers, facts)
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
        return choosing.last_built_in(choosing.COVER)
    with st.expander("Take another cover, or your own", icon=":material/image:"):
        mine = choosing.upload(choosing.COVER)
        return choosing.pick(choosing.COVER, choosing.offered(choosing.COVER, mine))


def _look(choice: Choice) -> CoverLook | None:
    networks = cached.networks()
    if networks is None:
        return None
    look = cached.stored_look(choice, *networks)
    if look is None and asked.may_ask(choice):
        look = cached.asked_look(choice, *networks)
    return look


def offer_to_ask() -> None:
    """Offer to ask the networks about a cover that nothing is stored of."""
    if cached.networks() is None:
        st.info("The networks of this step are not here: they come with the app's `models/`.")
        return
    asked.offer("cover")
