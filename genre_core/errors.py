"""One family of errors, each saying what must hold, what was received and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


class GenreError(Exception):
    """Base of every error that Genre Explorer raises on purpose.

    Parameters
    ----------
    rule : str
        What must hold, with its unit, as a whole sentence.
    received : str
        What came instead (value, shape or type), without a full stop.
    cure : str
        What the caller can do about it, as a whole sentence.

    Examples
    --------
    >>> raise ParameterError("size must be at least 1 px.", received="0", cure="Give 32 or more.")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: size must be at least 1 px. Received 0. Give 32 or more.
    """

    def __init__(self, rule: str, *, received: str, cure: str) -> None:
        self.rule = rule
        self.received = received
        self.cure = cure
        super().__init__(f"{rule} Received {received}. {cure}")

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions with keyword-only arguments do not survive a process boundary by themselves.
        return (_restore, (type(self), dict(vars(self))))


class ParameterError(GenreError, ValueError):
    """A value or a setting is outside what a function accepts."""


class DecodeError(GenreError):
    """A file is not a picture or a sound that can be read."""


class CheckpointError(GenreError):
    """A bundle is missing, damaged, unsafe, or its card and network differ."""


class EvaluationError(GenreError):
    """A stored evaluation is missing or damaged, or a network cannot be evaluated like this."""


class JobError(GenreError):
    """A step that was started could not be finished."""


class StoppedError(JobError):
    """A training was asked to stop: what it has learnt is kept, and it can be taken up again."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one place of a data set.

    Parameters
    ----------
    where : str
        File, row or column.
    what : str
        What is wrong there, as a phrase.
    is_note : bool
        Whether it is only told: nothing of the data is missing for it.
    """

    where: str
    what: str
    is_note: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        # Names of files may hold bytes that are no text, which could be neither stored nor shown.
        for name in ("where", "what"):
            text = getattr(self, name).encode("utf-8", "surrogateescape")
            object.__setattr__(self, name, text.decode("utf-8", "backslashreplace"))

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class DatasetError(GenreError):
    """A data set breaks its contract; `problems` lists every place at once."""

    def __init__(
        self, rule: str, *, received: str, cure: str, problems: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__(rule, received=received, cure=cure)
        self.problems = problems


class LeakError(DatasetError):
    """A group (artist or near-duplicate) or a file stands in two splits."""


def describe(value: object) -> str:
    """Say in a few words what a value is, for the `received` part of an error.

    Parameters
    ----------
    value : object
        Anything; arrays are named by shape and dtype, long texts are cut.

    Returns
    -------
    str
        At most about 120 characters.

    Examples
    --------
    >>> describe(np.zeros((2, 3), dtype=np.uint8))
    'an array of shape (2, 3) and dtype uint8'
    >>> describe("rock")
    "'rock' (str)"
    """
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    text = repr(value)
    if len(text) > 100:
        text = text[:97] + "..."
    return f"{text} ({type(value).__name__})"


def did_you_mean(name: object, known: Iterable[str], otherwise: str = "") -> str:
    """Write the cure for a name that is not known: the nearest, or else all that are known.

    Examples
    --------
    >>> did_you_mean("reck", ("rock", "pop")), did_you_mean("x", ("rock", "pop"))
    ("Did you mean 'rock'?", 'Known: rock, pop.')
    """
    names = list(known)
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.4)
    return f"Did you mean {near[0]!r}?" if near else otherwise or f"Known: {', '.join(names)}."


def require(holds: bool, rule: str, received: object, cure: str) -> None:
    """Raise `ParameterError` unless `holds`: the one way to refuse a setting.

    Examples
    --------
    >>> require(1 > 0, "size must be positive (px).", 1, "Give 32 or more.")
    """
    if not holds:
        raise ParameterError(rule, received=describe(received), cure=cure)


def _restore(cls: type[GenreError], state: dict[str, Any]) -> GenreError:
    error = cls.__new__(cls)
    error.__dict__.update(state)
    Exception.__init__(error, f"{state['rule']} Received {state['received']}. {state['cure']}")
    return error
