"""The frame of a step: the question, the verdict, the sentence to keep, and the way on."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from genre_core.lessons.first import Step
from genre_core.lessons.first.summary import judged
from pages.ui import controls
from pages.ui.first_lessons.place import LOOKED, Place, begin_again, commit, go, widget_key
from pages.ui.problems import plain


def question(place: Place, step: Step, illustrate: Callable[[], None]) -> bool:
    """Show what a step begins with and ask for a guess; tell whether there is one."""
    st.subheader(f"{place.index + 1} · {step.title}", anchor=False)
    words, picture = st.columns([3, 1], gap="medium")
    with picture:
        illustrate()
    with words:
        st.markdown(step.lead)
        if place.guess is not None:
            guessed = plain(step.choices[place.guess])
            st.markdown(f"{step.question}\n\nYour guess: **{guessed}**")
            st.markdown(f"**Now look.** {step.see}")
            return True
        key = widget_key(place.name, place.index)
        with st.container(border=True):
            st.radio(
                f"**Guess first.** {step.question}",
                range(len(step.choices)),
                format_func=lambda choice: plain(step.choices[choice]),
                index=None,
                key=key,
            )
            st.button(
                "That is my guess",
                type="primary",
                key=f"commit_{place.name}_{place.index}",
                disabled=st.session_state.get(key) is None,
                on_click=commit,
                args=(place, key),
            )
    return False


def has_looked(place: Place, offer: str, before: str = "") -> bool:
    """Tell whether a visitor has looked and asked for the answer; until then, offer it.

    `before` says what has to be done first; empty for nothing.
    """
    looked: set[tuple[str, int]] = st.session_state.setdefault(LOOKED, set())
    key = (place.name, place.index)
    if key not in looked:
        st.button(
            offer,
            type="primary",
            key="looked",
            disabled=bool(before),
            on_click=looked.add,
            args=(key,),
        )
        if before:
            st.caption(before)
    return key in looked


def verdict(place: Place, step: Step, right: int) -> None:
    """Compare the guess with what is right, say why, and give the sentence to keep."""
    if place.guess is None:
        return
    if place.guess == right:
        st.success(f"**Your guess was right.** {step.because}", icon=":material/check_circle:")
    else:
        is_so = plain(step.choices[right])
        st.warning(f"**It is: {is_so}.** {step.because}", icon=":material/lightbulb:")
    st.info(f"**To keep:** {step.keep}", icon=":material/bookmark:")


def way_on(place: Place, *, is_done: bool) -> None:
    """Offer the step before and the next one, which stands out once this one `is_done`."""
    with st.container(horizontal=True):
        if place.index:
            st.button(
                "Back", icon=":material/arrow_back:", key="back", on_click=go,
                args=(place, place.index - 1),
            )  # fmt: skip
        is_last = place.index == len(place.course.steps) - 1
        st.button(
            "Summary" if is_last else "Next",
            icon=":material/arrow_forward:",
            key="next",
            type="primary" if is_done else "secondary",
            on_click=go,
            args=(place, place.index + 1),
        )


def summary(place: Place, told: list[tuple[Step, int]], page: str) -> None:
    """List what was guessed and the sentences to keep, and offer a page to print."""
    n_right = sum(
        guess == right for guess, (_, right) in zip(place.guesses.places, told, strict=True)
    )
    n_guessed = sum(guess is not None for guess in place.guesses.places)
    st.subheader(f"{place.course.title}: what you keep", anchor=False)
    st.markdown(f"{n_guessed} of {len(told)} questions guessed, {n_right} of them right.")
    for k, ((step, right), guess) in enumerate(zip(told, place.guesses.places, strict=True)):
        with st.container(border=True):
            st.markdown(f"**{k + 1} · {step.title}**")
            if guess is None:
                st.markdown("Not guessed yet.")
                continue
            verdict_words = judged(step, guess, right)
            st.markdown(f"Your guess: {plain(step.choices[guess])}\n\n{plain(verdict_words)}")
            st.markdown(f"**To keep:** {step.keep}")
    with st.container(horizontal=True):
        controls.download("Summary to print", page, f"{place.name}.html", "text/html")
        st.button(
            "Begin again", icon=":material/restart_alt:", key="again", on_click=begin_again,
            args=(place,),
        )  # fmt: skip
