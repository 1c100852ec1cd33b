"""The present step, from its question to the way on; and all steps as they were told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import streamlit as st

from genre_core.lessons.first import MEASURED, Step
from pages.ui.first_lessons import asking, of_covers, of_songs, of_studies, study_steps
from pages.ui.first_lessons.place import TOLD, Place
from pages.ui.first_lessons.ready import Ready


class _MakeReady(Protocol):
    def __call__(self, name: str, *, is_quiet: bool) -> Ready | None: ...


_READY: dict[str, _MakeReady] = {
    "pictures": of_covers.ready,
    "sounds": of_songs.ready,
    "studies": of_studies.ready,
}


OFFERS = {"studies": "Show me what is wrong"}
"""What asks for the answer of a course, after looking."""


_CHECK_FIRST = f"Look at one check other than *{study_steps.OWN}* first."


class _Unknown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def show(place: Place) -> None:
    """Show the present step; where a network has to be asked first, offer that."""
    ready = _READY[place.name](place.step.name, is_quiet=False)
    if ready is None:
        _not_ready(place)()
    else:
        step = place.step.told(ready.facts)
        if asking.question(place, step, ready.illustrate):
            ready.see()
            offer = OFFERS.get(place.name, "I have looked: show the answer")
            is_ready = place.name != "studies" or study_steps.has_checked(step.name)
            if not asking.has_looked(place, offer, "" if is_ready else _CHECK_FIRST):
                asking.way_on(place, is_done=False)
                return
            right = _right(step, ready)
            asking.verdict(place, step, right)
            # Of another cover the summary would not hold what was guessed.
            kept = st.session_state.setdefault(TOLD, {})
            kept.setdefault((place.name, place.index), (step, right))
    asking.way_on(place, is_done=place.guess is not None)


def all_told(place: Place) -> list[tuple[Step, int]]:
    """Fill every step's texts, and name what is right: `MEASURED` where nothing can tell."""
    told: list[tuple[Step, int]] = []
    kept = st.session_state.get(TOLD, {})
    for index, step in enumerate(place.course.steps):
        if (place.name, index) in kept:
            told.append(kept[place.name, index])
            continue
        ready = _READY[place.name](step.name, is_quiet=True)
        if ready is None:
            told.append((step.told(_Unknown()), step.right))
        else:
            told.append((step.told(ready.facts), _right(step, ready)))
    return told


def _right(step: Step, ready: Ready) -> int:
    return ready.right if step.right == MEASURED else step.right


def _not_ready(place: Place) -> Callable[[], None]:
    if place.name == "pictures" and place.step.name != "trust":
        return of_covers.offer_to_ask
    return of_songs.offer_to_ask if place.step.name == "curve" else _missing


def _missing() -> None:
    st.info("What this step shows is not here: it comes with the app's `models/`.")
