"""The summary of a course as one HTML file to print."""

from __future__ import annotations

from collections.abc import Sequence

from genre_core.analysis.markup import element, listing, page, section
from genre_core.errors import require
from genre_core.lessons.first.course import MEASURED, Course, Guesses, Step


def summary_page(course: Course, told: Sequence[tuple[Step, int]], guesses: Guesses) -> str:
    """Write what somebody guessed in a course, what was right, and the sentences to keep.

    A sentence is given only where there is a guess: the summary holds what was worked through.

    Parameters
    ----------
    course : Course
        Its title stands on top.
    told : sequence of (Step, int)
        Each step with its texts filled, and the place of its right choice.
    guesses : Guesses
        One a step.

    Returns
    -------
    str
        One HTML file that needs nothing beside it; all text is escaped.

    Raises
    ------
    ParameterError
        Other than one step a guess.

    Examples
    --------
    >>> from genre_core.lessons.first import load_course
    >>> course = load_course("pictures")
    >>> guesses = Guesses.none_of(course).with_guess(0, 1)
    >>> "Not guessed yet" in summary_page(course, [(s, 0) for s in course.steps], guesses)
    True
    """
    require(
        len(told) == len(guesses.places),
        "A summary needs one guess, or None, for each step.",
        f"{len(told)} steps and {len(guesses.places)} guesses",
        "Begin with `Guesses.none_of`.",
    )
    parts = []
    for number, ((step, right), guess) in enumerate(
        zip(told, guesses.places, strict=True), start=1
    ):
        heading = f"{number} · {step.title}"
        if guess is None:
            parts.append(section(heading, element("p", "Not guessed yet.", class_="soft")))
            continue
        lines = [f"The question: {step.question}", f"My guess: {step.choices[guess]}"]
        lines.append(judged(step, guess, right))
        kept = element("p", element("strong", step.keep), class_="lead")
        parts.append(section(heading, listing(line.replace("**", "") for line in lines), kept))
    title = f"First lessons: {course.title}"
    about = element("p", course.about, class_="soft")
    return page(title, element("h1", title), about, *parts)


def judged(step: Step, guess: int, right: int) -> str:
    """Say in words whether a guess was right; where nothing was measured, that.

    >>> from genre_core.lessons.first import load_course
    >>> judged(load_course("pictures").steps[0], 1, 1)
    'That is right.'
    """
    if right == MEASURED:
        return "What is right could not be measured here."
    return "That is right." if guess == right else f"It is: {step.choices[right]}"
