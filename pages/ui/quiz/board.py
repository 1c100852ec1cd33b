"""What the class sees on the wall: the way in, the question, its answers, and what came of it."""

from __future__ import annotations

import streamlit as st

from genre_core.classroom import Question, Results, Room, read_results
from genre_core.classroom.results import counts_of
from genre_core.classroom.rooms import ASKING, CLOSED, ENDED, LOBBY, question_of
from pages.ui import frame
from pages.ui.problems import plain
from pages.ui.quiz import address, outcome, questions, watching

_COVER_PX = 420


def show(room: Room) -> None:
    """Show the room as it stands; nothing that is not to be known yet."""
    if room.phase == LOBBY:
        address.show(room.address, room.code)
        watching.follow_and_count(room)
    elif room.phase == ENDED:
        outcome.show(room, read_results(room))
    else:
        _question(room)


def _question(room: Room) -> None:
    question = question_of(room, room.question)
    left, right = st.columns(2, gap="large")
    with left:
        choice = questions.find(room, question)
        questions.show(room, choice, px=_COVER_PX)
        st.caption(f"Still to come in? {plain(room.address)} with the code **{room.code}**")
    with right:
        if room.phase == ASKING:
            st.markdown("### Which genre?")
            st.markdown(" · ".join(map(plain, room.genres)))
            watching.follow_and_count(room)
            return
        watching.follow(room)
        if room.phase == CLOSED:
            st.markdown("### Answers are closed. What will the network say?")
            _bars(room, None)
            return
        _reveal(room, question)
        _bars(room, question)
        if not room.data and choice is not None:
            asks = "Where did it look?" if room.media == "cover" else "What did it hear?"
            frame.link(f"{room.media}s", asks, query_params={room.media: choice.label})
    results = read_results(room)
    st.subheader("So far", anchor=False)
    _so_far(results)


def _reveal(room: Room, question: Question) -> None:
    st.markdown(f"### The network says {plain(room.genres[question.network])}")
    if question.truth is None:
        st.markdown("Nobody knows a true genre of this one.")
    else:
        is_right = "It is right" if question.truth == question.network else "It is wrong"
        st.markdown(f"{is_right}: this is labelled **{plain(room.genres[question.truth])}**.")
    st.caption(f"{plain(question.title)} · {plain(room.network_title)}")


def _bars(room: Room, question: Question | None) -> None:
    """Show how many of the class named each genre; whose else it is, once that is known."""
    named = counts_of(room, room.question)
    n = max(sum(named), 1)
    with st.container(gap="xxsmall", key="quiz_bars"):
        for index, (genre, count) in enumerate(zip(room.genres, named, strict=True)):
            marks = ""
            if question is not None:
                marks += " · the network" if index == question.network else ""
                marks += " · **the label**" if index == question.truth else ""
            st.progress(count / n, text=f"{plain(genre)}: {count}{marks}")


def _so_far(results: Results) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        outcome.scoreboard(results, most=5)
    with right:
        outcome.agreement(results)
