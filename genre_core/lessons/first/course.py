"""The first lessons: steps with a question, a sentence to keep, and what a visitor guessed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from genre_core.config import from_dict, require
from genre_core.errors import ParameterError, describe, did_you_mean

COURSES_DIR = Path(__file__).parent
COURSES = ("pictures", "sounds", "studies")
"""The courses that have a file, in the order in which they are offered."""

MEASURED = -1
"""In place of the right choice: what is right follows from figures."""

_NOT_YET = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A few minutes: guess first, then see, then a sentence to keep.

    name: What the code calls it.
    title: What it is about.
    lead: What one needs to know before the question.
    question: What is asked before anything is shown.
    choices: Two or more answers.
    right: Place of the right one, from 0; `MEASURED` where the page's figures decide.
    see: What to do with what is shown.
    because: Why the right answer is right.
    keep: One sentence.
    """

    name: str
    title: str
    lead: str
    question: str
    choices: tuple[str, ...]
    see: str
    because: str
    keep: str
    right: int = MEASURED

    def __post_init__(self) -> None:
        require(
            len(self.choices) >= 2 and len(set(self.choices)) == len(self.choices) <= 10,
            "A question needs two to ten different choices.",
            self.choices,
            "Give another choice.",
        )
        require(
            MEASURED <= self.right < len(self.choices),
            "right must be the place of a choice, from 0.",
            self.right,
            f"Leave it out ({MEASURED}) where figures decide.",
        )

    def told(self, facts: Mapping[str, str]) -> Step:
        """Fill the texts' braces with figures, ``{majority}``, as they are written.

        Raises
        ------
        ParameterError
            A text names a figure that is not there.

        Examples
        --------
        >>> step = load_course("pictures").steps[0]
        >>> step.told({}).title == step.title
        True
        """
        try:
            return Step(
                name=self.name,
                right=self.right,
                choices=tuple(choice.format_map(facts) for choice in self.choices),
                **{
                    text: getattr(self, text).format_map(facts)
                    for text in ("title", "lead", "question", "see", "because", "keep")
                },
            )
        except (KeyError, ValueError, IndexError) as error:
            raise ParameterError(
                "A text of a lesson may name only figures that are measured.",
                received=f"{error} in the step {self.name}",
                cure=f"Name one of: {', '.join(facts) or 'none'}.",
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Steps that build on each other.

    title: Its name.
    about: What one knows afterwards.
    steps: In their order; names differ.
    """

    title: str
    about: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        names = [step.name for step in self.steps]
        require(
            bool(names) and len(set(names)) == len(names),
            "A course needs steps with different names.",
            names,
            "Name each step.",
        )


@cache
def load_course(name: str) -> Course:
    """Read a course by its name; the same object for the same name.

    Raises
    ------
    ParameterError
        No such course, or a wrong key or value in its file.

    Examples
    --------
    >>> len(load_course("pictures").steps)
    6
    >>> load_course("picture")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A course is named by its file in genre_core/lessons/first. \
    Received 'picture' (str). Did you mean 'pictures'?
    """
    if name not in COURSES:
        raise ParameterError(
            "A course is named by its file in genre_core/lessons/first.",
            received=describe(name),
            cure=did_you_mean(name, COURSES),
        )
    text = (COURSES_DIR / f"{name}.toml").read_text(encoding="utf-8")
    return from_dict(Course, tomllib.loads(text))


@dataclass(frozen=True, slots=True)
class Guesses:
    """What somebody guessed in a course: the place of a choice a step, None where not yet.

    Examples
    --------
    >>> guesses = Guesses((None, None, None)).with_guess(1, 2)
    >>> guesses.written, Guesses.read("-2", load_course("pictures")).places[:3]
    ('-2', (None, 2, None))
    """

    places: tuple[int | None, ...]

    @classmethod
    def none_of(cls, course: Course) -> Guesses:
        """Begin a course."""
        return cls((None,) * len(course.steps))

    @classmethod
    def read(cls, written: str, course: Course) -> Guesses:
        """Read guesses from a link; what is no choice of its step counts as not yet guessed."""
        places = tuple(
            int(sign) if sign in "0123456789"[: len(step.choices)] else None
            for sign, step in zip(written, course.steps, strict=False)
        )
        return cls(places + (None,) * (len(course.steps) - len(places)))

    @property
    def written(self) -> str:
        """A sign a step, for a link; what is not yet guessed at the end is left off."""
        signs = [_NOT_YET if place is None else str(place) for place in self.places]
        return "".join(signs).rstrip(_NOT_YET)

    def with_guess(self, step: int, choice: int) -> Guesses:
        """Add a guess; a first one stays, or it would be no guess."""
        if self.places[step] is not None:
            return self
        return Guesses((*self.places[:step], choice, *self.places[step + 1 :]))
