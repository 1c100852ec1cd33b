"""What came out: scoreboard, confusion matrices of class and network, and how far they agree."""

from __future__ import annotations

import math

import streamlit as st

from genre_core.classroom import Agreement, Results, Room
from pages.ui import controls, figures
from pages.ui.problems import plain

AMONG = "The class among itself"


def show(room: Room, results: Results) -> None:
    """Show everything that is known of the questions that were answered."""
    if not results.questions:
        st.caption("No question was answered.")
        return
    st.subheader("Scoreboard", anchor=False)
    scoreboard(results, most=10)
    st.subheader("Who agrees with whom?", anchor=False)
    agreement(results)
    st.subheader("What is mixed up with what?", anchor=False)
    matrices(room, results)


def score_words(results: Results) -> str:
    """Say what a score counts."""
    return "same as the network" if results.truth is None else "right"


def scoreboard(results: Results, *, most: int) -> None:
    """List the best, and how the network and the class's majority did."""
    board = results.scoreboard()
    n = len(results.questions)
    what = score_words(results)
    rows = [
        {"Place": one.rank, "Nickname": one.nickname, what.capitalize(): f"{one.score} of {n}"}
        for one in board[:most]
    ]
    if rows:
        controls.table(rows, f"Scoreboard: {len(board)} students")
    if len(board) > most:
        st.caption(f"and {len(board) - most} more")
    wanted = results.network if results.truth is None else results.truth
    majority = sum(one == k for one, k in zip(results.majority(), wanted.tolist(), strict=True))
    told = f"The class as one, by what most of it named: **{majority} of {n}** {what}"
    if (alone := results.network_with_truth()) is not None:
        told += f"; the network: **{round(alone.share * n)} of {n}**"
    st.markdown(f"{told}.")


def agreement(results: Results) -> None:
    """Tell how far class, network and truth agree, and the class with itself."""
    rows = [
        _row(name, own)
        for name, own in (
            ("Class and truth", results.with_truth()),
            ("Network and truth", results.network_with_truth()),
            ("Class and network", results.with_network()),
            (AMONG, results.among_class()),
        )
        if own is not None
    ]
    if not rows:
        st.caption("Nobody answered.")
        return
    controls.table(rows, "How far class, network and truth agree")
    if results.truth is None:
        st.caption("The true genres are not known: nothing is compared with them.")
    if not controls.is_simple():
        st.caption(
            "Kappa is agreement beyond chance: 1 always the same, 0 as often as chance would have "
            "it, below 0 less. Cohen's over all answers; among the class Fleiss', over questions "
            "that two or more answered. So few questions, and several answers to each, are no "
            "sample of anything else: no interval is given."
        )


def matrices(room: Room, results: Results) -> None:
    """Show what the class mixes up beside what the network does, or the one against the other."""
    human, network = results.class_matrix(), results.network_matrix()
    if human is not None and network is not None:
        left, right = st.columns(2, gap="large")
        with left:
            st.markdown("**The class**, all answers")
            chart = figures.confusion(
                human.tolist(), room.genres, items="answers", columns="class's"
            )
            chart.show(key="quiz_matrix_class")
        with right:
            st.markdown(f"**{plain(room.network_title)}**")
            chart = figures.confusion(
                network.tolist(), room.genres, items=f"{room.media}s", columns="network's"
            )
            chart.show(key="quiz_matrix_network")
        return
    between = results.class_by_network()
    if between is None:
        st.caption("Nobody answered.")
        return
    st.markdown("Rows: the network's answer. Columns: the class's, all answers.")
    chart = figures.confusion(
        between.tolist(), room.genres, items="answers", rows="network's", columns="class's"
    )
    chart.show(key="quiz_matrix_between")


def _row(name: str, own: Agreement) -> dict[str, str]:
    row = {"": name, "The same": f"{100 * own.share:.0f} %"}
    if not controls.is_simple():
        row["Kappa"] = "not defined" if math.isnan(own.kappa) else f"{own.kappa:.2f}"
    what = "pair" if name == AMONG else "answer"
    return row | {"Compared": f"{own.n:,} {what}{'' if own.n == 1 else 's'}"}
