"""The texts of the first lessons, guesses in a link, and the summary to print."""

from __future__ import annotations

import re

import pytest

from genre_core.errors import ParameterError
from genre_core.lessons.first import COURSES, MEASURED, Guesses, Step, load_course
from genre_core.lessons.first.summary import summary_page

PICTURES = load_course("pictures")
WORDS = {
    "name": "x",
    "title": "x",
    "lead": "x",
    "question": "x",
    "see": "x",
    "because": "{share} of them",
    "keep": "x",
}


@pytest.mark.parametrize("name", COURSES)
def test_every_step_asks_one_question_and_ends_in_short_sentences(name: str) -> None:
    course = load_course(name)
    assert len(course.steps) >= 5
    for step in course.steps:
        assert step.question.endswith("?"), step.name
        assert step.keep.endswith((".", "?"))
        assert len(step.keep) < 260
        # No result is typed in: a share stands in braces, but for what a text defines itself.
        made_up = {"votes"}  # of ten scores that its own lead gives
        assert step.name in made_up or not re.search(r"\d+\.\d", step.because), step.name


def test_right_answers_do_not_all_stand_in_one_place() -> None:
    places = [s.right for name in COURSES for s in load_course(name).steps if s.right != MEASURED]
    assert len(set(places)) > 1


def test_figures_are_filled_in_and_unknown_ones_refused() -> None:
    step = Step(choices=("a", "b"), **WORDS)
    assert step.told({"share": "9 %"}).because == "9 % of them"
    with pytest.raises(ParameterError, match="Received 'share'"):
        step.told({})


@pytest.mark.parametrize("choices", [("a",), ("a", "a"), tuple("abcdefghijk")])
def test_a_question_needs_choices(choices: tuple[str, ...]) -> None:
    with pytest.raises(ParameterError, match="two to ten different choices"):
        Step(choices=choices, **WORDS)
    with pytest.raises(ParameterError, match="place of a choice"):
        Step(choices=("a", "b"), right=2, **WORDS)


def test_guesses_come_back_from_a_link() -> None:
    none = Guesses.none_of(PICTURES)
    assert none.written == ""
    some = none.with_guess(0, 2).with_guess(3, 1)
    assert some.written == "2--1"
    assert Guesses.read(some.written, PICTURES) == some
    full = Guesses((0, 1, 2, 0, 1, 2))
    assert Guesses.read(full.written, PICTURES) == full


@pytest.mark.parametrize("said", ["9", "x", "²", "<b>", "-" * 50, "7777777777"])
def test_a_link_that_says_no_choice_guesses_nothing(said: str) -> None:
    assert Guesses.read(said, PICTURES) == Guesses.none_of(PICTURES)


def test_a_first_guess_stays() -> None:
    once = Guesses.none_of(PICTURES).with_guess(0, 2)
    assert once.with_guess(0, 1) == once


def test_the_summary_holds_guess_answer_and_sentence_and_nothing_runs() -> None:
    told = [(step, step.right) for step in PICTURES.steps]
    guesses = Guesses.none_of(PICTURES).with_guess(0, 1).with_guess(1, 0)
    page = summary_page(PICTURES, told, guesses)
    assert page.count("Not guessed yet.") == 4
    assert page.count("That is right.") == 1
    assert f"It is: {PICTURES.steps[1].choices[1]}" in page
    assert PICTURES.steps[0].keep in page
    assert PICTURES.steps[2].keep not in page
    assert "<script" not in page
    with pytest.raises(ParameterError, match="one guess"):
        summary_page(PICTURES, told[:2], guesses)
