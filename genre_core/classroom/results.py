"""What came out of a room: who was right, whom the class agrees with, and what it mixes up."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genre_core.classroom.quiz_file import reading
from genre_core.classroom.rooms import Question, Room, as_question
from genre_core.metrics.classification import confusion_matrix
from genre_core.metrics.raters import cohen_kappa, fleiss_kappa

COLUMNS = ("room", "question", "item", "true_genre", "network", "nickname", "answer", "at")
"""Columns of `to_csv`."""

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two, or many, named the same genres.

    share: Of answers, in [0, 1]; of many among themselves, of pairs of answers to one question.
    kappa: The same beyond chance: Cohen's, of many Fleiss'; nan where it says nothing.
    n: Answers, or pairs, that were compared.
    """

    share: float
    kappa: float
    n: int


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the scoreboard.

    rank: From 1; who is equal shares one.
    score: Questions named rightly, or where no truth is known as the network named them.
    n_answered: Questions answered.
    """

    rank: int
    nickname: str
    score: int
    n_answered: int


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What was answered in a room, to the questions that the network has answered too.

    questions: Those, in order.
    numbers, nicknames: Of the students, in the order in which they came.
    answers [shape=(n_students, n_questions), dtype=int]: Genre indices, -1 where nothing was said.
    """

    genres: tuple[str, ...]
    questions: tuple[Question, ...]
    numbers: tuple[int, ...]
    nicknames: tuple[str, ...]
    answers: Indices

    @property
    def network(self) -> Indices:
        """The network's answers [shape=(n_questions,), dtype=int]."""
        return np.array([one.network for one in self.questions], dtype=np.int64)

    @property
    def truth(self) -> Indices | None:
        """True genres [shape=(n_questions,), dtype=int]; None where nobody knows them."""
        truths = [one.truth for one in self.questions if one.truth is not None]
        return np.array(truths, dtype=np.int64) if truths else None

    @property
    def counts(self) -> Indices:
        """How many named each genre [shape=(n_questions, n_genres), dtype=int]."""
        every = np.arange(len(self.genres))
        named = self.answers[:, :, np.newaxis] == every
        return named.sum(axis=0).astype(np.int64).reshape(len(self.questions), len(every))

    def majority(self) -> list[int | None]:
        """Give the genre that most of the class named, question by question; None where tied."""
        rows = self.counts
        most = [np.flatnonzero(row == row.max()) for row in rows]
        return [int(best[0]) if len(best) == 1 else None for best in most]

    def scoreboard(self) -> list[Place]:
        """Rank the students: by what they named rightly or, without a truth, as the network did."""
        wanted = self.network if self.truth is None else self.truth
        scores = (self.answers == wanted).sum(axis=1).tolist()
        answered = (self.answers >= 0).sum(axis=1).tolist()
        places = [
            Place(1 + sum(other > score for other in scores), name, int(score), int(n))
            for name, score, n in zip(self.nicknames, scores, answered, strict=True)
        ]
        return sorted(places, key=lambda place: place.rank)

    def with_truth(self) -> Agreement | None:
        """Compare the class's answers with the true genres; None without either."""
        return None if self.truth is None else self._pairs(self.truth)

    def with_network(self) -> Agreement | None:
        """Compare the class's answers with the network's; None without any."""
        return self._pairs(self.network)

    def network_with_truth(self) -> Agreement | None:
        """Compare the network's answers with the true genres; None without these."""
        return None if self.truth is None else _agreement(self.truth, self.network)

    def among_class(self) -> Agreement | None:
        """Compare the class's answers with one another; None where no two answered a question."""
        counts = self.counts
        n = counts.sum(axis=1)
        several = counts[n >= 2]
        if not len(several):
            return None
        per_item = several.sum(axis=1)
        same = (several * (several - 1)).sum(axis=1) / (per_item * (per_item - 1))
        pairs = int((per_item * (per_item - 1) // 2).sum())
        return Agreement(float(same.mean()), fleiss_kappa(counts), pairs)

    def class_matrix(self) -> Indices | None:
        """Count the class's answers, rows = true genre; None without truths or answers."""
        return None if self.truth is None else self._matrix(self.truth)

    def network_matrix(self) -> Indices | None:
        """Count the network's answers, rows = true genre; None without truths."""
        if self.truth is None or not len(self.questions):
            return None
        return confusion_matrix(self.truth, self.network, len(self.genres))

    def class_by_network(self) -> Indices | None:
        """Count the class's answers, rows = the network's answer; None without any."""
        return self._matrix(self.network)

    def _flat(self, wanted: Indices) -> tuple[Indices, Indices]:
        said = self.answers >= 0
        return np.broadcast_to(wanted, self.answers.shape)[said], self.answers[said]

    def _pairs(self, wanted: Indices) -> Agreement | None:
        theirs, own = self._flat(wanted)
        return _agreement(theirs, own) if len(own) else None

    def _matrix(self, wanted: Indices) -> Indices | None:
        theirs, own = self._flat(wanted)
        return confusion_matrix(theirs, own, len(self.genres)) if len(own) else None


def read_results(room: Room) -> Results:
    """Read what was answered in a room; of a question that is not answered yet, nothing."""
    with reading() as db:
        key, upto = {"room": room.code, "upto": room.n_answered}, "question <= :upto"
        what = "SELECT * FROM questions WHERE room = :room AND number <= :upto ORDER BY number"
        questions = tuple(as_question(row) for row in db.execute(what, key))
        what = "SELECT number, nickname FROM students WHERE room = :room ORDER BY number"
        students = [tuple(row) for row in db.execute(what, key)]
        what = f"SELECT student, question, genre FROM answers WHERE room = :room AND {upto}"  # noqa: S608
        said = [tuple(row) for row in db.execute(what, key)]
    numbers = tuple(number for number, _ in students)
    answers = np.full((len(students), len(questions)), -1, dtype=np.int64)
    places = {number: place for place, number in enumerate(numbers)}
    for student, question, genre in said:
        answers[places[student], question - 1] = genre
    nicknames = tuple(name for _, name in students)
    return Results(room.genres, questions, numbers, nicknames, answers)


def counts_of(room: Room, question: int) -> list[int]:
    """Count how many named each genre in answer to one question, from 1, answered or not."""
    named = [0] * len(room.genres)
    what = "SELECT genre, COUNT(*) FROM answers WHERE room = ? AND question = ? GROUP BY genre"
    with reading() as db:
        for genre, count in db.execute(what, (room.code, question)):
            named[genre] = count
    return named


def to_csv(room: Room) -> str:
    """Write every answer of a room as a table, a row each, with the columns `COLUMNS`.

    Every question that was asked, also one that is still open, has a row for each student; of who
    did not answer it, `answer` and `at` are empty. A cell that a spreadsheet would take for a
    formula begins with an apostrophe.
    """
    what = (
        "SELECT questions.number AS question, title, truth, network, nickname, genre, at "
        "FROM questions JOIN students ON students.room = questions.room LEFT JOIN answers "
        "ON answers.room = questions.room AND answers.question = questions.number "
        "AND answers.student = students.number WHERE questions.room = ? AND questions.number <= ? "
        "ORDER BY questions.number, students.number"
    )
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    with reading() as db:
        for row in db.execute(what, (room.code, room.question)):
            true = "" if row["truth"] is None else room.genres[row["truth"]]
            said = "" if row["genre"] is None else room.genres[row["genre"]]
            network, at = room.genres[row["network"]], row["at"] or ""
            cells = (row["question"], row["title"], true, network, row["nickname"], said, at)
            writer.writerow([_safe(cell) for cell in (room.code, *cells)])
    # Spreadsheets take a table for UTF-8 only where it says so.
    return "\ufeff" + text.getvalue()


def _agreement(wanted: Sequence[int] | Indices, named: Sequence[int] | Indices) -> Agreement | None:
    wanted, named = np.asarray(wanted), np.asarray(named)
    if not len(wanted):
        return None
    return Agreement(float((wanted == named).mean()), cohen_kappa(wanted, named), len(wanted))


def _safe(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
