"""What came out of a room: scores, agreement and matrices against counting by hand."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, confusion_matrix

from genre_core.classroom import Question, answer, find_room, join, open_room, read_results, step
from genre_core.classroom.results import COLUMNS, Results, to_csv

GENRES = ("Jazz", "Pop", "Rock")
TRUTH, NETWORK = [0, 1, 2, 2], [0, 2, 2, 1]
ANSWERS = np.array([[0, 1, 2, 2], [0, 2, -1, 1], [1, 1, 2, -1], [-1, -1, -1, -1]])


def made(truths: bool = True, answers: np.ndarray = ANSWERS) -> Results:
    n = answers.shape[1]
    questions = tuple(
        Question(f"i{k}", f"T{k}", TRUTH[k] if truths else None, NETWORK[k]) for k in range(n)
    )
    numbers = tuple(range(1, len(answers) + 1))
    return Results(GENRES, questions, numbers, tuple("ABCD"[: len(answers)]), answers)


def test_the_class_is_counted_as_by_hand() -> None:
    own = made()
    assert own.counts.tolist() == [[2, 1, 0], [0, 2, 1], [0, 0, 2], [0, 1, 1]]
    assert own.majority() == [0, 1, 2, None]
    board = [(one.rank, one.nickname, one.score, one.n_answered) for one in own.scoreboard()]
    assert board == [(1, "A", 4, 4), (2, "C", 2, 3), (3, "B", 1, 3), (4, "D", 0, 0)]
    said = ANSWERS >= 0
    truth, network = (np.tile(row, (4, 1))[said] for row in (TRUTH, NETWORK))
    for agreement, wanted in ((own.with_truth(), truth), (own.with_network(), network)):
        assert agreement is not None
        assert agreement.n == 10
        assert agreement.share == pytest.approx((wanted == ANSWERS[said]).mean())
        assert agreement.kappa == pytest.approx(cohen_kappa_score(wanted, ANSWERS[said]))
    [matrix, between] = own.class_matrix(), own.class_by_network()
    assert matrix is not None
    assert between is not None
    assert matrix.tolist() == confusion_matrix(truth, ANSWERS[said]).tolist()
    assert between.tolist() == confusion_matrix(network, ANSWERS[said]).tolist()
    alone = own.network_with_truth()
    assert alone is not None
    assert (alone.share, alone.n) == (0.5, 4)
    assert own.network_matrix().tolist() == confusion_matrix(TRUTH, NETWORK).tolist()  # type: ignore[union-attr]
    among = own.among_class()
    assert among is not None
    # Pairs of one question that say the same: 1 of 3, 1 of 3, 1 of 1, 0 of 1.
    assert among.n == 8
    assert among.share == pytest.approx((1 / 3 + 1 / 3 + 1 + 0) / 4)


def test_without_a_truth_class_and_network_are_compared_and_nothing_else() -> None:
    own = made(truths=False)
    assert own.truth is None
    assert [own.with_truth(), own.network_with_truth(), own.class_matrix()] == [None] * 3
    assert own.network_matrix() is None
    assert own.with_network() == made().with_network()
    board = [(one.rank, one.nickname, one.score) for one in own.scoreboard()]
    assert board == [(1, "B", 3), (2, "A", 2), (3, "C", 1), (4, "D", 0)]


def test_a_class_of_one_mind_agrees_wholly_and_with_the_network_as_it_says() -> None:
    own = made(answers=np.tile(NETWORK, (3, 1)))
    for agreement in (own.with_network(), own.among_class()):
        assert agreement is not None
        assert agreement.share == pytest.approx(1)
        assert agreement.kappa == pytest.approx(1)
    assert own.majority() == NETWORK


def test_a_question_that_one_alone_answered_is_no_agreement() -> None:
    own = made(answers=np.array([[0, 1], [0, -1]]))
    among = own.among_class()
    assert among is not None
    assert (among.share, among.n) == (1, 1)
    assert made(answers=np.array([[0, 1]])).among_class() is None


def test_the_order_of_students_changes_no_figure() -> None:
    own, turned = made(), made(answers=ANSWERS[::-1])
    assert own.with_truth() == turned.with_truth()
    assert own.among_class() == turned.among_class()
    assert own.counts.tolist() == turned.counts.tolist()


@pytest.mark.parametrize("shape", [(0, 0), (0, 2), (3, 0), (3, 2)])
def test_where_nothing_was_answered_nothing_is_claimed(shape: tuple[int, int]) -> None:
    own = made(answers=np.full(shape, -1))
    assert [own.with_truth(), own.with_network(), own.among_class()] == [None] * 3
    assert [own.class_matrix(), own.class_by_network()] == [None] * 2
    assert own.counts.shape == (shape[1], 3)
    assert own.majority() == [None] * shape[1]
    assert [place.score for place in own.scoreboard()] == [0] * shape[0]


def test_one_genre_alone_has_a_share_and_no_kappa() -> None:
    own = made(answers=np.array([[0], [0]]))
    agreement = own.with_truth()
    assert agreement is not None
    assert agreement.share == 1
    assert math.isnan(agreement.kappa)


def test_results_hold_what_is_answered_and_the_table_what_was_said(genre_home: Path) -> None:
    unasked = Question("c", "C", 1, 1)
    questions = [Question("a", "=cmd()", 0, 1), Question("b", 'B, "b"', 2, 2), unasked]
    code, key = open_room(questions, GENRES, media="cover", network="made.test")
    ann, bob = join(code, "Ann"), join(code, "Bob")

    def take(*names: str) -> None:
        for name in names:
            step(code, key, name, seen=find_room(code).version)

    take("ask")
    answer(code, ann, 1, 0)
    assert read_results(find_room(code)).answers.shape == (2, 0)
    take("close")
    assert read_results(find_room(code)).questions == ()
    take("reveal", "ask")
    answer(code, ann, 2, 1)
    answer(code, bob, 2, 2)
    assert read_results(find_room(code)).answers.tolist() == [[0], [-1]]
    take("end")
    # A question that was ended while it was open counts: the network's answer is shown then.
    assert read_results(find_room(code)).answers.tolist() == [[0, 1], [-1, 2]]
    text = to_csv(find_room(code))
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert tuple(rows[0]) == COLUMNS
    assert [[row[name] for name in COLUMNS[1:-1]] for row in rows] == [
        ["1", "'=cmd()", "Jazz", "Pop", "Ann", "Jazz"],
        ["1", "'=cmd()", "Jazz", "Pop", "Bob", ""],
        ["2", 'B, "b"', "Rock", "Rock", "Ann", "Pop"],
        ["2", 'B, "b"', "Rock", "Rock", "Bob", "Rock"],
    ]
    # Who did not answer is in it too; what was not asked yet is not.
    assert [bool(row["at"]) for row in rows] == [True, False, True, True]
    assert {row["room"] for row in rows} == {code}
