"""Where a visitor stands in the first lessons and what was guessed: in session and link."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from genre_core.lessons.first import COURSES, Course, Guesses, Step, load_course
from pages.ui import frame, link

SUMMARY = "Summary"
TOLD = "first_told"
"""Key of the steps as they were told at first, with what was right."""

LOOKED = "first_looked"
"""Key of the steps whose answer a visitor has asked for after looking."""

CHECKED = "first_checked"
"""Key of the studies of which another check than the study's own number was looked at."""

_COURSE, _STEP, _SAID = "course", "first_step", "said"
_GUESSES, _LAST, _STEPS = "first_guesses", "first_last_course", "first_steps"


@dataclass(frozen=True, slots=True)
class Place:
    """A course, the place of its step that is shown, from 0, and the guesses so far.

    One behind the last step is the summary.
    """

    name: str
    course: Course
    index: int
    guesses: Guesses

    @property
    def is_summary(self) -> bool:
        """Whether the summary is shown."""
        return self.index == len(self.course.steps)

    @property
    def step(self) -> Step:
        """The step that is shown."""
        return self.course.steps[self.index]

    @property
    def guess(self) -> int | None:
        """What was guessed at this step."""
        return self.guesses.places[self.index]


def ask() -> Place:
    """Ask for a course and a step; the link carries both, and what was guessed."""
    last = st.session_state.get(_LAST, COURSES[0])
    link.follow(_COURSE, [_COURSE], COURSES, last)
    name = st.segmented_control(
        "Course",
        list(COURSES),
        format_func=lambda one: load_course(one).title,
        required=True,
        key=_COURSE,
        on_change=_resume,
        label_visibility="collapsed",
    )
    course = load_course(name)
    st.caption(course.about)
    st.session_state[_LAST] = name
    link.write(_COURSE, _COURSE, name, COURSES[0])
    choices = [*(str(k + 1) for k in range(len(course.steps))), SUMMARY]
    link.follow(_STEP, ["step"], choices, _last_step(name))
    if st.session_state[_STEP] not in choices:
        st.session_state[_STEP] = choices[0]
    chosen = st.segmented_control(
        "Step", choices, required=True, key=_STEP, wrap=True, label_visibility="collapsed"
    )
    st.session_state.setdefault(_STEPS, {})[name] = chosen
    link.write(_STEP, "step", chosen, choices[0])
    guesses = _guesses(name, course)
    return Place(name, course, choices.index(chosen), guesses)


def commit(place: Place, key: str) -> None:
    """Keep what is chosen in the widget `key` as the guess of this step."""
    chosen = st.session_state.get(key)
    if isinstance(chosen, int):
        _all_guesses()[place.name] = place.guesses.with_guess(place.index, chosen)


def go(place: Place, index: int) -> None:
    """Show another step, or behind the last one the summary, from its top."""
    is_end = index >= len(place.course.steps)
    st.session_state[_STEP] = SUMMARY if is_end else str(index + 1)
    frame.go_to_top()


def begin_again(place: Place) -> None:
    """Forget what was guessed in this course, and show its first step."""
    _all_guesses()[place.name] = Guesses.none_of(place.course)
    for index in range(len(place.course.steps)):
        st.session_state.pop(widget_key(place.name, index), None)
        st.session_state.get(TOLD, {}).pop((place.name, index), None)
        st.session_state.get(LOOKED, set()).discard((place.name, index))
        st.session_state.get(CHECKED, set()).discard(place.course.steps[index].name)
    go(place, 0)


def widget_key(name: str, index: int) -> str:
    """Return the key of a step's question."""
    return f"guess_{name}_{index}"


def _all_guesses() -> dict[str, Guesses]:
    kept: dict[str, Guesses] = st.session_state.setdefault(_GUESSES, {})
    return kept


def _guesses(name: str, course: Course) -> Guesses:
    """Read the guesses off the link where it says something new, and write them into it."""
    said = st.query_params.get(_SAID)
    if said is not None and said != link.last_written(_SAID):
        _all_guesses()[name] = Guesses.read(said, course)
    guesses = _all_guesses().setdefault(name, Guesses.none_of(course))
    link.write(_SAID, _SAID, guesses.written, "")
    return guesses


def _last_step(name: str) -> str:
    known: dict[str, str] = st.session_state.get(_STEPS, {})
    return known.get(name, "1")


def _resume() -> None:
    """Show the step where a visitor left the course that was just chosen."""
    st.session_state[_STEP] = _last_step(st.session_state[_COURSE])
    frame.go_to_top()
