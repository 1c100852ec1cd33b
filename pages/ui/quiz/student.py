"""A student's phone: the question, a button a genre, and how it went."""

from __future__ import annotations

import streamlit as st

from genre_core.classroom import Room, answer, read_results
from genre_core.classroom.rooms import ASKING, CLOSED, ENDED, LOBBY, question_of
from genre_core.classroom.students import Seat
from genre_core.errors import GenreError
from pages.ui import frame
from pages.ui.problems import plain
from pages.ui.quiz import outcome, place, questions, watching
from pages.ui.quiz.place import Place

_COVER_PX = 190  # with the buttons it stands on one screen of a phone


def show(where: Place, own: Seat) -> None:
    """Show what a student sees in the room as it stands."""
    room = where.room
    place.show_error()
    if room.phase == LOBBY:
        st.title("You are in", anchor=False)
        st.markdown(
            f"as **{plain(own.nickname)}**. The first question comes when your teacher starts."
        )
    elif room.phase == ENDED:
        _end(room, own)
    else:
        st.title(f"Question {room.question} of {room.n_questions}", anchor=False)
        _question(where, own)
    watching.follow(room)
    st.button(
        "Leave the room",
        type="tertiary",
        icon=":material/logout:",
        key="quiz_leave",
        on_click=place.leave,
        help=None if room.phase == ENDED else "You come back with the link in your address bar.",
    )


def _question(where: Place, own: Seat) -> None:
    room = where.room
    given = own.answers.get(room.question)
    if room.phase == ASKING:
        if room.media == "cover":
            questions.show(
                room, questions.find(room, question_of(room, room.question)), px=_COVER_PX
            )
        else:
            st.markdown("Listen to the song in your room.")
        with st.container(key="quiz_genres"), st.grid(2, min_column_width=130, gap="small"):
            for index, genre in enumerate(room.genres):
                is_own = index == given
                st.button(
                    plain(genre),
                    key=f"quiz_{room.question}_{index}",
                    type="primary" if is_own else "secondary",
                    icon=":material/check:" if is_own else None,
                    width="stretch",
                    on_click=_answer,
                    args=(where, room.question, index),
                )
        st.caption(
            "You can change it until your teacher closes the question."
            if given is not None
            else "Which genre? Guess before the network does."
        )
        return
    said = "nothing" if given is None else f"**{plain(room.genres[given])}**"
    if room.phase == CLOSED:
        st.markdown(f"Answers are closed. You said {said}. What will the network say?")
        return
    question = question_of(room, room.question)
    network = plain(room.genres[question.network])
    st.markdown(f"You said {said}. The network said **{network}**.")
    if question.truth is None:
        st.markdown("Nobody knows the true genre: " + _same(given, question.network))
    else:
        st.markdown(f"### It is {plain(room.genres[question.truth])}")
        st.markdown(_right(given, question.truth, question.network))
    st.caption(plain(question.title))


def _same(given: int | None, network: int) -> str:
    if given is None:
        return "you did not answer."
    return "you and the network agree." if given == network else "you and the network differ."


def _right(given: int | None, truth: int, network: int) -> str:
    theirs = "so is the network" if network == truth else "the network is not"
    if given is None:
        return f"You did not answer. The network is {'right' if network == truth else 'wrong'}."
    if given == truth:
        return f":green[:material/check_circle: **You are right**], {theirs}."
    theirs = "the network is right" if network == truth else "so is the network"
    return f":orange[:material/cancel: You are wrong], {theirs}."


def _end(room: Room, own: Seat) -> None:
    st.title("The quiz is over", anchor=False)
    results = read_results(room)
    board = results.scoreboard()
    mine = next((one for one in board if one.nickname == own.nickname), None)
    if mine is not None and results.questions:
        st.markdown(
            f"**{plain(own.nickname)}**: place {mine.rank} of {len(board)}, "
            f"{outcome.score_words(results)} {mine.score} of {len(results.questions)}."
        )
        outcome.scoreboard(results, most=5)
    frame.link("covers", "See what the network sees in a cover")


def _answer(where: Place, question: int, genre: int) -> None:
    try:
        answer(where.room.code, where.token, question, genre)
    except GenreError as error:
        place.keep_error(error)
