"""Showing a path to a class: a bar at the foot of each page that leads on, by button or by key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages.ui import controls, frame, keys
from pages.ui.problems import plain
from pages.ui.quiz import place
from pages.ui.teaching.paths import PATHS, Stop

PATH = "path"
"""Parameter of the link: the path's minutes and the stop's number from 1, as in `20.3`."""
_PRESENT, _TO = "presenting", "presenting_to"


@dataclass(frozen=True, slots=True)
class Present:
    """The path that is shown, and the place of its stop, from 0."""

    name: str
    index: int

    @property
    def stops(self) -> tuple[Stop, ...]:
        """All stops of the path."""
        return PATHS[self.name]

    @property
    def stop(self) -> Stop:
        """The stop that is shown."""
        return self.stops[self.index]

    @property
    def written(self) -> str:
        """As the link has it."""
        return f"{self.name}.{self.index + 1}"

    @property
    def query(self) -> dict[str, str]:
        """What the link of the stop says, with the room that is led, so that a reload keeps it.

        The switch of the simple view writes itself.
        """
        return {**self.stop.query, PATH: self.written, **place.carried()}

    def moved(self, by: int) -> Present:
        """Go on or back, not beyond the ends."""
        last = len(self.stops) - 1
        return Present(self.name, min(max(self.index + by, 0), last))


def read(text: str) -> Present | None:
    """Read what a link says; None where it is no path or no stop of it.

    >>> read("20.2").stop.page, read("20.99"), read("x"), read("20.²")
    ('quiz', None, None, None)
    """
    name, _, number = text.partition(".")
    if name not in PATHS or not (number.isascii() and number.isdigit() and len(number) < 4):
        return None
    index = int(number) - 1
    return Present(name, index) if 0 <= index < len(PATHS[name]) else None


def begin(name: str) -> None:
    """Show a path from its first stop, when the page is drawn next."""
    _go(Present(name, 0))


def follow() -> None:
    """Open the stop that was asked for; know the path again by the link after a reload."""
    if (to := st.session_state.pop(_TO, None)) is not None:
        st.session_state[_PRESENT] = to
        st.switch_page(frame.PAGES[to.stop.page].path, query_params=to.query)
    if (said := read(st.query_params.get(PATH, ""))) is not None:
        st.session_state[_PRESENT] = said
        place.keep_carried()


def bar(page: str) -> None:
    """Draw the bar on a page while a path is shown; who leads a room there leads it by the keys."""
    present: Present | None = st.session_state.get(_PRESENT)
    if present is None:
        return
    n = len(present.stops)
    with st.container(key="presenting", horizontal=True, vertical_alignment="center"):
        st.button(
            "Back",
            icon=":material/arrow_back:",
            key="presenting_back",
            disabled=not present.index,
            on_click=_go,
            args=(present.moved(-1),),
        )
        st.markdown(f"**{present.index + 1} of {n}** {plain(present.stop.title)}", width="content")
        st.button(
            "Next",
            icon=":material/arrow_forward:",
            key="presenting_next",
            type="primary",
            disabled=present.index == n - 1,
            on_click=_go,
            args=(present.moved(1),),
        )
        with st.popover("Notes", icon=":material/sticky_note_2:"):
            notes(present.stop)
        st.button(
            "End",
            icon=":material/close:",
            key="presenting_end",
            type="tertiary",
            on_click=_end,
            args=(page,),
        )
        if page != "quiz" or not place.is_leading():
            keys.listen(present.written, _on_key(present), key="presenting_keys")


def notes(stop: Stop) -> None:
    """Write what a teacher does and says at a stop, and what students usually ask."""
    st.markdown(f"**Show.** {stop.show}")
    st.markdown(f"**To keep.** {stop.say}")
    for question, answer in stop.asked:
        st.markdown(f"*“{question}”* {answer}")


def _on_key(present: Present) -> Callable[[bool], None]:
    def moved(is_next: bool) -> None:
        to = present.moved(1 if is_next else -1)
        if to != present:
            _go(to)

    return moved


def _go(to: Present) -> None:
    st.session_state[_TO] = to
    # Larger, for a projector.
    st.session_state[controls.DETAIL_KEY] = controls.SIMPLE
    frame.go_to_top()


def _end(page: str) -> None:
    st.session_state.pop(_PRESENT, None)
    st.query_params.pop(PATH, None)
    if page != "quiz":
        place.drop_carried()
